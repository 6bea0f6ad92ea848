//! The recovery page: a form for a new password, behind a one-time link that only the agent gets.
//!
//! This module only parses and renders. The desk decides. The page works without JavaScript: every
//! button submits the form, and the answer is the whole page. It keeps what was typed except the
//! passwords. A POST counts only if it comes from the own origin and carries the form token of a
//! page that was loaded.

mod form;
mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use commands::flows::recover::messages::{Field, FieldMessage};
use commands::handlers::recovery_page::{RecoveryDesk, View};
use commands::model::fault::Fault;
use commands::model::span;
use commands::model::words::Locale;
use commands::ports::clock::Clock;
use commands::ports::keys::Keys;
use commands::say;
use secrecy::{ExposeSecret as _, SecretString};
use tracing::Instrument as _;
use url::Url;

use super::csrf;
use super::link_page::{self, LinkPage, LogTexts};

use form::{MAX_BODY, SubmitAction, read_form};
use page::{FormValues, NoticePage, render_form, render_notice};

const STYLE: &str = include_str!("static/page.css");
const SCRIPT: &str = include_str!("static/page.js");
/// Query of the address that a resend redirects to. It only selects the text "a new code was sent".
const SENT_QUERY: &str = "sent";

/// The page's own style, script and form target; nothing inline, no other origin, no frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 5] = link_page::headers(CONTENT_SECURITY_POLICY);

const LOG_TEXTS: LogTexts = LogTexts {
    unknown_link: "unknown recovery link requested",
    refused_form: "recovery form refused",
};

/// State of the recovery page.
pub struct RecoveryPage {
    desk: Arc<dyn RecoveryDesk>,
    link_page: LinkPage,
}

impl RecoveryPage {
    pub fn new(
        desk: Arc<dyn RecoveryDesk>,
        keys: Arc<dyn Keys>,
        clock: Arc<dyn Clock>,
        public_url: &Url,
    ) -> Self {
        Self { desk, link_page: LinkPage::new(LOG_TEXTS, keys, clock, public_url) }
    }
}

/// Returns the URL that the token of a link is appended to. Keeps the path of `public_url`, because
/// a proxy may serve the public listener below a path.
pub fn recovery_base_url(public_url: &Url) -> String {
    link_page::base_url(public_url, "recover")
}

/// Returns the routes of the page: `/recover/{token}`, its style and its script.
///
/// All links in the page are relative, because a proxy may serve it below a path.
pub(super) fn router(page: RecoveryPage) -> Router {
    let page = Arc::new(page);
    let rate_limited = middleware::from_fn_with_state(Arc::clone(&page), limit_rate);
    let form = get(show_page).post(submit_form).layer(DefaultBodyLimit::max(MAX_BODY));
    Router::new()
        .route("/recover/{token}", form.layer(rate_limited))
        .route("/recover/page.css", get(|| async { file("text/css; charset=utf-8", STYLE) }))
        .route("/recover/page.js", get(|| async { file("text/javascript; charset=utf-8", SCRIPT) }))
        .layer(middleware::map_response(async |response: Response| (HEADERS, response)))
        .with_state(page)
}

fn file(kind: &'static str, body: &'static str) -> Response {
    ([(CONTENT_TYPE, kind)], body).into_response()
}

