//! Notes, menus and forms in both languages, as text.

use std::sync::Arc;

use commands::engine::panel::{cancel_form, moved_notice, session_menu};
use commands::flows::verify::screens::code_form;
use commands::model::customer::Role;
use commands::model::event::Event;
use commands::model::limit::{LockedSubject, LockoutReason, UNTIL_UNLOCKED};
use commands::model::refusal::{REFUSAL_WORDS, Refusal};
use commands::model::time::minutes;
use commands::model::words::{Limit, SupportKind};
use commands::screens::address_form::AddressForm;
use commands::screens::widgets::note;

use crate::album::assert_album;
use crate::eligibility::{ACCOUNT_PROBLEMS, NOT_ELIGIBLE};
use crate::events::{CLOSE_REASONS, PURPOSES};
use crate::session_driver::{NOW, SessionDriver};

#[test]
#[expect(clippy::too_many_lines, reason = "a line for each refusal")]
fn refusals() {
    let soon = NOW + minutes(2);
    let mut refusals = vec![
        Refusal::NotAnAgent,
        Refusal::WrongChannel(7),
        Refusal::WrongDeskChannel(7, None),
        Refusal::WrongDeskChannel(7, Some(8)),
        Refusal::NotALead,
        Refusal::NoLeads,
        Refusal::NotInLeadGroup,
        Refusal::UnknownSession,
        Refusal::OwnAccount,
        Refusal::NoLinkOf(7),
        Refusal::UnknownAlert,
        Refusal::AlertAboutYou,
        Refusal::AlertHandled(7),
        Refusal::AlertFalse(7),
        Refusal::AlertRepeated,
        Refusal::TooLateToReopen,
        Refusal::NotLinked,
        Refusal::NeverSignedIn,
        Refusal::NotRecoverable,
        Refusal::OtherAddress,
        Refusal::RecoveryNotSetUp,
        Refusal::NotYours,
        Refusal::UnknownButton,
        Refusal::OutdatedCommand,
        Refusal::SessionGone,
        Refusal::AlreadyDone,
        Refusal::Closed(CLOSE_REASONS[0], NOW),
        Refusal::NothingOpen,
        Refusal::MalformedEmail,
        Refusal::SeveralEmails,
        Refusal::MalformedTicket,
        Refusal::UnknownCustomer("julia_p@example.com".to_owned()),
        Refusal::SeveralCustomers,
        Refusal::OwnAddress,
        Refusal::Attended,
        Refusal::TooManyOpen,
        Refusal::NoLinksLeft,
    ];
    refusals.extend(ACCOUNT_PROBLEMS.map(Refusal::AccountProblem));
    refusals.extend(NOT_ELIGIBLE[..2].iter().copied().map(Refusal::AgentIneligible));
    let limits = [
        Limit::Lookups,
        Limit::DailyLookups,
        Limit::Sends,
        Limit::AgentSends,
        Limit::WrongCodes,
        Limit::LinkRequests,
        Limit::LinkMails,
        Limit::RecoverRequests,
        Limit::RecoverConfirms,
        Limit::DeskFiles,
    ];
    refusals.extend(limits.map(|limit| Refusal::Limited(limit, soon)));
    refusals.extend([
        Refusal::LockedOut(LockedSubject::Own, soon, LockoutReason::WrongCodes),
        Refusal::LockedOut(LockedSubject::Customer, soon, LockoutReason::WrongCodes),
        Refusal::LockedOut(LockedSubject::Own, UNTIL_UNLOCKED, LockoutReason::WrongCodes),
        Refusal::LockedOut(LockedSubject::Own, soon, LockoutReason::Lead(7)),
        Refusal::LockedOut(LockedSubject::Customer, soon, LockoutReason::Lead(7)),
        Refusal::LockedOut(LockedSubject::Customer, UNTIL_UNLOCKED, LockoutReason::WrongCodes),
        Refusal::MalformedCode,
        Refusal::WrongCode(4),
        Refusal::WrongCode(1),
        Refusal::ExpiredCode,
        Refusal::TypeAgain,
        Refusal::CodeOnItsWay,
        Refusal::TooEarly(soon),
        Refusal::NoSendsLeft,
        Refusal::NoSuchMailbox,
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
    let counted = refusals.iter().filter(|refusal| !matches!(refusal, Refusal::Failed(_)));
    for refusal in counted {
        assert!(
            REFUSAL_WORDS.contains(&refusal.name()),
            "{refusal:?} has no metric from the start"
        );
    }
    assert_album!(|page| {
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
            Some(&Refusal::Closed(CLOSE_REASONS[2], NOW)),
        );
    });
}

#[test]
fn menus_and_forms() {
    assert_album!(|page| {
        let drivers = [
            SessionDriver::found(),
            SessionDriver::proving_customer(),
            SessionDriver::acting(Role::Owner),
        ];
        let sessions: Vec<_> = drivers.into_iter().map(|driver| Arc::new(driver.session)).collect();
        page.screen("pick", &session_menu(&sessions, page.locale));
        page.screen("moved", &moved_notice(page.locale));
        let mut session =
            SessionDriver::choosing().then(Event::Cancel("not now".to_owned())).session;
        session.locale = page.locale;
        for purpose in PURPOSES {
            page.form(&code_form(&session, purpose, 1));
        }
        page.form(&cancel_form(&session));
        for form in AddressForm::ALL {
            page.form(&form.form(1, page.locale));
        }
    });
}
