//! Log lines and metrics of the page. They contain nothing that was typed.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use commands::model::words::Locale;
use metrics_exporter_prometheus::PrometheusBuilder;

use super::fake_desk::{CODE, FakeDesk, NEW, TOKEN};
use super::site::{PUBLIC_URL, form_token, opened, request, send, site};
use crate::log::log;

const FILLED: [(&str, &str); 4] =
    [("code", CODE), ("password", NEW), ("again", NEW), ("do", "save")];

#[tokio::test]
async fn refused_forms_are_logged_and_counted() {
    let log = log();
    let recorder = PrometheusBuilder::new().build_recorder();
    // For this thread, because a test runs on one thread.
    let _recorder_guard = metrics::set_default_local_recorder(&recorder);
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let token = form_token(&site).await;
    let foreign = || {
        let mut request = request(&token, &FILLED);
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        request
    };
    let mut odd = request(&token, &FILLED);
    *odd.body_mut() = Body::from(format!("form={token}&password={NEW}%ff"));
    for request in [foreign(), foreign(), request("guessed", &FILLED), odd] {
        assert!(send(&site, request).await.status.is_client_error());
    }
    while opened(&site).await.status != StatusCode::TOO_MANY_REQUESTS {}
    let metrics = recorder.handle().render();
    for (why, times) in [("origin", 2), ("form_token", 1), ("body", 1), ("rate", 1)] {
        let line = format!("support_desk_page_refused_total{{why=\"{why}\"}} {times}");
        assert!(metrics.contains(&line), "no {line} in {metrics}");
        let logged = log.lines_with("recovery form refused").iter().any(|line| line.contains(why));
        assert_eq!(logged, why != "rate", "{why}: a flood of requests must not flood the log");
    }
    for typed in [NEW, TOKEN, token.as_str(), "guessed"] {
        assert!(log.lines_with(typed).is_empty(), "{typed}");
    }
}

#[tokio::test]
async fn guessed_links_are_logged_and_counted() {
    let log = log();
    let recorder = PrometheusBuilder::new().build_recorder();
    let _recorder_guard = metrics::set_default_local_recorder(&recorder);
    let site = site(&FakeDesk::new(Locale::En), PUBLIC_URL);
    let before = log.lines_with("unknown recovery link requested").len();
    for _ in 0..3 {
        let guess = Request::get("/recover/guessed-link").body(Body::empty()).unwrap();
        assert_eq!(send(&site, guess).await.status, StatusCode::NOT_FOUND);
    }
    opened(&site).await;
    let metrics = recorder.handle().render();
    assert!(metrics.contains("support_desk_page_unknown_links_total 3"), "{metrics}");
    let lines = log.lines_with("unknown recovery link requested");
    assert_eq!(lines.len() - before, 1, "a line a client and minute");
    assert!(log.lines_with("guessed-link").is_empty());
}

#[tokio::test]
async fn second_fault_of_a_request_is_logged() {
    let log = log();
    let desk = FakeDesk::new(Locale::En);
    let site = site(&desk, PUBLIC_URL);
    let token = form_token(&site).await;
    desk.inject_faults(true, true);
    let before = log.lines_with("SomethingException").len();
    let page = send(&site, request(&token, &FILLED)).await;
    let faults = log.lines_with("SomethingException").split_off(before);
    assert_eq!(faults.len(), 2, "{faults:#?}");
    let (_, reference) = page.body.split_once("reference ").unwrap();
    assert!(faults[0].contains(&reference[..8]), "the page shows the first reference: {faults:#?}");
}

#[tokio::test]
async fn page_view_leaves_no_log_line() {
    let log = log();
    let site = site(&FakeDesk::new(Locale::En), PUBLIC_URL);
    opened(&site).await;
    send(&site, Request::get("/recover/guessed").body(Body::empty()).unwrap()).await;
    assert!(log.lines_with(TOKEN).is_empty() && log.lines_with("/recover/").is_empty());
}
