//! HTML of the recovery page.

use std::fmt::Write as _;
use std::time::Duration;

use commands::flows::recover::messages::{Field, FieldMessage};
use commands::flows::recover::password::Requirement;
use commands::handlers::recovery_page::View;
use commands::model::words::Locale;
use commands::say;

use crate::web::html::escape;

/// Maximum length of a code that is shown again, in characters. A longer one is not a mistyped
/// code.
const MAX_SHOWN_CODE: usize = 64;

/// Fields of a submitted form that are shown again, and the answer to it. Passwords are left out.
#[derive(Default)]
pub(super) struct FormValues<'a> {
    /// The code as typed.
    pub(super) code: &'a str,
    /// The problem that the desk found.
    pub(super) message: Option<FieldMessage>,
    /// True right after a new code was sent.
    pub(super) resent: bool,
}

/// A page without a form.
#[derive(Clone, Copy)]
pub(super) enum NoticePage<'a> {
    /// The password was changed. `signed_out`: all sign-ins have ended; else they end soon.
    Done { signed_out: bool },
    /// The link is unknown, used, replaced or expired.
    UnknownLink,
    /// The page did not send this POST.
    ForgedForm,
    /// The client sent too many requests.
    Busy,
    /// A fault, logged under this reference.
    Failed(&'a str),
}

/// Renders the page with the form.
pub(super) fn render_form(view: &View, form_token: &str, values: &FormValues<'_>) -> String {
    let locale = view.locale;
    // An answer to this request replaces the news of an earlier one.
    let problem = match (&values.message, view.last_outcome.as_deref()) {
        (Some(message), _) => Some((message.field, message.sentence.as_str())),
        (None, Some(news)) if !values.resent => Some((Field::Page, news)),
        _ => None,
    };
    let message_for =
        |field: Field| problem.filter(|(at, _)| *at == field).map(|(_, sentence)| sentence);
    let mut body = format!("<h1>{}</h1>\n", say(locale, "page-title"));
    if let Some(sentence) = message_for(Field::Page) {
        let title = say(locale, "page-problem");
        let sentence = escape(sentence);
        let _ = writeln!(
            body,
            "<div class=\"problem\" role=\"alert\" tabindex=\"-1\" autofocus><p class=\"title\">{title}</p><p>{sentence}</p></div>"
        );
    }
    // It gets the focus, because screen readers do not announce a status that a page loads with.
    let (sent, status) = if values.resent {
        ("page-resent", " class=\"news\" role=\"status\" tabindex=\"-1\" autofocus")
    } else {
        ("page-sent", "")
    };
    let until = say!(locale, "page-until", minutes = minutes_left(view.until.since(view.now)));
    if let Some(to) = view.to.as_deref() {
        let _ = writeln!(body, "<p{status}>{}</p>", escape(&say!(locale, sent, to = to)));
    }
    let _ = writeln!(body, "<p class=\"quiet\">{}</p>", escape(&until));
    // Enter presses a form's first button. An invisible one makes it save instead of resend.
    let _ = writeln!(
        body,
        "<form method=\"post\" id=\"form\" novalidate data-error=\"{}\">\n<input type=\"hidden\" name=\"form\" value=\"{}\">\n\
         <button class=\"first\" name=\"do\" value=\"save\" tabindex=\"-1\" aria-hidden=\"true\"></button>",
        say(locale, "page-error"),
        escape(form_token)
    );
    body.push_str(&username_field(view));
    body.push_str(&code_field(locale, values.code, message_for(Field::Code)));
    body.push_str(&resend_button(view));
    body.push_str(&password_field(locale, message_for(Field::Password)));
    body.push_str(&policy(view));
    body.push_str(&again_field(locale, message_for(Field::Repeat)));
    let (save, saving) = (say(locale, "page-save"), say(locale, "page-saving"));
    let _ = writeln!(
        body,
        "<button class=\"save\" name=\"do\" value=\"save\" data-busy=\"{saving}\">{save}</button>\n</form>"
    );
    document(locale, "page-title", problem.is_some(), &body)
}

