//! A click on a panel that moves its session: the steps of `docs/architecture.md`, in their order.

use std::sync::Arc;

use serde_json::json;

use super::{Click, Desk, reply::Reply};
use crate::account::rights::Loss;
use crate::address::{Action, Address, PICK};
use crate::code::Code;
use crate::customer::Dossier;
use crate::error::{Fault, Limit, Refusal};
use crate::face::face;
use crate::ports::{Claim, Committed, Live};
use crate::session::{Effect, Session, SessionId, Work};
use crate::step::{Event, Facts, Step, step};
use crate::support::{self, Attended, Needs, Road};
use crate::trail::what;
use crate::verify;

/// How often a move is decided again because the row was newer than what was read.
pub(super) const ATTEMPTS: u32 = 3;

impl Desk {
    pub(super) async fn press(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        custom_id: &str,
        values: Vec<String>,
    ) -> Result<(), Fault> {
        if custom_id == PICK {
            return Box::pin(self.picked(click, reply, values.first().map(String::as_str))).await;
        }
        let Some((address, live)) = self.addressed(click, reply, custom_id).await? else {
            return Ok(());
        };
        if address.action.draws() {
            return self.draw(click, reply, &live, &address).await;
        }
        let event = match address.action {
            Action::Start => Event::Start,
            Action::Close => Event::Dismiss,
            Action::Choose => Event::Choose(values.into_iter().next().unwrap_or_default()),
            Action::Send => Event::Send,
            Action::Resend => Event::Resend,
            Action::Change => Event::Change,
            Action::Open(target) => Event::Open(target),
            Action::Mail => Event::Mail,
            Action::Finish => Event::Finish,
            Action::Stay => Event::Stay,
            Action::Resume => Event::Resume,
            // Drawing actions were answered above; a modal's id on a button was made by nobody of
            // ours.
            Action::Page(_)
            | Action::EnterCode
            | Action::Plan
            | Action::Details(_)
            | Action::Back
            | Action::AskWhy
            | Action::Code(..)
            | Action::Cancel => {
                return self.say_no(click, reply, Refusal::UnknownButton).await;
            }
        };
        Box::pin(self.moving(click, reply, &live, &address, event, None)).await
    }

    pub(super) async fn submit(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        custom_id: &str,
        value: String,
    ) -> Result<(), Fault> {
        let Some((address, live)) = self.addressed(click, reply, custom_id).await? else {
            return Ok(());
        };
        match address.action {
            Action::Code(purpose, nth) => {
                let code = Code::parse(&value);
                let mac = code.as_ref().map(|code| {
                    self.ports.keys.mac(&format!(
                        "code:{}:{}:{nth}:{}",
                        address.session,
                        purpose.name(),
                        code.expose()
                    ))
                });
                Box::pin(self.moving(
                    click,
                    reply,
                    &live,
                    &address,
                    Event::Typed(mac),
                    code.as_ref(),
                ))
                .await
            }
            Action::Cancel => {
                Box::pin(self.moving(click, reply, &live, &address, Event::Cancel(value), None))
                    .await
            }
            _ => self.say_no(click, reply, Refusal::UnknownButton).await,
        }
    }

    /// Where a component leads, if it is one of ours and the caller's.
    async fn addressed(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        custom_id: &str,
    ) -> Result<Option<(Address, Arc<Live>)>, Fault> {
        let Ok(address) = custom_id.parse::<Address>() else {
            self.say_no(click, reply, Refusal::UnknownButton).await?;
            return Ok(None);
        };
        let Some(live) = self.ports.store.find(&address.session).await? else {
            self.say_no(click, reply, Refusal::UnknownButton).await?;
            return Ok(None);
        };
        if live.session().actor.discord_id != click.user {
            self.say_no(click, reply, Refusal::NotYours).await?;
            return Ok(None);
        }
        // Another process has drawn what was clicked: memory here is behind.
        let behind = live.session().generation < address.generation;
        let live = if behind {
            self.ports.store.reload(&address.session).await?.unwrap_or(live)
        } else {
            live
        };
        Ok(Some((address, live)))
    }

    async fn moving(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        live: &Arc<Live>,
        address: &Address,
        event: Event,
        code: Option<&Code>,
    ) -> Result<(), Fault> {
        let moved = self.moved(click, reply, live, address, event, code).await?;
        if moved == Moved::Not {
            return Ok(());
        }
        // The turn is given up by now: nobody waits for what follows.
        self.follow(live).await;
        if let Moved::Lost(loss) = moved {
            self.close_all_of(click.user, loss).await
        } else {
            Ok(())
        }
    }

