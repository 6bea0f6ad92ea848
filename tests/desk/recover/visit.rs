//! A visitor of the recovery page, in a browser without JavaScript.

use sandbox::discord::Person;
use sandbox::seed::FIRST_PASSWORD;

use crate::browser::{self, Page};
use crate::world::World;

/// Password that meets every condition and is not in use.
pub const NEW: &str = "Another-Password-2";
/// Initial password of every account.
pub const OLD: &str = FIRST_PASSWORD;

/// An open recovery page, by its link.
pub struct Visit {
    /// Address in the button.
    pub link: String,
    path: String,
}

/// Answer of the page.
pub struct Read {
    pub status: u16,
    /// Visible text, one line for each element.
    pub text: String,
    pub html: String,
}

impl World {
    /// Requests a recovery as `who`, reads the panel and returns the link.
    pub async fn recovers(&self, who: &Person) -> Visit {
        who.types(&format!("/account recover email:{}", self.mailbox_of(who))).await;
        who.sees().await;
        Visit::of(who)
    }

    /// Loads the page.
    pub async fn opens(&self, visit: &Visit) -> Read {
        Read::of(browser::looks_at(&self.url_of(visit)).await)
    }

    /// Loads the page, fills the form in and saves it. Follows a redirection.
    pub async fn saves(&self, visit: &Visit, code: &str, password: &str, again: &str) -> Read {
        self.sends(
            visit,
            &[("code", code), ("password", password), ("again", again), ("do", "save")],
        )
        .await
    }

    /// Loads the page and presses Resend.
    pub async fn resends(&self, visit: &Visit) -> Read {
        self.sends(visit, &[("do", "resend")]).await
    }

    /// Submits a form that was loaded before. Follows a redirection.
    pub async fn sends_kept(&self, visit: &Visit, form: &str) -> Read {
        let page = browser::sends(&self.url_of(visit), form).await;
        if page.status != 303 {
            return Read::of(page);
        }
        let (place, query) =
            page.header("location").split_once('?').unwrap_or((page.header("location"), ""));
        assert_eq!(
            Some(place),
            visit.path.rsplit('/').next(),
            "the redirection leads to the same page"
        );
        Read::of(browser::looks_at(&format!("{}?{query}", self.url_of(visit))).await)
    }

    /// Loads the page and returns its form with these fields, encoded as a browser does.
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

    /// Returns the address of the page. The port changes with each start of the product.
    pub fn url_of(&self, visit: &Visit) -> String {
        format!("{}{}", self.public_url().trim_end_matches('/'), visit.path)
    }
}

impl Visit {
    /// Returns the visit for the link on the newest panel of `who`.
    pub fn of(who: &Person) -> Self {
        let label = if who.profile().locale.starts_with("es") {
            "Abrir la página"
        } else {
            "Open the page"
        };
        Self::to(who.link_of(label))
    }

    /// Returns the visit for the address of a link.
    pub fn to(link: String) -> Self {
        let at = link.find("/recover/").expect("the address of a recovery page");
        Self { path: link[at..].to_owned(), link }
    }

    /// Returns the visit for a token.
    pub fn with_token(token: &str) -> Self {
        Self::to(format!("http://127.0.0.1/recover/{token}"))
    }

    /// Returns the token in the address.
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

    /// Returns true if the page contains these words.
    pub fn says(&self, words: &str) -> bool {
        self.text.contains(words)
    }
}
