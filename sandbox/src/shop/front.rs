//! The routes of the shop front.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, middleware};
use functions::contract::{RedeemRequest, Redeemed, Target};
use functions::{Function, Functions};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shop;
use super::links::SIGN_IN_LIFE;
use super::pages::{self, Gone, Language, Visit};
use crate::core_db::{Core, CoreError};

/// The cookie of a support sign-in.
const COOKIE: &str = "waizant_support";
/// Headers of every page: no external content, no frame, no cache, no referrer.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// The shop front and what it asks: the function `redeem`, and the company's database.
pub struct Front {
    shop: Arc<Shop>,
    functions: Functions,
    core: Core,
}

impl Front {
    pub fn new(shop: Arc<Shop>, functions: Functions, core: Core) -> Arc<Self> {
        Arc::new(Self { shop, functions, core })
    }

    /// Spends a link. `None`: it is unknown, expired, spent or revoked.
    async fn redeem(&self, token: &str) -> Option<Redeemed> {
        let request = RedeemRequest::Redeem { token: SecretString::from(token) };
        Redeemed::deserialize(self.ask(&request).await?).ok()
    }

    /// Asks if a session still permits access.
    async fn is_alive(&self, session_id: &str) -> bool {
        let request = RedeemRequest::Alive { session_id: session_id.to_owned() };
        self.ask(&request).await.is_some_and(|answer| answer["alive"] == true)
    }

    /// Calls `redeem`. `None`: it refused or failed.
    async fn ask(&self, request: &RedeemRequest) -> Option<Value> {
        let mut body = json!(request);
        body["v"] = json!(functions::contract::VERSION);
        let reply =
            self.functions.call(Function::Redeem, body.to_string().as_bytes()).await.ok()?;
        reply.refusal.is_none().then_some(reply.body)
    }

    /// Reads the customer and ecosystem of a link. `None` if the customer may not enter: the
    /// company checks this again, because it does not trust the bot.
    async fn visit(&self, redeemed: &Redeemed) -> Result<Option<Visit>, CoreError> {
        let Redeemed { customer_id, ecosystem_id, target, .. } = redeemed;
        let user = self.core.find_user(customer_id).await?;
        let ecosystem = self.core.find_ecosystem_name(ecosystem_id).await?;
        let may_enter = match target {
            Target::Successor => self.core.is_successor(ecosystem_id, customer_id).await?,
            Target::Store => self
                .core
                .find_role(ecosystem_id, customer_id)
                .await?
                .is_some_and(|role| role == "owner"),
            Target::Web | Target::App => {
                self.core.find_role(ecosystem_id, customer_id).await?.is_some()
            }
        };
        let user = user.filter(|user| may_enter && user.status == "active");
        Ok(user.zip(ecosystem).map(|(user, ecosystem)| Visit {
            language: Language::of(&user.locale),
            customer: user.name,
            ecosystem,
            agent: redeemed.agent.name.clone(),
            target: *target,
        }))
    }
}

/// Returns the routes `/support*`, `/shop/*`, `/app/*` and `/successor/*`, with full paths: merge,
/// do not nest.
pub fn router(front: Arc<Front>) -> Router {
    Router::new()
        .route("/support", get(show_confirmation).post(submit_confirmation))
        .route("/shop/home", get(show_signed_in))
        .route("/shop/store", get(show_signed_in))
        .route("/app/home", get(show_signed_in))
        .route("/successor/home", get(show_signed_in))
        .route("/support/style.css", get(async || file("text/css; charset=utf-8", pages::STYLE)))
        .route(
            "/support/open.js",
            get(async || file("text/javascript; charset=utf-8", pages::SCRIPT)),
        )
        .layer(middleware::map_response(with_headers))
        .with_state(front)
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, content_type)], text)
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
}

async fn show_confirmation(headers: HeaderMap) -> Html<String> {
    Html(pages::confirmation(accepted(&headers)))
}

async fn submit_confirmation(
    State(front): State<Arc<Front>>,
    headers: HeaderMap,
    Form(Token { token }): Form<Token>,
) -> Response {
    // Another site could post a link of its own, and so sign the agent in as another customer.
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| site != "same-origin") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(redeemed) = front.redeem(&token).await else {
        return gone(accepted(&headers), Gone::Link);
    };
    match front.visit(&redeemed).await {
        Ok(Some(_)) => {}
        Ok(None) => return gone(accepted(&headers), Gone::NotAllowed),
        Err(error) => return unreachable_core(&error),
    }
    let landing = landing_path(redeemed.target);
    let cookie = front.shop.ledger().sign_in(&token, redeemed, front.shop.clock.now());
    front.shop.bump();
    let cookie = format!(
        "{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}",
        SIGN_IN_LIFE / 1000
    );
    ([(header::SET_COOKIE, cookie)], Redirect::to(landing)).into_response()
}

async fn show_signed_in(
    State(front): State<Arc<Front>>,
    headers: HeaderMap,
    uri: axum::http::Uri,
) -> Response {
    let cookie = find_cookie(&headers).unwrap_or_default();
    let found = front.shop.ledger().find_sign_in(cookie, front.shop.clock.now());
    let Some(sign_in) = found else {
        return gone(accepted(&headers), Gone::SignIn);
    };
    if !front.is_alive(&sign_in.redeemed.session_id).await {
        return gone(accepted(&headers), Gone::SignIn);
    }
    // A sign-in for one target does not open another.
    let landing = landing_path(sign_in.redeemed.target);
    if uri.path() != landing {
        return Redirect::to(landing).into_response();
    }
    match front.visit(&sign_in.redeemed).await {
        Ok(Some(visit)) => Html(pages::signed_in(&visit, sign_in.until)).into_response(),
        Ok(None) => gone(accepted(&headers), Gone::NotAllowed),
        Err(error) => unreachable_core(&error),
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

fn gone(language: Language, what: Gone) -> Response {
    (StatusCode::GONE, Html(pages::gone(language, what))).into_response()
}

fn unreachable_core(error: &CoreError) -> Response {
    tracing::warn!(%error, "the shop cannot read the Core database");
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

/// Returns the browser's language.
fn accepted(headers: &HeaderMap) -> Language {
    let value = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::of(value.unwrap_or_default())
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
