//! Fakes of the clock, the keys, Core, Cognito's accounts and the Lambda functions.
//!
//! The clock stands at [`NOW`]. The right code is 123456.

use std::ops::Range;
use std::time::Duration;

use async_trait::async_trait;
use commands::model::account::Account;
use commands::model::code::Code;
use commands::model::customer::CustomerRecord;
use commands::model::delivery::{MailState, MailStatus};
use commands::model::email::Email;
use commands::model::fault::Fault;
use commands::model::outcome::{CodeCheck, Sent};
use commands::model::proof::AccessGrant;
use commands::model::pseudonym::Pseudonym;
use commands::model::request::RequestId;
use commands::model::scope::Scope;
use commands::model::time::Timestamp;
use commands::model::words::{Purpose, SessionId, SupportKind, Target};
use commands::ports::access::{Access, IssuedLink, Pictures};
use commands::ports::clock::Clock;
use commands::ports::codes::{CodeRequest, Codes};
use commands::ports::customers::{Customers, KnownCustomer};
use commands::ports::directory::{CustomerMatch, Directory};
use commands::ports::function::{Answer, Origin};
use commands::ports::history::{History, HistoryOf, HistoryPage, HistorySummary};
use commands::ports::identity::Identity;
use commands::ports::keys::Keys;
use commands::ports::member_roles::MemberRoles;
use commands::ports::messages::{Messages, Visit};
use commands::screens::chart::Chart;
use secrecy::SecretString;

use crate::fakes::{AGENT_ROLE, World};
use crate::people::mailed;
use crate::people::{GROUP, account, julia, pseudonym_of, sofia};
use crate::session_driver::NOW;

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        NOW
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

impl Keys for World {
    fn session_id(&self) -> SessionId {
        "Z".repeat(22).parse().unwrap()
    }

    fn secret(&self) -> SecretString {
        unreachable!("no test opens a recovery")
    }

    fn number(&self) -> u64 {
        77
    }

    fn reference(&self) -> String {
        "F-7K2M9Q".to_owned()
    }

    fn request_id(&self) -> RequestId {
        "E-7K2M9Q".parse().unwrap()
    }

    fn report_reference(&self) -> String {
        "R-7K2M9Q".to_owned()
    }

    fn mac(&self, text: &str) -> String {
        format!("mac({text})")
    }

    fn is_mac_of(&self, mac: &str, text: &str) -> bool {
        mac == self.mac(text)
    }
}

#[async_trait]
impl Customers for World {
    async fn look_up(&self, core_id: &str, _: &str) -> Result<KnownCustomer, Fault> {
        let pseudonym = pseudonym_of(core_id);
        Ok(KnownCustomer {
            pseudonym,
            is_colleague: false,
            attended_by: None,
            lockout: None,
            past: None,
        })
    }

    async fn is_erased(&self, _: &Pseudonym) -> Result<bool, Fault> {
        Ok(false)
    }

    async fn find_pseudonym(&self, _: &str) -> Result<Option<Pseudonym>, Fault> {
        unreachable!("no test only finds a customer")
    }
}

#[async_trait]
impl Directory for World {
    async fn find(&self, email: &Email, _: SupportKind) -> Result<CustomerMatch, Fault> {
        assert_eq!(email.as_str(), julia().email, "tests look up this customer only");
        Ok(CustomerMatch::One(Box::new(julia())))
    }

    async fn read(&self, _: &str, kind: SupportKind) -> Result<Option<CustomerRecord>, Fault> {
        Ok(Some(match kind {
            SupportKind::Technical => julia(),
            SupportKind::Successor => sofia(1),
        }))
    }
}

#[async_trait]
impl MemberRoles for World {
    async fn roles_of(&self, _: u64) -> Result<Option<Vec<u64>>, Fault> {
        let roles = if *self.role_lost.lock().unwrap() { vec![] } else { vec![AGENT_ROLE] };
        Ok(Some(roles))
    }
}

