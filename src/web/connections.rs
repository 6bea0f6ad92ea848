//! The connections of a listener: how many there may be, how long each may take to say what it
//! wants, and how they end.
//!
//! Whoever opens a connection and is silent, or writes a letter a minute, must not keep others out.
//! So a connection has to bring its request's head in time, carries that one request, and is
//! closed. None is kept open for a next request: a proxy in front would believe in it a little
//! longer than we do, and lose the request that it sends then.

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
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::clock::HyperClock;

/// How long requests in flight may take to end once the process is asked to stop.
const STOP_GRACE: Duration = Duration::from_secs(5);
/// Connections at a time. The next ones wait in the system's queue: people with a page are few, and
/// a connection ends in seconds.
pub(super) const MOST_CONNECTIONS: usize = 256;
/// How long a head may take, from the connection's first moment.
pub(super) const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// Serves until `shutdown`, then lets what is in flight end, but not for long.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    clock: Arc<dyn Clock>,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let open = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(HyperClock::new(Arc::clone(&clock)))
        .header_read_timeout(HEAD_PATIENCE)
        .keep_alive(false);
    loop {
        // A connection for which there is no place is not accepted. (Accepting that fails is tried
        // again, inside of this call.)
        let (place, (stream, peer)) = tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            next = async { (Arc::clone(&places).acquire_owned().await, Listener::accept(&mut listener).await) } => next,
        };
        let answering = TowerToHyperService::new(router.clone());
        let answering = service_fn(move |mut request: Request<Incoming>| {
            // The page counts requests by the address that they come from.
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
            answering.call(request)
        });
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), answering));
        tokio::spawn(async move {
            // Whoever hung up, or was too slow, is told nothing, and the operator neither: it is
            // every scanner's daily work.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = open.shutdown() => {}
        () = clock.sleep(STOP_GRACE) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
