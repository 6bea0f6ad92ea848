//! What both AWS clients share: one TLS provider (ring, as everything else here), our clock, and
//! how long anything may take.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use commands::model::fault::Fault;
use commands::ports::clock::Clock;
use secrecy::ExposeSecret;

use crate::clock::SdkClock;
use crate::config::AwsSource;

/// A connection is there by then: the SDK's own default.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3_100);
/// One attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(12);
/// The whole call, with its second attempt: the agent has the rest of a deferred answer's patience.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// The first attempt and one more. Every call of ours means the same when repeated; those that do
/// not say so themselves.
const ATTEMPTS: u32 = 2;

/// Reads what the SDK needs and puts our rules on top.
pub async fn load(source: &AwsSource, clock: Arc<dyn Clock>) -> SdkConfig {
    match source {
        AwsSource::Environment => rules(clock).load().await,
        AwsSource::Fixed { endpoint_url, region, access_key_id, secret_access_key } => {
            let credentials = Credentials::new(
                access_key_id,
                secret_access_key.expose_secret(),
                None,
                None,
                "fixed",
            );
            // Not through the loader, which would have a look at the environment and the machine's
            // files.
            SdkConfig::builder()
                .behavior_version(version())
                .region(Region::new(region.clone()))
                .endpoint_url(endpoint_url)
                .credentials_provider(SharedCredentialsProvider::new(credentials))
                .http_client(http_client())
                .sleep_impl(SharedAsyncSleep::new(SdkClock(Arc::clone(&clock))))
                .time_source(SharedTimeSource::new(SdkClock(clock)))
                .timeout_config(timeouts())
                .retry_config(retries())
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .build()
        }
    }
}

fn rules(clock: Arc<dyn Clock>) -> ConfigLoader {
    aws_config::defaults(version())
        .http_client(http_client())
        .sleep_impl(SdkClock(Arc::clone(&clock)))
        .time_source(SdkClock(clock))
        .timeout_config(timeouts())
        .retry_config(retries())
        // Answers are small and the whole call is timed.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

/// Pinned, so that an update of the SDK changes nothing unasked.
fn version() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(CALL_TIMEOUT)
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

/// Why a call failed, without anything that was sent or received: services quote addresses in their
/// messages.
#[derive(Debug, PartialEq, Eq)]
pub struct CallError {
    what: String,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for CallError {}

impl CallError {
    /// Nobody waits any longer.
    pub(crate) fn late() -> Self {
        Self { what: "no answer in time".to_owned() }
    }

    /// What the SDK's error may say in a log.
    pub fn of<E, R>(error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
        R: fmt::Debug,
    {
        let what = match error {
            SdkError::ServiceError(service) => {
                format!(
                    "the service answered {}",
                    service.err().code().unwrap_or("with an error of no name")
                )
            }
            SdkError::TimeoutError(_) => return Self::late(),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(connector) if connector.is_io() || connector.is_timeout() => {
                    format!("not reached: {}", causes(connector))
                }
                // No credentials are found only now.
                Some(connector) => format!("could not be asked: {}", causes(connector)),
                None => "not reached".to_owned(),
            },
            // Region, credentials and the like: our side, before anything was sent.
            SdkError::ConstructionFailure(_) => format!("could not be asked: {}", causes(error)),
            SdkError::ResponseError(_) => "the answer cannot be read".to_owned(),
            _ => "failed in a way this version does not know".to_owned(),
        };
        Self { what }
    }
}

/// An SDK error as a fault.
pub fn fault<E, R>(doing: &'static str, error: &SdkError<E, R>) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
    R: fmt::Debug,
{
    Fault::new(doing, CallError::of(error))
}

/// An error and all its causes in one line.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use aws_sdk_lambda::Client;
    use commands::model::time::Timestamp;

    use super::*;
    use crate::aws_stub::{Reply, Stub};

    /// Sleeps not at all where the test says so, and otherwise for ever; keeps what was asked of
    /// it.
    struct Nap {
        slept: Mutex<Vec<Duration>>,
        naps: fn(Duration) -> bool,
    }

    #[async_trait]
    impl Clock for Nap {
        fn now(&self) -> Timestamp {
            Timestamp(1_700_000_000_000)
        }

        async fn sleep(&self, duration: Duration) {
            self.slept.lock().unwrap().push(duration);
            if !(self.naps)(duration) {
                std::future::pending::<()>().await;
            }
        }
    }

    async fn invoke(status: u16, naps: fn(Duration) -> bool) -> (String, usize, Vec<Duration>) {
        let clock = Arc::new(Nap { slept: Mutex::default(), naps });
        let stub = Stub::start(move |_| Reply::error(status, "hush@example.com")).await;
        let error = Client::new(&stub.sdk(clock.clone()).await)
            .invoke()
            .function_name("f")
            .send()
            .await
            .unwrap_err();
        let slept = clock.slept.lock().unwrap().clone();
        (CallError::of(&error).to_string(), stub.asked().len(), slept)
    }

    #[tokio::test]
    async fn a_call_is_attempted_twice_and_timed_by_our_clock() {
        let (_, attempts, slept) = invoke(503, |duration| duration < CONNECT_TIMEOUT).await;
        assert_eq!(attempts, 2);
        for limit in [CONNECT_TIMEOUT, ATTEMPT_TIMEOUT, CALL_TIMEOUT] {
            assert!(slept.contains(&limit), "{limit:?} in {slept:?}");
        }
    }

    #[tokio::test]
    async fn a_call_that_takes_too_long_is_given_up() {
        let (error, attempts, _) = invoke(503, |duration| duration == CALL_TIMEOUT).await;
        assert_eq!((error.as_str(), attempts), ("no answer in time", 0));
    }

    #[tokio::test]
    async fn what_a_service_says_beyond_its_errors_name_stays_unsaid() {
        let (error, ..) = invoke(400, |_| false).await;
        assert!(
            error.starts_with("the service answered")
                && !error.contains("is not what it should be"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_service_that_is_not_there_is_said_to_be_that() {
        let source = AwsSource::Fixed {
            endpoint_url: "http://127.0.0.1:1".to_owned(),
            region: "eu-west-1".to_owned(),
            access_key_id: "test".to_owned(),
            secret_access_key: "test".into(),
        };
        let clock =
            Arc::new(Nap { slept: Mutex::default(), naps: |duration| duration < CONNECT_TIMEOUT });
        let error = Client::new(&load(&source, clock).await)
            .invoke()
            .function_name("f")
            .send()
            .await
            .unwrap_err();
        assert!(
            CallError::of(&error).to_string().starts_with("not reached: "),
            "{}",
            CallError::of(&error)
        );
    }
}