#[async_trait]
impl Identity for World {
    async fn account(&self, agent_id: &str) -> Result<Option<Account>, Fault> {
        if *self.accounts_fail.lock().unwrap() {
            return Err(Fault::new("reading a BackOffice account", "Cognito failed"));
        }
        let (scope, groups) = (*self.scope.lock().unwrap(), vec![GROUP.to_owned()]);
        let agent_id = agent_id.to_owned();
        Ok(Some(Account { agent_id, scope, groups, is_lead: true, ..account() }))
    }

    async fn find(&self, _: &Email) -> Result<Option<Account>, Fault> {
        unreachable!("no test links an account")
    }
}

#[async_trait]
impl Codes for World {
    async fn send(&self, origin: Origin, code: CodeRequest) -> Answer<Sent> {
        let scope = if code.scope == Some(Scope::Verify) { " to verify" } else { "" };
        self.note(format!("sends {}{scope}", origin.request_id));
        Ok(Ok(mailed(NOW)))
    }

    async fn status(&self, origin: Origin, _: &str) -> Answer<MailStatus> {
        self.note(format!("asks {}", origin.request_id));
        let accepted = MailStatus { state: MailState::Accepted, at: NOW, reason: None };
        Ok(Ok(accepted))
    }

    async fn verify(
        &self,
        origin: Origin,
        _: Purpose,
        challenge: &str,
        code: &Code,
    ) -> Answer<CodeCheck> {
        self.note(format!("verifies {} with {challenge}", origin.request_id));
        let right = code.expose() == "123456";
        Ok(Ok(if right {
            CodeCheck::Verified("proof".to_owned().into())
        } else {
            CodeCheck::Mismatch
        }))
    }
}

#[async_trait]
impl Access for World {
    async fn issue(&self, origin: Origin, _: Target, _: &AccessGrant<'_>) -> Answer<IssuedLink> {
        self.note(format!("issues {}", origin.request_id));
        if let Some(session) = self.closes_meanwhile.lock().unwrap().take() {
            self.rewrite(&session);
        }
        Ok(Ok(IssuedLink {
            id: "link-1".to_owned(),
            url: "https://web.example/in".to_owned().into(),
            expires_at: NOW + Duration::from_mins(1),
        }))
    }

    async fn revoke(&self, origin: Origin) -> Answer<u32> {
        self.note(format!("revokes {}", origin.request_id));
        Ok(Ok(1))
    }
}

#[async_trait]
impl Messages for World {
    async fn account_linked(&self, _: Origin, _: &str, _: Option<SecretString>) -> Answer<()> {
        unreachable!("no test links an account")
    }

    async fn account_unlinked(&self, _: Origin, _: &str) -> Answer<()> {
        unreachable!("no test unlinks an account")
    }

    async fn password_changed(
        &self,
        origin: Origin,
        _: &str,
        _: Option<SecretString>,
    ) -> Answer<()> {
        self.note(format!("mails {}", origin.request_id));
        Ok(Ok(()))
    }

    async fn support_visit(&self, origin: Origin, visit: Visit<'_>) -> Answer<()> {
        self.note(format!("mails {} of {}", origin.request_id, visit.opened.len()));
        Ok(Ok(()))
    }

    async fn successor_qr(
        &self,
        origin: Origin,
        link_id: &str,
        _: &AccessGrant<'_>,
    ) -> Answer<String> {
        self.note(format!("mails {link_id} {}", origin.request_id));
        Ok(Ok("s•••@e•••.com".to_owned()))
    }
}

impl Pictures for World {
    fn qr(&self, _: &SecretString) -> Result<Vec<u8>, Fault> {
        unreachable!("no test shows a QR code")
    }

    fn chart(&self, _: &Chart) -> Result<Vec<u8>, Fault> {
        unreachable!("no test shows a chart")
    }
}

#[async_trait]
impl History for World {
    async fn summary(&self, _: &Pseudonym, _: Timestamp) -> Result<Option<HistorySummary>, Fault> {
        Ok(None)
    }

    async fn page(
        &self,
        _: &Pseudonym,
        _: HistoryOf,
        _: Timestamp,
        _: Range<u32>,
    ) -> Result<HistoryPage, Fault> {
        Ok(HistoryPage::default())
    }
}
