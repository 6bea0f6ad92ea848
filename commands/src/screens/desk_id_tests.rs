//! Custom ids of the leads' views: each one parses back and is no other.

use proptest::prelude::*;

use super::*;
use crate::model::pseudonym::Pseudonym;
use crate::model::ticket::Ticket;
use crate::model::trail_filter::{TrailAbout, TrailDays, TrailTopic};
use crate::screens::address_form::AddressForm;
use crate::screens::custom_id::CustomId;
use crate::screens::trail_id::{TrailPlace, TrailView};

fn lists() -> impl Strategy<Value = SessionList> {
    let span = prop_oneof![Just(Span::Open), any::<u32>().prop_map(Span::DayBefore)];
    (span, any::<Option<u64>>(), any::<u16>()).prop_map(|(span, agent, page)| SessionList {
        span,
        agent,
        page,
    })
}

fn stats() -> impl Strategy<Value = (StatsAct, StatsView)> {
    use proptest::sample::select;

    use crate::screens::stats_id::{ChartKind, Period};

    let (acts, periods) = (select(&StatsAct::ALL[..]), select(&Period::ALL[..]));
    let views = (periods, select(&ChartKind::ALL[..]), any::<Option<u64>>())
        .prop_map(|(period, chart, agent)| StatsView { period, chart, agent });
    (acts, views)
}

fn trail_ids() -> impl Strategy<Value = TrailId> {
    let ticket = "[A-Za-z0-9_#/.:-]{1,64}".prop_map(|it| Ticket::parse(&it).unwrap());
    let about = prop_oneof![
        Just(TrailAbout::Everything),
        "[A-Za-z0-9_-]{22}".prop_map(|id| TrailAbout::Session(id.parse().unwrap())),
        any::<u64>().prop_map(TrailAbout::Agent),
        any::<[u8; 16]>().prop_map(|it| TrailAbout::Customer(Pseudonym::from_bytes(it))),
        ticket.prop_map(TrailAbout::Ticket),
    ];
    let topic = proptest::sample::select(&TrailTopic::ALL[..]);
    let days = proptest::sample::select(&TrailDays::ALL[..]);
    let place = proptest::sample::select(&TrailPlace::ALL[..]);
    (place, about, topic, days, any::<(u32, u16)>()).prop_map(
        |(place, about, topic, days, (end, page))| TrailId {
            place,
            view: TrailView { about, topic, days, end, page },
        },
    )
}

fn ids() -> impl Strategy<Value = DeskId> {
    let session = || "[A-Za-z0-9_-]{22}".prop_map(|id| id.parse().unwrap());
    let places = || proptest::sample::select(&Place::ALL[..]);
    let acts = || proptest::sample::select(&AgentAct::ALL[..]);
    let cards = || any::<(u64, u16)>().prop_map(|(agent, page)| AgentCard { agent, page });
    let customer_acts = || proptest::sample::select(&CustomerAct::ALL[..]);
    let customers = || {
        (any::<[u8; Pseudonym::BYTES]>(), any::<u16>())
            .prop_map(|(bytes, page)| CustomerCard { customer: Pseudonym::from_bytes(bytes), page })
    };
    prop_oneof![
        (places(), lists()).prop_map(|(place, list)| DeskId::List(place, list)),
        (places(), any::<u16>()).prop_map(|(place, page)| DeskId::Agents(place, page)),
        any::<u16>().prop_map(DeskId::ChooseAgent),
        cards().prop_map(DeskId::Agent),
        cards().prop_map(DeskId::Unlock),
        (acts(), cards()).prop_map(|(act, card)| DeskId::AskAgent(act, card)),
        (acts(), any::<u64>(), cards())
            .prop_map(|(act, press, card)| DeskId::ActOnAgent(act, press, card)),
        stats().prop_map(|(act, view)| DeskId::Stats(act, view)),
        customers().prop_map(DeskId::Customer),
        customers().prop_map(DeskId::UnlockCustomer),
        (customer_acts(), customers()).prop_map(|(act, card)| DeskId::AskCustomer(act, card)),
        (customer_acts(), any::<u64>(), customers())
            .prop_map(|(act, press, card)| DeskId::ActOnCustomer(act, press, card)),
        lists().prop_map(DeskId::Choose),
        trail_ids().prop_map(DeskId::Trail),
        (session(), lists()).prop_map(|(session, list)| DeskId::Session(session, list)),
        (session(), lists()).prop_map(|(session, list)| DeskId::AskReason(session, list)),
        (session(), lists()).prop_map(|(session, list)| DeskId::AskTakeOver(session, list)),
        (session(), lists()).prop_map(|(session, list)| DeskId::TakeOver(session, list)),
        (session(), any::<u64>(), lists())
            .prop_map(|(session, press, list)| DeskId::Close(session, press, list)),
    ]
}

proptest! {
    #[test]
    fn written_id_parses_back_and_is_no_other(id in ids()) {
        let text = id.to_string();
        prop_assert!(text.len() <= MAX_LENGTH, "{}", text);
        prop_assert!(DeskId::is_of_lead(&text));
        prop_assert_eq!(DeskId::parse(&text), Some(id));
        prop_assert_eq!(CustomId::parse(&text), None);
        prop_assert_eq!(AddressForm::of_button(&text), None);
        prop_assert_eq!(AddressForm::of_form(&text), None);
    }

    #[test]
    fn parsed_text_is_written_the_same(
        id in ids(),
        at in any::<proptest::sample::Index>(),
        removed in 0_usize..3,
        piece in "[.0-9a-z+-]{0,3}",
    ) {
        let mut text = id.to_string();
        let at = at.index(text.len() + 1);
        text.replace_range(at..(at + removed).min(text.len()), &piece);
        if let Some(parsed) = DeskId::parse(&text) {
            prop_assert_eq!(parsed.to_string(), text);
        }
    }
}

#[test]
fn longest_id_has_less_than_100_characters() {
    let list =
        SessionList { span: Span::DayBefore(u32::MAX), agent: Some(u64::MAX), page: u16::MAX };
    let id = DeskId::Close("A".repeat(22).parse().unwrap(), u64::MAX, list).to_string();
    assert_eq!(id.len(), 95, "{id}");
    assert_eq!(DeskId::parse(&format!("{id}.{}", "x".repeat(9))), None);
    let ticket = Ticket::parse(&"9".repeat(64)).unwrap();
    let view = TrailView {
        days: TrailDays::of(365).unwrap(),
        end: u32::MAX,
        page: u16::MAX,
        ..TrailView::about(TrailAbout::Ticket(ticket))
    };
    let id = DeskId::Trail(TrailId { place: TrailPlace::Older, view }).to_string();
    assert_eq!(id.len(), 99, "{id}");
}

#[test]
fn day_ends_after_the_present_second() {
    assert_eq!(Span::day_before(Timestamp(1_500)), Span::DayBefore(2));
    assert_eq!(Span::day_before(Timestamp(i64::MAX)), Span::DayBefore(u32::MAX));
}
