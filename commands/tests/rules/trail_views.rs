//! The leads' view of the trail: a line for each kind of event, and the answers.

use commands::flows::lead::trail::{
    COUNTED, TrailList, TrailPage, last_trail_page, no_customer, no_session, render,
    several_filters, verified,
};
use commands::flows::lead::trail_file::{answer, cells, start};
use commands::model::pseudonym::Pseudonym;
use commands::model::ticket::Ticket;
use commands::model::time::minutes;
use commands::model::trail_filter::{TrailAbout, TrailDays, TrailTopic};
use commands::model::words::{Locale, SessionId};
use commands::ports::trail_search::{ChainFinding, ChainVerdict, TrailLine};
use commands::screens::csv_file::MAX_BYTES;
use commands::screens::screen::Screen;
use commands::screens::trail_id::TrailView;
use serde_json::json;

use crate::album::assert_album;
use crate::discord_limits::violations;
use crate::screen_text::screen_text;
use crate::session_driver::NOW;

/// Returns the kinds of the source, so that none is forgotten.
pub(crate) fn kinds() -> Vec<&'static str> {
    let source = include_str!("../../src/model/trail.rs");
    source.split("&str = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn customer() -> Pseudonym {
    "4FQ2MN0000000000000000000W".parse().unwrap()
}

fn session() -> SessionId {
    "ryVfbh0000000000000000".parse().unwrap()
}

/// Returns an event with all details that any kind has.
fn event(kind: &str) -> TrailLine {
    TrailLine {
        at: NOW,
        actor: "discord:501".to_owned(),
        kind: kind.to_owned(),
        session: Some(session()),
        details: json!({
            "found": true, "purpose": "customer_consent", "nth": 1, "seconds": 4, "step": 2,
            "target": "web", "why": "cancelled", "outcome": "done", "template": "support_visit",
            "view": "trail", "subject": "discord:77", "until": (NOW + minutes(60)).0,
        }),
        customer: Some(customer()),
        is_erased: false,
        ticket: Some("ZD-1234".to_owned()),
        about: json!({ "ecosystem": "eco-1" }),
        ecosystem: Some("Casa *Luz*".to_owned()),
    }
}

fn view(about: TrailAbout) -> TrailView {
    TrailView { end: 1_786_000_000, ..TrailView::about(about) }
}

fn shown(view: &TrailView, lines: &[TrailLine], total: u64, locale: Locale) -> Screen {
    let page = TrailPage { lines: lines.to_vec(), total };
    render(&TrailList { view, page: &page, locale })
}

#[test]
fn lines_and_answers() {
    let everything = view(TrailAbout::Everything);
    let of_session = view(TrailAbout::Session(session()));
    let erased = TrailLine {
        is_erased: true,
        ticket: None,
        about: json!(null),
        ecosystem: None,
        ..event("ecosystem_chosen")
    };
    let reason = |kind: &str, line: TrailLine| TrailLine {
        kind: kind.to_owned(),
        about: json!({ "reason": "did not *call* us" }),
        ..line
    };
    let of_agent = TrailLine {
        details: json!({ "by": "discord:77", "reason": "on leave", "subject": "agent:sub" }),
        ..event("locked_out")
    };
    let odd = TrailLine { actor: "watch".to_owned(), session: None, ..event("alert_opened") };
    let unreadable = TrailLine::default();
    let finding = |word, first, last| ChainFinding { word, first, last };
    let verdict =
        |findings: &[ChainFinding]| ChainVerdict { events: 14, findings: findings.into() };
    assert_album!(|page| {
        let locale = page.locale;
        for (nth, kinds) in kinds().chunks(10).enumerate() {
            let lines: Vec<_> = kinds.iter().map(|kind| event(kind)).collect();
            let name = format!("kinds {nth}");
            page.screen(&name, &shown(&of_session, &lines, 14, locale));
        }
        let odd =
            [erased.clone(), reason("closed", event("closed")), of_agent.clone(), odd.clone()];
        let more = TrailView { page: 1, topic: TrailTopic::Leads, ..everything.clone() };
        let odd = [&odd[..], std::slice::from_ref(&unreadable)].concat();
        page.screen("all, second page", &shown(&more, &odd, 9_233, locale));
        let last = TrailView { page: last_trail_page(COUNTED), ..everything.clone() };
        page.screen("many, first page", &shown(&everything, &odd, COUNTED, locale));
        page.screen("many, last page", &shown(&last, &odd, COUNTED, locale));
        page.screen("erased", &shown(&of_session, std::slice::from_ref(&erased), 1, locale));
        for about in [
            TrailAbout::Everything,
            TrailAbout::Session(session()),
            TrailAbout::Agent(501),
            TrailAbout::Customer(customer()),
            TrailAbout::Ticket(Ticket::parse("ZD-1234").unwrap()),
        ] {
            page.screen("none", &shown(&view(about), &[], 0, locale));
        }
        let year = TrailView { days: TrailDays::of(365).unwrap(), ..everything.clone() };
        page.screen("none in a year", &shown(&year, &[], 0, locale));
        page.screen("verified", &verified(&session(), &verdict(&[]), NOW, locale));
        let words = ["changed", "unverifiable", "key", "unplaced", "removed"];
        let found: Vec<_> = words.iter().map(|word| finding(word, 3, 5)).collect();
        page.screen("findings", &verified(&session(), &verdict(&found), NOW, locale));
        let words = ["cut_off", "replaced", "head", "owner", "close", "other"];
        let found: Vec<_> = words.iter().map(|word| finding(word, 3, 5)).collect();
        page.screen("more findings", &verified(&session(), &verdict(&found), NOW, locale));
        page.screen("no customer", &no_customer(locale));
        page.screen("no session", &no_session(locale));
        page.screen("several filters", &several_filters(locale));
        for (rows, total) in [(0, 0), (1, 1), (2, 2), (2, 41_233)] {
            let mut file = start(MAX_BYTES, locale).unwrap();
            for _ in 0..rows {
                file.push(&cells(&event("closed"))).unwrap();
            }
            page.screen("file", &answer(file, total, locale));
        }
    });
}

