//! Waiting for the bot: until it has answered, until it owes nothing more.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::Discord;
use super::interaction::{FIRST_ANSWER, TOKEN_LIFE};
use super::refusal::Blame;

/// How long anything waits for the bot in real time, whatever the sandbox's clock says. Only a bot
/// that hangs takes so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a click that no connection heard waits in real time for a bot that reconnects.
const UNHEARD: Duration = Duration::from_secs(3);

/// Resolves when the bot is at rest.
pub(super) type RestProbe = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

impl Discord {
    /// Makes [`settled`](Self::settled) wait for `probe` as well: what the bot still does after its
    /// answers only the bot's own side can tell.
    pub fn at_rest_when(&self, probe: impl Fn() -> BoxFuture<'static, ()> + Send + Sync + 'static) {
        self.probes().push(Arc::new(probe));
    }

    /// Forgets what [`at_rest_when`](Self::at_rest_when) added, when the bot it asked is gone.
    pub fn forget_rest_probes(&self) {
        self.probes().clear();
    }

    /// Resolves when every interaction delivered so far has its first answer and every deferred one
    /// its content.
    ///
    /// An interaction whose three seconds, or whose token's life, have passed is owed nothing more.
    /// After ten seconds of real time it gives up and records a violation.
    pub async fn settled(&self) {
        let mut changed = self.changed();
        let mut patience = pin!(tokio::time::sleep(PATIENCE));
        loop {
            changed.mark_unchanged();
            let open = self.unsettled();
            let Some(deadline) = open.iter().map(|(_, deadline)| *deadline).min() else {
                let probes = self.probes().clone();
                for probe in probes {
                    tokio::select! {
                        () = probe() => {}
                        () = &mut patience => return self.give_up(&[], "the bot never came to rest"),
                    }
                }
                if self.unsettled().is_empty() {
                    return;
                }
                continue;
            };
            tokio::select! {
                _ = changed.changed() => {}
                () = self.clock.sleep_until(deadline) => {}
                () = &mut patience => {
                    let ids: Vec<u64> = open.into_iter().map(|(id, _)| id).collect();
                    return self.give_up(&ids, "an answer, or the content of a deferred one, never came");
                }
            }
        }
    }

    /// Resolves when the interaction has its first answer, or the client has given up on it.
    pub(crate) async fn answered(&self, id: u64) {
        let mut changed = self.changed();
        let mut patience = pin!(tokio::time::sleep(PATIENCE));
        let mut unheard = pin!(tokio::time::sleep(UNHEARD));
        loop {
            changed.mark_unchanged();
            let now = self.now();
            let (deadline, heard, heard_back) = {
                let mut state = self.state();
                state.expire(now);
                let hopeless = !state.sessions.may_hear(now);
                let Some(interaction) = state.interactions.get(&id) else {
                    return;
                };
                let heard = interaction.deliveries > 0;
                if interaction.answer.is_some() || interaction.failed || (!heard && hopeless) {
                    return;
                }
                (interaction.created_at + FIRST_ANSWER + 1, heard, interaction.heard_back.clone())
            };
            tokio::select! {
                () = heard_back.notified() => {}
                // Once it is heard, only its own answer matters: hundreds wait at once when a bot
                // is measured.
                _ = changed.changed(), if !heard => {}
                () = self.clock.sleep_until(deadline) => {}
                () = &mut unheard, if !heard => return,
                () = &mut patience => return self.give_up(&[id], "no first answer came"),
            }
        }
    }

    /// Interactions to which something is owed, and until when.
    fn unsettled(&self) -> Vec<(u64, i64)> {
        let now = self.now();
        let mut state = self.state();
        state.expire(now);
        let open = state.interactions.values().filter(|interaction| !interaction.is_settled(now));
        open.map(|interaction| {
            let life = if interaction.answer.is_some() { TOKEN_LIFE } else { FIRST_ANSWER + 1 };
            (interaction.id, interaction.created_at + life)
        })
        .collect()
    }

    fn give_up(&self, ids: &[u64], why: &str) {
        let routes: Vec<String> = {
            let mut state = self.state();
            let told = |id: &u64| {
                let interaction = state.interactions.get_mut(id)?;
                interaction.failed = true;
                let what = interaction.via.clone().or_else(|| {
                    interaction.data.get("custom_id").and_then(|id| id.as_str()).map(str::to_owned)
                });
                Some(format!("interaction {id} ({})", what.unwrap_or_default()))
            };
            ids.iter().filter_map(told).collect()
        };
        let what = format!("{why} within {} s of real time", PATIENCE.as_secs());
        self.note(Blame::Bot, what, &routes.join(", "), "");
    }

    fn probes(&self) -> std::sync::MutexGuard<'_, Vec<RestProbe>> {
        self.rest_probes.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
