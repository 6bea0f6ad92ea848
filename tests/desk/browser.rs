//! A minimal HTTP client for pages: opens access links and presses their button, or submits a form.

use std::collections::HashMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub body: String,
    headers: HashMap<String, String>,
}

impl Page {
    /// Returns a header by its name in lower case, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// Gets a link without pressing its button, as a preview or a mail scanner does. A browser sends no
/// part of an address behind its `#`.
pub async fn looks_at(url: &str) -> Page {
    let page = url.split_once('#').map_or(url, |(page, _)| page);
    request("GET", page, "", "").await
}

/// Submits a form from a page of the same origin.
pub async fn sends(url: &str, form: &str) -> Page {
    request("POST", url, "Sec-Fetch-Site: same-origin", form).await
}

/// Opens a link, presses the button of its page and follows the redirect.
pub async fn goes_through(url: &str) -> Page {
    let page = looks_at(url).await;
    if page.status != 200 {
        return page;
    }
    assert!(page.body.contains("method=\"post\""), "no button: {}", page.body);
    presses(url).await
}

/// Presses the button of a link's page without loading it, as from a page that was open already.
/// The page's script moves the secret from behind the `#` into the form.
pub async fn presses(url: &str) -> Page {
    let (page, token) = url.split_once('#').expect("a link has a token");
    let entered = request("POST", page, "", &format!("token={token}")).await;
    if entered.status != 303 {
        return entered;
    }
    let cookie = entered.headers["set-cookie"].split(';').next().unwrap().to_owned();
    let host = &page[..page.find("//").unwrap() + 2 + host_of(page).len()];
    request(
        "GET",
        &format!("{host}{}", entered.headers["location"]),
        &format!("Cookie: {cookie}"),
        "",
    )
    .await
}

/// Sends a request. `header` is one more header line, or empty.
pub async fn request(method: &str, url: &str, header: &str, form: &str) -> Page {
    let host = host_of(url);
    let path = &url[url.find(host).unwrap() + host.len()..];
    let mut stream = TcpStream::connect(host).await.unwrap();
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{header}\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Page { status, body: body.to_owned(), headers: headers.collect() }
}

/// Returns host and port of a URL.
fn host_of(url: &str) -> &str {
    let rest = url.strip_prefix("http://").expect("the sandbox serves plain HTTP");
    rest.split('/').next().unwrap_or(rest)
}
