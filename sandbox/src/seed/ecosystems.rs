//! The ecosystems with their plans and memberships.
//!
//! Every plan state, price and period occurs at least once, and one state that is unknown to the
//! bot.

use super::records::{Ecosystem, Membership, Plan};

/// Renewal of all plans: 2027-03-01 00:00 UTC.
const RENEWS: i64 = 1_803_859_200_000;
/// Number of ecosystems of `many`: more than the 25 options of a select menu.
const MANY: usize = 30;

/// Ecosystem, customer, role.
const ROWS: [(&str, &str, &str); 17] = [
    ("eco-casa-luz", "usr-julia", "owner"),
    ("eco-casa-luz", "usr-tom", "member"),
    ("eco-taller-sol", "usr-julia", "owner"),
    ("eco-huerta-norte", "usr-jose", "owner"),
    ("eco-huerta-norte", "usr-julia", "member"),
    ("eco-huerta-norte", "usr-tom", "member"),
    ("eco-nandu", "usr-jose", "owner"),
    ("eco-frost", "usr-lena", "owner"),
    ("eco-boat-club", "usr-ben", "owner"),
    ("eco-lange", "usr-petra", "owner"),
    ("eco-stone", "usr-sid", "owner"),
    ("eco-gomez", "usr-carla", "owner"),
    ("eco-herencia", "usr-rosa", "owner"),
    ("eco-molino", "usr-rosa", "owner"),
    ("eco-puerto", "usr-rosa", "owner"),
    ("eco-vogel", "usr-iris", "owner"),
    ("eco-ferrer", "usr-hugo", "owner"),
];

/// Returns the ecosystems. Those of `many` come last.
pub(super) fn ecosystems() -> Vec<Ecosystem> {
    let mut all = named();
    for n in 1..=MANY {
        all.push(ecosystem(
            &plaza(n),
            &format!("Plaza {n:02}"),
            plan("Community", "active", (900, "EUR", "month"), &["5 seats"]),
        ));
    }
    all
}

pub(super) fn memberships() -> Vec<Membership> {
    let mut all: Vec<_> =
        ROWS.into_iter().map(|(ecosystem, user, role)| membership(ecosystem, user, role)).collect();
    for n in 1..=MANY {
        // The customer owns two of them, one on each page of the menu.
        let own = n == 1 || n == MANY;
        all.push(membership(&plaza(n), "usr-many", if own { "owner" } else { "member" }));
        if !own {
            all.push(membership(&plaza(n), "usr-ramon", "owner"));
        }
    }
    all
}

fn plaza(n: usize) -> String {
    format!("eco-plaza-{n:02}")
}

fn named() -> Vec<Ecosystem> {
    let family = &["Up to 6 people", "Waizant Store", "Shared calendar"];
    let business = &["Up to 50 people", "Waizant Store", "Invoices", "Priority support"];
    vec![
        ecosystem(
            "eco-casa-luz",
            "Casa Luz",
            plan("Family", "active", (1990, "EUR", "month"), family),
        ),
        ecosystem(
            "eco-taller-sol",
            "Taller Sol",
            plan("Business", "trial", (4900, "EUR", "month"), business),
        ),
        ecosystem(
            "eco-huerta-norte",
            "Huerta Norte",
            plan("Business", "past_due", (49_000, "EUR", "year"), business),
        ),
        ecosystem(
            "eco-nandu",
            "Ñandú & Hijos 🌿",
            plan("Family", "cancelled", (19_900, "USD", "year"), &[]),
        ),
        ecosystem(
            "eco-frost",
            "Frost Lab",
            plan("Family", "frozen", (1990, "USD", "month"), family),
        ),
        ecosystem(
            "eco-boat-club",
            "Boat Club",
            plan("Community", "active", (0, "USD", "month"), &["5 seats"]),
        ),
        ecosystem(
            "eco-lange",
            "Lange GmbH",
            plan("Business", "trial", (4900, "EUR", "month"), business),
        ),
        ecosystem(
            "eco-stone",
            "Stone Works",
            plan("Family", "past_due", (1990, "USD", "month"), family),
        ),
        ecosystem(
            "eco-gomez",
            "Casa Gómez",
            plan("Family", "cancelled", (1990, "EUR", "month"), family),
        ),
        ecosystem(
            "eco-herencia",
            "Casa Herencia",
            plan("Family", "active", (19_900, "EUR", "year"), family),
        ),
        ecosystem(
            "eco-molino",
            "El Molino",
            plan("Business", "active", (4900, "EUR", "month"), business),
        ),
        ecosystem(
            "eco-puerto",
            "Puerto Azul",
            plan("Community", "active", (900, "EUR", "month"), &["5 seats"]),
        ),
        ecosystem(
            "eco-vogel",
            "Vogel Studio",
            plan("Family", "active", (1990, "EUR", "month"), family),
        ),
        ecosystem(
            "eco-ferrer",
            "Panadería Ferrer",
            plan("Family", "active", (1990, "EUR", "month"), family),
        ),
    ]
}

fn ecosystem(id: &str, name: &str, plan: Plan) -> Ecosystem {
    Ecosystem { id: id.to_owned(), name: name.to_owned(), plan }
}

fn plan(
    name: &str,
    status: &str,
    (price_cents, currency, period): (i64, &str, &str),
    features: &[&str],
) -> Plan {
    Plan {
        name: name.to_owned(),
        status: status.to_owned(),
        price_cents,
        currency: currency.to_owned(),
        period: period.to_owned(),
        renews_at: RENEWS,
        features: features.iter().map(|&feature| feature.to_owned()).collect(),
    }
}

fn membership(ecosystem: &str, user: &str, role: &str) -> Membership {
    Membership {
        ecosystem_id: ecosystem.to_owned(),
        user_id: user.to_owned(),
        role: role.to_owned(),
    }
}
