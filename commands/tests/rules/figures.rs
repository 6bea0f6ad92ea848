//! The statistics: a week counted by hand, their edges, and the charts as text.

use std::collections::BTreeMap;
use std::time::Duration;

use commands::flows::lead::charts::chart;
use commands::flows::lead::figures::{AGENT_SESSIONS, Figures, Outcome, SHARE_CASES, mostly_false};
use commands::flows::lead::period::Days;
use commands::flows::lead::stats::{MAX_AGENTS, agent_days_line, chart_file, is_shown, render};
use commands::model::time::Timestamp;
use commands::model::utc_offset::UtcOffset;
use commands::model::words::Locale;
use commands::ports::figures::{AgentDays, AlertFigures, CodeFigures, CountedSession};
use commands::screens::chart::Chart;
use commands::screens::screen::Screen;
use commands::screens::stats_id::{ChartKind, Period, StatsView};
use insta::assert_snapshot;

use crate::discord_limits::violations;
use crate::screen_text::screen_text;

/// Noon of Sunday, 29 November 2026, UTC.
const NOON: Timestamp = Timestamp(1_795_953_600_000);

const HOUR: i64 = 3_600_000;

/// Returns a session that was started so many hours before [`NOON`].
fn session(hours: i64) -> CountedSession {
    CountedSession {
        started_at: Timestamp(NOON.0 - hours * HOUR),
        kind: "technical".to_owned(),
        scope: Some("act".to_owned()),
        discord_id: 1,
        agent_name: "Ana Ruiz".to_owned(),
        customer: None,
        ticket: None,
        verified_at: None,
        closed_why: Some("cancelled".to_owned()),
        opened: BTreeMap::new(),
    }
}

pub(crate) fn verified(hours: i64, seconds: u64) -> CountedSession {
    let open = session(hours);
    CountedSession {
        verified_at: Some(open.started_at + Duration::from_secs(seconds)),
        closed_why: Some("finished".to_owned()),
        ..open
    }
}

pub(crate) fn closed(hours: i64, why: &str) -> CountedSession {
    CountedSession { closed_why: Some(why.to_owned()), ..session(hours) }
}

fn of(agent: u64, name: &str, session: CountedSession) -> CountedSession {
    CountedSession { discord_id: agent, agent_name: name.to_owned(), ..session }
}

/// Returns a week: 4 sessions on the 23rd, 12 on the 27th, 5 on the 29th, and two that do not
/// count. Ana has 14, Ben 5 and Eva 2.
fn week() -> Vec<CountedSession> {
    // Half past noon of a day is so many hours before.
    let (monday, friday, sunday) = (6 * 24, 2 * 24, 0);
    let mut sessions = vec![
        // The 22nd, and the 30th.
        verified(7 * 24, 60),
        verified(-12, 60),
    ];
    sessions.extend([20, 30].map(|seconds| of(3, "Eva Lindqvist", verified(monday, seconds))));
    sessions.push(closed(monday, "idle"));
    sessions.push(closed(monday, "reported"));
    sessions.extend((1..=9).map(|minutes| verified(friday, minutes * 60)));
    sessions.push(closed(friday, "customer_locked_out"));
    // Reported after both proofs.
    sessions.push(CountedSession {
        closed_why: Some("reported".to_owned()),
        opened: BTreeMap::from([("web".to_owned(), 2), ("store".to_owned(), 1)]),
        ticket: Some("ZD-1".to_owned()),
        ..verified(friday, 600)
    });
    sessions.push(CountedSession { closed_why: None, ..session(friday) });
    let ben = |session| of(2, "ben Carter", session);
    sessions.push(ben(closed(sunday, "by_lead")));
    sessions.push(ben(closed(sunday, "from_a_newer_version")));
    sessions.extend([(); 3].map(|()| ben(verified(sunday, 130))));
    sessions
}

fn days(period: Period) -> Days {
    Days::until(NOON, period, UtcOffset::default())
}

const CODES: CodeFigures = CodeFigures { mailed: 1_200, delivered: 1_190, fast: 1_152, bounced: 5 };

fn counted(sessions: &[CountedSession]) -> Figures {
    Figures::count(days(Period::Week), sessions, CODES)
}

fn drawn(kind: ChartKind, figures: &Figures, locale: Locale) -> Chart {
    chart(kind, figures, days(Period::Week), locale).unwrap()
}

fn shown(view: StatsView, figures: &Figures, locale: Locale) -> Screen {
    let days = days(view.period);
    let picture = chart(view.chart, figures, days, locale).filter(|_| is_shown(view, figures));
    let picture = picture.map(|chart| chart_file(chart, Vec::new()));
    let screen = render(view, days, figures, picture, locale);
    assert_eq!(violations(&screen), [""; 0], "{screen:?}");
    screen
}

