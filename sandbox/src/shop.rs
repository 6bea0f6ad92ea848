//! The company's shop front, where sign-in links lead.
//!
//! Opening a link (GET) shows a page with a button, because previews and mail scanners open links
//! too; pressing the button (POST) spends it, signs in and redirects. A second use, an expired or a
//! revoked link is told so, with status 410. A revocation ends the sign-ins as well.

mod links;
mod pages;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, middleware};
use serde::Deserialize;

use crate::Changed;
use crate::clock::Clock;

pub use links::{LINK_LIFE, LINK_MARKER, Link, LinkState, SIGN_IN_LIFE, Target, Visit};

use pages::Language;

/// The cookie of a support sign-in.
const COOKIE: &str = "waizant_support";
/// Sent with every page: nothing from outside, no frame, nothing kept, and no address handed on.
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

/// The shop front and its links.
pub struct Shop {
    clock: Arc<dyn Clock>,
    url: String,
    changed: Changed,
    ledger: Mutex<links::Ledger>,
}

impl Shop {
    /// A shop front at this address (such as `http://127.0.0.1:8400`, without a slash at its end).
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, url: String, changed: Changed) -> Self {
        Self { clock, url, changed, ledger: Mutex::default() }
    }

    /// Every link ever made, oldest first, with its state now.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        self.ledger().all(self.clock.now())
    }

    /// The links of one support session that still open something or keep somebody signed in.
    #[must_use]
    pub fn live(&self, session_id: &str) -> Vec<Link> {
        let mine = |link: &Link| {
            link.visit.session_id == session_id
                && matches!(link.state, LinkState::Open | LinkState::Used)
        };
        self.links().into_iter().filter(mine).collect()
    }

    pub(crate) fn issue(&self, visit: Visit) -> Link {
        let link = self.ledger().issue(visit, &self.url, self.clock.now());
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

/// The shop's routes, with their full paths: `/shop/*`, `/app/*` and `/successor*`. Merge it, do
/// not nest it.
pub fn router(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/shop/enter", get(door).post(enter))
        .route("/app/open", get(door).post(enter))
        .route("/successor", get(door).post(enter))
        .route("/shop/home", get(inside))
        .route("/shop/store", get(inside))
        .route("/app/home", get(inside))
        .route("/successor/home", get(inside))
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

async fn door(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    Query(Token { token }): Query<Token>,
) -> Response {
    match shop.ledger().find(&token, shop.clock.now()) {
        None => unknown(&headers),
        Some(link) if link.state == LinkState::Open => {
            Html(pages::door(&link, &token, way_in(link.visit.target))).into_response()
        }
        Some(link) => gone(&link),
    }
}

async fn enter(
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
    ([(header::SET_COOKIE, cookie)], Redirect::to(landing(link.visit.target))).into_response()
}

async fn inside(
    State(shop): State<Arc<Shop>>,
    headers: HeaderMap,
    uri: axum::http::Uri,
) -> Response {
    let cookie = find_cookie(&headers).unwrap_or_default();
    match shop.ledger().find_sign_in(cookie, shop.clock.now()) {
        None => unknown(&headers),
        Some(link) if link.state != LinkState::Used => gone(&link),
        // A sign-in for one place does not open another.
        Some(link) if uri.path() != landing(link.visit.target) => {
            Redirect::to(landing(link.visit.target)).into_response()
        }
        Some(link) => Html(pages::inside(&link)).into_response(),
    }
}

/// Where the form of a link's page goes.
fn way_in(target: Target) -> &'static str {
    match target {
        Target::Store | Target::Web => "/shop/enter",
        Target::App => "/app/open",
        Target::Successor => "/successor",
    }
}

/// Where a spent link leads.
fn landing(target: Target) -> &'static str {
    match target {
        Target::Store => "/shop/store",
        Target::Web => "/shop/home",
        Target::App => "/app/home",
        Target::Successor => "/successor/home",
    }
}

fn gone(link: &Link) -> Response {
    (StatusCode::GONE, Html(pages::gone(Language::of(&link.visit.locale), link.state)))
        .into_response()
}

/// Nobody's language is known here but the browser's.
fn unknown(headers: &HeaderMap) -> Response {
    let asked = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    (StatusCode::NOT_FOUND, Html(pages::unknown(Language::of(asked)))).into_response()
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
