//! Codes by mail: the functions `otp-send` and `otp-verify`.

use async_trait::async_trait;
use commands::model::code::Code;
use commands::model::outcome::{CodeCheck, Sent};
use commands::model::words::Purpose;
use commands::ports::codes::{Codes, Subject};
use commands::ports::function::{Answer, Origin};
use serde_json::json;

use super::{Functions, answers};

#[async_trait]
impl Codes for Functions {
    async fn send(
        &self,
        origin: Origin,
        purpose: Purpose,
        subject: Subject,
        ecosystem: Option<(String, String)>,
    ) -> Answer<Sent> {
        let (kind, id) = match subject {
            Subject::Agent(id) => ("agent", id),
            Subject::Customer(id) => ("customer", id),
        };
        let mut request = json!({"purpose": purpose.name(), "subject": {"type": kind, "id": id}});
        if let Some((id, name)) = ecosystem {
            request["ecosystem"] = json!({"id": id, "name": name});
        }
        self.call(answers::SENDING, &self.names.otp_send, &origin, request, answers::sent).await
    }

    async fn verify(
        &self,
        origin: Origin,
        purpose: Purpose,
        challenge_id: &str,
        code: &Code,
    ) -> Answer<CodeCheck> {
        let request =
            json!({"purpose": purpose.name(), "challenge_id": challenge_id, "code": code.expose()});
        let read = |payload: &[u8]| answers::checked(payload, purpose);
        self.call(answers::CHECKING, &self.names.otp_verify, &origin, request, read).await
    }
}
