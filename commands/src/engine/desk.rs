//! The desk: ports, rules, eligibility and refusals that every command shares.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::engine::access_refusals::AccessRefusals;
use crate::engine::card_warnings::CardWarnings;
use crate::engine::deliveries::Deliveries;
use crate::engine::figure_memory::FigureMemory;
use crate::engine::interaction::InteractionContext;
use crate::engine::lead_drafts::LeadDrafts;
use crate::engine::repeated_faults::RepeatedFaults;
use crate::engine::reply::Reply;
use crate::engine::undrawn::Undrawn;
use crate::flows::step::Facts;
use crate::flows::support::needs;
use crate::model::account::{Account, AccountLink, AgentAccount};
use crate::model::command_ids::CommandIds;
use crate::model::email::mailbox;
use crate::model::event::Event;
use crate::model::fault::Fault;
use crate::model::pseudonym::Pseudonym;
use crate::model::scope::{Scope, SupportGroups};
use crate::model::session::{Secrets, Session, Work};
use crate::model::timers::Clocks;
use crate::model::unknown_fields::UnknownFields;
use crate::model::utc_offset::UtcOffset;
use crate::model::verification::Verification;
use crate::model::words::{Actor, Locale, NotEligible, SessionId};
use crate::ports::Ports;
use crate::ports::sessions::{Commit, Committed, SessionHandle};

/// Where and for whom the bot works.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Discord id of the guild.
    pub guild: u64,
    /// Discord id of the support channel.
    pub channel: u64,
    /// Discord id of the leads' channel, in which leads can type their commands too.
    pub leads_channel: Option<u64>,
    /// Language of the leads' channel.
    pub leads_locale: Locale,
    pub agent_role: u64,
    /// Leads see which agent attends a customer, request unlocks, and use `/desk`. `None`: there
    /// are no leads.
    pub lead_role: Option<u64>,
    pub groups: SupportGroups,
    /// Idle timeout. [`crate::model::timers::IDLE_CLOSE`] unless a test deployment shortens it.
    pub idle: Duration,
    /// Base address of the recovery pages, such as `https://desk.example.com/recover/`. `None`
    /// turns recovery off.
    pub pages: Option<String>,
    /// Base address of the report pages, such as `https://desk.example.com/report/`. `None`: mails
    /// have no link to them.
    pub report_pages: Option<String>,
    /// The company's days, which the statistics count.
    pub utc_offset: UtcOffset,
    /// Draws the mentions of commands.
    pub command_ids: CommandIds,
}

impl Rules {
    /// Returns true if these roles of a member include the agent role.
    pub(crate) fn is_agent(&self, roles: &[u64]) -> bool {
        roles.contains(&self.agent_role)
    }

    /// Returns true if these roles of a member include the lead role.
    pub(crate) fn is_lead(&self, roles: &[u64]) -> bool {
        self.lead_role.is_some_and(|role| roles.contains(&role))
    }
}

/// Runs clicks, timers and takeovers.
pub struct Desk {
    pub(crate) ports: Ports,
    pub(crate) rules: Rules,
    /// Work in flight. A shutdown waits for it.
    pub(crate) tasks: TaskTracker,
    /// Refusals without a session, by person and reason.
    pub(crate) access_refusals: AccessRefusals,
    pub(crate) repeated_faults: RepeatedFaults,
    /// Reasons of leads that were refused.
    pub(crate) lead_drafts: LeadDrafts,
    /// Figures of the last minute.
    pub(crate) figures: FigureMemory,
    /// This process has raised an alert and not yet looked at its card.
    pub(crate) has_raised: AtomicBool,
    /// Warnings that the leads' channel cannot be used.
    pub(crate) card_warnings: CardWarnings,
    /// Panels that must be drawn again.
    pub(crate) undrawn: Undrawn,
    /// Codes whose mails the sweeps ask about.
    pub(crate) deliveries: Deliveries,
    /// Number of sweeps so far. Only the newest one starts further sessions.
    pub(crate) sweeps: AtomicU64,
    /// Time of the newest sweep that read the agents' eligibility, in milliseconds.
    pub(crate) eligibility_swept_at: AtomicI64,
}