/// Renders a page without a form.
pub(super) fn render_notice(locale: Locale, notice: NoticePage<'_>) -> String {
    let (title, paragraphs): (&str, Vec<String>) = match notice {
        NoticePage::Done { signed_out } => {
            let out = if signed_out { "page-done-out" } else { "page-done-out-soon" };
            let ids =
                ["page-done", out, "page-done-notice", "page-done-not-you", "page-done-close"];
            ("page-done-title", ids.map(|id| say(locale, id)).into())
        }
        NoticePage::UnknownLink => ("page-gone-title", vec![say(locale, "page-gone")]),
        NoticePage::ForgedForm => ("page-problem", vec![say(locale, "page-forms-only")]),
        NoticePage::Busy => ("page-busy-title", vec![say(locale, "page-busy")]),
        NoticePage::Failed(reference) => {
            ("page-problem", vec![escape(&say!(locale, "page-failed", reference = reference))])
        }
    };
    let class = if matches!(notice, NoticePage::Done { .. }) { " class=\"done\"" } else { "" };
    let mut body = format!("<h1{class}>{}</h1>\n", say(locale, title));
    for paragraph in paragraphs {
        let _ = writeln!(body, "<p>{paragraph}</p>");
    }
    document(locale, title, false, &body)
}

fn document(locale: Locale, title: &str, has_problem: bool, body: &str) -> String {
    let mark = if has_problem { format!("{}: ", say(locale, "page-error")) } else { String::new() };
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{mark}{} · Waizant</title>\n\
         <link rel=\"stylesheet\" href=\"page.css\">\n<script src=\"page.js\" defer></script>\n</head>\n\
         <body>\n<main>\n<p class=\"brand\">Waizant BackOffice</p>\n{body}</main>\n</body>\n</html>\n",
        locale.tag(),
        say(locale, title)
    )
}

/// Renders the account's user name. Password managers save the new password under it. It has no
/// `name`, so it is not submitted.
fn username_field(view: &View) -> String {
    let Some(username) = view.username.as_deref() else { return String::new() };
    format!(
        "<div class=\"field\">\n<label for=\"username\">{}</label>\n\
         <input id=\"username\" type=\"text\" autocomplete=\"username\" readonly tabindex=\"-1\" value=\"{}\">\n</div>\n",
        say(view.locale, "page-username"),
        escape(username),
    )
}

fn code_field(locale: Locale, typed: &str, message: Option<&str>) -> String {
    let typed: String = typed.chars().take(MAX_SHOWN_CODE).collect();
    format!(
        "<div class=\"field\">\n<label for=\"code\">{}</label>\n<p class=\"quiet\" id=\"code-hint\">{}</p>\n{}\
         <input id=\"code\" name=\"code\" type=\"text\" inputmode=\"numeric\" autocomplete=\"one-time-code\" \
         autocapitalize=\"off\" spellcheck=\"false\" value=\"{}\" aria-required=\"true\" aria-describedby=\"code-hint code-error\"{}>\n\
         </div>\n",
        say(locale, "page-code"),
        say(locale, "page-code-hint"),
        error("code-error", locale, message, &say(locale, "page-malformed-code")),
        escape(&typed),
        invalid_mark(message),
    )
}

fn password_field(locale: Locale, message: Option<&str>) -> String {
    format!(
        "<div class=\"field\">\n<label for=\"password\">{}</label>\n{}<div class=\"row\">\n\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"new-password\" autocapitalize=\"off\" \
         spellcheck=\"false\" aria-required=\"true\" aria-describedby=\"password-error policy-title policy\"{}>\n\
         <button type=\"button\" id=\"show\" aria-controls=\"password again\" hidden data-show=\"{}\" data-hide=\"{}\" \
         data-show-about=\"{}\" data-hide-about=\"{}\"></button>\n</div>\n</div>\n",
        say(locale, "page-password"),
        error(
            "password-error",
            locale,
            message,
            &escape(&say!(locale, "page-unmet", unmet = "{unmet}"))
        ),
        invalid_mark(message),
        say(locale, "page-show"),
        say(locale, "page-hide"),
        say(locale, "page-show-about"),
        say(locale, "page-hide-about"),
    )
}

