//! A browser before the page, and a desk of paper behind it.

use std::sync::Arc;

use axum::Router;
use commands::model::words::Locale;
use support_desk::web;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::desk::{Asked, PaperDesk, TOKEN};
use super::site::{Still, site};
use super::webdriver::{Chromium, Window};

/// A browser before the page of a desk.
pub struct Scene {
    /// Behind the page.
    pub desk: Arc<PaperDesk>,
    /// Before it.
    pub browser: Chromium,
    /// The link.
    pub url: String,
    stop: CancellationToken,
    server: JoinHandle<anyhow::Result<()>>,
}

impl Scene {
    /// Opens the link.
    pub async fn opens(locale: Locale, window: Window) -> Self {
        let desk = PaperDesk::new(locale);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router: Router = site(&desk, &base);
        let stop = CancellationToken::new();
        let server = tokio::spawn(web::serve(listener, router, Arc::new(Still), stop.clone()));
        let browser = Chromium::start(window).await;
        let url = format!("{base}/recover/{TOKEN}");
        browser.opens(&url).await;
        Self { desk, browser, url, stop, server }
    }

    /// Types into the fields, after what is there.
    pub async fn fills(&self, code: &str, password: &str, again: &str) {
        for (field, keys) in [("#code", code), ("#password", password), ("#again", again)] {
            if !keys.is_empty() {
                self.browser.types(field, keys).await;
            }
        }
    }

    /// What is wrong with a field, without the "Error:" that only screen readers are told.
    pub async fn error(&self, field: &str) -> String {
        let told = self.browser.reads(&format!("#{field}-error")).await;
        told.split_once('\n').expect("there is an error").1.to_owned()
    }

    /// Closes all.
    pub async fn ends(self) {
        drop(self.browser);
        self.stop.cancel();
        self.server.await.unwrap().unwrap();
    }
}

/// That the desk was asked for a new password.
pub fn confirmed(code: &str, password: &str, again: &str) -> Asked {
    Asked::Confirm { code: code.to_owned(), password: password.to_owned(), again: again.to_owned() }
}
