//! The recovery page on two replicas. A load balancer may choose either, and a replica waits for
//! the call of the other.

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

/// Starts a recovery. Returns the link and the mailed code.
async fn start_recovery(pair: &Pair, who: &Person) -> (Visit, String) {
    who.types(&format!("/account recover email:{BEN}")).await;
    pair.sees(who).await;
    // Timeouts of earlier interactions must be over before the test stops the clock.
    pair.settled().await;
    pair.clock.advance(Duration::from_secs(4));
    (Visit::of(who), pair.code_for(BEN))
}

/// Presses **Save** on the page of a replica.
fn save(
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

/// Waits until a replica polls for the end of the other's call.
async fn until_polling(pair: &Pair) {
    let next = pair.clock.now() + i64::try_from(LOOK.as_millis()).unwrap();
    while pair.clock.next_deadline() != Some(next) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn password_saved_on_both_is_confirmed_once() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        let (visit, code) = start_recovery(pair, &ben).await;
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("ConfirmForgotPassword");
        let one = save(pair, 0, &visit, &code);
        aws.faults().arrived("ConfirmForgotPassword", 1).await;
        let two = save(pair, 1, &visit, &code);
        until_polling(pair).await;
        aws.faults().release("ConfirmForgotPassword");
        for saved in [one, two] {
            let (view, message) =
                pair.with_moving_clock(saved).await.unwrap().expect("the link is valid");
            assert!(view.done && message.is_none(), "{message:?}");
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
async fn close_during_a_save_keeps_the_password() {
    Pair::run(async |pair| {
        let ben = pair.person("ben");
        let (visit, code) = start_recovery(pair, &ben).await;
        let aws = Arc::clone(&pair.sandbox.aws);
        aws.faults().hold("ConfirmForgotPassword");
        let saving = save(pair, 0, &visit, &code);
        aws.faults().arrived("ConfirmForgotPassword", 1).await;
        let closing = tokio::spawn({
            let ben = ben.clone();
            async move { ben.presses("Close").await }
        });
        until_polling(pair).await;
        aws.faults().release("ConfirmForgotPassword");
        let (view, message) =
            pair.with_moving_clock(saving).await.unwrap().expect("the link is valid");
        assert!(view.done && message.is_none(), "{message:?}");
        pair.with_moving_clock(closing).await.unwrap();
        assert!(pair.sees(&ben).await.contains("Your password was changed"));
        assert_eq!((pair.events("closed").await, pair.events("password_changed").await), (1, 1));
    })
    .await;
}
