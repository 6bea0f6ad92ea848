//! Every panel in both languages, as text.
//!
//! Times stand as minutes and seconds from the beginning of the road, `‹+10:00 R›`, with the style
//! of Discord's timestamp.

use std::sync::Arc;

use commands::engine::panel::{alert_locked, cancel_form, moved_notice, render, session_menu};
use commands::flows::support::successor::details;
use commands::flows::support::{access_screens, technical};
use commands::flows::verify::screens::code_form;
use commands::model::customer::{PlanStatus, Role, Status};
use commands::model::event::Event;
use commands::model::flow_state::{Attended, SupportState};
use commands::model::outcome::{Denied, EffectError};
use commands::model::refusal::Refusal;
use commands::model::session::Work;
use commands::model::time::minutes;
use commands::model::verification::{RESEND_WAIT, SENDS_A_SESSION};
use commands::model::words::{Limit, Locale, SupportKind, Target};
use commands::screens::screen::{Form, Screen};
use commands::screens::widgets::note;

use crate::events::{CLOSINGS, LAPSES, LOSSES, PURPOSES, TARGETS};
use crate::people::{ecosystem, julia, sofia};
use crate::road::{NOW, SessionDriver};

/// Named screens, told one after the other in each language.
pub(crate) struct Album(Vec<String>);

impl Album {
    pub(crate) fn of(pages: impl Fn(&mut Page)) -> String {
        let mut album = Self(Vec::new());
        for (locale, name) in [(Locale::En, "English"), (Locale::Es, "Español")] {
            album.0.push(format!("════ {name}"));
            pages(&mut Page { locale, album: &mut album });
        }
        album.0.join("\n\n")
    }
}

/// One language of an album.
pub(crate) struct Page<'a> {
    pub(crate) locale: Locale,
    album: &'a mut Album,
}

impl Page<'_> {
    pub(crate) fn road(&mut self, name: &str, road: &SessionDriver) {
        self.refused(name, road, None);
    }

    fn refused(&mut self, name: &str, road: &SessionDriver, refusal: Option<&Refusal>) {
        let mut road = road.clone();
        road.session.locale = self.locale;
        let screen = road.face(refusal);
        self.screen(name, &screen);
    }

    fn form(&mut self, form: &Form) {
        self.album.0.push(form.to_string());
    }

    pub(crate) fn screen(&mut self, name: &str, screen: &Screen) {
        self.album.0.push(format!("── {name} ({:?})\n{}", screen.tone, timed(&screen.to_string())));
    }
}

/// Discord's timestamps as times from the beginning.
fn timed(text: &str) -> String {
    let mut told = String::new();
    let mut rest = text;
    while let Some((before, mark)) = rest.split_once("<t:") {
        let (time, after) = mark.split_once('>').unwrap();
        let (seconds, style) = time.split_once(':').unwrap();
        let distance = seconds.parse::<i64>().unwrap() - NOW.seconds();
        let sign = if distance < 0 { '-' } else { '+' };
        let distance = distance.abs();
        let time = format!("‹{sign}{}:{:02} {style}›", distance / 60, distance % 60);
        told.push_str(before);
        told.push_str(&time);
        rest = after;
    }
    told + rest
}

/// Holds an album to its snapshot.
macro_rules! album {
    ($pages:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(Album::of($pages)) })
    };
}

fn as_status(status: Status) -> SessionDriver {
    let mut record = julia();
    record.status = status;
    SessionDriver::found_as(record)
}

pub(crate) fn after(mut road: SessionDriver, time: std::time::Duration) -> SessionDriver {
    road.passes(time);
    road
}

fn third_code(mut road: SessionDriver) -> SessionDriver {
    for _ in 1..SENDS_A_SESSION {
        road.skips(RESEND_WAIT);
        road.does(Event::Resend);
        road.mails();
    }
    road
}

