//! HTML of the report page.

use std::fmt::Write as _;

use commands::handlers::report_page::ReportView;
use commands::model::report::{ReportChoice, ReportedMail};
use commands::model::time::Timestamp;
use commands::model::words::Locale;
use commands::say;
use time::OffsetDateTime;

use crate::web::html::escape;

/// A page without a form.
pub(super) enum NoticePage {
    /// "It was me".
    Cleared,
    /// The report of this mail was saved. `locks`: it locked its subject out.
    Noted { mail: ReportedMail, reference: String, locks: bool },
    /// A report was saved before, under this reference.
    NotedBefore(String),
    /// The link is unknown, changed or too old.
    UnknownLink,
    /// The page did not send this POST.
    ForgedForm,
    /// The client sent too many requests.
    Busy,
    /// A fault, logged under this reference.
    Failed(String),
}

/// Renders the page with the choices, in each of these languages. None is preselected. `asks`: the
/// form was sent without a choice.
pub(super) fn render_form(
    locales: &[Locale],
    view: &ReportView,
    form_token: &str,
    asks: bool,
) -> String {
    let for_customer = view.mail.is_for_customer();
    let title = if for_customer { "report-title" } else { "report-title-agent" };
    let mut body = each(locales, "h1", |locale| text(locale, title));
    body.push_str(&each(locales, "p", |locale| escape(&describe_mail(view, locale))));
    if asks {
        let words = each(locales, "p", |locale| text(locale, "report-choose"));
        let _ = writeln!(
            body,
            "<div class=\"problem\" role=\"alert\" tabindex=\"-1\" autofocus>\n{words}</div>"
        );
    }
    let token = escape(form_token);
    let _ = writeln!(
        body,
        "<form method=\"post\">\n<input type=\"hidden\" name=\"form\" value=\"{token}\">"
    );
    for choice in ReportChoice::ALL {
        let name = choice.name();
        let words = each(locales, "span", |locale| text(locale, choice_text(choice, for_customer)));
        let _ = writeln!(
            body,
            "<label class=\"choice\"><input type=\"radio\" name=\"choice\" value=\"{name}\">\
             <span>{words}</span></label>"
        );
    }
    let send: Vec<_> = locales.iter().map(|locale| text(*locale, "report-send")).collect();
    let _ = writeln!(body, "<button class=\"save\">{}</button>\n</form>", send.join(" · "));
    document(locales, title, &body)
}

/// Renders a page without a form, in each of these languages.
pub(super) fn render_notice(locales: &[Locale], notice: &NoticePage) -> String {
    let say = |locale: Locale| match notice {
        NoticePage::Cleared => say!(locale, "report-cleared"),
        NoticePage::Noted { mail, reference, locks } => {
            let mail = match (mail, locks) {
                (ReportedMail::Visit, _) => "visit",
                (ReportedMail::Notice, true) => "notice",
                (ReportedMail::Notice, false) => "notice_unlocked",
                (ReportedMail::Customer | ReportedMail::Agent | ReportedMail::Linking, _) => "code",
            };
            say!(locale, "report-done", mail = mail, reference = reference.as_str())
        }
        NoticePage::NotedBefore(reference) => {
            say!(locale, "report-before", reference = reference.as_str())
        }
        NoticePage::UnknownLink => say!(locale, "report-gone"),
        NoticePage::ForgedForm => say!(locale, "report-forms-only"),
        NoticePage::Busy => say!(locale, "report-busy"),
        NoticePage::Failed(reference) => {
            say!(locale, "report-failed", reference = reference.as_str())
        }
    };
    let title = match notice {
        NoticePage::Cleared => "report-cleared-title",
        NoticePage::Noted { .. } => "report-done-title",
        NoticePage::NotedBefore(_) => "report-before-title",
        NoticePage::UnknownLink => "report-gone-title",
        NoticePage::ForgedForm => "report-forms-only-title",
        NoticePage::Busy => "report-busy-title",
        NoticePage::Failed(_) => "report-failed-title",
    };
    let mut body = each(locales, "h1", |locale| text(locale, title));
    body.push_str(&each(locales, "p", |locale| escape(&say(locale))));
    document(locales, title, &body)
}

const fn choice_text(choice: ReportChoice, for_customer: bool) -> &'static str {
    match (choice, for_customer) {
        (ReportChoice::Me, _) => "report-me",
        (ReportChoice::NotMe, true) => "report-not-me",
        (ReportChoice::NotMe, false) => "report-not-me-agent",
        (ReportChoice::NotSure, true) => "report-not-sure",
        (ReportChoice::NotSure, false) => "report-not-sure-agent",
    }
}

/// Returns the sentence about the mail. It names no person and no ecosystem.
fn describe_mail(view: &ReportView, locale: Locale) -> String {
    let (day, time) = day_and_time(view.mailed_at, locale);
    let mail = match view.mail {
        ReportedMail::Customer => "customer",
        ReportedMail::Agent => "agent",
        ReportedMail::Linking => "linking",
        ReportedMail::Notice => "notice",
        ReportedMail::Visit => "visit",
    };
    say!(locale, "report-mail", mail = mail, day = day, time = time)
}

/// Returns day and time in UTC, because the reader's time zone is unknown.
fn day_and_time(at: Timestamp, locale: Locale) -> (String, String) {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds());
    let at = at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let day = say!(locale, "report-day", day = at.day(), month = u8::from(at.month()));
    (day, format!("{:02}:{:02}", at.hour(), at.minute()))
}

/// Renders a text in each language as an element.
fn each(locales: &[Locale], element: &str, words: impl Fn(Locale) -> String) -> String {
    locales.iter().fold(String::new(), |mut all, locale| {
        let (tag, words) = (locale.tag(), words(*locale));
        let _ = writeln!(all, "<{element} lang=\"{tag}\">{words}</{element}>");
        all
    })
}

fn document(locales: &[Locale], title: &str, body: &str) -> String {
    let titles: Vec<_> = locales.iter().map(|locale| text(*locale, title)).collect();
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{} · Waizant</title>\n\
         <link rel=\"stylesheet\" href=\"page.css\">\n</head>\n\
         <body>\n<main>\n<p class=\"brand\">Waizant</p>\n{body}</main>\n</body>\n</html>\n",
        locales.first().copied().unwrap_or_default().tag(),
        titles.join(" · ")
    )
}

/// Returns a text without arguments, escaped.
fn text(locale: Locale, id: &str) -> String {
    escape(&commands::screens::text::sentence(locale, id, None))
}
