//! Rows of the bot's store.

use sqlx::{Connection as _, Row as _};

use super::World;

impl World {
    /// Returns the trail, oldest first: kind and details of each event, without keyed hashes.
    pub async fn trail(&self) -> Vec<String> {
        let events = sqlx::query("select kind, details from events order by rowid")
            .fetch_all(&mut self.connect().await)
            .await
            .unwrap();
        events
            .iter()
            .map(|event| format!("{} {}", event.get::<String, _>(0), event.get::<String, _>(1)))
            .map(|event| without_mac(&event))
            .collect()
    }

    /// Returns the newest event that closes a session. A revocation can follow it.
    pub async fn newest_close(&self) -> String {
        let trail = self.trail().await;
        let newest = trail.into_iter().rfind(|event| event.starts_with("closed "));
        newest.expect("no session was closed")
    }

    /// Returns the number that a statement selects from the bot's store.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&mut self.connect().await).await.unwrap()
    }
    /// Changes one row of the bot's store, as an administrator can.
    pub async fn executes(&self, sql: &'static str) {
        assert_eq!(
            sqlx::query(sql).execute(&mut self.connect().await).await.unwrap().rows_affected(),
            1
        );
    }

    async fn connect(&self) -> sqlx::AnyConnection {
        sqlx::any::install_default_drivers();
        sqlx::AnyConnection::connect(&self.database_url()).await.unwrap()
    }
}

/// Replaces the keyed hash of an address, which depends on the store's key.
fn without_mac(event: &str) -> String {
    const FIELD: &str = r#""email_mac":""#;
    match event.split_once(FIELD).and_then(|(head, tail)| Some((head, tail.split_once('"')?.1))) {
        Some((head, tail)) => format!(r#"{head}{FIELD}…"{tail}"#),
        None => event.to_owned(),
    }
}
