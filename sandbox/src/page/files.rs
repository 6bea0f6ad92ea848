//! The static files of the page, compiled into the binary, and the mails.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::context::PageContext;
use crate::mail::Mail;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Policy for mails: own styles and images, links in new tabs, no scripts.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox";

/// Name, media type and content of every static file.
const FILES: &[(&str, &str, &str)] = &[
    ("base.css", CSS, include_str!("static/base.css")),
    ("channel.css", CSS, include_str!("static/channel.css")),
    ("components.js", SCRIPT, include_str!("static/components.js")),
    ("composer.css", CSS, include_str!("static/composer.css")),
    ("composer.js", SCRIPT, include_str!("static/composer.js")),
    ("dialogs.js", SCRIPT, include_str!("static/dialogs.js")),
    ("dom.js", SCRIPT, include_str!("static/dom.js")),
    ("icon.svg", "image/svg+xml", include_str!("static/icon.svg")),
    ("leaving.js", SCRIPT, include_str!("static/leaving.js")),
    ("command_line.js", SCRIPT, include_str!("static/command_line.js")),
    ("mailbox.js", SCRIPT, include_str!("static/mailbox.js")),
    ("markdown.js", SCRIPT, include_str!("static/markdown.js")),
    ("messages.js", SCRIPT, include_str!("static/messages.js")),
    ("narrow.css", CSS, include_str!("static/narrow.css")),
    ("page.js", SCRIPT, include_str!("static/page.js")),
    ("panels.css", CSS, include_str!("static/panels.css")),
    ("people.js", SCRIPT, include_str!("static/people.js")),
    ("time.js", SCRIPT, include_str!("static/time.js")),
    ("words.js", SCRIPT, include_str!("static/words.js")),
];

/// `GET /`
pub(super) async fn index() -> Response {
    ([(CONTENT_TYPE, HTML)], include_str!("static/index.html")).into_response()
}

/// `GET /_sandbox/static/{name}`
pub(super) async fn static_file(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, _, _)| *known == name) {
        Some((_, kind, content)) => ([(CONTENT_TYPE, *kind)], *content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /_sandbox/mails/{id}`: returns the HTML part of a mail.
pub(super) async fn mail(State(page): State<PageContext>, Path(id): Path<u64>) -> Response {
    let Some(mail) = page.mail.find(id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [(CONTENT_TYPE, HTML), (CONTENT_SECURITY_POLICY, MAIL_POLICY)];
    (headers, prepare_html(&mail)).into_response()
}

/// `GET /_sandbox/mails/{id}/{name}`: returns a file of a mail.
pub(super) async fn attachment(
    State(page): State<PageContext>,
    Path((id, name)): Path<(u64, String)>,
) -> Response {
    let found = page
        .mail
        .find(id)
        .and_then(|mail| mail.attachments.into_iter().find(|file| file.name == name));
    match found {
        Some(file) => ([(CONTENT_TYPE, file.content_type)], file.bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Returns the address of a mail's HTML part.
pub(super) fn mail_url(mail: u64) -> String {
    format!("/_sandbox/mails/{mail}")
}

/// Returns the address of a mail's file.
pub(super) fn attachment_url(mail: u64, name: &str) -> String {
    format!("/_sandbox/mails/{mail}/{name}")
}

/// Returns the HTML part with resolved image addresses. Links open in a new tab.
fn prepare_html(mail: &Mail) -> String {
    let mut html = mail.html.clone();
    for file in &mail.attachments {
        html = html.replace(&format!("cid:{}", file.name), &attachment_url(mail.id, file.name));
    }
    html.replacen("<head>", "<head><base target=\"_blank\">", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_referenced_file_exists() {
        let index = include_str!("static/index.html");
        let known = |name: &str| FILES.iter().any(|(file, _, _)| *file == name);
        for piece in index.split("/_sandbox/static/").skip(1) {
            let name = piece.split('"').next().unwrap();
            assert!(known(name), "{name}");
        }
        for (file, _, content) in FILES.iter().filter(|(_, kind, _)| *kind == SCRIPT) {
            for piece in content.split("from \"./").skip(1) {
                let name = piece.split('"').next().unwrap();
                assert!(known(name), "{file} imports {name}");
            }
        }
    }

    #[test]
    fn page_has_no_inline_or_external_content() {
        let index = include_str!("static/index.html");
        for wrong in ["<script>", "<style", " style=", " onclick=", "http://", "https://", "//cdn"]
        {
            assert!(!index.contains(wrong), "{wrong}");
        }
        for (file, _, content) in FILES {
            for wrong in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "eval(",
                "@import",
                "document.write",
            ] {
                assert!(!content.contains(wrong), "{file}: {wrong}");
            }
        }
    }
}
