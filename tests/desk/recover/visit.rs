//! Somebody before the recovery page, in a browser without JavaScript: what they read, and what
//! they send.

use sandbox::discord::Person;
use sandbox::seed::FIRST_PASSWORD;

use crate::browser::{self, Page};
use crate::world::World;

/// A password that meets every condition, and that nobody had.
pub const NEW: &str = "Another-Password-2";
/// The one that every account begins with.
pub const OLD: &str = FIRST_PASSWORD;

/// A link to the page that somebody has open.
pub struct Visit {
    /// The address as it stood in the button.
    pub link: String,
    path: String,
}

/// What the page answered.
pub struct Read {
    /// The status code.
    pub status: u16,
    /// Its words, a line for each piece of text.
    pub text: String,
    /// The page itself.
    pub html: String,
}

impl World {
    /// `who` asks to recover the password and has the link; the panel is read.
    pub async fn recovers(&self, who: &Person) -> Visit {
        who.types(&format!("/account recover email:{}", self.mailbox_of(who))).await;
        who.sees().await;
        Visit::of(who)
    }

    /// The page as it is now.
    pub async fn opens(&self, visit: &Visit) -> Read {
        Read::of(browser::looks_at(&self.url_of(visit)).await)
    }

    /// The form filled in and saved, on the page as it is now; a redirection is followed.
    pub async fn saves(&self, visit: &Visit, code: &str, password: &str, again: &str) -> Read {
        self.sends(
            visit,
            &[("code", code), ("password", password), ("again", again), ("do", "save")],
        )
        .await
    }

    /// Resend is pressed.
    pub async fn resends(&self, visit: &Visit) -> Read {
        self.sends(visit, &[("do", "resend")]).await
    }

    /// What somebody sends who has had the page open since before.
    pub async fn sends_kept(&self, visit: &Visit, form: &str) -> Read {
        let page = browser::sends(&self.url_of(visit), form).await;
        if page.status != 303 {
            return Read::of(page);
        }
        let (place, query) =
            page.header("location").split_once('?').unwrap_or((page.header("location"), ""));
        assert_eq!(Some(place), visit.path.rsplit('/').next(), "to the same page, by GET");
        Read::of(browser::looks_at(&format!("{}?{query}", self.url_of(visit))).await)
    }

    /// The form of the page as it is now, with these fields, as a browser would send it.
    pub async fn form(&self, visit: &Visit, fields: &[(&str, &str)]) -> String {
        let html = self.opens(visit).await.html;
        let token = html
            .split_once("name=\"form\" value=\"")
            .map_or("", |(_, rest)| rest.split('"').next().unwrap());
        let fields = [&[("form", token)], fields].concat();
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }

    async fn sends(&self, visit: &Visit, fields: &[(&str, &str)]) -> Read {
        let form = self.form(visit, fields).await;
        self.sends_kept(visit, &form).await
    }

    /// The product listens elsewhere after each start; an operator's address would stay.
    pub fn url_of(&self, visit: &Visit) -> String {
        format!("{}{}", self.public_url().trim_end_matches('/'), visit.path)
    }
}

impl Visit {
    /// Through the link on the newest panel of `who`.
    pub fn of(who: &Person) -> Self {
        let label = if who.profile().locale.starts_with("es") {
            "Abrir la página"
        } else {
            "Open the page"
        };
        Self::to(who.link_of(label))
    }

    /// By the address of a link.
    pub fn to(link: String) -> Self {
        let at = link.find("/recover/").expect("the address of a recovery page");
        Self { path: link[at..].to_owned(), link }
    }

    /// Through another token.
    pub fn with_token(token: &str) -> Self {
        Self::to(format!("http://127.0.0.1/recover/{token}"))
    }

    /// The token in the address.
    pub fn token(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }
}

impl Read {
    fn of(page: Page) -> Self {
        let main = page.body.split_once("<main>").map_or(page.body.as_str(), |(_, main)| main);
        let mut lines = Vec::new();
        for piece in main.split('<') {
            let words = piece.split_once('>').map_or(piece, |(_, words)| words).trim();
            if !words.is_empty() {
                lines.push(
                    words
                        .replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&quot;", "\"")
                        .replace("&#39;", "'")
                        .replace("&amp;", "&"),
                );
            }
        }
        Self { status: page.status, text: lines.join("\n"), html: page.body }
    }

    /// Whether these words are on the page.
    pub fn says(&self, words: &str) -> bool {
        self.text.contains(words)
    }
}
