//! Faults of Core: a process with an empty cache cannot read it, or it changes under a process
//! whose cache and prepared statements are warm.

use super::faults::Fault;
use super::inject::{DEFER_AFTER, Injection, SDK_RETRY};
use super::step::StepKind;

/// A look-up that finds no customer. It only prepares the statement of the next one.
const WARM_UP: &str = "/support technical email:nobody@example.com";

impl Injection<'_> {
    /// Makes Core fail for a new process.
    pub(super) async fn fail_core(&mut self) -> String {
        self.world.restarts().await;
        let core = self.world.sandbox.core.clone();
        if self.fault == Fault::CoreSilent {
            core.lock_exclusively().await.unwrap();
        } else {
            core.drop_views().await.unwrap();
        }
        let seen = self.perform(DEFER_AFTER).await;
        if self.fault == Fault::CoreSilent {
            core.unlock().await.unwrap();
        } else {
            core.create_views().await.unwrap();
        }
        seen
    }

    /// Changes the views under the running process, before or after the step.
    pub(super) async fn change_core(&mut self) -> String {
        if self.step.kind == StepKind::StartsSession {
            self.who.types(WARM_UP).await;
            let seen = self.world.with_moving_clock(SDK_RETRY, self.who.sees()).await;
            assert!(seen.contains("No Waizant customer has the address"), "{seen}");
        }
        let core = self.world.sandbox.core.clone();
        if self.fault == Fault::CoreColumnMissing {
            core.remove_column().await.unwrap();
        } else {
            core.drop_views().await.unwrap();
        }
        if self.fault == Fault::CoreReplaced {
            core.create_replaced_views().await.unwrap();
        }
        let seen = self.perform(SDK_RETRY).await;
        if self.fault == Fault::CoreColumnMissing {
            core.drop_views().await.unwrap();
        }
        if self.fault != Fault::CoreReplaced {
            core.create_replaced_views().await.unwrap();
        }
        seen
    }
}