impl Desk {
    pub fn new(ports: Ports, rules: Rules) -> Self {
        Self {
            ports,
            rules,
            tasks: TaskTracker::new(),
            access_refusals: AccessRefusals::default(),
            repeated_faults: RepeatedFaults::default(),
            lead_drafts: LeadDrafts::default(),
            figures: FigureMemory::default(),
            has_raised: AtomicBool::new(false),
            card_warnings: CardWarnings::default(),
            undrawn: Undrawn::default(),
            deliveries: Deliveries::default(),
            sweeps: AtomicU64::new(0),
            eligibility_swept_at: AtomicI64::new(0),
        }
    }

    /// Waits until no click and no timer is at work.
    pub async fn at_rest(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Commits, and explains a refusal of the store to the agent. Returns the session's new
    /// version, or `None` if nothing was saved.
    pub(crate) async fn commit_or_refuse(
        &self,
        reply: &Reply<'_>,
        commit: Commit,
    ) -> Result<Option<i64>, Fault> {
        let committed = self.ports.sessions.commit(commit).await?;
        if let Some(refusal) = committed.refusal() {
            self.refuse(reply, refusal).await?;
        }
        Ok(match committed {
            Committed::Saved { version, .. } => Some(version),
            _ => None,
        })
    }

    /// Refuses a caller who is not eligible, and closes the caller's open sessions.
    pub(crate) async fn refuse_ineligible(
        &self,
        reply: &Reply<'_>,
        reason: NotEligible,
    ) -> Result<(), Fault> {
        let (refused, user) = (self.refuse(reply, reason.into()).await, reply.interaction.user);
        if self.link_eligibility(user).await?.is_ok() {
            // A lead who is not an agent keeps the recovery of a password.
            self.close_support_of(user, reason).await?;
        } else {
            self.close_all_of(user, reason).await?;
        }
        refused
    }

    /// Returns link and account if the user is eligible. Fails closed: an error denies.
    pub(crate) async fn eligibility(
        &self,
        discord_id: u64,
    ) -> Result<Result<(AccountLink, Account), NotEligible>, Fault> {
        let account = self.agent_account(discord_id).await?;
        Ok(account.eligibility().map(|(link, account)| (link.clone(), account.clone())))
    }

    /// Returns link and account if the user is eligible as an agent or as a lead. Fails closed: an
    /// error denies.
    pub(crate) async fn link_eligibility(
        &self,
        discord_id: u64,
    ) -> Result<Result<(AccountLink, Account), NotEligible>, Fault> {
        let account = self.agent_account(discord_id).await?;
        Ok(account.link_eligibility().map(|(link, account)| (link.clone(), account.clone())))
    }

    /// Returns the link and the account that it names, at most 60 s old. An account that has lost
    /// its name keeps the one that it was linked with.
    pub(crate) async fn agent_account(&self, discord_id: u64) -> Result<AgentAccount, Fault> {
        let linked = self.ports.account_links.with_lockout(discord_id).await?;
        let (link, locked_until) = linked.unzip();
        let now = self.ports.clock.now();
        let locked_until = locked_until.flatten().filter(|until| now < *until);
        let account = match &link {
            Some(link) => {
                let account = self.ports.identity.account(&link.agent_id).await?;
                if let Some(account) = &account {
                    let mailbox = mailbox(&account.email);
                    self.ports.account_links.renew_mailbox(link, &mailbox).await?;
                }
                let named = |name: Option<String>| name.or_else(|| Some(link.name.clone()));
                account.map(|account| Account { name: named(account.name.clone()), ..account })
            }
            None => None,
        };
        Ok(AgentAccount { link, account, locked_until })
    }

    /// Returns why the session's agent is no longer eligible for it. The account that opened the
    /// session counts, because the agent can have linked another one since. A session that links an
    /// account has no agent yet, and leads recover a password too.
    pub(crate) async fn why_not_eligible(
        &self,
        session: &Session,
    ) -> Result<Option<NotEligible>, Fault> {
        let agent = session.actor.discord_id;
        let eligibility = match session.work {
            Work::Link(_) => return Ok(None),
            Work::Recover(_) => self.link_eligibility(agent).await?,
            Work::Support(..) => self.eligibility(agent).await?,
        };
        Ok(match eligibility {
            Ok((link, _)) if link.agent_id != session.actor.agent_id => Some(NotEligible::Link),
            Ok((_, account)) => session.exceeds(account.scope).then_some(NotEligible::VerifyOnly),
            Err(reason) => Some(reason),
        })
    }

    /// Returns true if the event mails the customer's code to the agent's own mailbox. The
    /// customer's address can have changed since the look-up.
    pub(crate) async fn mails_the_agent(
        &self,
        before: &Session,
        event: &Event,
        facts: &Facts,
    ) -> Result<bool, Fault> {
        let (Work::Support(_, state), Some(record)) = (&before.work, &facts.record) else {
            return Ok(false);
        };
        if !needs::mails_customer(state, event) {
            return Ok(false);
        }
        let account = self.agent_account(before.actor.discord_id).await?.account;
        Ok(account.is_some_and(|agent| needs::is_own_address(&agent.email, &record.email)))
    }

    /// Returns the session if it is still open.
    pub(crate) async fn find_open(
        &self,
        id: &SessionId,
    ) -> Result<Option<Arc<SessionHandle>>, Fault> {
        let now = self.ports.clock.now();
        // A row that cannot be read, such as one of a newer version, must not hide the others.
        let handle = self.ports.sessions.find(id).await.unwrap_or_else(|fault| {
            self.log(&fault);
            None
        });
        Ok(handle.filter(|handle| {
            let session = handle.session();
            session.closed().is_none() && now < session.clocks.end()
        }))
    }

    /// Returns the agent's open sessions with customers, oldest first.
    pub(crate) async fn open_sessions(
        &self,
        discord_id: u64,
    ) -> Result<Vec<Arc<SessionHandle>>, Fault> {
        let mut open = Vec::new();
        for id in self.ports.sessions.open_of(discord_id).await? {
            open.extend(self.find_open(&id).await?);
        }
        Ok(open)
    }

    /// Returns a new session of this interaction. It is not stored yet.
    pub(crate) fn new_session(
        &self,
        interaction: &InteractionContext,
        actor: Actor,
        pseudonym: Option<Pseudonym>,
        work: Work,
    ) -> Session {
        let panel = Some((interaction.reply.token.clone(), interaction.at));
        Session {
            id: self.ports.keys.session_id(),
            actor,
            locale: interaction.locale,
            version: 0,
            generation: 0,
            pseudonym,
            ticket: None,
            scope: Scope::Verify,
            work,
            clocks: Clocks::starting(interaction.at, self.rules.idle),
            agent: Verification::default(),
            customer: Verification::default(),
            pending: Vec::new(),
            access_links: Vec::new(),
            links_issued: 0,
            links_denied: 0,
            report_record: None,
            taken_over_by: None,
            may_be_proven: false,
            past: None,
            revocations: 0,
            secrets: Secrets { panel, ..Secrets::default() },
            unknown: UnknownFields::NONE,
        }
    }

    /// Logs a fault once and returns the reference that the agent is shown.
    pub(crate) fn log(&self, fault: &Fault) -> String {
        let reference = self.ports.keys.reference();
        fault.log(&reference);
        reference
    }

    /// Logs a fault of background work, which repeats every second while a service is away: at
    /// once, then its number each minute.
    pub fn log_repeated(&self, fault: &Fault) {
        let new = || self.log(fault);
        if !self.repeated_faults.record(fault, self.ports.clock.now(), new) {
            fault.count();
        }
    }
}

/// Returns the agent as the Lambda functions know them.
pub(crate) fn actor(discord_id: u64, account: &Account) -> Actor {
    Actor {
        discord_id,
        agent_id: account.agent_id.clone(),
        name: account.display_name(),
        unknown: UnknownFields::NONE,
    }
}