#[test]
fn found() {
    let attended = {
        let mut road = SessionDriver::found();
        if let Work::Support(_, SupportState::Found { attended, .. }) = &mut road.session.work {
            *attended = Attended::ByAnotherAgent;
        }
        road
    };
    let without = {
        let mut record = julia();
        record.ecosystems.clear();
        SessionDriver::found_as(record)
    };
    album!(|page| {
        page.road("active", &SessionDriver::found());
        page.road("attended", &attended);
        page.road("without ecosystem", &without);
        for status in [Status::Pending, Status::Suspended, Status::Closed, Status::Unknown] {
            page.road(&format!("{status:?}").to_lowercase(), &as_status(status));
        }
    });
}

#[test]
fn choosing() {
    let mut many = julia();
    many.ecosystems = (1..=30)
        .map(|n| ecosystem(&format!("eco-{n}"), &format!("Nº {n}"), Role::Member))
        .collect();
    let many = SessionDriver { record: Some(Arc::new(many)), ..SessionDriver::choosing() };
    album!(|page| {
        page.road("two", &SessionDriver::choosing());
        page.road("none at hand", &SessionDriver { record: None, ..SessionDriver::choosing() });
        for (name, number) in [("first page", 0), ("second page", 1), ("beyond", 9)] {
            let mut session = many.session.clone();
            session.locale = page.locale;
            page.screen(name, &render(&session, many.record.as_deref(), None, number, NOW));
        }
    });
}

#[test]
fn proving() {
    album!(|page| {
        page.road("agent, mailed", &SessionDriver::proving_agent());
        page.road("agent, a minute later", &after(SessionDriver::proving_agent(), RESEND_WAIT));
        page.road("agent, expired", &after(SessionDriver::proving_agent(), minutes(10)));
        page.road("agent, nothing mailed", &SessionDriver::chosen());
        page.road("agent, third", &third_code(SessionDriver::proving_agent()));
        page.road(
            "agent, third expired",
            &after(third_code(SessionDriver::proving_agent()), minutes(10)),
        );
        page.road("announcing", &SessionDriver::announcing());
        let mut busy = SessionDriver::announcing().then(Event::Send);
        busy.fails_to_mail(EffectError::Denied(Denied::RateLimited(Some(minutes(5)))));
        page.road("announcing, with a wait", &busy);
        page.road("customer, mailed", &SessionDriver::proving_customer());
        page.road("customer, expired", &after(SessionDriver::proving_customer(), minutes(10)));
        page.road("customer, third", &third_code(SessionDriver::proving_customer()));
        page.road(
            "customer, third expired",
            &after(third_code(SessionDriver::proving_customer()), minutes(10)),
        );
    });
}

#[test]
fn acting() {
    let owner = SessionDriver::acting(Role::Owner);
    let statuses = [
        PlanStatus::Active,
        PlanStatus::Trial,
        PlanStatus::PastDue,
        PlanStatus::Cancelled,
        PlanStatus::Unknown,
    ];
    album!(|page| {
        page.road("owner", &owner);
        page.road("member", &SessionDriver::acting(Role::Member));
        page.road("without the record", &SessionDriver { record: None, ..owner.clone() });
        let mut session = owner.session.clone();
        session.locale = page.locale;
        let Work::Support(_, SupportState::Acting { case }) = &owner.session.work else {
            panic!("not acting")
        };
        for status in statuses {
            let mut record = julia();
            let plan = &mut record.ecosystems[0].plan;
            plan.status = status;
            if status == PlanStatus::Cancelled {
                plan.renews_at = None;
                plan.features.clear();
                plan.period = commands::model::customer::Period::Year;
            }
            page.screen(
                &format!("plan, {status:?}"),
                &technical::plan(&session, case, Some(&record)),
            );
        }
        page.screen("plan, gone", &technical::plan(&session, case, None));
        for target in TARGETS {
            let url = "https://shop.example/in".to_owned().into();
            let screen = if matches!(target, Target::App | Target::Successor) {
                access_screens::access_qr(target, vec![0; 3], NOW + RESEND_WAIT, page.locale)
            } else {
                access_screens::access_link(target, url, NOW + RESEND_WAIT, page.locale)
            };
            page.screen(&format!("opened, {}", target.name()), &screen);
        }
        page.screen("expired", &access_screens::access_link_ended(&session, Target::Web));
        let over = commands::model::session::Session {
            locale: page.locale,
            ..owner.clone().then(Event::Finish).session
        };
        page.screen(
            "ended with its session",
            &access_screens::access_link_ended(&over, Target::Web),
        );
    });
}

