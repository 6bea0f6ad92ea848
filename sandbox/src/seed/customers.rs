//! The customers in Core, each of whom stands for one case.

use functions::contract::DeliveryReason;

use super::records::{Customer, Hint};
use crate::mail_outcome::MailOutcome;

/// When the first customer joined: 2024-01-15 09:00 UTC. The others follow a month apart.
const FIRST_JOINED: i64 = 1_705_309_200_000;
/// Thirty days, in milliseconds.
const MONTH: i64 = 30 * 24 * 60 * 60 * 1000;

/// Key, full name, status, language, and the hint in English and Spanish.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const ROWS: [Row; 16] = [
    (
        "julia",
        "Julia Peña",
        "active",
        "es",
        "owner of two ecosystems, member of a third",
        "dueña de dos ecosistemas, miembro de un tercero",
    ),
    ("tom", "Tom Baker", "active", "en", "member only: no store", "solo miembro: sin tienda"),
    (
        "many",
        "Maximilian Anyname",
        "active",
        "en",
        "thirty ecosystems: a menu with pages",
        "treinta ecosistemas: un menú con páginas",
    ),
    ("petra", "Petra Lange", "pending", "en", "pending", "pendiente"),
    ("sid", "Sidney Stone", "suspended", "en", "suspended", "suspendido"),
    ("carla", "Carla Gómez", "closed", "es", "closed", "cerrada"),
    ("nora", "Nora Quinn", "active", "en", "no ecosystem", "sin ecosistema"),
    (
        "jose",
        "José Ángel Ñandú 🎉",
        "active",
        "es",
        "owner, with accents and emoji",
        "dueño, con acentos y emoji",
    ),
    (
        "sofia",
        "Sofía Marín",
        "active",
        "es",
        "successor, one step rejected (/support successor)",
        "sucesora, un paso rechazado (/soporte sucesor)",
    ),
    (
        "saul",
        "Saul Berg",
        "active",
        "en",
        "successor in two ecosystems",
        "sucesor en dos ecosistemas",
    ),
    (
        "rosa",
        "Rosa Marín",
        "active",
        "es",
        "owner of the ecosystems that Sofía and Saul take over",
        "dueña de lo que heredan Sofía y Saul",
    ),
    ("ramon", "Ramón Vidal", "active", "es", "owner of the plazas", "dueño de las plazas"),
    (
        "ben",
        "Ben Carter",
        "active",
        "en",
        "an agent who is also a customer",
        "un agente que también es cliente",
    ),
    (
        "lena",
        "Lena Frost",
        "active",
        "en",
        "owner, plan in an unknown state",
        "dueña, plan en un estado desconocido",
    ),
    (
        "iris",
        "Iris Vogel",
        "active",
        "en",
        "owner, her mail server returns every mail",
        "dueña, su servidor de correo devuelve cada correo",
    ),
    (
        "hugo",
        "Hugo Ferrer",
        "active",
        "es",
        "owner, his mails are still on their way after a minute",
        "dueño, sus correos siguen en camino después de un minuto",
    ),
];

/// Returns the customers in the order in which they joined.
pub(super) fn customers() -> Vec<Customer> {
    ROWS.into_iter()
        .zip(0..)
        .map(|((key, name, status, locale, en, es), n)| Customer {
            id: format!("usr-{key}"),
            // One agent is also a customer, under the same address.
            email: match key {
                "ben" => "ben@waizant.example".to_owned(),
                key => format!("{key}@example.com"),
            },
            name: name.to_owned(),
            status: status.to_owned(),
            locale: locale.to_owned(),
            mail_outcome: mail_outcome(key),
            created_at: FIRST_JOINED + n * MONTH,
            hint: Hint { en: en.to_owned(), es: es.to_owned() },
        })
        .collect()
}

fn mail_outcome(key: &str) -> MailOutcome {
    match key {
        "iris" => MailOutcome::Bounced(DeliveryReason::NoSuchMailbox),
        "hugo" => MailOutcome::Delayed,
        _ => MailOutcome::Delivered,
    }
}
