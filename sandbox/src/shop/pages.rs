//! The pages of the shop front: the customer's language once the customer is known, before that the
//! browser's.

use functions::contract::Target;
use functions::mail::escape;
use time::OffsetDateTime;
use time::macros::format_description;

/// The style sheet. The pages load no external content.
pub(super) const STYLE: &str = include_str!("style.css");
/// The script of the page before a link is spent.
pub(super) const SCRIPT: &str = include_str!("open.js");

/// Content of the page of a support sign-in.
pub(super) struct Visit {
    pub(super) language: Language,
    pub(super) customer: String,
    pub(super) ecosystem: String,
    pub(super) agent: String,
    pub(super) target: Target,
}

/// Reason why a page is not shown.
#[derive(Clone, Copy)]
pub(super) enum Gone {
    /// The link is unknown, expired, spent or revoked.
    Link,
    /// The sign-in is over.
    SignIn,
    /// The customer may not enter.
    NotAllowed,
}

/// A language of the shop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Spanish,
}

impl Language {
    /// Returns the language for a locale or an Accept-Language header.
    pub(super) fn of(locale: &str) -> Self {
        if locale.to_ascii_lowercase().starts_with("es") { Self::Spanish } else { Self::English }
    }

    fn pick<'a>(self, english: &'a str, spanish: &'a str) -> &'a str {
        if self == Self::English { english } else { spanish }
    }

    fn code(self) -> &'static str {
        if self == Self::English { "en" } else { "es" }
    }
}

/// Builds the page before a link is spent. Previews and mail scanners stop here.
pub(super) fn confirmation(language: Language) -> String {
    let title = language.pick("Support access", "Acceso de soporte");
    let words = language.pick(
        "A support agent opened this access. The link works once.",
        "Un agente de soporte abrió este acceso. El enlace funciona una sola vez.",
    );
    let body = format!(
        "<h1>{title}</h1><p>{words}</p><form method=\"post\" action=\"/support\"><input type=\"hidden\" name=\"token\" id=\"token\"><button id=\"open\" disabled autofocus>{}</button></form><p id=\"incomplete\" hidden>{}</p><noscript><p>{}</p></noscript><script src=\"/support/open.js\"></script>",
        language.pick("Continue", "Continuar"),
        language.pick(
            "This link is incomplete. Ask the agent for a new one.",
            "Este enlace está incompleto. Pida otro al agente.",
        ),
        language.pick("This page needs JavaScript.", "Esta página necesita JavaScript."),
    );
    page(language, title, &body)
}

/// Builds the page after the sign-in, which ends at `until`: home, store, app or succession.
pub(super) fn signed_in(visit: &Visit, until: i64) -> String {
    let Visit { language, customer, ecosystem, agent, target } = visit;
    let until = clock_time(until);
    let banner = match language {
        Language::English => format!(
            "Support sign-in by {agent}. It ends at {until}, or when the session is closed."
        ),
        Language::Spanish => format!(
            "Acceso de soporte de {agent}. Termina a las {until}, o cuando se cierre la sesión."
        ),
    };
    let title = match target {
        Target::Store => "Waizant Store",
        Target::Web => "Waizant Web",
        Target::App => "Waizant App",
        Target::Successor => language.pick("Succession", "Sucesión"),
    };
    let greeting = match language {
        Language::English => format!("Hello, {customer}"),
        Language::Spanish => format!("Hola, {customer}"),
    };
    let tiles: [&str; 3] = match (target, language) {
        (Target::Store, Language::English) => ["Offers", "My orders", "Basket"],
        (Target::Store, Language::Spanish) => ["Ofertas", "Mis pedidos", "Cesta"],
        (Target::Successor, Language::English) => ["Documents", "Steps", "Agreement"],
        (Target::Successor, Language::Spanish) => ["Documentos", "Pasos", "Acuerdo"],
        (_, Language::English) => ["Calendar", "People", "Documents"],
        (_, Language::Spanish) => ["Calendario", "Personas", "Documentos"],
    };
    let tiles = tiles.join("</li><li>");
    let body = format!(
        "<p class=\"banner\" role=\"status\">{}</p><p class=\"place\">{title}</p><h1>{}</h1><p>{}: <strong>{}</strong></p><ul class=\"tiles\"><li>{tiles}</li></ul>",
        escape(&banner),
        escape(&greeting),
        language.pick("Ecosystem", "Ecosistema"),
        escape(ecosystem),
    );
    page(*language, title, &body)
}

/// Builds the page of an access that is not possible, or no longer.
pub(super) fn gone(language: Language, what: Gone) -> String {
    let (title, words) = match what {
        Gone::Link => (
            language.pick("This link does not work", "Este enlace no funciona"),
            language.pick(
                "A link works once, for one minute, and until the agent closes the session. Ask the agent for a new one.",
                "Un enlace funciona una sola vez, durante un minuto y hasta que el agente cierra la sesión. Pida otro al agente.",
            ),
        ),
        Gone::SignIn => (
            language.pick("This sign-in has ended", "Este acceso ha terminado"),
            language.pick(
                "Its time is over, or the agent closed the session. Ask the agent for a new link.",
                "Se acabó su tiempo, o el agente cerró la sesión. Pida otro enlace al agente.",
            ),
        ),
        Gone::NotAllowed => (
            language.pick("This access is not allowed", "Este acceso no está permitido"),
            language.pick(
                "The customer has no access to this ecosystem any more. Ask the agent to look again.",
                "El cliente ya no tiene acceso a este ecosistema. Pida al agente que lo revise.",
            ),
        ),
    };
    page(language, title, &format!("<h1>{title}</h1><p>{words}</p>"))
}

fn page(language: Language, title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Waizant</title><link rel=\"stylesheet\" href=\"/support/style.css\"></head><body><header>Waizant</header><main>{body}</main></body></html>",
        language.code(),
    )
}

/// Formats a time such as `14:05 UTC`. Empty for a time outside the calendar.
fn clock_time(ms: i64) -> String {
    let format = format_description!("[hour]:[minute] UTC");
    let time = OffsetDateTime::from_unix_timestamp(ms / 1000).ok();
    time.and_then(|time| time.format(format).ok()).unwrap_or_default()
}
