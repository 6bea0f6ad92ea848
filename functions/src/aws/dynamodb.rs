//! Session states in one DynamoDB table: one item a session.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use super::failure::Failed;
use crate::SessionState;
use crate::ports::{Clock, Fault, Saved, Sessions};
use crate::system::SystemClock;

/// Time after the last change at which DynamoDB may delete an item, in seconds: a day, much longer
/// than a session, its proofs and its answers.
const ITEM_LIFE: i64 = 24 * 60 * 60;
/// Error of a put whose condition does not hold.
const CONDITION_FAILED: &str = "ConditionalCheckFailedException";

pub(super) struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub(super) fn new(sdk: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(sdk), name }
    }
}

#[async_trait]
impl Sessions for Table {
    async fn load(&self, session_id: &str) -> Result<(SessionState, u64), Fault> {
        let read = self.client.get_item().table_name(&self.name).key("pk", key(session_id));
        let read = read.consistent_read(true).send().await.map_err(|error| {
            Failed::log("dynamodb", &error);
            Fault("the table cannot be read")
        })?;
        let Some(item) = read.item else {
            return Ok((SessionState::default(), 0));
        };
        let unreadable = || Fault("an item of the table is not readable");
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let version = item.get("version").and_then(|value| value.as_n().ok());
        let version = version.and_then(|number| number.parse().ok()).ok_or_else(unreadable)?;
        let state = text("state").and_then(|state| serde_json::from_str(state).ok());
        Ok((state.ok_or_else(unreadable)?, version))
    }

    async fn save(
        &self,
        session_id: &str,
        state: &SessionState,
        version: u64,
    ) -> Result<Saved, Fault> {
        let state = serde_json::to_string(state).map_err(|_| Fault("a state is not writable"))?;
        let ttl = SystemClock.now() / 1_000 + ITEM_LIFE;
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .item("pk", key(session_id))
            .item("version", number(&(version + 1)))
            .item("ttl", number(&ttl))
            .item("state", AttributeValue::S(state));
        let put = if version == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("#version = :version")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":version", number(&version))
        };
        match put.send().await {
            Ok(_) => Ok(Saved::Done),
            Err(error) if is_conflict(&error) => Ok(Saved::Conflict),
            Err(error) => {
                Failed::log("dynamodb", &error);
                Err(Fault("the table cannot be written"))
            }
        }
    }
}

fn is_conflict<E: aws_sdk_dynamodb::error::ProvideErrorMetadata>(
    error: &aws_sdk_dynamodb::error::SdkError<E>,
) -> bool {
    use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
    error.code() == Some(CONDITION_FAILED)
}

fn key(session_id: &str) -> AttributeValue {
    AttributeValue::S(format!("session#{session_id}"))
}

fn number(value: &impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
