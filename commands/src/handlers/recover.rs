//! `/account recover`: checks the account, requests a code from Cognito and links to the recovery
//! page.

use std::time::Duration;

use serde_json::json;

use crate::engine::desk::{Desk, actor};
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
use crate::screens::widgets::note;

impl Desk {
    pub(crate) async fn start_recovery(&self, reply: &Reply<'_>, typed: &str) -> Result<(), Fault> {
        let Some(pages) = &self.rules.pages else {
            return self.refuse(reply, Refusal::RecoveryNotSetUp).await;
        };
        let email = match Email::parse(typed) {
            Ok(email) => email,
            Err(refusal) => return self.refuse(reply, refusal).await,
        };
        let account = match self.link_eligibility(reply.interaction.user).await? {
            Ok((_, account)) => account,
            Err(reason) => return self.refuse_ineligible(reply, reason).await,
        };
        if let Some(refusal) = not_recoverable(&account) {
            return self.refuse(reply, refusal).await;
        }
        if account.email != email.as_str() {
            return self.refuse_other_address(reply, &account, &email).await;
        }
        Box::pin(self.open_recovery(reply, &account, pages)).await
    }

    /// Refuses an address that is not the account's own. No mail is sent, and it counts as a
    /// request.
    async fn refuse_other_address(
        &self,
        reply: &Reply<'_>,
        account: &Account,
        email: &Email,
    ) -> Result<(), Fault> {
        let details = json!({
            "account": account.agent_id, "why": Refusal::OtherAddress.name(),
            "email": email.masked()
        });
        let mut commit = reply.interaction.commit(kind::RECOVERY_ASKED, details);
        commit.limit_uses.push(recover::request_use(&account.agent_id));
        if self.commit_or_refuse(reply, commit).await?.is_some() {
            reply.note_refusal(&Refusal::OtherAddress);
            reply.note(note(&Refusal::OtherAddress, reply.interaction.locale)).await;
        }
        Ok(())
    }

    async fn open_recovery(
        &self,
        reply: &Reply<'_>,
        account: &Account,
        pages: &str,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let work = Work::Recover(RecoverState::new(String::new()));
        let mut session =
            self.new_session(interaction, actor(interaction.user, account), None, work);
        let token = PageToken::new(session.id.clone(), self.ports.keys.secret());
        let state = RecoverState::new(self.ports.keys.mac(&token.mac_input()));
        session.clocks = recover::clocks(interaction.at);
        session.clocks.opened_at = self.after_others(interaction).await?;
        session.work = Work::Recover(state.clone());
        session.secrets.page = Some(token.url(pages));
        session.secrets.draft = Some(account.email.clone().into());
        let mut step = recover::begin(&session, &state, interaction.at);
        step.set_requested_by(interaction.id());
        let commit = step.commit(Claim::Begin(interaction.id()));
        let Some(version) = self.commit_or_refuse(reply, commit).await? else {
            return Ok(());
        };
        step.session.version = version;
        let Some(handle) = self.ports.sessions.find(&session.id).await? else {
            return Ok(());
        };
        let session_lock = handle.lock.lock().await;
        let work = self.call_cognito(&handle, step, None, Claim::Done(interaction.id()));
        let done = self.with_lease(Some(interaction.id()), work).await?;
        let (refusal, now) = (done.refusal.as_ref(), self.ports.clock.now());
        let screen = panel::render(&done.session, None, refusal, 0, now);
        reply.panel(&done.session, screen).await;
        drop(session_lock);
        // The older links are already void, because only the newest one is valid. Closing their
        // sessions updates their panels, so a fault is only logged.
        if let Err(fault) = self.replace_others(interaction.user, &session.id).await {
            self.log(&fault);
        }
        Ok(())
    }

    /// Returns an opening time later than that of the agent's other recoveries, even if another
    /// replica's clock is ahead.
    async fn after_others(&self, interaction: &InteractionContext) -> Result<Timestamp, Fault> {
        const NEXT: Duration = Duration::from_millis(1);
        let newest = match self.ports.sessions.recoveries_of(interaction.user).await?.first() {
            Some(id) => self.find_open(id).await?,
            None => None,
        };
        Ok(newest.map_or(interaction.at, |handle| {
            interaction.at.max(handle.session().clocks.opened_at + NEXT)
        }))
    }

    /// Closes the recoveries that are older than this one.
    async fn replace_others(&self, discord_id: u64, newest: &SessionId) -> Result<(), Fault> {
        let open = self.ports.sessions.recoveries_of(discord_id).await?;
        // Each of two simultaneous requests closes the older ones, so one recovery stays open.
        for id in open.iter().skip_while(|id| *id != newest).skip(1) {
            self.close_open(id, Event::ForceClose(CloseReason::Replaced)).await?;
        }
        Ok(())
    }
}

/// Returns why the account's password cannot be recovered. Cognito does not tell: it confirms a
/// code for every account.
fn not_recoverable(account: &Account) -> Option<Refusal> {
    match account.status {
        AccountStatus::Confirmed | AccountStatus::ResetRequired => None,
        AccountStatus::ForceChangePassword => Some(Refusal::NeverSignedIn),
        AccountStatus::Unconfirmed | AccountStatus::Other => Some(Refusal::NotRecoverable),
    }
}
