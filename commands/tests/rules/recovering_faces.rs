//! Every panel of a recovery in both languages, as `faces.rs` tells those of the other roads.

use commands::model::event::Event;
use commands::model::outcome::EffectError;
use commands::model::time::minutes;
use commands::model::verification::RESEND_WAIT;

use crate::events::{NO_RESETS, NOT_CONFIRMED};
use crate::faces::{Album, after};
use crate::road::SessionDriver;

#[test]
fn every_panel_of_a_recovery() {
    let fault = || EffectError::Fault("F-7K2M9Q".to_owned());
    let album = Album::of(|page| {
        page.road("mailed", &SessionDriver::recovering_mailed());
        let mut again = after(SessionDriver::recovering_mailed(), RESEND_WAIT);
        again.hears(Event::Resend);
        again.resets(Ok(Ok("b•••@w•••.example".to_owned())));
        page.road("mailed again", &again);
        for (name, outcome) in
            [("not mailed", Ok(Err(NO_RESETS[0]))), ("perhaps mailed", Err(fault()))]
        {
            let mut road = SessionDriver::recovering();
            road.resets(outcome);
            page.road(name, &road);
        }
        let outcomes = [
            ("not changed", Ok(Err(NOT_CONFIRMED[0]))),
            ("perhaps changed", Err(fault())),
            ("interrupted", Err(EffectError::Interrupted)),
            ("changed", Ok(Ok(()))),
        ];
        for (name, outcome) in outcomes {
            let mut road = SessionDriver::recovering_mailed();
            road.confirms(outcome);
            page.road(name, &road);
            if let Some(pending) =
                road.session.pending.first().filter(|_| road.session.closed().is_some())
            {
                road.hears(Event::NoticeSent(pending.effect.clone(), Ok(())));
                page.road("changed and signed out", &road);
            }
        }
        page.road("near its end", &after(SessionDriver::recovering_mailed(), minutes(57)));
        page.road(
            "stripped",
            &after(SessionDriver::recovering_mailed(), minutes(60) - RESEND_WAIT / 10),
        );
        page.road("put away", &SessionDriver::recovering_mailed().then(Event::Dismiss));
        let mut sealed = SessionDriver::recovering_mailed();
        sealed.session.secrets.page = None;
        page.road("its address cannot be read", &sealed);
    });
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(album) });
}