#[test]
fn succeeding() {
    let road = SessionDriver::succeeding();
    let Work::Support(_, SupportState::Acting { case }) = &road.session.work else {
        panic!("not acting")
    };
    let mut mailed = road.clone().then(Event::MailLink);
    mailed.hears(Event::Mailed {
        nth: 1,
        outcome: Ok(("s•••@e•••.com".to_owned(), NOW + RESEND_WAIT)),
    });
    let mut many = sofia(1);
    let steps = &mut many.successions[0].steps;
    *steps = (0..23).map(|n| steps[n % 4].clone()).collect();
    album!(|page| {
        page.road("found", &SessionDriver::found_as(sofia(2)));
        page.road("found, no succession", &{
            let mut road = SessionDriver::found_as(sofia(1));
            if let Work::Support(_, SupportState::Found { customer, .. }) = &mut road.session.work {
                customer.choices = 0;
            }
            road
        });
        page.road("choosing", &SessionDriver::found_as(sofia(2)).then(Event::Start));
        page.road("agent", &{
            let mut road = SessionDriver::found_as(sofia(1)).then(Event::Start);
            road.mails();
            road
        });
        page.road("acting", &road);
        page.road("mailed", &mailed);
        page.road("without the record", &SessionDriver { record: None, ..road.clone() });
        let session =
            commands::model::session::Session { locale: page.locale, ..road.session.clone() };
        for nth in [0, 2] {
            page.screen(&format!("page {nth}"), &render(&session, Some(&many), None, nth, NOW));
        }
        for nth in 0..5 {
            page.screen(
                &format!("details {nth}"),
                &details(&session, case, road.record.as_deref(), nth),
            );
        }
    });
}

#[test]
fn closed() {
    album!(|page| {
        for closing in CLOSINGS {
            page.road(
                closing.name(),
                &SessionDriver::acting(Role::Owner).then(Event::ForceClose(closing)),
            );
        }
        for loss in LOSSES {
            let mut road = SessionDriver::acting(Role::Owner);
            let told = road.does(Event::AgentIneligible(loss)).refusal;
            page.refused(&format!("for want of rights, {}", loss.name()), &road, told.as_ref());
        }
    });
}

#[test]
fn ending() {
    album!(|page| {
        page.road("idle warning", &after(SessionDriver::proving_agent(), minutes(12)));
        page.road("idle warning, acting", &after(SessionDriver::acting(Role::Owner), minutes(12)));
        page.road(
            "warning while the customer is awaited",
            &after(SessionDriver::proving_customer(), minutes(12)),
        );
        let mut last = SessionDriver::acting(Role::Owner);
        for _ in 0..5 {
            last.passes(minutes(11));
            last.does(Event::Resume);
        }
        page.road("absolute warning", &after(last.clone(), minutes(2)));
        page.road(
            "stripped",
            &after(SessionDriver::acting(Role::Owner), minutes(15) - RESEND_WAIT / 10),
        );
        page.road("stripped at the absolute end", &after(last, minutes(5) - RESEND_WAIT / 10));
        page.road(
            "stripped, linking",
            &after(SessionDriver::linking(), minutes(15) - RESEND_WAIT / 10),
        );
    });
}

