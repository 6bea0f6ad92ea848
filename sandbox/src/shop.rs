//! The company's shop front, which access links lead to.
//!
//! Opening a link (GET) shows a page with a button, because previews and mail scanners open links
//! too. Pressing the button (POST) spends the link, signs in and redirects. A used, expired or
//! revoked link returns status 410. A revocation also ends sign-ins.

mod links;
mod pages;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, middleware};
use serde::Deserialize;

use crate::changed::Changed;
use crate::clock::Clock;

pub use links::{AccessLink, LINK_LIFE, LINK_MARKER, LinkScope, LinkState, SIGN_IN_LIFE, Target};

use pages::Language;

/// The cookie of a support sign-in.
const COOKIE: &str = "waizant_support";
/// Headers of every page: no external content, no frame, no cache, no referrer.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// The shop front and its access links.
pub struct Shop {
    clock: Arc<dyn Clock>,
    url: String,
    changed: Changed,
    ledger: Mutex<links::Ledger>,
}

impl Shop {
    /// Returns a shop front at `url`, such as `http://127.0.0.1:8400`, without a final slash.
    pub fn new(clock: Arc<dyn Clock>, url: String, changed: Changed) -> Self {
        Self { clock, url, changed, ledger: Mutex::default() }
    }

    /// Returns every link with its present state, oldest first.
    pub fn links(&self) -> Vec<AccessLink> {
        self.ledger().all(self.clock.now())
    }

    /// Returns the links of one support session that can be opened or keep a sign-in alive.
    pub fn open_links(&self, session_id: &str) -> Vec<AccessLink> {
        let is_open = |link: &AccessLink| {
            link.scope.session_id == session_id
                && matches!(link.state, LinkState::Open | LinkState::Used)
        };
        self.links().into_iter().filter(is_open).collect()
    }

    pub(crate) fn issue(&self, scope: LinkScope) -> AccessLink {
        let link = self.ledger().issue(scope, &self.url, self.clock.now());
        self.bump();
        link
    }

    pub(crate) fn revoke(&self, session_id: &str) -> usize {
        let ended = self.ledger().revoke(session_id, self.clock.now());
        self.bump();
        ended
    }

    fn bump(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    fn ledger(&self) -> MutexGuard<'_, links::Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the routes `/shop/*`, `/app/*` and `/successor*`, with full paths: merge, do not nest.
pub fn router(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/shop/enter", get(show_confirmation).post(submit_confirmation))
        .route("/app/open", get(show_confirmation).post(submit_confirmation))
        .route("/successor", get(show_confirmation).post(submit_confirmation))
        .route("/shop/home", get(show_signed_in))
        .route("/shop/store", get(show_signed_in))
        .route("/app/home", get(show_signed_in))
        .route("/successor/home", get(show_signed_in))
        .route(
            "/shop/style.css",
            get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], pages::STYLE)),
        )
        .layer(middleware::map_response(with_headers))
        .with_state(shop)
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
}

async fn show_confirmation(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Query(Token { token }): Query<Token>,
) -> Response {
    match shop.ledger().find(&token, shop.clock.now()) {
        None => unknown(&headers),
        Some(link) if link.state == LinkState::Open => {
            Html(pages::confirmation(&link, &token, form_action(link.scope.target))).into_response()
        }
        Some(link) => gone(&link),
    }
}

async fn submit_confirmation(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Form(Token { token }): Form<Token>,
) -> Response {
    let now = shop.clock.now();
    let mut ledger = shop.ledger();
    let Some((cookie, link)) = ledger.spend(&token, now) else {
        return ledger.find(&token, now).map_or_else(|| unknown(&headers), |link| gone(&link));
    };
    drop(ledger);
    shop.bump();
    let cookie = format!(
        "{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}",
        SIGN_IN_LIFE / 1000
    );
    ([(header::SET_COOKIE, cookie)], Redirect::to(landing_path(link.scope.target))).into_response()
}

async fn show_signed_in(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    uri: axum::http::Uri,
) -> Response {
    let cookie = find_cookie(&headers).unwrap_or_default();
    match shop.ledger().find_sign_in(cookie, shop.clock.now()) {
        None => unknown(&headers),
        Some(link) if link.state != LinkState::Used => gone(&link),
        // A sign-in for one target does not open another.
        Some(link) if uri.path() != landing_path(link.scope.target) => {
            Redirect::to(landing_path(link.scope.target)).into_response()
        }
        Some(link) => Html(pages::signed_in(&link)).into_response(),
    }
}

/// Returns the target of the form on a link's page.
fn form_action(target: Target) -> &'static str {
    match target {
        Target::Store | Target::Web => "/shop/enter",
        Target::App => "/app/open",
        Target::Successor => "/successor",
    }
}

/// Returns the page that a spent link leads to.
fn landing_path(target: Target) -> &'static str {
    match target {
        Target::Store => "/shop/store",
        Target::Web => "/shop/home",
        Target::App => "/app/home",
        Target::Successor => "/successor/home",
    }
}

fn gone(link: &AccessLink) -> Response {
    (StatusCode::GONE, Html(pages::gone(Language::of(&link.scope.locale), link.state)))
        .into_response()
}

/// Builds the page of an unknown link, in the browser's language.
fn unknown(headers: &HeaderMap) -> Response {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    (StatusCode::NOT_FOUND, Html(pages::unknown(Language::of(accepted)))).into_response()
}

fn find_cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies =
        headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split("; "))
        .find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