#[test]
fn pages_reach_ten_thousand_events() {
    let events = vec![TrailLine::default()];
    for (total, last) in [(0, 0), (10, 0), (11, 1), (9_999, 999), (10_000, 999), (COUNTED, 999)] {
        assert_eq!(last_trail_page(total), last, "{total}");
        let view = TrailView { page: last, ..view(TrailAbout::Everything) };
        let text = screen_text(&shown(&view, &events, total, Locale::En));
        assert!(text.contains("[Older (off)]"), "{text}");
        assert_eq!(text.contains("more than 10,000 events"), total > 10_000, "{text}");
        assert_eq!(text.contains("The pages end here"), total > 10_000, "{text}");
        let nth = u32::from(last) + 1;
        let pages = if total > 10_000 { "many".to_owned() } else { nth.to_string() };
        assert!(text.contains(&format!("Page {nth} of {pages} ·")), "{text}");
    }
}

#[test]
fn every_kind_has_a_sentence() {
    for locale in [Locale::En, Locale::Es] {
        let catalog = match locale {
            Locale::En => include_str!("../../locales/en.ftl"),
            Locale::Es => include_str!("../../locales/es.ftl"),
        };
        let (_, what) = catalog.split_once("\ndesk-trail-what = ").unwrap();
        let (what, _) = what.split_once("\n}\n").unwrap();
        for kind in kinds() {
            assert!(what.contains(&format!("\n    [{kind}] ")), "{locale:?}: {kind}");
        }
    }
}

#[test]
fn every_kind_has_a_line_that_fits_discord() {
    for kind in kinds().into_iter().chain(["", "new_in_a_later_version"]) {
        let full = TrailLine {
            actor: "x".repeat(200),
            details: json!({ "why": "_".repeat(500), "reason": "*".repeat(500), "view": "|".repeat(99) }),
            ecosystem: Some("*".repeat(500)),
            ..event(kind)
        };
        let bare = TrailLine { kind: kind.to_owned(), ..TrailLine::default() };
        let about = [
            TrailAbout::Everything,
            TrailAbout::Session(session()),
            TrailAbout::Ticket(Ticket::parse(&"9".repeat(64)).unwrap()),
        ];
        for (about, locale) in about.iter().flat_map(|it| [(it, Locale::En), (it, Locale::Es)]) {
            let lines: Vec<_> =
                std::iter::repeat_n(full.clone(), 9).chain([bare.clone()]).collect();
            let screen = shown(&view(about.clone()), &lines, u64::MAX, locale);
            let text = screen_text(&screen);
            assert_eq!(violations(&screen), [""; 0], "{text}");
            let events = text.lines().filter(|line| line.contains(":T>")).count();
            assert_eq!(events, 10, "no line is cut off: {text}");
        }
    }
}
