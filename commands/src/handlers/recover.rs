//! `/account recover`: the account looked over, a code asked of Cognito, and the link to the page.
//! And how Cognito is asked at all.

use std::time::Duration;

use serde_json::json;

use crate::engine::desk::{Desk, actor, trail_event};
use crate::engine::interaction::InteractionContext;
use crate::engine::panel;
use crate::engine::reply::Reply;
use crate::flows::recover;
use crate::flows::recover::token::PageToken;
use crate::model::account::{Account, AccountStatus};
use crate::model::email::Email;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::flow_state::RecoverState;
use crate::model::refusal::Refusal;
use crate::model::session::Work;
use crate::model::time::Timestamp;
use crate::model::trail::kind;
use crate::model::words::{CloseReason, SessionId};
use crate::ports::claims::Claim;
use crate::ports::sessions::{Commit, Committed};
use crate::screens::widgets::note;

impl Desk {
    pub(crate) async fn ask_recovery(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        typed: &str,
    ) -> Result<(), Fault> {
        let Some(pages) = &self.rules.pages else {
            return self.refuse(interaction, reply, Refusal::RecoveryNotSetUp).await;
        };
        let Some(email) = Email::parse(typed) else {
            return self.refuse(interaction, reply, Refusal::MalformedEmail).await;
        };
        let account = match self.eligibility(interaction.user).await? {
            Ok((_, account)) => account,
            Err(not_eligible) => {
                return self.refuse_ineligible(interaction, reply, not_eligible).await;
            }
        };
        if let Some(refusal) = hopeless(&account) {
            return self.refuse(interaction, reply, refusal).await;
        }
        if account.email != email.as_str() {
            return self.another_address(interaction, reply, &account, &email).await;
        }
        Box::pin(self.open_recovery(interaction, reply, &account, pages)).await
    }

    /// An address that is not the account's: nothing is mailed anywhere, and it counts as a
    /// request.
    pub(crate) async fn another_address(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        account: &Account,
        email: &Email,
    ) -> Result<(), Fault> {
        let detail = json!({ "account": account.agent_id, "why": Refusal::OtherAddress.name(), "email": email.masked() });
        let commit = Commit {
            now: interaction.at,
            claim: Claim::Whole(interaction.reply.interaction_id),
            limit_uses: vec![recover::request(&account.agent_id)],
            events: vec![trail_event(interaction, kind::RECOVERY_ASKED, detail)],
            ..Commit::default()
        };
        match self.ports.store.commit(commit).await? {
            Committed::Saved { .. } => {
                reply.note(note(&Refusal::OtherAddress, interaction.locale)).await
            }
            Committed::Limited(limit, at) => {
                return self.refuse(interaction, reply, Refusal::Limited(limit, at)).await;
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) async fn open_recovery(
        &self,
        interaction: &InteractionContext,
        reply: &Reply<'_>,
        account: &Account,
        pages: &str,
    ) -> Result<(), Fault> {
        let mut session = self.new_session(
            interaction,
            actor(interaction.user, account),
            None,
            Work::Recover(RecoverState::new(String::new())),
        );
        let token = PageToken::new(session.id.clone(), self.ports.keys.secret());
        let state = RecoverState::new(token.mac(self.ports.keys.as_ref()));
        session.clocks = recover::clocks(interaction.at);
        session.clocks.opened_at = self.after_others(interaction).await?;
        session.work = Work::Recover(state.clone());
        session.secrets.page = Some(token.address(pages));
        let mut step = recover::begin(&session, &state, interaction.at);
        Self::requested_by(&mut step, interaction.reply.interaction_id);
        match self
            .ports
            .store
            .commit(step.commit(Claim::Begin(interaction.reply.interaction_id)))
            .await?
        {
            Committed::Saved { version, .. } => step.session.version = version,
            Committed::Limited(limit, at) => {
                return self.refuse(interaction, reply, Refusal::Limited(limit, at)).await;
            }
            _ => return Ok(()),
        }
        let Some(handle) = self.ports.store.find(&session.id).await? else {
            return Ok(());
        };
        let turn = handle.lock.lock().await;
        let asking = self.reset(&handle, step, None, Claim::Done(interaction.reply.interaction_id));
        let done = self.with_lease(Some(interaction.reply.interaction_id), asking).await?;
        let now = self.ports.clock.now();
        reply.panel(panel::render(&done.session, None, done.refusal.as_ref(), 0, now)).await;
        drop(turn);
        // Only the newest link works as it is. What is left is to tell the panels of the others:
        // nobody should wait for that, or hear of a fault in it.
        if let Err(fault) = self.replace_others(interaction.user, &session.id).await {
            self.log(&fault);
        }
        Ok(())
    }

    /// When a recovery is opened that comes after all others of the agent, also where the clock of
    /// another process is ahead.
    pub(crate) async fn after_others(
        &self,
        interaction: &InteractionContext,
    ) -> Result<Timestamp, Fault> {
        const NEXT: Duration = Duration::from_millis(1);
        let newest = match self.ports.store.recovering(interaction.user).await?.first() {
            Some(id) => self.find_open(id).await?,
            None => None,
        };
        Ok(newest.map_or(interaction.at, |handle| {
            interaction.at.max(handle.session().clocks.opened_at + NEXT)
        }))
    }

    /// One link works at a time: the newest.
    pub(crate) async fn replace_others(
        &self,
        discord_id: u64,
        newest: &SessionId,
    ) -> Result<(), Fault> {
        let open = self.ports.store.recovering(discord_id).await?;
        // Whoever opens one at the same moment closes what comes before their own: one of the two
        // is left.
        for id in open.iter().skip_while(|id| *id != newest).skip(1) {
            if let Some(handle) = self.find_open(id).await? {
                let _turn = handle.lock.lock().await;
                if handle.session().closed().is_none() {
                    self.apply(&handle, Event::ForceClose(CloseReason::Replaced)).await?;
                }
            }
        }
        Ok(())
    }
}

/// Why the password of an agent's account cannot be recovered at all. Cognito itself would only say
/// that a code was sent.
fn hopeless(account: &Account) -> Option<Refusal> {
    match account.status {
        AccountStatus::Confirmed | AccountStatus::ResetRequired => None,
        AccountStatus::ForceChangePassword => Some(Refusal::NeverSignedIn),
        AccountStatus::Unconfirmed | AccountStatus::Other => Some(Refusal::NotRecoverable),
    }
}