fn again_field(locale: Locale, message: Option<&str>) -> String {
    format!(
        "<div class=\"field\">\n<label for=\"again\">{}</label>\n{}\
         <input id=\"again\" name=\"again\" type=\"password\" autocomplete=\"new-password\" autocapitalize=\"off\" \
         spellcheck=\"false\" aria-required=\"true\" aria-describedby=\"again-error match\"{}>\n\
         <p class=\"quiet\" id=\"match\" role=\"status\" data-match=\"{}\" data-no-match=\"{}\"></p>\n</div>\n",
        say(locale, "page-again"),
        error("again-error", locale, message, &say(locale, "page-mismatch")),
        invalid_mark(message),
        say(locale, "page-match"),
        say(locale, "page-no-match"),
    )
}

/// Renders the error line of a field, empty if there is no error.
///
/// `script_text` is the sentence that the script shows, because it checks before it submits.
fn error(id: &str, locale: Locale, message: Option<&str>, script_text: &str) -> String {
    let shown = message.map(|sentence| {
        format!("<span class=\"hidden\">{}: </span>{}", say(locale, "page-error"), escape(sentence))
    });
    format!(
        "<p class=\"error\" id=\"{id}\" data-text=\"{script_text}\">{}</p>\n",
        shown.unwrap_or_default()
    )
}

/// Marks a field with an error as invalid and gives it the focus.
fn invalid_mark(message: Option<&str>) -> &'static str {
    if message.is_some() { " aria-invalid=\"true\" autofocus" } else { "" }
}

fn policy(view: &View) -> String {
    let locale = view.locale;
    let (met, not_met) = (say(locale, "page-met"), say(locale, "page-not-met"));
    // The script fills in the numbers.
    let progress = escape(&say!(locale, "page-progress", met = "{met}", all = "{all}"));
    // The role is for Safari, which does not announce a list without bullets as a list.
    let mut list = format!(
        "<div class=\"policy\">\n<p id=\"policy-title\">{}</p>\n<ul id=\"policy\" role=\"list\" data-met=\"{met}\" data-not-met=\"{not_met}\">\n",
        say(locale, "page-policy")
    );
    for requirement in view.policy.requirements() {
        let value = match requirement {
            Requirement::AtLeast(count) | Requirement::AtMost(count) => {
                format!(" data-count=\"{count}\"")
            }
            _ => String::new(),
        };
        let sentence = escape(&requirement.sentence(locale));
        let _ = writeln!(list, "<li data-rule=\"{}\"{value}>{sentence}</li>", requirement.name());
    }
    let _ = writeln!(list, "<li>{}</li>", say(locale, "page-not-guessable"));
    if view.policy.history > 0 {
        let sentence = escape(&say!(locale, "page-history", count = view.policy.history));
        let _ = writeln!(list, "<li>{sentence}</li>");
    }
    let _ = writeln!(
        list,
        "</ul>\n<p class=\"hidden\" id=\"progress\" aria-live=\"polite\" data-text=\"{progress}\"></p>\n</div>"
    );
    list
}

/// Renders the resend button. It is enabled even during the wait, because without the script it
/// could not be enabled later. An early submit is answered with the time to wait.
fn resend_button(view: &View) -> String {
    let locale = view.locale;
    let Some(at) = view.resend_at else {
        return format!("<p class=\"resend quiet\">{}</p>\n", say(locale, "page-resend-never"));
    };
    let wait = at.since(view.now).as_millis().div_ceil(1000);
    let text = escape(&say!(locale, "page-resend-wait", time = "{time}"));
    let shown = if wait == 0 {
        String::new()
    } else {
        text.replace("{time}", &format!("{}:{:02}", wait / 60, wait % 60))
    };
    format!(
        "<p class=\"resend\">{} <button id=\"resend\" class=\"link\" name=\"do\" value=\"resend\" data-wait=\"{wait}\" \
         data-busy=\"{}\">{}</button> \
         <span class=\"quiet\" id=\"wait\" data-text=\"{text}\">{shown}</span></p>\n",
        say(locale, "page-no-mail"),
        say(locale, "page-sending"),
        say(locale, "page-resend"),
    )
}

/// Returns the minutes left, rounded up, because a link that still works must not show 0.
fn minutes_left(left: Duration) -> u64 {
    left.as_secs().div_ceil(60).max(1)
}

/// Returns a text without arguments, escaped.
fn say(locale: Locale, id: &str) -> String {
    escape(&commands::screens::text::sentence(locale, id, None))
}