#[test]
fn week_is_counted_as_by_hand() {
    let figures = counted(&week());
    assert_eq!(figures.started, 21);
    // 2 on Monday, 10 on Friday, 3 on Sunday.
    assert_eq!(figures.of(Outcome::Verified), 15);
    // Idle, open, by a lead, unknown.
    assert_eq!(figures.of(Outcome::NotVerified), 4);
    assert_eq!(figures.of(Outcome::Stopped), 2);
    assert_eq!(figures.with_ticket, 1);
    let none = [0; 3];
    assert_eq!(figures.columns, [[2, 1, 1], none, none, none, [10, 1, 1], none, [3, 2, 0]]);
    let links: Vec<_> =
        figures.links.iter().map(|(target, count)| (target.as_str(), *count)).collect();
    assert_eq!(links, [("store", 1), ("web", 2)]);
    // 20, 30, 60, 120, 130, 130, 130, 180, 240, 300, 360, 420, 480, 540, 600 s.
    let pace = figures.pace.unwrap();
    assert_eq!((pace.half.as_secs(), pace.most.as_secs()), (180, 540));
    let agents: Vec<_> = figures
        .agents
        .iter()
        .map(|agent| (agent.name.as_str(), agent.started, agent.verified))
        .collect();
    assert_eq!(agents, [("Ana Ruiz", 14, 10), ("ben Carter", 5, 3)], "by name, from 5 sessions");
}

#[test]
fn screen_and_charts_tell_the_week() {
    let figures = counted(&week());
    let text = |view, locale| screen_text(&shown(view, &figures, locale));
    assert_snapshot!(text(StatsView::default(), Locale::En));
    assert_snapshot!(text(StatsView::default(), Locale::Es));
    for (kind, locale) in [
        (ChartKind::Time, Locale::En),
        (ChartKind::Time, Locale::Es),
        (ChartKind::Reasons, Locale::En),
        (ChartKind::Reasons, Locale::Es),
    ] {
        assert_snapshot!(drawn(kind, &figures, locale));
    }
}

#[test]
fn alt_text_names_the_highest_and_the_empty_columns() {
    let text = |sessions: &[CountedSession], period| {
        let figures = Figures::count(days(period), sessions, CODES);
        chart(ChartKind::Time, &figures, days(period), Locale::En).unwrap().description
    };
    let daily: Vec<_> = (0..7).map(|day| session(day * 24)).collect();
    assert_eq!(
        text(&daily, Period::Week),
        "Sessions per day, 23 to 29 November 2026: 7 started, 0 verified; most on 23 November, 1."
    );
    assert_eq!(
        text(&daily[1..], Period::Week),
        "Sessions per day, 23 to 29 November 2026: 6 started, 0 verified; most on 23 November, 1; \
         none on 29 November."
    );
    assert_eq!(
        text(&[verified(3, 60), verified(3, 60)], Period::Today),
        "Sessions per hour, 29 November 2026: 2 started, 2 verified; most at 09:00, 2."
    );
    assert_eq!(
        text(&daily[6..], Period::Quarter),
        "Sessions per week, 1 September to 29 November 2026: 1 started, 0 verified; most in the \
         week from 23 November, 1; none in 12 weeks."
    );
}

#[test]
fn day_begins_at_the_offset() {
    // 22:30 and 01:30 UTC around the midnight of the 29th: 17:30 and 20:30 of the 28th in Lima.
    let sessions = [session(13), session(10)];
    let count = |offset: &str| {
        let days = Days::until(NOON, Period::Week, offset.parse().unwrap());
        let totals = Figures::count(days, &sessions, CODES).columns.into_iter();
        totals.map(|[.., not_verified, _]| not_verified).collect::<Vec<_>>()
    };
    assert_eq!(count("+00:00"), [0, 0, 0, 0, 0, 1, 1]);
    assert_eq!(count("-05:00"), [0, 0, 0, 0, 0, 2, 0]);
    assert_eq!(count("+02:00"), [0, 0, 0, 0, 0, 0, 2]);
}

#[test]
fn shares_need_ten_cases() {
    let text = |count: u32| {
        let sessions: Vec<_> = (0..count).map(|_| verified(1, 60)).collect();
        screen_text(&shown(StatsView::default(), &counted(&sessions), Locale::En))
    };
    let nine = text(SHARE_CASES - 1);
    assert!(nine.contains("9 started · 9 verified · "), "{nine}");
    assert!(nine.contains("<@1> Ana Ruiz 9\n"), "{nine}");
    assert!(!nine.contains("Start to verified"), "{nine}");
    let ten = text(SHARE_CASES);
    assert!(ten.contains("10 started · 10 verified (100\u{a0}%) · "), "{ten}");
    assert!(ten.contains("<@1> Ana Ruiz 10 · 100\u{a0}%"), "{ten}");
    assert!(ten.contains("half within 1 min 0 s, nine of ten within 1 min 0 s"), "{ten}");
    let days = |started| AgentDays { started, verified: started, abandoned: 4 };
    assert_eq!(
        agent_days_line(days(9), Locale::En),
        "30 days: 9 started, 9 verified, 4 looked up and not started"
    );
    assert_eq!(
        agent_days_line(days(10), Locale::Es),
        "30 días: 10 empezadas, 10 verificadas (100\u{a0}%), 4 buscadas y no empezadas"
    );
}

