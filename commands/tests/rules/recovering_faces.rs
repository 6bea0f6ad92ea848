//! Every panel of a recovery in both languages, as `faces.rs` tells those of the other roads.

use commands::step::{Event, NotDone};
use commands::time::minutes;
use commands::verify::RESEND_WAIT;

use crate::events::{NO_RESETS, NOT_CONFIRMED};
use crate::faces::{Album, after};
use crate::road::Road;

#[test]
fn every_panel_of_a_recovery() {
    let fault = || NotDone::Fault("F-7K2M9Q".to_owned());
    let album = Album::of(|page| {
        page.road("mailed", &Road::recovering_mailed());
        let mut again = after(Road::recovering_mailed(), RESEND_WAIT);
        again.hears(Event::Resend);
        again.resets(Ok(Ok("b•••@w•••.example".to_owned())));
        page.road("mailed again", &again);
        for (name, outcome) in
            [("not mailed", Ok(Err(NO_RESETS[0]))), ("perhaps mailed", Err(fault()))]
        {
            let mut road = Road::recovering();
            road.resets(outcome);
            page.road(name, &road);
        }
        let outcomes = [
            ("not changed", Ok(Err(NOT_CONFIRMED[0]))),
            ("perhaps changed", Err(fault())),
            ("interrupted", Err(NotDone::Interrupted)),
            ("changed", Ok(Ok(()))),
        ];
        for (name, outcome) in outcomes {
            let mut road = Road::recovering_mailed();
            road.confirms(outcome);
            page.road(name, &road);
            if let Some(pending) =
                road.session.pending.first().filter(|_| road.session.closed().is_some())
            {
                road.hears(Event::Told(pending.effect.clone(), Ok(())));
                page.road("changed and signed out", &road);
            }
        }
        page.road("near its end", &after(Road::recovering_mailed(), minutes(57)));
        page.road("stripped", &after(Road::recovering_mailed(), minutes(60) - RESEND_WAIT / 10));
        page.road("put away", &Road::recovering_mailed().then(Event::Dismiss));
        let mut sealed = Road::recovering_mailed();
        sealed.session.secrets.page = None;
        page.road("its address cannot be read", &sealed);
    });
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(album) });
}
