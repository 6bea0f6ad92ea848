//! Every panel of a recovery in both languages, as text.

use commands::model::event::Event;
use commands::model::outcome::EffectError;
use commands::model::time::minutes;
use commands::model::verification::RESEND_WAIT;

use crate::album::assert_album;
use crate::events::{CONFIRM_DENIALS, RESET_DENIALS};
use crate::panels::after;
use crate::session_driver::SessionDriver;

#[test]
fn every_recovery_panel() {
    let fault = || EffectError::Fault("F-7K2M9Q".to_owned());
    assert_album!(|page| {
        page.panel("mailed", &SessionDriver::recovering_mailed());
        let mut resent = after(SessionDriver::recovering_mailed(), RESEND_WAIT);
        resent.apply(Event::Resend);
        resent.finish_reset(Ok(Ok("b•••@w•••.example".to_owned())));
        page.panel("mailed again", &resent);
        for (name, outcome) in
            [("not mailed", Ok(Err(RESET_DENIALS[0]))), ("perhaps mailed", Err(fault()))]
        {
            let mut driver = SessionDriver::recovering();
            driver.finish_reset(outcome);
            page.panel(name, &driver);
        }
        let outcomes = [
            ("not changed", Ok(Err(CONFIRM_DENIALS[0]))),
            ("perhaps changed", Err(fault())),
            ("interrupted", Err(EffectError::Interrupted)),
            ("changed", Ok(Ok(()))),
        ];
        for (name, outcome) in outcomes {
            let mut driver = SessionDriver::recovering_mailed();
            driver.finish_confirm(outcome);
            page.panel(name, &driver);
            if let Some(pending) =
                driver.session.pending.first().filter(|_| driver.session.closed().is_some())
            {
                driver.apply(Event::NoticeSent(pending.effect.clone(), Ok(())));
                page.panel("changed and signed out", &driver);
            }
        }
        page.panel("warned", &after(SessionDriver::recovering_mailed(), minutes(57)));
        page.panel(
            "stripped",
            &after(SessionDriver::recovering_mailed(), minutes(60) - RESEND_WAIT / 10),
        );
        page.panel("dismissed", &SessionDriver::recovering_mailed().then(Event::Dismiss));
        let mut unreadable = SessionDriver::recovering_mailed();
        unreadable.session.secrets.page = None;
        page.panel("unreadable address", &unreadable);
    });
}
