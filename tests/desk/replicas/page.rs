//! The recovery page on two replicas: it can be balanced in any way, and what one is at the other
//! leaves alone.

use std::sync::Arc;
use std::time::Duration;

use commands::flows::recover::messages::FieldMessage;
use commands::handlers::recovery_page::{RecoveryDesk as _, View};
use sandbox::clock::Clock as _;
use sandbox::discord::Person;
use tokio::task::JoinHandle;

use super::pair::Pair;
use crate::recover::visit::{NEW, Visit};
use crate::world::LOOK;

const BEN: &str = "ben@waizant.example";

/// The link of somebody who has just asked for it, and the code that was mailed.
async fn recovers(pair: &Pair, who: &Person) -> (Visit, String) {
    who.types(&format!("/account recover email:{BEN}")).await;
    pair.sees(who).await;
    // What clients still wait for from earlier on would draw the clock along.
    pair.settled().await;
    pair.clock.advance(Duration::from_secs(4));
    (Visit::of(who), pair.code_for(BEN))
}

/// Save is pressed on a page of this replica.
fn saves(
    pair: &Pair,
    which: usize,
    visit: &Visit,
    code: &str,
) -> JoinHandle<Option<(View, Option<FieldMessage>)>> {
    let (desk, token, code) = (pair.desk(which), visit.token().to_owned(), code.to_owned());
    pair.spawn(
        which,
        async move { desk.confirm(&token, &code, NEW.into(), NEW.into()).await.unwrap() },
    )
}

/// Somebody looks now and then whether another replica is done.
async fn somebody_waits(pair: &Pair) {
    let next = pair.clock.now() + i64::try_from(LOOK.as_millis()).unwrap();
    while pair.clock.next_deadline() != Some(next) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_password_that_is_saved_on_both_at_once_is_asked_for_once() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        let (visit, code) = recovers(pair, &ben).await;
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("ConfirmForgotPassword");
        let one = saves(pair, 0, &visit, &code);
        aws.faults().arrived("ConfirmForgotPassword", 1).await;
        let two = saves(pair, 1, &visit, &code);
        somebody_waits(pair).await;
        aws.faults().release("ConfirmForgotPassword");
        for saved in [one, two] {
            let (view, said) = pair.dozing(saved).await.unwrap().expect("the link is good");
            assert!(view.done && said.is_none(), "{said:?}");
        }
        assert_eq!(aws.calls_of("ConfirmForgotPassword").len(), 1);
        assert!(pair.sees(&ben).await.contains("Your password was changed"));
        for once in ["password_changed", "closed {\"why\":\"finished\"}"] {
            assert_eq!(pair.events(once).await, 1, "{once}: {:#?}", pair.postgres.trail().await);
        }
        assert_eq!(pair.events("password_not_changed").await, 0);
        assert_eq!(
            pair.postgres.count("select count(*) from claims where outcome is null").await,
            0
        );
    })
    .await;
}

#[tokio::test]
async fn a_password_that_is_being_saved_is_not_taken_back_by_close() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        let (visit, code) = recovers(pair, &ben).await;
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("ConfirmForgotPassword");
        let saving = saves(pair, 0, &visit, &code);
        aws.faults().arrived("ConfirmForgotPassword", 1).await;
        let closing = tokio::spawn({
            let ben = ben.clone();
            async move { ben.presses("Close").await }
        });
        somebody_waits(pair).await;
        aws.faults().release("ConfirmForgotPassword");
        let (view, said) = pair.dozing(saving).await.unwrap().expect("the link is good");
        assert!(view.done && said.is_none(), "{said:?}");
        pair.dozing(closing).await.unwrap();
        assert!(pair.sees(&ben).await.contains("Your password was changed"));
        assert_eq!((pair.events("closed").await, pair.events("password_changed").await), (1, 1));
    })
    .await;
}
