//! Every panel in both languages, as text.
//!
//! Times stand as minutes and seconds from the beginning of the road, `‹+10:00 R›`, with the style
//! of Discord's timestamp.

use std::sync::Arc;

use commands::customer::{PlanStatus, Role, Status};
use commands::error::{Limit, Refusal};
use commands::face::{alert_locked, face, moved, note, pick, why};
use commands::ports::Denied;
use commands::screen::{Form, Screen};
use commands::session::{Target, Work};
use commands::step::{Event, NotDone};
use commands::successor::screens::details;
use commands::support::{self, State, opened};
use commands::technical::screens;
use commands::text::Locale;
use commands::time::minutes;
use commands::verify::screens::form;
use commands::verify::{RESEND_WAIT, SENDS_A_SESSION};

use crate::events::{CLOSINGS, LAPSES, LOSSES, PURPOSES, TARGETS};
use crate::people::{ecosystem, julia, sofia};
use crate::road::{NOW, Road};

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
    pub(crate) fn road(&mut self, name: &str, road: &Road) {
        self.refused(name, road, None);
    }

    fn refused(&mut self, name: &str, road: &Road, refusal: Option<&Refusal>) {
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

fn as_status(status: Status) -> Road {
    let mut dossier = julia();
    dossier.status = status;
    Road::found_as(dossier)
}

pub(crate) fn after(mut road: Road, time: std::time::Duration) -> Road {
    road.passes(time);
    road
}

fn third_code(mut road: Road) -> Road {
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
        let mut road = Road::found();
        if let Work::Support(_, State::Found { attended, .. }) = &mut road.session.work {
            *attended = support::Attended::BySomebody;
        }
        road
    };
    let without = {
        let mut dossier = julia();
        dossier.ecosystems.clear();
        Road::found_as(dossier)
    };
    album!(|page| {
        page.road("active", &Road::found());
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
    let many = Road { dossier: Some(Arc::new(many)), ..Road::choosing() };
    album!(|page| {
        page.road("two", &Road::choosing());
        page.road("none at hand", &Road { dossier: None, ..Road::choosing() });
        for (name, number) in [("first page", 0), ("second page", 1), ("beyond", 9)] {
            let mut session = many.session.clone();
            session.locale = page.locale;
            page.screen(name, &face(&session, many.dossier.as_deref(), None, number, NOW));
        }
    });
}

#[test]
fn proving() {
    album!(|page| {
        page.road("agent, mailed", &Road::proving_agent());
        page.road("agent, a minute later", &after(Road::proving_agent(), RESEND_WAIT));
        page.road("agent, expired", &after(Road::proving_agent(), minutes(10)));
        page.road("agent, nothing mailed", &Road::chosen());
        page.road("agent, third", &third_code(Road::proving_agent()));
        page.road("agent, third expired", &after(third_code(Road::proving_agent()), minutes(10)));
        page.road("announcing", &Road::announcing());
        let mut busy = Road::announcing().then(Event::Send);
        busy.fails_to_mail(NotDone::Denied(Denied::RateLimited(Some(minutes(5)))));
        page.road("announcing, with a wait", &busy);
        page.road("customer, mailed", &Road::proving_customer());
        page.road("customer, expired", &after(Road::proving_customer(), minutes(10)));
        page.road("customer, third", &third_code(Road::proving_customer()));
        page.road(
            "customer, third expired",
            &after(third_code(Road::proving_customer()), minutes(10)),
        );
    });
}

#[test]
fn acting() {
    let owner = Road::acting(Role::Owner);
    let statuses = [
        PlanStatus::Active,
        PlanStatus::Trial,
        PlanStatus::PastDue,
        PlanStatus::Cancelled,
        PlanStatus::Unknown,
    ];
    album!(|page| {
        page.road("owner", &owner);
        page.road("member", &Road::acting(Role::Member));
        page.road("without the record", &Road { dossier: None, ..owner.clone() });
        let mut session = owner.session.clone();
        session.locale = page.locale;
        let Work::Support(_, State::Acting { case }) = &owner.session.work else {
            panic!("not acting")
        };
        for status in statuses {
            let mut dossier = julia();
            let plan = &mut dossier.ecosystems[0].plan;
            plan.status = status;
            if status == PlanStatus::Cancelled {
                plan.renews_at = None;
                plan.features.clear();
                plan.period = commands::customer::Period::Year;
            }
            page.screen(
                &format!("plan, {status:?}"),
                &screens::plan(&session, case, Some(&dossier)),
            );
        }
        page.screen("plan, gone", &screens::plan(&session, case, None));
        for target in TARGETS {
            let url = "https://shop.example/in".to_owned().into();
            let screen = if matches!(target, Target::App | Target::Successor) {
                opened::opened_qr(target, vec![0; 3], NOW + RESEND_WAIT, page.locale)
            } else {
                opened::opened_link(target, url, NOW + RESEND_WAIT, page.locale)
            };
            page.screen(&format!("opened, {}", target.name()), &screen);
        }
        page.screen("expired", &opened::opened_expired(&session, Target::Web));
        let over = commands::session::Session {
            locale: page.locale,
            ..owner.clone().then(Event::Finish).session
        };
        page.screen("ended with its session", &opened::opened_expired(&over, Target::Web));
    });
}

#[test]
fn succeeding() {
    let road = Road::succeeding();
    let Work::Support(_, State::Acting { case }) = &road.session.work else { panic!("not acting") };
    let mut mailed = road.clone().then(Event::Mail);
    mailed.hears(Event::Mailed {
        nth: 1,
        outcome: Ok(("s•••@e•••.com".to_owned(), NOW + RESEND_WAIT)),
    });
    let mut many = sofia(1);
    let steps = &mut many.successions[0].steps;
    *steps = (0..23).map(|n| steps[n % 4].clone()).collect();
    album!(|page| {
        page.road("found", &Road::found_as(sofia(2)));
        page.road("found, no succession", &{
            let mut road = Road::found_as(sofia(1));
            if let Work::Support(_, State::Found { customer, .. }) = &mut road.session.work {
                customer.matters = 0;
            }
            road
        });
        page.road("choosing", &Road::found_as(sofia(2)).then(Event::Start));
        page.road("agent", &{
            let mut road = Road::found_as(sofia(1)).then(Event::Start);
            road.mails();
            road
        });
        page.road("acting", &road);
        page.road("mailed", &mailed);
        page.road("without the record", &Road { dossier: None, ..road.clone() });
        let session = commands::session::Session { locale: page.locale, ..road.session.clone() };
        for nth in [0, 2] {
            page.screen(&format!("page {nth}"), &face(&session, Some(&many), None, nth, NOW));
        }
        for nth in 0..5 {
            page.screen(
                &format!("details {nth}"),
                &details(&session, case, road.dossier.as_deref(), nth),
            );
        }
    });
}

#[test]
fn closed() {
    album!(|page| {
        for closing in CLOSINGS {
            page.road(closing.name(), &Road::acting(Role::Owner).then(Event::Lost(closing)));
        }
        for loss in LOSSES {
            let mut road = Road::acting(Role::Owner);
            let told = road.does(Event::Unentitled(loss)).refusal;
            page.refused(&format!("for want of rights, {}", loss.name()), &road, told.as_ref());
        }
    });
}

#[test]
fn ending() {
    album!(|page| {
        page.road("idle warning", &after(Road::proving_agent(), minutes(12)));
        page.road("idle warning, acting", &after(Road::acting(Role::Owner), minutes(12)));
        page.road(
            "warning while the customer is awaited",
            &after(Road::proving_customer(), minutes(12)),
        );
        let mut last = Road::acting(Role::Owner);
        for _ in 0..5 {
            last.passes(minutes(11));
            last.does(Event::Resume);
        }
        page.road("absolute warning", &after(last.clone(), minutes(2)));
        page.road("stripped", &after(Road::acting(Role::Owner), minutes(15) - RESEND_WAIT / 10));
        page.road("stripped at the absolute end", &after(last, minutes(5) - RESEND_WAIT / 10));
        page.road("stripped, linking", &after(Road::linking(), minutes(15) - RESEND_WAIT / 10));
    });
}

#[test]
fn linking() {
    album!(|page| {
        page.road("asked", &Road::linking());
        page.road("mailed", &Road::linking_looked_up(true));
        page.road("no account", &Road::linking_looked_up(false));
        page.road("expired", &after(Road::linking_looked_up(true), minutes(10)));
        let mut done = Road::linking_looked_up(true);
        done.types_right();
        page.road("done", &done);
        page.road("put away", &Road::linking().then(Event::Dismiss));
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
    refusals.extend(LAPSES.map(Refusal::NotEntitled));
    refusals.extend(LOSSES[..2].iter().copied().map(Refusal::RightsLost));
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
        Refusal::Resting(soon),
        Refusal::MalformedCode,
        Refusal::WrongCode(4),
        Refusal::WrongCode(1),
        Refusal::ExpiredCode,
        Refusal::TypeAgain,
        Refusal::TooEarly(soon),
        Refusal::NoSendsLeft,
        Refusal::Undelivered,
        Refusal::Unopened,
        Refusal::Busy(None),
        Refusal::Busy(Some(soon)),
        Refusal::ReasonTooShort,
        Refusal::ReasonTooLong,
        Refusal::UnknownMatter(support::Road::Technical),
        Refusal::UnknownMatter(support::Road::Successor),
        Refusal::OtherRoad(support::Road::Successor),
        Refusal::TooLate,
        Refusal::AlreadyLinked("b•••@w•••.example".to_owned()),
        Refusal::LinkedMeanwhile,
        Refusal::Failed("F-7K2M9Q".to_owned()),
    ]);
    album!(|page| {
        for refusal in &refusals {
            page.screen(refusal.name(), &note(refusal, page.locale));
        }
        page.refused("on a panel", &Road::proving_agent(), Some(&Refusal::WrongCode(4)));
        page.refused("a reason too short", &Road::choosing(), Some(&Refusal::ReasonTooShort));
        page.refused(
            "on a closed panel",
            &Road::found().then(Event::Dismiss),
            Some(&Refusal::Closed(CLOSINGS[2], NOW)),
        );
    });
}

#[test]
fn beside_the_panels() {
    album!(|page| {
        let roads = [Road::found(), Road::proving_customer(), Road::acting(Role::Owner)];
        let sessions: Vec<_> = roads.into_iter().map(|road| Arc::new(road.session)).collect();
        page.screen("pick", &pick(&sessions, page.locale));
        page.screen("moved", &moved(page.locale));
        let mut session = Road::choosing().then(Event::Cancel("not now".to_owned())).session;
        session.locale = page.locale;
        for purpose in PURPOSES {
            page.screen(&format!("alert, {}", purpose.name()), &alert_locked(&session, purpose));
            page.form(&form(&session, purpose, 1));
        }
        page.form(&why(&session));
    });
}
