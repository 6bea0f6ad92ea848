//! Texts on the cards of signals.

use commands::flows::alerts::card::{self, CardView};
use commands::flows::watch::{access, attempts, codes, lookups, mails};
use commands::model::alert::NewAlert;
use commands::model::time::minutes;
use commands::model::words::{Locale, Purpose};
use commands::ports::watched::{CustomerMail, UnknownLookup, WatchedSession, WrongCode};
use commands::screens::alert_press::AlertView;
use insta::assert_snapshot;

use super::{ANA, BEN, EVA, ago, id, looked_up};
use crate::alert_row::row;
use crate::people::pseudonym_of;
use crate::session_driver::NOW;

/// Returns one signal of each kind, and the other sentences that a card can have.
fn all() -> Vec<NewAlert> {
    let customer = |n: usize| format!("customer-{n}");
    let at = ago(minutes(30));
    let session = |n: usize, agent, who: &str| WatchedSession {
        mailed_at: Some(at),
        closed_at: Some(at),
        links: 1,
        linked_at: Some(at),
        ..looked_up(n, agent, who, at)
    };
    let of_many: Vec<_> = (0..8).map(|n| session(n, ANA, &customer(n))).collect();
    let tried: Vec<_> =
        [ANA, BEN, EVA].iter().enumerate().map(|(n, of)| session(n, *of, "julia")).collect();
    let mut reported = tried.clone();
    (reported[0].reported_at, reported[0].wrong) = (Some(at), 4);
    let again: Vec<_> = (0..5).map(|n| session(n, ANA, "julia")).collect();
    let fast = again.iter().map(|of| WatchedSession { verified_at: of.mailed_at, ..of.clone() });
    let fast: Vec<_> = fast.collect();
    let wrong = |n, purpose| WrongCode {
        session: id(n),
        purpose,
        agent: ANA,
        agent_id: "account".to_owned(),
        customer: Some(pseudonym_of("julia")),
        at,
    };
    let guesses = |purpose| (0..6).map(|n| wrong(n, purpose)).collect::<Vec<_>>();
    let mail = |n: usize| CustomerMail {
        session: id(n),
        customer: pseudonym_of(&customer(n)),
        sent_at: ago(minutes(9)),
        bounced_at: Some(ago(minutes(8))),
        late_at: None,
    };
    let mails: Vec<_> = (0..10).map(mail).collect();
    let many_links = WatchedSession { links: 6, ..session(1, ANA, "julia") };
    let mut all = lookups::abandoned(&of_many, NOW);
    all.extend(lookups::enumeration(&[UnknownLookup { agent: ANA, at }; 10], NOW));
    all.extend(attempts::agent_shopping(&tried, NOW));
    all.extend(attempts::agent_shopping(&reported, NOW));
    all.extend(attempts::repeated_codes(&tried, NOW));
    for purpose in [Purpose::CustomerConsent, Purpose::AgentMfa, Purpose::AgentLink] {
        all.extend(codes::slow_guessing(&guesses(purpose), NOW));
    }
    all.extend(codes::fast_code(&fast, NOW));
    all.extend(access::repeated_access(&again, NOW));
    all.extend(access::bulk_access(&of_many, NOW));
    all.extend(access::bulk_access(&[many_links], NOW));
    all.extend(access::colleague_access(&fast[..1], NOW));
    all.extend(mails::mail_delivery(&mails, NOW));
    all
}

/// Returns title and text of each card.
fn texts(locale: Locale) -> String {
    let text = |new| {
        let alert = row(new);
        let screen = card::render(&CardView {
            alert: &alert,
            agent_name: None,
            session_is_open: false,
            view: AlertView::Card,
            now: NOW,
            locale,
        });
        format!("{}\n{}", screen.title, screen.body.join("\n"))
    };
    all().into_iter().map(text).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn cards_of_signals_in_english() {
    assert_snapshot!(texts(Locale::En));
}

#[test]
fn cards_of_signals_in_spanish() {
    assert_snapshot!(texts(Locale::Es));
}
