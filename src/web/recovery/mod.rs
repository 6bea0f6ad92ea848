//! The recovery page: one form, behind a one-time link that only the agent gets, where a password
//! may be typed.
//!
//! It works without JavaScript: every act is a form that answers with the whole page, and what was
//! typed stays, all but the passwords. What it asks for is decided by the desk; this is paper and
//! ink. A POST counts only when it comes from the page itself: from our origin, and with a token
//! that only whoever was shown the page can know.

mod asker;
mod form;
mod guard;
mod page;
mod rate;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use commands::flows::recover::messages::{Field, FieldMessage};
use commands::handlers::recovery_page::{RecoveryDesk, View};
use commands::model::fault::Fault;
use commands::model::words::Locale;
use commands::ports::clock::Clock;
use commands::ports::keys::Keys;
use commands::say;
use form::Act;
use page::{Draft, Plain};
use rate::Buckets;
use url::Url;

use crate::metrics;

const STYLE: &str = include_str!("static/page.css");
const SCRIPT: &str = include_str!("static/page.js");
/// What stands after the link's `?` once a new code was sent. It chooses words, and nothing else.
const SENT: &str = "sent";

/// What the page stands on.
pub struct RecoveryPage {
    desk: Arc<dyn RecoveryDesk>,
    keys: Arc<dyn Keys>,
    clock: Arc<dyn Clock>,
    /// Scheme, host and port of `PUBLIC_URL`, as a browser writes them in `Origin`.
    origin: String,
    buckets: Buckets,
}

impl RecoveryPage {
    /// The page of a desk, reached at `public_url`.
    #[must_use]
    pub fn new(
        desk: Arc<dyn RecoveryDesk>,
        keys: Arc<dyn Keys>,
        clock: Arc<dyn Clock>,
        public_url: &Url,
    ) -> Self {
        let buckets = Buckets::new(Arc::clone(&clock));
        Self { desk, keys, clock, origin: public_url.origin().ascii_serialization(), buckets }
    }

    fn log(&self, fault: &Fault) -> String {
        let reference = self.keys.reference();
        tracing::error!(reference, "{fault}");
        reference
    }
}

/// The address below which every page is, where people reach the public side at this one. A path in
/// it is kept: a proxy may have the public side anywhere.
#[must_use]
pub fn pages(public_url: &Url) -> String {
    format!("{}/recover/", public_url.as_str().trim_end_matches('/'))
}

/// `/recover/{token}` and what it loads. All addresses in it are relative: a proxy may put it under
/// any path.
pub(super) fn router(page: RecoveryPage) -> Router {
    let page = Arc::new(page);
    let limited = middleware::from_fn_with_state(Arc::clone(&page), rate::limit);
    Router::new()
        .route("/recover/{token}", get(look).post(act).layer(limited))
        .route("/recover/page.css", get(|| async { text("text/css; charset=utf-8", STYLE) }))
        .route("/recover/page.js", get(|| async { text("text/javascript; charset=utf-8", SCRIPT) }))
        .layer(middleware::from_fn(guard::headers))
        .with_state(page)
}

fn text(kind: &'static str, body: &'static str) -> Response {
    ([(CONTENT_TYPE, kind)], body).into_response()
}

