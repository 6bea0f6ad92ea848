//! The report page, "I did not ask for this", behind a link in each mail.
//!
//! This module only parses and renders. The desk decides. The page has no script. GET and HEAD
//! change nothing, because mail scanners follow links. A POST counts only if it comes from the own
//! origin, carries the form token of a page that was loaded, and names a choice.

mod page;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use commands::handlers::report_page::{ReportDesk, ReportResult, ReportView};
use commands::model::fault::Fault;
use commands::model::report::ReportChoice;
use commands::model::span;
use commands::model::words::Locale;
use commands::ports::clock::Clock;
use commands::ports::keys::Keys;
use serde::Deserialize;
use tracing::Instrument as _;
use url::Url;

use super::csrf;
use super::form_body::read_body;
use super::link_page::{self, LinkPage, LogTexts};

use page::{NoticePage, render_form, render_notice};

const STYLE: &str =
    concat!(include_str!("../recovery/static/page.css"), include_str!("static/report.css"));

/// Maximum size of a body in bytes: a form token, a choice and a reserve.
const MAX_BODY: usize = 1024;

/// The page's own style and form target; no script, nothing inline, no other origin, no frame.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(&str, &str); 5] = link_page::headers(CONTENT_SECURITY_POLICY);

const LOG_TEXTS: LogTexts =
    LogTexts { unknown_link: "unknown report link requested", refused_form: "report form refused" };

/// State of the report page.
pub struct ReportPage {
    desk: Arc<dyn ReportDesk>,
    link_page: LinkPage,
}

impl ReportPage {
    pub fn new(
        desk: Arc<dyn ReportDesk>,
        keys: Arc<dyn Keys>,
        clock: Arc<dyn Clock>,
        public_url: &Url,
    ) -> Self {
        Self { desk, link_page: LinkPage::new(LOG_TEXTS, keys, clock, public_url) }
    }
}

/// Returns the URL that the last part of a link is appended to. Keeps the path of `public_url`,
/// because a proxy may serve the public listener below a path.
pub fn report_base_url(public_url: &Url) -> String {
    link_page::base_url(public_url, "report")
}

/// Returns the routes of the page: `/report/{link}` and its style.
///
/// All links in the page are relative, because a proxy may serve it below a path.
pub(super) fn router(page: ReportPage) -> Router {
    let page = Arc::new(page);
    let rate_limited = middleware::from_fn_with_state(Arc::clone(&page), limit_rate);
    let form = get(show_page).post(submit_form).layer(DefaultBodyLimit::max(MAX_BODY));
    let style = || async { ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response() };
    Router::new()
        .route("/report/{link}", form.layer(rate_limited))
        .route("/report/page.css", get(style))
        .layer(middleware::map_response(async |response: Response| (HEADERS, response)))
        .with_state(page)
}

async fn limit_rate(State(page): State<Arc<ReportPage>>, request: Request, next: Next) -> Response {
    let busy = |headers: &HeaderMap, status: StatusCode| notice(headers, status, &NoticePage::Busy);
    page.link_page.limit_rate(request, next, busy).await
}

type Link = Result<Path<String>, PathRejection>;

/// A submitted form. Missing fields are empty.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ReportForm {
    #[serde(rename = "form")]
    form_token: String,
    choice: String,
}

async fn show_page(
    State(page): State<Arc<ReportPage>>,
    link: Link,
    headers: HeaderMap,
) -> Response {
    let link = link.map_or_else(|_| String::new(), |Path(link)| link);
    form_page(&page, &link, &headers, StatusCode::OK).await
}

