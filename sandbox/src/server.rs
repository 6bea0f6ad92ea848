//! The HTTP server of the sandbox, whose connections can be cut.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::http::HeaderValue;
use axum::http::header::DATE;
use axum::middleware;
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// A handle by which a request handler cuts its connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire {
    cut: Arc<AtomicBool>,
}

impl Wire {
    /// Cuts the connection. The client sees that it ended before the answer.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }
}

/// A TCP stream that fails after its [`Wire`] is cut.
pub(crate) struct Cuttable {
    stream: TcpStream,
    wire: Wire,
}

impl Cuttable {
    fn ensure_open(&self) -> Result<(), Error> {
        if self.wire.cut.load(Ordering::Relaxed) {
            Err(ErrorKind::ConnectionReset.into())
        } else {
            Ok(())
        }
    }
}

impl AsyncRead for Cuttable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), Error>> {
        self.ensure_open()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Cuttable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize, Error>> {
        self.ensure_open()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.ensure_open()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A listener for connections that can be cut.
struct CuttableListener(TcpListener);

impl Listener for CuttableListener {
    type Io = Cuttable;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Send at once, because bot and test exchange small messages in turn.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY: connection stays slow");
        }
        let wire = Wire::default();
        (Cuttable { stream, wire }, address)
    }

    fn local_addr(&self) -> Result<Self::Addr, Error> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Wire {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        stream.io().wire.clone()
    }
}

/// Format of `Date` (RFC 9110 5.6.7).
const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// Adds the time of the sandbox's clock to each answer. Without it the server would add the real
/// time.
pub(crate) fn dated(router: Router, clock: Arc<dyn Clock>) -> Router {
    router.layer(middleware::map_response(move |mut response: Response| {
        let now = OffsetDateTime::from_unix_timestamp(clock.now().div_euclid(1000));
        let date = now.ok().and_then(|now| now.format(HTTP_DATE).ok());
        if let Some(date) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
            response.headers_mut().insert(DATE, date);
        }
        std::future::ready(response)
    }))
}

/// Serves `router` until `stopping` is cancelled and all connections have ended.
pub(crate) fn serve(
    listener: TcpListener,
    router: Router,
    stopping: CancellationToken,
) -> JoinHandle<Result<(), Error>> {
    let service = router.into_make_service_with_connect_info::<Wire>();
    tokio::spawn(async move {
        axum::serve(CuttableListener(listener), service)
            .with_graceful_shutdown(stopping.cancelled_owned())
            .await
    })
}
