//! Fake of Cognito's password recovery. It accepts every request, except a code other than 123456.

use async_trait::async_trait;
use commands::model::code::Code;
use commands::model::fault::Fault;
use commands::model::outcome::{ConfirmDenied, ResetDenied};
use commands::ports::recovery::{PasswordPolicy, Recovery};
use secrecy::SecretString;

use crate::fakes::World;

#[async_trait]
impl Recovery for World {
    async fn policy(&self) -> Result<PasswordPolicy, Fault> {
        Ok(PasswordPolicy::default())
    }

    async fn request_code(&self, agent_id: &str) -> Result<Result<String, ResetDenied>, Fault> {
        self.note(format!("asks Cognito for a code for {agent_id}"));
        Ok(Ok("b•••@w•••.example".to_owned()))
    }

    async fn confirm(
        &self,
        agent_id: &str,
        code: &Code,
        _: &SecretString,
    ) -> Result<Result<(), ConfirmDenied>, Fault> {
        self.note(format!("sets the password of {agent_id}"));
        Ok(if code.expose() == "123456" { Ok(()) } else { Err(ConfirmDenied::WrongCode) })
    }

    async fn sign_out(&self, agent_id: &str) -> Result<(), Fault> {
        self.note(format!("signs {agent_id} out"));
        Ok(())
    }
}
