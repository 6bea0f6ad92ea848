//! Accepts the connections of a listener.
//!
//! Protects against slow clients (Slowloris): the request head must arrive within `HEAD_TIMEOUT`,
//! and the [places](super::places) for connections are limited, in all and for each client. Each
//! connection carries one request. Keep-alive is off, because a proxy could send its next request
//! at the moment in which the connection is closed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use commands::ports::clock::Clock;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::client_ip::network_of;
use super::places::Places;
use crate::clock::HyperClock;

/// Time in which requests in flight can finish after a shutdown signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);
/// Time in which a request head must arrive, from the start of the connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves the current router until `shutdown`, then waits up to `SHUTDOWN_GRACE` for requests in
/// flight. A connection keeps the router that it began with.
pub async fn serve(
    mut listener: TcpListener,
    routers: watch::Receiver<Router>,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let places = Arc::new(Places::default());
    let open = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(HyperClock::new(Arc::clone(&clock)))
        .header_read_timeout(HEAD_TIMEOUT)
        .keep_alive(false);
    loop {
        let next = async {
            // `Listener::accept` retries after an error.
            let (stream, peer) = Listener::accept(&mut listener).await;
            (places.take(network_of(peer.ip())).await, stream, peer)
        };
        let (place, stream, peer) = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            next = next => next,
        };
        // The client gets no answer, because it has more requests in flight than it may have.
        let Some(place) = place else { continue };
        let request_arrived = place.on_request();
        let service = TowerToHyperService::new(routers.borrow().clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request_arrived();
            // The rate limit counts by the peer's address.
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
            service.call(request)
        });
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            tokio::select! {
                // Not logged, because scanners cause such errors all day.
                _ = connection => {}
                () = place.evicted() => {}
            }
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = open.shutdown() => {}
        () = clock.sleep(SHUTDOWN_GRACE) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