    /// Decides, saves, does and draws, in turn.
    async fn moved(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        live: &Arc<Live>,
        address: &Address,
        event: Event,
        code: Option<&Code>,
    ) -> Result<Moved, Fault> {
        let _turn = live.turn.lock().await;
        let mut live = Arc::clone(live);
        for _ in 0..ATTEMPTS {
            let before = live.session();
            if before.pending.iter().any(|pending| pending.by == Some(click.ticket.interaction)) {
                // This very click has moved it, in another process, which may yet die over it.
                return self.elsewhere(click, reply, &address.session, code).await;
            }
            if before.closed().is_some() || before.generation != address.generation {
                return self.stale(click, reply, &live, address.action).await;
            }
            let overdue = click.at >= before.clocks.end();
            if before.awaits() && !overdue {
                // Left by a process that died over it, or could not save its outcome: it is
                // finished first, under its own key.
                if self.is_left_alone(&live).await? {
                    self.perform_awaited(
                        None,
                        &live,
                        Step::begin(&before, self.ports.clock.now()),
                        0,
                        None,
                    )
                    .await?;
                }
                continue;
            }
            let (event, dossier) = self.read_again(&before, &live, event.clone()).await?;
            let facts = Facts { now: click.at, dossier };
            let mut step = step(&before, if overdue { Event::Tick } else { event }, &facts);
            if let Some(refusal) = step.refusal.as_ref().filter(|_| step.acts.is_empty()) {
                step.act(what::REFUSED, json!({ "why": refusal.name() }));
            }
            Self::mark(&mut step, &before, click);
            match self.save(click, &mut step, &before).await? {
                Saved::Yes(counts) => {
                    let typed = step
                        .hits
                        .iter()
                        .zip(counts)
                        .find(|(hit, _)| hit.limit == Limit::WrongCodes);
                    let tries = typed.map_or(0, |(_, tries)| tries);
                    return self.carry_out(click, reply, &live, step, tries, code).await;
                }
                Saved::Elsewhere => {
                    return self.elsewhere(click, reply, &address.session, code).await;
                }
                Saved::Stale => match self.ports.store.reload(&address.session).await? {
                    Some(newer) => live = newer,
                    None => return Ok(Moved::Not),
                },
            }
        }
        Err(Fault::new("moving a session", "its row changed under every attempt"))
    }

    /// What every click that moves leaves in the session: generation, activity, token and language,
    /// and that it asked.
    fn mark(step: &mut Step, before: &Session, click: &Click) {
        step.moved(before);
        step.session.locale = click.locale;
        step.session.secrets.panel = Some((click.ticket.token.clone(), click.at));
        Self::asked_by(step, click.ticket.interaction);
    }

    /// Reads again what the event needs, and turns it into a loss when the agent's rights are gone.
    async fn read_again(
        &self,
        before: &Session,
        live: &Live,
        event: Event,
    ) -> Result<(Event, Option<Arc<Dossier>>), Fault> {
        let Work::Support(road, state) = &before.work else {
            return Ok((event, None));
        };
        let Needs { rights, customer } = support::needs(state, &event);
        if rights && let Some(loss) = self.loss(before).await? {
            return Ok((Event::Unentitled(loss), live.dossier()));
        }
        if customer && let Some(id) = &before.customer_id {
            live.know(self.ports.directory.read(id, *road).await?.map(Arc::new));
            return Ok((event, live.dossier()));
        }
        let chooses =
            matches!((road, &event), (_, Event::Choose(_)) | (Road::Successor, Event::Start));
        let dossier = if chooses { self.dossier(live).await? } else { live.dossier() };
        Ok((event, dossier))
    }

    /// What the session's agent lacks by now. It is the very account that the session was opened
    /// with that counts: an agent may have been linked to another since.
    pub(super) async fn loss(&self, session: &Session) -> Result<Option<Loss>, Fault> {
        Ok(match self.rights(session.actor.discord_id).await? {
            Ok((link, _)) if link.agent_id == session.actor.agent_id => None,
            Ok(_) => Some(Loss::Link),
            Err(loss) => Some(loss),
        })
    }

