//! The program that Lambda runs (runtime `provided.al2023`). The handler's name selects the
//! function.

use std::process::ExitCode;

use functions::aws::{self, Environment, log};
use functions::ports::Clock as _;
use functions::system::SystemClock;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), lambda_runtime::Error> {
    let environment = Environment::of_process();
    let function = environment.function()?;
    let functions = aws::functions(function, environment).await?;
    let functions = &functions;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let (body, context) = event.into_parts();
        let started = SystemClock.now();
        let outcome = functions.call(function, body.to_string().as_bytes()).await;
        let ended = SystemClock.now();
        log::call(&log::Call {
            function,
            body: &body,
            trace_id: context.xray_trace_id.as_deref(),
            outcome: &outcome,
            started,
            ended,
        });
        // Lambda shows this text to the caller, who ignores it.
        outcome.map(|reply| reply.body).map_err(|_| "the function failed".to_owned())
    }))
    .await
}
