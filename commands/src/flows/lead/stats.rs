//! `/desk stats`: the figures in words, above their chart.

use std::time::Duration;

use crate::flows::lead::figures::{AGENT_SESSIONS, AgentFigures, Figures, Outcome, SHARE_CASES};
use crate::flows::lead::parts::{close_word_of, mention, target_name};
use crate::flows::lead::period::Days;
use crate::model::words::{Locale, Target};
use crate::ports::figures::{AgentDays, AlertFigures, CodeFigures, FAST_DELIVERY};
use crate::say;
use crate::screens::chart::Chart;
use crate::screens::desk_id::DeskId;
use crate::screens::numbers::{number, percent};
use crate::screens::screen::{
    AttachedFile, Button, Choice, Menu, Screen, Style, Tone, clip, escape,
};
use crate::screens::stats_id::{ChartKind, Period, StatsAct, StatsView};

/// Agents that are listed. With a name of `MAX_NAME` characters each they fit the 4096 characters
/// of Discord.
pub const MAX_AGENTS: usize = 40;

/// Maximum length of an agent's name, in characters.
const MAX_NAME: usize = 30;

/// Renders the figures. `picture` is the chart with its alternative text.
pub fn render(
    view: StatsView,
    days: Days,
    figures: &Figures,
    picture: Option<AttachedFile>,
    locale: Locale,
) -> Screen {
    let mut screen = Screen::titled(Tone::Info, title(view.period, locale));
    let mut lines: Vec<String> = view
        .agent
        .map(|agent| say!(locale, "stats-agent", agent = mention(agent)))
        .into_iter()
        .collect();
    if figures.started == 0 {
        lines.push(say!(locale, "stats-none"));
    } else if is_shown(view, figures) {
        lines.extend(figure_lines(view, figures, locale));
    } else {
        lines.push(say!(locale, "stats-few", least = AGENT_SESSIONS));
    }
    lines.extend(alert_lines(figures, locale));
    screen.footer = Some(say!(
        locale,
        "stats-zone",
        dates = days.dates(locale),
        zone = days.offset.to_string()
    ));
    screen.file = picture;
    screen.say(lines.join("\n")).menu(period_menu(view, days, locale)).buttons(buttons(
        view,
        is_shown(view, figures),
        locale,
    ))
}

/// Returns true if the view shows its figures. Those of one agent need some sessions.
pub fn is_shown(view: StatsView, figures: &Figures) -> bool {
    let least = if view.agent.is_some() { AGENT_SESSIONS } else { 1 };
    figures.started >= least
}

/// Returns the file of a chart, as PNG.
pub fn chart_file(chart: Chart, png: Vec<u8>) -> AttachedFile {
    let description = chart.description;
    AttachedFile { name: "chart.png", media_type: "image/png", description, bytes: png }
}

/// Returns the sentence about an agent's sessions of 30 days.
pub fn agent_days_line(days: AgentDays, locale: Locale) -> String {
    let AgentDays { started, verified, abandoned } = days;
    say!(
        locale,
        "desk-agent-days",
        started = shown(started, locale),
        verified = shown(verified, locale),
        verified_share = share_after(verified, started, locale),
        abandoned = shown(abandoned, locale)
    )
}

fn title(period: Period, locale: Locale) -> String {
    say!(locale, "stats-title", period = period.name())
}

fn shown(count: u32, locale: Locale) -> String {
    number(locale, count.into())
}

/// Returns the share of the whole. `None` if there are too few cases.
fn share(part: u32, whole: u32, locale: Locale) -> Option<String> {
    let share = percent(locale, part.into(), whole.into());
    share.filter(|_| whole >= SHARE_CASES)
}

/// Returns ` (76 %)`, which follows the words of a count. Empty if there are too few cases.
fn share_after(part: u32, whole: u32, locale: Locale) -> String {
    share(part, whole, locale).map(|share| format!(" ({share})")).unwrap_or_default()
}

fn figure_lines(view: StatsView, figures: &Figures, locale: Locale) -> Vec<String> {
    let mut lines = vec![outcome_line(figures, locale)];
    lines.extend(figures.pace.map(|pace| {
        let [half, most] = [pace.half, pace.most].map(|time| minutes_and_seconds(time, locale));
        say!(locale, "stats-pace", half = half, most = most)
    }));
    lines.push(code_line(figures.codes, locale));
    lines.push(link_line(figures, locale));
    lines.extend(reason_line(figures, locale));
    if view.agent.is_none() {
        lines.extend(agent_line(&figures.agents, locale));
    }
    lines
}

fn outcome_line(figures: &Figures, locale: Locale) -> String {
    let verified = figures.of(Outcome::Verified);
    say!(
        locale,
        "stats-outcomes",
        started = shown(figures.started, locale),
        verified = shown(verified, locale),
        verified_share = share_after(verified, figures.started, locale),
        unverified = shown(figures.of(Outcome::NotVerified), locale),
        stopped = shown(figures.of(Outcome::Stopped), locale),
        tickets = shown(figures.with_ticket, locale),
        tickets_share = share_after(figures.with_ticket, figures.started, locale)
    )
}

/// Returns the line of the codes. Without a delivered one no share is shown, because the mail
/// service may report no deliveries.
fn code_line(codes: CodeFigures, locale: Locale) -> String {
    let CodeFigures { mailed, delivered, fast, bounced } = codes;
    let mut parts = vec![say!(locale, "stats-codes", count = shown(mailed, locale))];
    let fast = share(fast.min(mailed), mailed, locale).filter(|_| delivered > 0);
    let seconds = FAST_DELIVERY;
    parts.extend(fast.map(|share| say!(locale, "stats-fast", seconds = seconds, share = share)));
    parts.push(say!(locale, "stats-bounced", count = shown(bounced, locale)));
    parts.join(" · ")
}

