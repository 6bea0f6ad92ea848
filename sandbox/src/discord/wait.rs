//! Waiting for the bot: for a first answer, and for the end of all work.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::interaction::{FIRST_ANSWER, TOKEN_LIFE};
use super::refusal::Blame;
use super::service::Discord;

/// Real time that any wait for the bot takes at most. Only a hung bot takes so long.
const BOT_TIMEOUT: Duration = Duration::from_secs(10);

/// Real time that an undelivered interaction waits for the bot to reconnect.
const RECONNECT_TIMEOUT: Duration = Duration::from_secs(3);

impl Discord {
    /// Makes [`wait_until_idle`](Self::wait_until_idle) wait for `probe` as well.
    ///
    /// Only the bot's own side knows of work that continues after its answers.
    pub fn add_idle_probe(
        &self,
        probe: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) {
        self.idle_probes().push(Arc::new(probe));
    }

    /// Removes the probes, for a bot that has stopped.
    pub fn clear_idle_probes(&self) {
        self.idle_probes().clear();
    }

    /// Waits until every delivered interaction has its first answer and its deferred content.
    ///
    /// It does not wait for an interaction after its three seconds, or after the life of its token.
    /// After ten seconds of real time it gives up and records a violation.
    pub async fn wait_until_idle(&self) {
        let mut changed = self.changed();
        let mut timeout = pin!(tokio::time::sleep(BOT_TIMEOUT));
        loop {
            changed.mark_unchanged();
            let open = self.open_interactions();
            let Some(deadline) = open.iter().map(|(_, deadline)| *deadline).min() else {
                let probes = self.idle_probes().clone();
                for probe in probes {
                    tokio::select! {
                        () = probe() => {}
                        () = &mut timeout => return self.give_up(&[], "the bot was not idle"),
                    }
                }
                if self.open_interactions().is_empty() {
                    return;
                }
                continue;
            };
            tokio::select! {
                _ = changed.changed() => {}
                () = self.clock.sleep_until(deadline) => {}
                () = &mut timeout => {
                    let ids: Vec<u64> = open.into_iter().map(|(id, _)| id).collect();
                    return self.give_up(&ids, "no answer, or no content of a deferred one");
                }
            }
        }
    }

    /// Waits until the interaction has its first answer, or the client has given up.
    pub(super) async fn wait_for_answer(&self, id: u64) {
        let mut changed = self.changed();
        let mut timeout = pin!(tokio::time::sleep(BOT_TIMEOUT));
        let mut reconnect_timeout = pin!(tokio::time::sleep(RECONNECT_TIMEOUT));
        loop {
            changed.mark_unchanged();
            let now = self.now();
            let (deadline, delivered, answered) = {
                let mut state = self.state();
                state.expire_interactions(now);
                let unreachable = !state.sessions.may_receive(now);
                let Some(interaction) = state.interactions.get(&id) else {
                    return;
                };
                let delivered = interaction.deliveries > 0;
                if interaction.answer.is_some() || interaction.failed || (!delivered && unreachable)
                {
                    return;
                }
                (interaction.created_at + FIRST_ANSWER + 1, delivered, interaction.answered.clone())
            };
            tokio::select! {
                () = answered.notified() => {}
                // After delivery only its own answer matters, because hundreds wait at once in a
                // benchmark.
                _ = changed.changed(), if !delivered => {}
                () = self.clock.sleep_until(deadline) => {}
                () = &mut reconnect_timeout, if !delivered => return,
                () = &mut timeout => return self.give_up(&[id], "no first answer"),
            }
        }
    }

    /// Returns the interactions that the bot must still answer or fill, each with its deadline.
    fn open_interactions(&self) -> Vec<(u64, i64)> {
        let now = self.now();
        let mut state = self.state();
        state.expire_interactions(now);
        let open = state.interactions.values().filter(|interaction| !interaction.is_complete(now));
        open.map(|interaction| {
            let life = if interaction.answer.is_some() { TOKEN_LIFE } else { FIRST_ANSWER + 1 };
            (interaction.id, interaction.created_at + life)
        })
        .collect()
    }

    fn give_up(&self, ids: &[u64], why: &str) {
        let routes: Vec<String> = {
            let mut state = self.state();
            let fail = |id: &u64| {
                let interaction = state.interactions.get_mut(id)?;
                interaction.failed = true;
                let what = interaction.via.clone().or_else(|| {
                    interaction.data.get("custom_id").and_then(|id| id.as_str()).map(str::to_owned)
                });
                Some(format!("interaction {id} ({})", what.unwrap_or_default()))
            };
            ids.iter().filter_map(fail).collect()
        };
        let what = format!("{why} within {} s of real time", BOT_TIMEOUT.as_secs());
        self.record_violation(Blame::Bot, what, &routes.join(", "), "");
    }
}
