//! A browser on the recovery page of a fake desk.

use std::sync::Arc;

use axum::Router;
use commands::model::words::Locale;
use support_desk::web;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::fake_desk::{Asked, FakeDesk, TOKEN};
use super::site::{StoppedClock, site};
use super::webdriver::{Chromium, Window};

pub struct TestBed {
    pub desk: Arc<FakeDesk>,
    pub browser: Chromium,
    /// The link of the page.
    pub url: String,
    shutdown: CancellationToken,
    server: JoinHandle<anyhow::Result<()>>,
}

impl TestBed {
    /// Starts the server and opens the page.
    pub async fn open(locale: Locale, window: Window) -> Self {
        let desk = FakeDesk::new(locale);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router: Router = site(&desk, &base);
        let shutdown = CancellationToken::new();
        let (_, routers) = watch::channel(router);
        let server =
            tokio::spawn(web::serve(listener, routers, Arc::new(StoppedClock), shutdown.clone()));
        let browser = Chromium::start(window).await;
        let url = format!("{base}/recover/{TOKEN}");
        browser.opens(&url).await;
        Self { desk, browser, url, shutdown, server }
    }

    /// Types at the end of the three fields.
    pub async fn fill(&self, code: &str, password: &str, again: &str) {
        for (field, keys) in [("#code", code), ("#password", password), ("#again", again)] {
            if !keys.is_empty() {
                self.browser.types(field, keys).await;
            }
        }
    }

    /// Returns the error at a field, without the "Error:" for screen readers.
    pub async fn error(&self, field: &str) -> String {
        let error = self.browser.reads(&format!("#{field}-error")).await;
        error.split_once('\n').expect("no error").1.to_owned()
    }

    pub async fn close(self) {
        drop(self.browser);
        self.shutdown.cancel();
        self.server.await.unwrap().unwrap();
    }
}

/// Returns the record of a submitted password.
pub fn confirmed(code: &str, password: &str, again: &str) -> Asked {
    Asked::Confirm { code: code.to_owned(), password: password.to_owned(), again: again.to_owned() }
}
