//! The company's Core database, as far as Support Desk sees it.
//!
//! The bot reads five views. The tables below them are unknown to it. The SQL is portable, so Core
//! runs on SQLite (the demo, most tests) and on PostgreSQL. Tests change its data while the bot
//! runs: they suspend a customer or remove a role.

mod error;
mod schema;

use std::sync::Once;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, AssertSqlSafe, Row};

pub use self::error::CoreError;
use crate::seed::Seed;

/// A user, as the Lambda functions and the shop front see it.
#[derive(Clone, Debug)]
pub struct CoreUser {
    pub id: String,
    pub email: String,
    pub name: String,
    pub status: String,
    /// `es` or `en`.
    pub locale: String,
}

/// The company's Core database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Core {
    pool: AnyPool,
}

impl Core {
    /// Creates Core at this address with the seed's data. Replaces an older one.
    pub async fn create(url: &str, seed: &Seed) -> Result<Self, CoreError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        // Keep one connection open, because a database in memory ends with its connection.
        let pool = AnyPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect(url)
            .await?;
        let core = Self { pool };
        if url.starts_with("sqlite:") {
            // Use a write-ahead log, so that tests can write while the bot reads.
            core.execute("pragma journal_mode = wal").await?;
        }
        for (kind, name) in schema::OBJECTS {
            core.execute(&format!("drop {kind} if exists {name}")).await?;
        }
        for statement in schema::STATEMENTS {
            core.execute(statement).await?;
        }
        schema::fill(&core.pool, seed).await?;
        Ok(core)
    }

    /// Executes any statement. Returns the number of affected rows.
    pub async fn execute(&self, sql: &str) -> Result<u64, CoreError> {
        Ok(sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&self.pool).await?.rows_affected())
    }

    /// Drops the views, so that every read fails.
    pub async fn drop_views(&self) -> Result<(), CoreError> {
        for (kind, name) in schema::OBJECTS.into_iter().filter(|(kind, _)| *kind == "view") {
            self.execute(&format!("drop {kind} {name}")).await?;
        }
        Ok(())
    }

    /// Creates the views again.
    pub async fn create_views(&self) -> Result<(), CoreError> {
        for statement in
            schema::STATEMENTS.into_iter().filter(|statement| statement.starts_with("create view"))
        {
            self.execute(statement).await?;
        }
        Ok(())
    }

    /// Creates the dropped views in another shape that keeps the contract: other column order,
    /// widths and integer types.
    pub async fn create_replaced_views(&self) -> Result<(), CoreError> {
        for statement in schema::REPLACED_VIEWS {
            self.execute(statement).await?;
        }
        Ok(())
    }

    /// Replaces the view of users by one that lacks a column of the contract.
    pub async fn remove_column(&self) -> Result<(), CoreError> {
        self.execute("drop view support_users").await?;
        self.execute(schema::USERS_WITHOUT_STATUS).await.map(drop)
    }

    /// Turns the write-ahead log off (SQLite), so that a lock blocks readers too.
    ///
    /// No other connection may be open.
    pub async fn disable_wal(&self) -> Result<(), CoreError> {
        self.execute("pragma journal_mode = delete").await.map(drop)
    }

    /// Locks the file (SQLite). Only the Lambda functions and the
    /// shop front, which share this connection, go on.
    pub async fn lock_exclusively(&self) -> Result<(), CoreError> {
        self.execute("begin exclusive").await.map(drop)
    }

    /// Releases the lock.
    pub async fn unlock(&self) -> Result<(), CoreError> {
        self.execute("rollback").await.map(drop)
    }

    /// Sets a customer's status, also to a word that the bot does not know.
    pub async fn set_status(&self, email: &str, status: &str) -> Result<(), CoreError> {
        let done = sqlx::query("update sandbox_core_users set status = $1 where email = $2")
            .bind(status)
            .bind(email);
        require_match(done.execute(&self.pool).await?.rows_affected(), email)
    }

    pub async fn set_email(&self, email: &str, new: &str) -> Result<(), CoreError> {
        let done = sqlx::query("update sandbox_core_users set email = $1 where email = $2")
            .bind(new.to_lowercase())
            .bind(email);
        require_match(done.execute(&self.pool).await?.rows_affected(), email)
    }

    /// Sets a customer's role in an ecosystem. Adds the membership if it is missing.
    pub async fn set_role(
        &self,
        ecosystem_id: &str,
        email: &str,
        role: &str,
    ) -> Result<(), CoreError> {
        let done = sqlx::query(
            "insert into sandbox_core_memberships (ecosystem_id, user_id, role) \
             select $1, user_id, $2 from sandbox_core_users where email = $3 \
             on conflict (ecosystem_id, user_id) do update set role = excluded.role",
        );
        require_match(
            done.bind(ecosystem_id)
                .bind(role)
                .bind(email)
                .execute(&self.pool)
                .await?
                .rows_affected(),
            email,
        )
    }

    pub async fn remove_membership(
        &self,
        ecosystem_id: &str,
        email: &str,
    ) -> Result<(), CoreError> {
        let done = sqlx::query(
            "delete from sandbox_core_memberships where ecosystem_id = $1 and user_id in (select user_id from sandbox_core_users where email = $2)",
        );
        require_match(
            done.bind(ecosystem_id).bind(email).execute(&self.pool).await?.rows_affected(),
            email,
        )
    }

    /// Removes a succession with its steps.
    pub async fn end_succession(&self, succession_id: &str) -> Result<(), CoreError> {
        for delete in [
            "delete from sandbox_core_succession_steps where succession_id = $1",
            "delete from sandbox_core_successions where succession_id = $1",
        ] {
            sqlx::query(delete).bind(succession_id).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Removes a customer with all memberships and successions.
    pub async fn remove_user(&self, email: &str) -> Result<(), CoreError> {
        for statement in [
            "delete from sandbox_core_memberships where user_id in (select user_id from sandbox_core_users where email = $1)",
            "delete from sandbox_core_successions where successor_user_id in (select user_id from sandbox_core_users where email = $1)",
        ] {
            sqlx::query(statement).bind(email).execute(&self.pool).await?;
        }
        let done = sqlx::query("delete from sandbox_core_users where email = $1")
            .bind(email)
            .execute(&self.pool)
            .await?;
        require_match(done.rows_affected(), email)
    }

    // The functions and the shop front read the tables, because the views are for the bot.

    pub async fn find_user(&self, id: &str) -> Result<Option<CoreUser>, CoreError> {
        let query = sqlx::query(
            "select user_id, email, full_name, status, locale from sandbox_core_users where user_id = $1",
        );
        let Some(row) = query.bind(id).fetch_optional(&self.pool).await? else {
            return Ok(None);
        };
        Ok(Some(CoreUser {
            id: row.try_get("user_id")?,
            email: row.try_get("email")?,
            name: row.try_get("full_name")?,
            status: row.try_get("status")?,
            locale: row.try_get("locale")?,
        }))
    }

    pub async fn find_ecosystem_name(&self, id: &str) -> Result<Option<String>, CoreError> {
        let query =
            sqlx::query_scalar("select name from sandbox_core_ecosystems where ecosystem_id = $1");
        Ok(query.bind(id).fetch_optional(&self.pool).await?)
    }

    /// Finds the role of a user in an ecosystem. `None` without a membership.
    pub async fn find_role(
        &self,
        ecosystem_id: &str,
        user_id: &str,
    ) -> Result<Option<String>, CoreError> {
        let query = sqlx::query_scalar(
            "select role from sandbox_core_memberships where ecosystem_id = $1 and user_id = $2",
        );
        Ok(query.bind(ecosystem_id).bind(user_id).fetch_optional(&self.pool).await?)
    }

    /// Returns true if a user is a successor in this ecosystem.
    pub async fn is_successor(&self, ecosystem_id: &str, user_id: &str) -> Result<bool, CoreError> {
        let query = sqlx::query(
            "select succession_id from sandbox_core_successions where ecosystem_id = $1 and successor_user_id = $2",
        );
        Ok(query.bind(ecosystem_id).bind(user_id).fetch_optional(&self.pool).await?.is_some())
    }
}

fn require_match(rows: u64, what: &str) -> Result<(), CoreError> {
    if rows == 0 { Err(CoreError::NothingMatches(what.to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn core() -> Core {
        Core::create("sqlite::memory:", &Seed::demo()).await.unwrap()
    }

    #[tokio::test]
    async fn every_view_has_readable_types() {
        let core = core().await;
        for (view, rows) in [
            ("support_users", 16),
            ("support_ecosystems", 44),
            ("support_memberships", 75),
            ("support_successions", 3),
            ("support_succession_steps", 12),
        ] {
            // `sqlx::Any` fails the whole row on an unknown type.
            let all = sqlx::query(AssertSqlSafe(format!("select * from {view}")))
                .fetch_all(&core.pool)
                .await
                .unwrap();
            assert_eq!(all.len(), rows, "{view}");
            let types =
                sqlx::query(AssertSqlSafe(format!("select type from pragma_table_info('{view}')")))
                    .fetch_all(&core.pool)
                    .await
                    .unwrap();
            for row in types {
                let name: String = row.get(0);
                assert!(
                    ["TEXT", "BIGINT"].contains(&name.to_uppercase().as_str()),
                    "{view}: {name}"
                );
            }
        }
    }

    #[tokio::test]
    async fn changes_are_visible_in_the_views() {
        let core = core().await;
        core.set_status("julia@example.com", "suspended").await.unwrap();
        core.set_role("eco-casa-luz", "julia@example.com", "member").await.unwrap();
        core.set_role("eco-casa-luz", "nora@example.com", "member").await.unwrap();
        core.remove_membership("eco-casa-luz", "tom@example.com").await.unwrap();
        core.set_email("julia@example.com", "Julia.New@example.com").await.unwrap();
        let julia = core.find_user("usr-julia").await.unwrap().unwrap();
        assert_eq!(
            (julia.status.as_str(), julia.email.as_str()),
            ("suspended", "julia.new@example.com")
        );
        assert_eq!(
            core.find_role("eco-casa-luz", "usr-julia").await.unwrap().as_deref(),
            Some("member")
        );
        assert_eq!(
            core.find_role("eco-casa-luz", "usr-nora").await.unwrap().as_deref(),
            Some("member")
        );
        assert_eq!(core.find_role("eco-casa-luz", "usr-tom").await.unwrap(), None);
        let viewed: Vec<(String, String)> = sqlx::query_as(
            "select u.status, m.role from support_users u \
             join support_memberships m on m.user_id = u.user_id \
             where m.ecosystem_id = 'eco-casa-luz' and u.user_id in ('usr-julia', 'usr-nora', 'usr-tom') \
             order by u.user_id",
        )
        .fetch_all(&core.pool)
        .await
        .unwrap();
        let row = |status: &str, role: &str| (status.to_owned(), role.to_owned());
        assert_eq!(viewed, [row("suspended", "member"), row("active", "member")]);
        assert!(core.is_successor("eco-molino", "usr-saul").await.unwrap());
        assert!(!core.is_successor("eco-molino", "usr-sofia").await.unwrap());
        assert!(matches!(
            core.set_status("unknown@example.com", "active").await,
            Err(CoreError::NothingMatches(_))
        ));
    }

    #[tokio::test]
    async fn create_replaces_an_older_core() {
        let folder = std::env::temp_dir().join(format!("sandbox-core-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.join("core.db").display());
        let first = Core::create(&url, &Seed::demo()).await.unwrap();
        first.set_status("julia@example.com", "closed").await.unwrap();
        first.pool.close().await;
        let second = Core::create(&url, &Seed::demo()).await.unwrap();
        assert_eq!(second.find_user("usr-julia").await.unwrap().unwrap().status, "active");
        second.pool.close().await;
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
