//! The words and the marks of the page.

use std::fmt::Write as _;
use std::time::Duration;

use commands::flows::recover::messages::{Field, FieldMessage};
use commands::flows::recover::password::Requirement;
use commands::handlers::recovery_page::View;
use commands::model::words::Locale;
use commands::say;

/// The longest code that is written back into its field, in characters: more cannot be one that was
/// mistyped.
const LONGEST_ECHO: usize = 64;

/// What a form that was sent comes back with.
#[derive(Default)]
pub(super) struct Draft<'a> {
    /// The code as it was typed. The passwords are never written back.
    pub(super) code: &'a str,
    /// What is wrong.
    pub(super) said: Option<FieldMessage>,
    /// A new code was just sent.
    pub(super) resent: bool,
}

/// A page without a form.
#[derive(Clone, Copy)]
pub(super) enum Plain<'a> {
    /// The password was changed, and the account signed out everywhere or about to be.
    Done { signed_out: bool },
    /// The link is no good.
    Gone,
    /// A POST that our page did not send.
    FormsOnly,
    /// Too many requests from there.
    Busy,
    /// A fault, logged under this reference.
    Failed(&'a str),
}

/// The page with the form.
pub(super) fn form(view: &View, form_token: &str, draft: &Draft<'_>) -> String {
    let locale = view.locale;
    // What was asked just now has its answer; else what happened before may still be worth telling.
    let earlier = view.last_outcome.as_deref().filter(|_| draft.said.is_none() && !draft.resent);
    let earlier =
        earlier.map(|news| FieldMessage { field: Field::Page, sentence: news.to_owned() });
    let problem = draft.said.as_ref().or(earlier.as_ref());
    let own = |field: Field| {
        problem.filter(|said| said.field == field).map(|said| said.sentence.as_str())
    };
    let mut body = format!("<h1>{}</h1>\n", say(locale, "page-title"));
    if let Some(sentence) = own(Field::Page) {
        let title = say(locale, "page-problem");
        let sentence = escape(sentence);
        let _ = writeln!(
            body,
            "<div class=\"problem\" role=\"alert\" tabindex=\"-1\" autofocus><p class=\"title\">{title}</p><p>{sentence}</p></div>"
        );
    }
    // What is there when a page comes is not read out by itself, whatever its role: it has to have
    // the focus.
    let status =
        if draft.resent { " class=\"news\" role=\"status\" tabindex=\"-1\" autofocus" } else { "" };
    let until = say!(locale, "page-until", minutes = minutes_left(view.until.since(view.now)));
    if let Some(to) = view.to.as_deref() {
        let sent = if draft.resent {
            say!(locale, "page-resent", to = to)
        } else {
            say!(locale, "page-sent", to = to)
        };
        let _ = writeln!(body, "<p{status}>{}</p>", escape(&sent));
    }
    let _ = writeln!(body, "<p class=\"quiet\">{}</p>", escape(&until));
    // Enter presses a form's first button: it shall save, and not send another code.
    let _ = writeln!(
        body,
        "<form method=\"post\" id=\"form\" novalidate data-error=\"{}\">\n<input type=\"hidden\" name=\"form\" value=\"{}\">\n\
         <button class=\"first\" name=\"do\" value=\"save\" tabindex=\"-1\" aria-hidden=\"true\"></button>",
        say(locale, "page-error"),
        escape(form_token)
    );
    body.push_str(&code_field(locale, draft.code, own(Field::Code)));
    body.push_str(&resend(view));
    body.push_str(&password_field(locale, own(Field::Password)));
    body.push_str(&policy(view));
    body.push_str(&again_field(locale, own(Field::Repeat)));
    let (save, saving) = (say(locale, "page-save"), say(locale, "page-saving"));
    let _ = writeln!(
        body,
        "<button class=\"save\" name=\"do\" value=\"save\" data-busy=\"{saving}\">{save}</button>\n</form>"
    );
    document(locale, "page-title", problem.is_some(), &body)
}

