//! A visitor of the report page, in a browser without script.

use sandbox::mail::MailKind;

use crate::browser::{self, Page};
use crate::world::World;

impl World {
    /// Returns the report link in the newest mail of a kind to an address.
    pub fn report_link(&self, address: &str, kind: MailKind) -> String {
        let mails = self.sandbox.mail.for_address(address);
        let mail = mails.iter().rfind(|mail| mail.kind == kind).expect("such a mail");
        let (_, link) = mail.text.split_once("/report/").expect("a link to the report page");
        link.to_owned()
    }

    /// Returns the address of the page. The port changes with each start of the product.
    pub fn report_url(&self, link: &str) -> String {
        format!("{}report/{link}", self.public_url())
    }

    /// Loads the page and submits a choice.
    pub async fn reports(&self, link: &str, choice: &str) -> Page {
        let form = self.report_form(link, choice).await;
        self.sends_report(link, &form).await
    }

    /// Submits a form that was loaded before.
    pub async fn sends_report(&self, link: &str, form: &str) -> Page {
        browser::sends(&self.report_url(link), form).await
    }

    /// Loads the page and returns its form with a choice, or without one if it is empty.
    pub async fn report_form(&self, link: &str, choice: &str) -> String {
        let page = browser::looks_at(&self.report_url(link)).await;
        let token = page.body.split_once("name=\"form\" value=\"");
        let token = token.map_or("", |(_, rest)| rest.split('"').next().unwrap());
        let choice = (!choice.is_empty()).then_some(("choice", choice));
        let fields = [("form", token)].into_iter().chain(choice);
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
    }
}

/// Returns the visible text of a page, one line for each element. It names no language, so the
/// page has both.
pub fn text_of(page: &Page) -> String {
    let (_, main) = page.body.split_once("<main>").expect("a page");
    let mut text = String::new();
    let mut is_tag = false;
    for c in main.chars() {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            c if !is_tag => text.push(c),
            _ => {}
        }
    }
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}
