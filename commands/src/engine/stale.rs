//! A click on what is not the panel any more: it draws the panel as it is, and does nothing else.

use std::sync::Arc;

use crate::engine::click::{ATTEMPTS, Moved};
use crate::engine::desk::Desk;
use crate::engine::interaction::InteractionContext;
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::flows::step::Step;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed, SessionHandle};
use crate::screens::custom_id::Action;

impl Desk {
    /// A component of an older generation never acts: it draws the panel as it is and says so. It
    /// costs no try.
    pub(crate) async fn stale(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        handle: &Arc<SessionHandle>,
        action: Action,
    ) -> Result<Moved, Fault> {
        let (mut claim, mut left) = (Claim::Whole(interaction.reply.interaction_id), None);
        for _ in 0..ATTEMPTS {
            let before = handle.session();
            if before.closed().is_none() && before.is_busy() {
                // Left by a process that died over it, or could not save its outcome: what is drawn
                // shall be true. The click is claimed before, as whoever has it already may be the
                // one that is waited for.
                if claim != Claim::None {
                    let alone = Commit { now: interaction.at, claim, ..Commit::default() };
                    if self.ports.store.commit(alone).await? == Committed::Claimed {
                        return self
                            .follow_other_replica(interaction, reply, &before.id, None)
                            .await;
                    }
                    claim = Claim::None;
                }
                reply.defer().await;
                if self.acquire_or_wait(handle).await? {
                    let step = Step::begin(&before, self.ports.clock.now());
                    left = self.perform_blocking(None, handle, step, 0, None).await?.refusal;
                }
                continue;
            }
            let mut step = Step::begin(&before, interaction.at);
            if before.closed().is_none() {
                // The message that was clicked shows the panel from now on, so its token is the one
                // that edits it. No activity.
                step.session.generation = before.generation.saturating_add(1);
                step.session.secrets.panel =
                    Some((interaction.reply.token.clone(), interaction.at));
                step.refuse(left.clone().unwrap_or_else(|| superseded(&before, action)));
                match self.ports.store.commit(step.commit(claim)).await? {
                    Committed::Saved { .. } => {}
                    Committed::Claimed => {
                        return self
                            .follow_other_replica(interaction, reply, &before.id, None)
                            .await;
                    }
                    // Another process has moved it: what is drawn is the newest.
                    _ => {
                        self.ports.store.reload(&before.id).await?;
                        continue;
                    }
                }
            } else {
                // Nothing to claim: it stays closed, whoever draws it.
                reply.allow_duplicate();
            }
            let record = self.record_for_panel(handle).await;
            reply
                .panel(panel::render(
                    &step.session,
                    record.as_deref(),
                    step.refusal.as_ref(),
                    0,
                    interaction.at,
                ))
                .await;
            return Ok(Moved::Not);
        }
        Err(Fault::new("drawing a session as it is", "its row changed under every attempt"))
    }
}

/// What a click is told that came too late: its code was followed by another, or what it asks for
/// was done.
fn superseded(session: &Session, action: Action) -> Refusal {
    match action {
        Action::Code(purpose, nth)
            if session
                .verification(purpose)
                .challenge
                .as_ref()
                .is_some_and(|newer| newer.nth > nth) =>
        {
            Refusal::ExpiredCode
        }
        _ => Refusal::AlreadyDone,
    }
}