/// A page without a form.
pub(super) fn plain(locale: Locale, plain: Plain<'_>) -> String {
    let (title, words): (&str, Vec<String>) = match plain {
        Plain::Done { signed_out } => {
            let out = if signed_out { "page-done-out" } else { "page-done-out-soon" };
            let words =
                ["page-done", out, "page-done-notice", "page-done-not-you", "page-done-close"];
            ("page-done-title", words.map(|id| say(locale, id)).into())
        }
        Plain::Gone => ("page-gone-title", vec![say(locale, "page-gone")]),
        Plain::FormsOnly => ("page-problem", vec![say(locale, "page-forms-only")]),
        Plain::Busy => ("page-busy-title", vec![say(locale, "page-busy")]),
        Plain::Failed(reference) => {
            ("page-problem", vec![escape(&say!(locale, "page-failed", reference = reference))])
        }
    };
    let class = if matches!(plain, Plain::Done { .. }) { " class=\"done\"" } else { "" };
    let mut body = format!("<h1{class}>{}</h1>\n", say(locale, title));
    for paragraph in words {
        let _ = writeln!(body, "<p>{paragraph}</p>");
    }
    document(locale, title, false, &body)
}

fn document(locale: Locale, title: &str, wrong: bool, body: &str) -> String {
    let mark = if wrong { format!("{}: ", say(locale, "page-error")) } else { String::new() };
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

fn code_field(locale: Locale, typed: &str, wrong: Option<&str>) -> String {
    let typed: String = typed.chars().take(LONGEST_ECHO).collect();
    format!(
        "<div class=\"field\">\n<label for=\"code\">{}</label>\n<p class=\"quiet\" id=\"code-hint\">{}</p>\n{}\
         <input id=\"code\" name=\"code\" type=\"text\" inputmode=\"numeric\" autocomplete=\"one-time-code\" \
         autocapitalize=\"off\" spellcheck=\"false\" value=\"{}\" aria-required=\"true\" aria-describedby=\"code-hint code-error\"{}>\n\
         </div>\n",
        say(locale, "page-code"),
        say(locale, "page-code-hint"),
        error("code-error", locale, wrong, &say(locale, "page-malformed-code")),
        escape(&typed),
        marks(wrong),
    )
}

fn password_field(locale: Locale, wrong: Option<&str>) -> String {
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
            wrong,
            &escape(&say!(locale, "page-unmet", unmet = "{unmet}"))
        ),
        marks(wrong),
        say(locale, "page-show"),
        say(locale, "page-hide"),
        say(locale, "page-show-about"),
        say(locale, "page-hide-about"),
    )
}

fn again_field(locale: Locale, wrong: Option<&str>) -> String {
    format!(
        "<div class=\"field\">\n<label for=\"again\">{}</label>\n{}\
         <input id=\"again\" name=\"again\" type=\"password\" autocomplete=\"new-password\" autocapitalize=\"off\" \
         spellcheck=\"false\" aria-required=\"true\" aria-describedby=\"again-error match\"{}>\n\
         <p class=\"quiet\" id=\"match\" role=\"status\" data-match=\"{}\" data-no-match=\"{}\"></p>\n</div>\n",
        say(locale, "page-again"),
        error("again-error", locale, wrong, &say(locale, "page-mismatch")),
        marks(wrong),
        say(locale, "page-match"),
        say(locale, "page-no-match"),
    )
}

/// The place of a field's error, right before the field: there is one whether or not there is an
/// error. The script, which does not send what cannot be right, knows from it what we would say.
fn error(id: &str, locale: Locale, wrong: Option<&str>, otherwise: &str) -> String {
    let said = wrong.map(|sentence| {
        format!("<span class=\"hidden\">{}: </span>{}", say(locale, "page-error"), escape(sentence))
    });
    format!(
        "<p class=\"error\" id=\"{id}\" data-text=\"{otherwise}\">{}</p>\n",
        said.unwrap_or_default()
    )
}

/// The field that is wrong is where typing goes on.
fn marks(wrong: Option<&str>) -> &'static str {
    if wrong.is_some() { " aria-invalid=\"true\" autofocus" } else { "" }
}

fn policy(view: &View) -> String {
    let locale = view.locale;
    let (met, not_met) = (say(locale, "page-met"), say(locale, "page-not-met"));
    // Filled in by the script, which counts.
    let progress = escape(&say!(locale, "page-progress", met = "{met}", all = "{all}"));
    // The role for Safari, which takes a list without its dots for none.
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

/// The button is never off without the script, which could not turn it on again: pressed too early,
/// the answer says when.
fn resend(view: &View) -> String {
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

/// Whole minutes, begun ones too: "0 minutes" would be a lie as long as it works.
fn minutes_left(left: Duration) -> u64 {
    left.as_secs().div_ceil(60).max(1)
}

/// A text without arguments, ready for the page.
fn say(locale: Locale, id: &str) -> String {
    escape(&commands::screens::text::sentence(locale, id, None))
}

/// For text and for values in double quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