async fn submit_form(
    State(page): State<Arc<ReportPage>>,
    link: Link,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let link = link.map_or_else(|_| String::new(), |Path(link)| link);
    if !page.link_page.is_same_origin(&headers) {
        return refuse_form(&page, &headers, StatusCode::FORBIDDEN, "origin");
    }
    let form = match read_body::<ReportForm>(request, page.link_page.clock.as_ref()).await {
        Ok(form) => form,
        Err(status) => return refuse_form(&page, &headers, status, "body"),
    };
    if !csrf::is_form_token(page.link_page.keys.as_ref(), &link, &form.form_token) {
        return refuse_form(&page, &headers, StatusCode::FORBIDDEN, "form_token");
    }
    let choice = ReportChoice::ALL.into_iter().find(|choice| choice.name() == form.choice);
    let Some(choice) = choice else {
        return form_page(&page, &link, &headers, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    // In a task of its own, so that the work is finished even if the browser disconnects.
    let desk = Arc::clone(&page.desk);
    let work = async move { desk.answer(&link, choice).await };
    let work = tokio::spawn(work.instrument(span::page("report")));
    let answer = work
        .await
        .unwrap_or_else(|_| Err(Fault::new("answering the report page", "the task panicked")));
    match answer {
        Ok(Some(ReportResult::Cleared)) => notice(&headers, StatusCode::OK, &NoticePage::Cleared),
        Ok(Some(ReportResult::Noted { mail, reference, locks })) => {
            notice(&headers, StatusCode::OK, &NoticePage::Noted { mail, reference, locks })
        }
        Ok(Some(ReportResult::NotedBefore(reference))) => {
            notice(&headers, StatusCode::OK, &NoticePage::NotedBefore(reference))
        }
        Ok(None) => notice(&headers, StatusCode::NOT_FOUND, &NoticePage::UnknownLink),
        Err(fault) => failed(&page, &headers, &fault),
    }
}

/// Answers with the form, or with what the link has become. The status of a form without a choice
/// asks for one.
async fn form_page(
    page: &ReportPage,
    link: &str,
    headers: &HeaderMap,
    status: StatusCode,
) -> Response {
    match page.desk.look(link).await {
        Ok(Some(ReportView { noted: Some(reference), .. })) => {
            notice(headers, StatusCode::OK, &NoticePage::NotedBefore(reference))
        }
        Ok(Some(view)) => {
            let token = csrf::form_token(page.link_page.keys.as_ref(), link);
            let asks = status == StatusCode::UNPROCESSABLE_ENTITY;
            html(status, render_form(&languages(headers), &view, &token, asks))
        }
        Ok(None) => notice(headers, StatusCode::NOT_FOUND, &NoticePage::UnknownLink),
        Err(fault) => failed(page, headers, &fault),
    }
}

/// Says that nothing was saved, and whom to turn to.
fn failed(page: &ReportPage, headers: &HeaderMap, fault: &Fault) -> Response {
    let reference = page.link_page.log(fault);
    notice(headers, StatusCode::SERVICE_UNAVAILABLE, &NoticePage::Failed(reference))
}

/// Refuses a form that the page did not send.
fn refuse_form(
    page: &ReportPage,
    headers: &HeaderMap,
    status: StatusCode,
    why: &'static str,
) -> Response {
    page.link_page.log_refused(why);
    notice(headers, status, &NoticePage::ForgedForm)
}

fn notice(headers: &HeaderMap, status: StatusCode, notice: &NoticePage) -> Response {
    html(status, render_notice(&languages(headers), notice))
}

fn html(status: StatusCode, body: String) -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (VARY, "accept-language")];
    (status, headers, body).into_response()
}

/// Returns the browser's first language that the page has, or all of them if it names none.
fn languages(headers: &HeaderMap) -> Vec<Locale> {
    let accepted =
        headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = accepted.split(',').find_map(|entry| {
        let tag = entry.split(';').next().unwrap_or_default().trim();
        let language = tag.split('-').next().unwrap_or_default();
        [Locale::En, Locale::Es].into_iter().find(|own| language.eq_ignore_ascii_case(own.tag()))
    });
    named.map_or_else(|| vec![Locale::En, Locale::Es], |locale| vec![locale])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_known_language_wins() {
        for (accepted, expected) in [
            ("es-419,es;q=0.9,en;q=0.8", &[Locale::Es][..]),
            ("en-GB", &[Locale::En]),
            ("fr-CA, fr;q=0.9, ES;q=0.5", &[Locale::Es]),
            ("fr", &[Locale::En, Locale::Es]),
            ("*", &[Locale::En, Locale::Es]),
            ("", &[Locale::En, Locale::Es]),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, accepted.parse().unwrap());
            assert_eq!(languages(&headers), expected, "{accepted}");
        }
        assert_eq!(languages(&HeaderMap::new()).len(), 2);
    }

    #[test]
    fn base_url_keeps_path_of_public_url() {
        let url = Url::parse("https://example.com/support/desk/").unwrap();
        assert_eq!(report_base_url(&url), "https://example.com/support/desk/report/");
    }
}
