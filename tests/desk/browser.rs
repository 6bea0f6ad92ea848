//! A browser: opens the links that agents are given, over HTTP, and presses the one button of their
//! page, or sends its form.

use std::collections::HashMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub struct Page {
    /// The status code.
    pub status: u16,
    /// The page itself.
    pub body: String,
    headers: HashMap<String, String>,
}

impl Page {
    /// A header of the answer, by its name in lower case.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// Opens a link as a preview or a mail scanner does: nothing is pressed.
pub async fn looks_at(url: &str) -> Page {
    request("GET", url, "", "").await
}

/// Sends a form from a page of the same origin.
pub async fn sends(url: &str, form: &str) -> Page {
    request("POST", url, "Sec-Fetch-Site: same-origin", form).await
}

/// Opens a link, presses the button of its page and follows where that leads.
pub async fn goes_through(url: &str) -> Page {
    let door = looks_at(url).await;
    if door.status != 200 {
        return door;
    }
    assert!(door.body.contains("method=\"post\""), "no button: {}", door.body);
    presses(url).await
}

/// Presses the button of a link's page, as somebody does who had the page open already.
pub async fn presses(url: &str) -> Page {
    let (door, query) = url.split_once('?').expect("a link has a token");
    let inside = request("POST", door, "", query).await;
    if inside.status != 303 {
        return inside;
    }
    let cookie = inside.headers["set-cookie"].split(';').next().unwrap().to_owned();
    let host = &door[..door.find("//").unwrap() + 2 + host_of(door).len()];
    request(
        "GET",
        &format!("{host}{}", inside.headers["location"]),
        &format!("Cookie: {cookie}"),
        "",
    )
    .await
}

/// `own`: a header line, or nothing.
async fn request(method: &str, url: &str, own: &str, form: &str) -> Page {
    let host = host_of(url);
    let path = &url[url.find(host).unwrap() + host.len()..];
    let mut stream = TcpStream::connect(host).await.unwrap();
    let own = if own.is_empty() { String::new() } else { format!("{own}\r\n") };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{own}\
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

/// Host and port.
fn host_of(url: &str) -> &str {
    let rest = url.strip_prefix("http://").expect("the sandbox speaks plain HTTP");
    rest.split('/').next().unwrap_or(rest)
}