fn link_line(figures: &Figures, locale: Locale) -> String {
    let count = |target: Target| {
        let count = figures.links.get(target.name()).copied().unwrap_or_default();
        format!("{} {}", target_name(target.name(), locale), shown(count, locale))
    };
    let targets = [Target::Web, Target::Store, Target::App, Target::Successor];
    say!(locale, "stats-links", links = targets.map(count).join(" · "))
}

/// Returns why the sessions ended. `None` if all of them are open.
fn reason_line(figures: &Figures, locale: Locale) -> Option<String> {
    let reason = |(why, count): &(String, u32)| {
        format!("{} {}", close_word_of(why, locale), shown(*count, locale))
    };
    let reasons: Vec<_> = figures.reasons.iter().map(reason).collect();
    (!reasons.is_empty()).then(|| say!(locale, "stats-reasons", reasons = reasons.join(", ")))
}

/// Returns the agents in the order of their names. `None` without one.
fn agent_line(agents: &[AgentFigures], locale: Locale) -> Option<String> {
    let agent = |agent: &AgentFigures| {
        let AgentFigures { discord_id, name, started, verified } = agent;
        let name = escape(&clip(name, MAX_NAME));
        let text = format!("{} {name} {}", mention(*discord_id), shown(*started, locale));
        match share(*verified, *started, locale) {
            Some(share) => format!("{text} · {share}"),
            None => text,
        }
    };
    let mut listed: Vec<_> = agents.iter().take(MAX_AGENTS).map(agent).collect();
    if agents.len() > MAX_AGENTS {
        listed.push(say!(locale, "stats-more", count = agents.len() - MAX_AGENTS));
    }
    let heading = || say!(locale, "stats-agents", least = AGENT_SESSIONS);
    (!listed.is_empty()).then(|| format!("{}\n{}", heading(), listed.join("\n")))
}

/// Returns the alerts: all, each kind, and the kinds that are mostly wrong. Empty without alerts.
fn alert_lines(figures: &Figures, locale: Locale) -> Vec<String> {
    let sum = |count: fn(&AlertFigures) -> u32| {
        shown(figures.alerts.iter().map(count).fold(0, u32::saturating_add), locale)
    };
    let kind = |alerts: &AlertFigures| {
        let AlertFigures { kind, opened, false_alarms, waiting, .. } = alerts;
        let title = say!(locale, "alert-kind", kind = kind.as_str());
        let mut parts = vec![format!("{title} {}", shown(*opened, locale))];
        if *false_alarms > 0 {
            parts.push(say!(locale, "stats-alerts-false", count = shown(*false_alarms, locale)));
        }
        if *waiting > 0 {
            parts.push(say!(locale, "stats-alerts-open", count = shown(*waiting, locale)));
        }
        parts.join(", ")
    };
    let mut lines = Vec::new();
    if !figures.alerts.is_empty() {
        lines.push(say!(
            locale,
            "stats-alerts",
            count = sum(|alerts| alerts.opened),
            handled = sum(|alerts| alerts.handled),
            wrong = sum(|alerts| alerts.false_alarms),
            waiting = sum(|alerts| alerts.waiting)
        ));
        lines.push(figures.alerts.iter().map(kind).collect::<Vec<_>>().join(" · "));
    }
    let wrong = |kind: &String| {
        let title = say!(locale, "alert-kind", kind = kind.as_str());
        say!(locale, "stats-mostly-false", kind = title)
    };
    lines.extend(figures.mostly_false.iter().map(wrong));
    lines
}

/// Formats a time in whole minutes and seconds.
fn minutes_and_seconds(time: Duration, locale: Locale) -> String {
    let (minutes, seconds) = (time.as_secs() / 60, time.as_secs() % 60);
    if minutes == 0 {
        return say!(locale, "stats-seconds", seconds = seconds);
    }
    let minutes = number(locale, minutes);
    say!(locale, "stats-minutes", minutes = minutes, seconds = seconds)
}

fn period_menu(view: StatsView, days: Days, locale: Locale) -> Menu {
    let choice = |period: Period| Choice {
        value: period.name().to_owned(),
        label: title(period, locale),
        description: days.of(period).dates(locale),
    };
    Menu {
        custom_id: DeskId::Stats(StatsAct::Choose, view).to_string(),
        placeholder: say!(locale, "stats-choose-period"),
        options: Period::ALL.into_iter().map(choice).collect(),
        enabled: true,
    }
}

fn buttons(view: StatsView, has_figures: bool, locale: Locale) -> Vec<Button> {
    let button = |act: StatsAct, view: StatsView, label: String| {
        DeskId::Stats(act, view).button(Style::Secondary, label)
    };
    let (other, label) = match view.chart {
        ChartKind::Time => (ChartKind::Reasons, say!(locale, "chart-reasons")),
        ChartKind::Reasons => (ChartKind::Time, say!(locale, "stats-over-time")),
    };
    let chart = button(StatsAct::Chart, StatsView { chart: other, ..view }, label);
    let today = StatsView { period: Period::Today, ..view };
    let today = button(StatsAct::Open, today, title(Period::Today, locale));
    let file = button(StatsAct::File, view, say!(locale, "desk-button-file"));
    vec![
        chart.enabled(has_figures),
        today.enabled(view.period != Period::Today),
        file.enabled(has_figures),
    ]
}
