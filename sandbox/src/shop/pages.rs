//! The pages of the shop front, in the customer's language.

use time::OffsetDateTime;
use time::macros::format_description;

use super::links::{AccessLink, LinkState, Target};
use crate::mail::escape;

/// The style sheet. The pages load no external content.
pub(super) const STYLE: &str = include_str!("style.css");

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
pub(super) fn confirmation(link: &AccessLink, token: &str, action: &str) -> String {
    let language = Language::of(&link.scope.locale);
    let title = match link.scope.target {
        Target::Store => language.pick("Enter the store", "Entrar en la tienda"),
        Target::Web => language.pick("Enter Waizant Web", "Entrar en Waizant Web"),
        Target::App => language.pick("Open the app", "Abrir la aplicación"),
        Target::Successor => language.pick("Open your succession", "Abrir su sucesión"),
    };
    let words = match language {
        Language::English => format!(
            "Support access as {} in {}, opened by {}. The link works once.",
            link.scope.customer, link.scope.ecosystem, link.scope.agent
        ),
        Language::Spanish => format!(
            "Acceso de soporte como {} en {}, abierto por {}. El enlace funciona una sola vez.",
            link.scope.customer, link.scope.ecosystem, link.scope.agent
        ),
    };
    let body = format!(
        "<h1>{title}</h1><p>{}</p><form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"token\" value=\"{}\"><button autofocus>{}</button></form>",
        escape(&words),
        escape(token),
        language.pick("Continue", "Continuar"),
    );
    page(language, title, &body)
}

/// Builds the page after the sign-in: home, store, app or succession.
pub(super) fn signed_in(link: &AccessLink) -> String {
    let language = Language::of(&link.scope.locale);
    let scope = &link.scope;
    let until = link.signed_in_until.map(clock_time).unwrap_or_default();
    let banner = match language {
        Language::English => format!(
            "Support sign-in by {}. It ends at {until}, or when the session is closed.",
            scope.agent
        ),
        Language::Spanish => {
            format!(
                "Acceso de soporte de {}. Termina a las {until}, o cuando se cierre la sesión.",
                scope.agent
            )
        }
    };
    let title = match scope.target {
        Target::Store => "Waizant Store",
        Target::Web => "Waizant Web",
        Target::App => "Waizant App",
        Target::Successor => language.pick("Succession", "Sucesión"),
    };
    let greeting = match language {
        Language::English => format!("Hello, {}", scope.customer),
        Language::Spanish => format!("Hola, {}", scope.customer),
    };
    let tiles: [&str; 3] = match (scope.target, language) {
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
        escape(&scope.ecosystem),
    );
    page(language, title, &body)
}

/// Builds the page of a link or sign-in that is no longer valid.
pub(super) fn gone(language: Language, state: LinkState) -> String {
    let (title, words) = match state {
        LinkState::Revoked => (
            language.pick("This access was closed", "Este acceso se cerró"),
            language.pick(
                "The support session has ended, and this access with it.",
                "La sesión de soporte terminó y, con ella, este acceso.",
            ),
        ),
        LinkState::Expired => (
            language.pick("This link has expired", "Este enlace ha caducado"),
            language.pick(
                "It was good for one minute. Ask the agent for a new one.",
                "Servía durante un minuto. Pida otro al agente.",
            ),
        ),
        LinkState::Ended => (
            language.pick("This sign-in has ended", "Este acceso ha terminado"),
            language.pick(
                "Its time is over. Ask the agent for a new link.",
                "Se acabó su tiempo. Pida otro enlace al agente.",
            ),
        ),
        LinkState::Used | LinkState::Open => (
            language.pick("This link was already used", "Este enlace ya se usó"),
            language.pick(
                "It works only once. Ask the agent for a new one.",
                "Solo funciona una vez. Pida otro al agente.",
            ),
        ),
    };
    page(language, title, &format!("<h1>{title}</h1><p>{words}</p>"))
}

/// Builds the page of an unknown address or token.
pub(super) fn unknown(language: Language) -> String {
    let title = language.pick("This link is not known", "Este enlace no se conoce");
    let words = language
        .pick("Check that the address is complete.", "Compruebe que la dirección esté completa.");
    page(language, title, &format!("<h1>{title}</h1><p>{words}</p>"))
}

fn page(language: Language, title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Waizant</title><link rel=\"stylesheet\" href=\"/shop/style.css\"></head><body><header>Waizant</header><main>{body}</main></body></html>",
        language.code(),
    )
}

/// Formats a time such as `14:05 UTC`. Empty for a time outside the calendar.
fn clock_time(ms: i64) -> String {
    let format = format_description!("[hour]:[minute] UTC");
    let time = OffsetDateTime::from_unix_timestamp(ms / 1000).ok();
    time.and_then(|time| time.format(format).ok()).unwrap_or_default()
}