fn html(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

type Token = Result<Path<String>, PathRejection>;

async fn look(
    State(page): State<Arc<RecoveryPage>>,
    token: Token,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Ok(Path(token)) = token else { return gone(&headers) };
    match page.desk.look(&token).await {
        Ok(Some(view)) => {
            let resent = uri.query() == Some(SENT);
            show(&page, &token, StatusCode::OK, &view, &Draft { resent, ..Draft::default() })
        }
        Ok(None) => gone(&headers),
        Err(fault) => failed(&headers, &page.log(&fault)),
    }
}

async fn act(
    State(page): State<Arc<RecoveryPage>>,
    token: Token,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(Path(token)) = token else { return gone(&headers) };
    if !guard::from_our_origin(&headers, &page.origin) {
        return refused(&headers, StatusCode::FORBIDDEN, "origin");
    }
    let form = match form::read(&headers, body, page.clock.as_ref()).await {
        Ok(form) => form,
        Err(status) => return refused(&headers, status, "body"),
    };
    if !guard::is_form_token(page.keys.as_ref(), &token, &form.token) {
        return refused(&headers, StatusCode::FORBIDDEN, "form_token");
    }
    let (act, code) = (form.act, Arc::new(form.code));
    let (desk, link, typed) = (Arc::clone(&page.desk), token.clone(), Arc::clone(&code));
    // In a task of its own: what was begun is brought to its end even if the browser hangs up
    // meanwhile.
    let work = tokio::spawn(async move {
        match act {
            Act::Resend => desk.resend(&link).await,
            Act::Save => desk.confirm(&link, &typed, form.password, form.again).await,
        }
    });
    let answer = work
        .await
        .unwrap_or_else(|_| Err(Fault::new("answering the recovery page", "it panicked")));
    match answer {
        Ok(Some((view, _))) if view.done => see_other(token),
        Ok(Some((_, None))) if act == Act::Resend => see_other(format!("{token}?{SENT}")),
        Ok(Some((view, said))) => {
            let status =
                if said.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            show(&page, &token, status, &view, &Draft { code: &code, said, resent: false })
        }
        Ok(None) => gone(&headers),
        Err(fault) => failed_at_work(&page, &token, &headers, &code, &fault).await,
    }
}

fn show(
    page: &RecoveryPage,
    token: &str,
    status: StatusCode,
    view: &View,
    draft: &Draft<'_>,
) -> Response {
    if view.done {
        return html(
            StatusCode::OK,
            page::plain(view.locale, Plain::Done { signed_out: view.signed_out }),
        );
    }
    html(status, page::form(view, &guard::form_token(page.keys.as_ref(), token), draft))
}

/// To the same address, by GET: the browser's history keeps no form with a password in it, and to
/// load the page again sends nothing again.
fn see_other(location: String) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// Nothing typed is lost by a fault of ours but the passwords, if the page can still be drawn.
async fn failed_at_work(
    page: &RecoveryPage,
    token: &str,
    headers: &HeaderMap,
    code: &str,
    fault: &Fault,
) -> Response {
    let reference = page.log(fault);
    match page.desk.look(token).await {
        Ok(Some(view)) => {
            let said = Some(FieldMessage {
                field: Field::Page,
                sentence: say!(view.locale, "page-failed", reference = reference),
            });
            show(
                page,
                token,
                StatusCode::INTERNAL_SERVER_ERROR,
                &view,
                &Draft { code, said, resent: false },
            )
        }
        Ok(None) => gone(headers),
        Err(second) => {
            page.log(&second);
            failed(headers, &reference)
        }
    }
}

/// The same for every link that is no good, whatever the reason.
fn gone(headers: &HeaderMap) -> Response {
    html(StatusCode::NOT_FOUND, page::plain(language(headers), Plain::Gone))
}

/// A form that our page did not send. One is a broken browser, many are somebody at work: so they
/// are logged, and counted.
fn refused(headers: &HeaderMap, status: StatusCode, why: &'static str) -> Response {
    tracing::warn!(why, "the recovery page refused a form");
    metrics::count_page_refused(why);
    html(status, page::plain(language(headers), Plain::FormsOnly))
}

fn failed(headers: &HeaderMap, reference: &str) -> Response {
    html(
        StatusCode::INTERNAL_SERVER_ERROR,
        page::plain(language(headers), Plain::Failed(reference)),
    )
}

/// The browser's first language, where no link says whose page it is.
fn language(headers: &HeaderMap) -> Locale {
    let wanted =
        headers.get("accept-language").and_then(|value| value.to_str().ok()).unwrap_or_default();
    Locale::from_tag(wanted.split([',', ';']).next().unwrap_or_default().trim())
}