#[test]
fn linking() {
    album!(|page| {
        page.road("asked", &SessionDriver::linking());
        page.road("mailed", &SessionDriver::linking_looked_up(true));
        page.road("no account", &SessionDriver::linking_looked_up(false));
        page.road("expired", &after(SessionDriver::linking_looked_up(true), minutes(10)));
        let mut done = SessionDriver::linking_looked_up(true);
        done.types_right();
        page.road("done", &done);
        page.road("put away", &SessionDriver::linking().then(Event::Dismiss));
    });
}

#[test]
fn refusals() {
    let soon = NOW + minutes(2);
    let mut refusals = vec![
        Refusal::NotAnAgent,
        Refusal::WrongChannel,
        Refusal::NotLinked,
        Refusal::NeverSignedIn,
        Refusal::NotRecoverable,
        Refusal::OtherAddress,
        Refusal::RecoveryNotSetUp,
        Refusal::NotYours,
        Refusal::UnknownButton,
        Refusal::AlreadyDone,
        Refusal::Closed(CLOSINGS[0], NOW),
        Refusal::NothingOpen,
        Refusal::MalformedEmail,
        Refusal::UnknownCustomer,
        Refusal::OwnAddress,
        Refusal::Attended,
    ];
    refusals.extend(LAPSES.map(Refusal::AccountProblem));
    refusals.extend(LOSSES[..2].iter().copied().map(Refusal::AgentIneligible));
    let limits = [
        Limit::Lookups,
        Limit::Sends,
        Limit::WrongCodes,
        Limit::LinkRequests,
        Limit::LinkMails,
        Limit::RecoverRequests,
        Limit::RecoverConfirms,
    ];
    refusals.extend(limits.map(|limit| Refusal::Limited(limit, soon)));
    refusals.extend([
        Refusal::LockedOut(soon),
        Refusal::MalformedCode,
        Refusal::WrongCode(4),
        Refusal::WrongCode(1),
        Refusal::ExpiredCode,
        Refusal::TypeAgain,
        Refusal::TooEarly(soon),
        Refusal::NoSendsLeft,
        Refusal::Undelivered,
        Refusal::NotIssued,
        Refusal::Busy(None),
        Refusal::Busy(Some(soon)),
        Refusal::ReasonTooShort,
        Refusal::ReasonTooLong,
        Refusal::UnknownCaseSubject(SupportKind::Technical),
        Refusal::UnknownCaseSubject(SupportKind::Successor),
        Refusal::OtherKind(SupportKind::Successor),
        Refusal::TooLate,
        Refusal::AlreadyLinked("b•••@w•••.example".to_owned()),
        Refusal::LinkedMeanwhile,
        Refusal::Failed("F-7K2M9Q".to_owned()),
    ]);
    album!(|page| {
        for refusal in &refusals {
            page.screen(refusal.name(), &note(refusal, page.locale));
        }
        page.refused("on a panel", &SessionDriver::proving_agent(), Some(&Refusal::WrongCode(4)));
        page.refused(
            "a reason too short",
            &SessionDriver::choosing(),
            Some(&Refusal::ReasonTooShort),
        );
        page.refused(
            "on a closed panel",
            &SessionDriver::found().then(Event::Dismiss),
            Some(&Refusal::Closed(CLOSINGS[2], NOW)),
        );
    });
}

#[test]
fn beside_the_panels() {
    album!(|page| {
        let roads = [
            SessionDriver::found(),
            SessionDriver::proving_customer(),
            SessionDriver::acting(Role::Owner),
        ];
        let sessions: Vec<_> = roads.into_iter().map(|road| Arc::new(road.session)).collect();
        page.screen("pick", &session_menu(&sessions, page.locale));
        page.screen("moved", &moved_notice(page.locale));
        let mut session =
            SessionDriver::choosing().then(Event::Cancel("not now".to_owned())).session;
        session.locale = page.locale;
        for purpose in PURPOSES {
            page.screen(&format!("alert, {}", purpose.name()), &alert_locked(&session, purpose));
            page.form(&code_form(&session, purpose, 1));
        }
        page.form(&cancel_form(&session));
    });
}
