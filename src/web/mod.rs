//! The two HTTP listeners: a public one, which says as little as it can, and the operator's.

mod admin;
mod headers;
mod health;
mod public;
mod recovery;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use commands::ports::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use admin::router as admin;
pub use health::{GATEWAY_GRACE, Gateway, Health, Ping, Report};
pub use public::router as public;
pub use recovery::{RecoveryPage, pages};

/// How long requests in flight may take to end once the process is asked to stop.
const STOP_GRACE: Duration = Duration::from_secs(5);

/// Serves until `shutdown`, then lets what is in flight end, but not for long.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let stop = shutdown.clone();
    // The page counts requests by the address that they come from.
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move { stop.cancelled().await });
    tokio::select! {
        ended = async { serving.await } => ended.context("an HTTP listener failed"),
        () = async { shutdown.cancelled().await; clock.sleep(STOP_GRACE).await } => Ok(()),
    }
}

#[cfg(test)]
mod tests;
