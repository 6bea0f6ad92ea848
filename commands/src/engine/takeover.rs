//! Takes a click over from a replica that died, or that finished without a reply.

use std::sync::Arc;

use futures_util::FutureExt as _;
use secrecy::ExposeSecret as _;

use crate::engine::cause::Cause;
use crate::engine::desk::Desk;
use crate::engine::effects::EffectInput;
use crate::engine::interaction::ClickContext;
use crate::engine::moved::Moved;
use crate::engine::transition::{Decision, Saved, Transition};
use crate::flows::step::Step;
use crate::model::code::Code;
use crate::model::effect::Effect;
use crate::model::fault::Fault;
use crate::model::limit::Attempts;
use crate::model::refusal::Refusal;
use crate::model::session::Session;
use crate::screens::widgets::note;

impl Desk {
    /// Waits for the process that claimed this interaction. If that process is dead, or finished
    /// without a reply, finishes the effect here and replies.
    pub(crate) async fn follow_other_replica(
        &self,
        click: &ClickContext<'_>,
        code: Option<&Code>,
    ) -> Result<Moved, Fault> {
        let id = click.interaction().id();
        click.reply.yield_reply().await;
        let taken_over = self.ports.claims.take_over(id).await?;
        if taken_over {
            click.reply.take_over_reply().await;
        }
        // The other process has moved the session, so the cache is outdated.
        let newest = self.ports.sessions.reload(&click.handle.session().id).await?;
        if !taken_over {
            return Ok(Moved::No);
        }
        if newest.is_none() {
            return show_gone(click).await;
        }
        let session = click.handle.session();
        let step = Step::begin(&session, self.ports.clock.now());
        let pending = session.pending.iter().find(|pending| pending.requested_by == Some(id));
        let attempts = match pending.map(|pending| &pending.effect) {
            None => return self.redraw_taken_over(click).await,
            Some(Effect::Verify { purpose, .. }) => {
                self.count_attempts(&session, *purpose, click.interaction().at).await?
            }
            Some(_) => Attempts::default(),
        };
        let input = EffectInput { click: Some(click), code, attempts };
        let done = self.perform_blocking(click.handle, step, input).await?;
        self.show(click, &done).await
    }

    /// Draws the panel in the message of a click that was taken over. If the dead process had not
    /// moved the session yet, the session moves to this message and the agent can click again.
    async fn redraw_taken_over(&self, click: &ClickContext<'_>) -> Result<Moved, Fault> {
        let cause = Cause::TakenOver(click.interaction());
        let transition = self.transition(click.handle, cause, |before: Arc<Session>| {
            let decision = if before.closed().is_some() || is_panel_of(&before, click) {
                Decision::Unchanged
            } else {
                Decision::Save(Box::new(move_panel(&before, click)))
            };
            async move { Ok(decision) }.boxed()
        });
        let step = match transition.await? {
            Transition::Saved(Saved { mut step, leftover, .. }) => {
                step.refusal = leftover.or(step.refusal);
                step
            }
            Transition::Refused { step, .. } => step,
            Transition::Unchanged(session) => {
                Box::new(Step::begin(&session, self.ports.clock.now()))
            }
            Transition::ClaimedElsewhere => return Ok(Moved::No),
            Transition::Unchecked(fault) => {
                let in_place = click.interaction().reply.from_message;
                return self.draw_unchecked(click, fault, in_place).await;
            }
            Transition::Gone => return show_gone(click).await,
        };
        self.show(click, &step).await
    }
}

/// Replies to a click on a session without a readable row. The click is already claimed.
async fn show_gone(click: &ClickContext<'_>) -> Result<Moved, Fault> {
    click.reply.note_refusal(&Refusal::SessionGone);
    click.reply.note(note(&Refusal::SessionGone, click.interaction().locale)).await;
    Ok(Moved::No)
}

/// Returns true if the message of this click already shows the panel.
fn is_panel_of(session: &Session, click: &ClickContext<'_>) -> bool {
    let token = click.interaction().reply.token.expose_secret();
    session.secrets.panel.as_ref().is_some_and(|(panel, _)| panel.expose_secret() == token)
}

/// Builds the step that moves the panel to the message of this click. It is no activity.
pub(crate) fn move_panel(before: &Session, click: &ClickContext<'_>) -> Step {
    let mut step = Step::begin(before, click.interaction().at);
    step.session.generation = before.generation.saturating_add(1);
    let token = click.interaction().reply.token.clone();
    step.session.secrets.panel = Some((token, click.interaction().at));
    step
}