    /// Saves a decided step. What the store refuses becomes a refusal on the panel, saved in its
    /// place.
    async fn save(&self, click: &Click, step: &mut Step, before: &Session) -> Result<Saved, Fault> {
        let interaction = click.ticket.interaction;
        let claim = if step.session.pending.iter().any(|pending| pending.effect.is_awaited()) {
            Claim::Begin(interaction)
        } else {
            Claim::Whole(interaction)
        };
        let refusal = match self.ports.store.commit(step.commit(claim)).await? {
            Committed::Saved { counts, version } => {
                step.session.version = version;
                return Ok(Saved::Yes(counts));
            }
            Committed::Claimed => return Ok(Saved::Elsewhere),
            Committed::Stale => return Ok(Saved::Stale),
            Committed::Taken => Refusal::Attended,
            Committed::Limited(limit, at) => Refusal::Limited(limit, at),
            Committed::Resting(at) => Refusal::Resting(at),
        };
        let mut refused = Step::begin(before, click.at);
        if let (Refusal::Attended, Work::Support(_, support::State::Found { attended, .. })) =
            (&refusal, &mut refused.session.work)
        {
            *attended = Attended::BySomebody;
        }
        refused.act(what::REFUSED, json!({ "why": refusal.name() }));
        refused.refuse(refusal);
        Self::mark(&mut refused, before, click);
        *step = refused;
        match self.ports.store.commit(step.commit(Claim::Whole(interaction))).await? {
            Committed::Saved { counts, version } => {
                step.session.version = version;
                Ok(Saved::Yes(counts))
            }
            Committed::Claimed => Ok(Saved::Elsewhere),
            _ => Ok(Saved::Stale),
        }
    }

    /// Does what the step wants of the outside and draws the panel.
    async fn carry_out(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        live: &Arc<Live>,
        step: Step,
        tries: u32,
        code: Option<&Code>,
    ) -> Result<Moved, Fault> {
        let done = self.perform_awaited(Some((click, reply)), live, step, tries, code).await?;
        self.show_outcome(reply, live, done).await
    }

    /// Answers a click with the panel that it has come to.
    async fn show_outcome(
        &self,
        reply: &Reply<'_>,
        live: &Arc<Live>,
        done: Step,
    ) -> Result<Moved, Fault> {
        let dossier = self.dossier_for_panel(live).await;
        let now = self.ports.clock.now();
        reply.panel(face(&done.session, dossier.as_deref(), done.refusal.as_ref(), 0, now)).await;
        self.replace_expired(&done.session, &done.expired).await;
        Ok(if let Some(Refusal::RightsLost(loss)) = done.refusal {
            Moved::Lost(loss)
        } else {
            Moved::On
        })
    }

    /// Somebody else has claimed this interaction. When they die over it, what they saved is
    /// finished here; where that was done by somebody who cannot answer the click, it is answered
    /// here.
    pub(super) async fn elsewhere(
        &self,
        click: &Click,
        reply: &Reply<'_>,
        id: &SessionId,
        code: Option<&Code>,
    ) -> Result<Moved, Fault> {
        reply.stand_back().await;
        let ours = self.ports.store.take_over(click.ticket.interaction).await?;
        if ours {
            reply.step_in().await;
        }
        // Whoever has it has moved the session: memory here is behind.
        let newest = self.ports.store.reload(id).await?;
        let Some(live) = newest.filter(|_| ours) else {
            return Ok(Moved::Not);
        };
        let session = live.session();
        let step = Step::begin(&session, self.ports.clock.now());
        let Some(ours) =
            session.pending.iter().find(|pending| pending.by == Some(click.ticket.interaction))
        else {
            return self.show_outcome(reply, &live, step).await;
        };
        let tries = match &ours.effect {
            Effect::Verify { purpose, .. } => {
                self.ports.store.counted(&verify::a_try(&session, *purpose), click.at).await?
            }
            _ => 0,
        };
        self.carry_out(click, reply, &live, step, tries, code).await
    }
}

/// What a click has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    /// It came too late, or another process has it: whoever moved the session does what is left to
    /// do.
    Not,
    /// The session has moved.
    On,
    /// The agent turned out to be none any more.
    Lost(Loss),
}

/// What became of saving a step.
enum Saved {
    /// It stands; how many of each hit there are.
    Yes(Vec<u32>),
    /// Another process has the interaction.
    Elsewhere,
    /// Another click was faster.
    Stale,
}