fn html(status: StatusCode, body: String) -> Response {
    (status, [(CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
}

async fn limit_rate(
    State(page): State<Arc<RecoveryPage>>,
    request: Request,
    next: Next,
) -> Response {
    let busy = |headers: &HeaderMap, status: StatusCode| notice(headers, status, NoticePage::Busy);
    page.link_page.limit_rate(request, next, busy).await
}

type Token = Result<Path<String>, PathRejection>;

async fn show_page(
    State(page): State<Arc<RecoveryPage>>,
    token: Token,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Ok(Path(token)) = token else { return unknown_link(&headers) };
    match page.desk.look(&token).await {
        Ok(Some(view)) => {
            let resent = uri.query() == Some(SENT_QUERY);
            let values = FormValues { resent, ..FormValues::default() };
            render_view(&page, &token, StatusCode::OK, &view, &values)
        }
        Ok(None) => unknown_link(&headers),
        Err(fault) => internal_error(&headers, &page.link_page.log(&fault)),
    }
}

async fn submit_form(
    State(page): State<Arc<RecoveryPage>>,
    token: Token,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let Ok(Path(token)) = token else { return unknown_link(&headers) };
    if !page.link_page.is_same_origin(&headers) {
        return refuse_form(&page, &headers, StatusCode::FORBIDDEN, "origin");
    }
    let form = match read_form(request, page.link_page.clock.as_ref()).await {
        Ok(form) => form,
        Err(status) => return refuse_form(&page, &headers, status, "body"),
    };
    if !csrf::is_form_token(page.link_page.keys.as_ref(), &token, &form.form_token) {
        return refuse_form(&page, &headers, StatusCode::FORBIDDEN, "form_token");
    }
    let (action, code) = (form.action, form.code.clone());
    let (desk, link) = (Arc::clone(&page.desk), token.clone());
    // In a task of its own, so that the work is finished even if the browser disconnects.
    let kind = match action {
        SubmitAction::Resend => "recovery_code",
        SubmitAction::Save => "recovery_password",
    };
    let work = async move {
        match action {
            SubmitAction::Resend => desk.resend(&link).await,
            SubmitAction::Save => {
                desk.confirm(&link, form.code.expose_secret(), form.password, form.again).await
            }
        }
    };
    let work = tokio::spawn(work.instrument(span::page(kind)));
    let answer = work
        .await
        .unwrap_or_else(|_| Err(Fault::new("answering the recovery page", "the task panicked")));
    match answer {
        Ok(Some((view, _))) if view.done => redirect(token),
        Ok(Some((_, None))) if action == SubmitAction::Resend => {
            redirect(format!("{token}?{SENT_QUERY}"))
        }
        Ok(Some((view, message))) => {
            let status =
                if message.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let values = FormValues { code: code.expose_secret(), message, resent: false };
            render_view(&page, &token, status, &view, &values)
        }
        Ok(None) => unknown_link(&headers),
        Err(fault) => render_fault(&page, &token, &headers, &code, &fault).await,
    }
}

fn render_view(
    page: &RecoveryPage,
    token: &str,
    status: StatusCode,
    view: &View,
    values: &FormValues<'_>,
) -> Response {
    if view.done {
        let done = NoticePage::Done { signed_out: view.signed_out };
        return html(StatusCode::OK, render_notice(view.locale, done));
    }
    html(status, render_form(view, &csrf::form_token(page.link_page.keys.as_ref(), token), values))
}

/// Redirects to the page by GET. The browser's history then holds no form with a password, and a
/// reload submits nothing.
fn redirect(location: String) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// Renders the form with the fault's reference and the typed code, if the desk can still show it.
async fn render_fault(
    page: &RecoveryPage,
    token: &str,
    headers: &HeaderMap,
    code: &SecretString,
    fault: &Fault,
) -> Response {
    let reference = page.link_page.log(fault);
    match page.desk.look(token).await {
        Ok(Some(view)) => {
            let sentence = say!(view.locale, "page-failed", reference = reference);
            let message = Some(FieldMessage { field: Field::Page, sentence });
            let values = FormValues { code: code.expose_secret(), message, resent: false };
            render_view(page, token, StatusCode::INTERNAL_SERVER_ERROR, &view, &values)
        }
        Ok(None) => unknown_link(headers),
        Err(second) => {
            page.link_page.log(&second);
            internal_error(headers, &reference)
        }
    }
}

/// Answers every link that does not work with the same page, so that it reveals no reason.
fn unknown_link(headers: &HeaderMap) -> Response {
    notice(headers, StatusCode::NOT_FOUND, NoticePage::UnknownLink)
}

/// Refuses a form that the page did not send.
fn refuse_form(
    page: &RecoveryPage,
    headers: &HeaderMap,
    status: StatusCode,
    why: &'static str,
) -> Response {
    page.link_page.log_refused(why);
    notice(headers, status, NoticePage::ForgedForm)
}

fn internal_error(headers: &HeaderMap, reference: &str) -> Response {
    notice(headers, StatusCode::INTERNAL_SERVER_ERROR, NoticePage::Failed(reference))
}

/// Renders a page without a form in the browser's first language, because no link names an agent.
fn notice(headers: &HeaderMap, status: StatusCode, notice: NoticePage<'_>) -> Response {
    let accepted =
        headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let locale = Locale::from_tag(accepted.split([',', ';']).next().unwrap_or_default().trim());
    html(status, render_notice(locale, notice))
}