#[test]
fn agent_needs_five_sessions() {
    let count = |count: u32| counted(&(0..count).map(|_| session(1)).collect::<Vec<_>>());
    let (few, enough) = (count(AGENT_SESSIONS - 1), count(AGENT_SESSIONS));
    let view = StatsView { agent: Some(1), ..StatsView::default() };
    assert_eq!((few.agents.len(), enough.agents.len()), (0, 1));
    assert_snapshot!(screen_text(&shown(view, &few, Locale::En)), @"
    Last 7 days
    Agent <@1>
    One agent has figures from 5 sessions on.
    23 to 29 November 2026 · UTC
    <Period: Today — 29 November 2026 | Last 7 days — 23 to 29 November 2026 | Last 30 days — 31 October to 29 November 2026 | Last 90 days — 1 September to 29 November 2026>
    [Why sessions ended (off)] [Today] [As a file (off)]
    ");
    assert!(shown(view, &few, Locale::En).file.is_none());
    let text = screen_text(&shown(view, &enough, Locale::En));
    assert!(text.contains("5 started") && !text.contains("Agents"), "{text}");
    assert!(shown(view, &enough, Locale::En).file.is_some());
}

#[test]
fn empty_time_has_a_sentence_and_no_picture() {
    for (kind, locale) in [(ChartKind::Time, Locale::En), (ChartKind::Reasons, Locale::Es)] {
        let view = StatsView { chart: kind, ..StatsView::default() };
        let screen = shown(view, &counted(&[]), locale);
        assert!(screen.file.is_none());
        assert_eq!(screen.body.len(), 1);
    }
    let screen = shown(StatsView::default(), &counted(&[]), Locale::En);
    assert_eq!(screen.body, ["No session in this time."]);
    // Only open sessions have no reason.
    let open = CountedSession { closed_why: None, ..session(1) };
    let view = StatsView { chart: ChartKind::Reasons, ..StatsView::default() };
    assert!(shown(view, &counted(&[open]), Locale::En).file.is_none());
}

#[test]
fn mail_service_without_deliveries_has_no_share() {
    let codes = CodeFigures { mailed: 40, ..CodeFigures::default() };
    let figures = Figures { codes, ..counted(&[session(1)]) };
    let text = screen_text(&shown(StatsView::default(), &figures, Locale::En));
    assert!(text.contains("Codes to customers: 40 · bounced 0\n"), "{text}");
}

#[test]
fn precision_needs_ten_answers() {
    let alerts = |handled, false_alarms| {
        let kind = "lookups_abandoned".to_owned();
        AlertFigures { kind, opened: handled + false_alarms + 1, handled, false_alarms, waiting: 1 }
    };
    assert_eq!(mostly_false(&[alerts(1, 8)]), [""; 0], "nine answers");
    assert_eq!(mostly_false(&[alerts(3, 7)]), [""; 0], "70 %");
    assert_eq!(mostly_false(&[alerts(2, 8)]), ["lookups_abandoned"]);
    let locked = AlertFigures {
        kind: "locked".to_owned(),
        opened: 4,
        handled: 4,
        ..AlertFigures::default()
    };
    let figures = Figures {
        alerts: vec![locked, alerts(2, 8)],
        mostly_false: vec!["lookups_abandoned".to_owned()],
        ..counted(&[])
    };
    assert_eq!(
        shown(StatsView::default(), &figures, Locale::En).body,
        ["No session in this time.\nAlerts: 15, handled 6, false alarm 8, open 1\n\
          Five wrong codes 4 · Customers looked up and not helped 11, 8 false, 1 open\n\
          Customers looked up and not helped: mostly false alarms in 30 days. Tell your operator."]
    );
}

#[test]
fn many_agents_and_long_names_fit_a_message() {
    let name = "**Ana** _Ruiz_ de la Torre y de todos los Santos".repeat(3);
    let sessions = (0..50_u64).flat_map(|agent| {
        let of_agent = of(u64::MAX - agent, &name, verified(1, 60));
        std::iter::repeat_n(of_agent, 12)
    });
    let figures = counted(&sessions.collect::<Vec<_>>());
    let text = screen_text(&shown(StatsView::default(), &figures, Locale::Es));
    assert!(text.contains(&format!("{} más", 50 - MAX_AGENTS)), "{text}");
}

#[test]
fn further_reasons_share_the_last_bar() {
    let reasons = [
        "finished",
        "cancelled",
        "idle",
        "absolute",
        "agent_locked_out",
        "customer_locked_out",
        "reported",
        "by_lead",
        "proof_invalid",
        "role_changed",
    ];
    let sessions: Vec<_> = reasons.iter().map(|why| closed(1, why)).collect();
    let chart = drawn(ChartKind::Reasons, &counted(&sessions), Locale::En).to_string();
    assert!(chart.contains("\nother reasons: 2\n") && chart.lines().count() == 12, "{chart}");
}
