//! Core's tables and views, and the insertion of the seed.

use sqlx::AnyPool;

use super::error::CoreError;
use crate::seed::{Customer, Ecosystem, Membership, Seed, Succession};

/// Views and tables, in the order in which they can be dropped.
pub(super) const OBJECTS: [(&str, &str); 10] = [
    ("view", "support_users"),
    ("view", "support_ecosystems"),
    ("view", "support_memberships"),
    ("view", "support_successions"),
    ("view", "support_succession_steps"),
    ("table", "sandbox_core_users"),
    ("table", "sandbox_core_ecosystems"),
    ("table", "sandbox_core_memberships"),
    ("table", "sandbox_core_successions"),
    ("table", "sandbox_core_succession_steps"),
];

/// Statements that create Core.
///
/// Views have plain columns only, because SQLite loses the type of an expression in a view. The
/// indexes are those that a look-up needs, as in a company's Core.
pub(super) const STATEMENTS: [&str; 14] = [
    "create table sandbox_core_users (user_id text not null primary key, email text not null, full_name text not null, \
     status text not null, locale text not null, created_at bigint not null)",
    "create table sandbox_core_ecosystems (ecosystem_id text not null primary key, name text not null, plan_name text not null, \
     plan_status text not null, plan_price_cents bigint not null, plan_currency text not null, plan_period text not null, \
     plan_renews_at bigint not null, plan_features text not null)",
    "create table sandbox_core_memberships (ecosystem_id text not null, user_id text not null, role text not null, \
     primary key (ecosystem_id, user_id))",
    "create table sandbox_core_successions (succession_id text not null primary key, ecosystem_id text not null, \
     successor_user_id text not null, started_at bigint not null)",
    "create table sandbox_core_succession_steps (succession_id text not null, position bigint not null, title text not null, \
     status text not null, summary text not null, detail text not null, reasons text not null, updated_at bigint not null, \
     primary key (succession_id, position))",
    "create index sandbox_core_users_email on sandbox_core_users (email)",
    "create index sandbox_core_users_folded_email on sandbox_core_users (lower(trim(email)))",
    "create index sandbox_core_memberships_user on sandbox_core_memberships (user_id)",
    "create index sandbox_core_successions_successor on sandbox_core_successions (successor_user_id)",
    "create view support_users as select user_id, email, full_name, status, locale, created_at from sandbox_core_users",
    "create view support_ecosystems as select ecosystem_id, name, plan_name, plan_status, plan_price_cents, plan_currency, \
     plan_period, plan_renews_at, plan_features from sandbox_core_ecosystems",
    "create view support_memberships as select ecosystem_id, user_id, role from sandbox_core_memberships",
    "create view support_successions as select succession_id, ecosystem_id, successor_user_id, started_at from sandbox_core_successions",
    "create view support_succession_steps as select succession_id, position, title, status, summary, detail, reasons, updated_at \
     from sandbox_core_succession_steps",
];

/// Views as an administrator can replace them within the contract: other columns first, one column
/// more, other widths and integer types. PostgreSQL then refuses every statement that was prepared
/// before.
pub(super) const REPLACED_VIEWS: [&str; 5] = [
    "create view support_users as select created_at, locale, cast(status as varchar(40)) as status, \
     cast(full_name as varchar(200)) as full_name, 'eu' as region, cast(email as varchar(320)) as email, \
     cast(user_id as varchar(64)) as user_id from sandbox_core_users",
    "create view support_ecosystems as select cast(plan_features as varchar(4000)) as plan_features, plan_renews_at, \
     cast(plan_period as varchar(20)) as plan_period, plan_currency, cast(plan_price_cents as integer) as plan_price_cents, \
     plan_status, cast(plan_name as varchar(80)) as plan_name, cast(name as varchar(200)) as name, 'eu' as region, \
     cast(ecosystem_id as varchar(64)) as ecosystem_id from sandbox_core_ecosystems",
    "create view support_memberships as select cast(role as varchar(20)) as role, 'eu' as region, \
     cast(user_id as varchar(64)) as user_id, ecosystem_id from sandbox_core_memberships",
    "create view support_successions as select started_at, cast(successor_user_id as varchar(64)) as successor_user_id, \
     'eu' as region, cast(ecosystem_id as varchar(64)) as ecosystem_id, cast(succession_id as varchar(64)) as succession_id \
     from sandbox_core_successions",
    "create view support_succession_steps as select updated_at, cast(reasons as varchar(4000)) as reasons, \
     cast(detail as varchar(4000)) as detail, cast(summary as varchar(400)) as summary, cast(status as varchar(20)) as status, \
     cast(title as varchar(200)) as title, 'eu' as region, cast(position as integer) as position, \
     cast(succession_id as varchar(64)) as succession_id from sandbox_core_succession_steps",
];

/// A view of users without the column `status`.
pub(super) const USERS_WITHOUT_STATUS: &str = "create view support_users as \
     select user_id, email, full_name, locale, created_at from sandbox_core_users";

/// Inserts the seed into empty tables.
pub(super) async fn fill(pool: &AnyPool, seed: &Seed) -> Result<(), CoreError> {
    let mut transaction = pool.begin().await?;
    for Customer { id, email, name, status, locale, created_at, .. } in &seed.customers {
        let insert = "insert into sandbox_core_users (user_id, email, full_name, status, locale, created_at) values ($1, $2, $3, $4, $5, $6)";
        let query = sqlx::query(insert)
            .bind(id)
            .bind(email)
            .bind(name)
            .bind(status)
            .bind(locale)
            .bind(created_at);
        query.execute(&mut *transaction).await?;
    }
    for Ecosystem { id, name, plan } in &seed.ecosystems {
        let insert = "insert into sandbox_core_ecosystems (ecosystem_id, name, plan_name, plan_status, plan_price_cents, plan_currency, \
                      plan_period, plan_renews_at, plan_features) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let query = sqlx::query(insert)
            .bind(id)
            .bind(name)
            .bind(&plan.name)
            .bind(&plan.status)
            .bind(plan.price_cents);
        let query = query
            .bind(&plan.currency)
            .bind(&plan.period)
            .bind(plan.renews_at)
            .bind(serde_json::to_string(&plan.features)?);
        query.execute(&mut *transaction).await?;
    }
    for Membership { ecosystem_id, user_id, role } in &seed.memberships {
        let insert = "insert into sandbox_core_memberships (ecosystem_id, user_id, role) values ($1, $2, $3)";
        sqlx::query(insert)
            .bind(ecosystem_id)
            .bind(user_id)
            .bind(role)
            .execute(&mut *transaction)
            .await?;
    }
    for Succession { id, ecosystem_id, successor_id, started_at, steps } in &seed.successions {
        let insert = "insert into sandbox_core_successions (succession_id, ecosystem_id, successor_user_id, started_at) values ($1, $2, $3, $4)";
        sqlx::query(insert)
            .bind(id)
            .bind(ecosystem_id)
            .bind(successor_id)
            .bind(started_at)
            .execute(&mut *transaction)
            .await?;
        for (position, step) in (1_i64..).zip(steps) {
            let insert = "insert into sandbox_core_succession_steps (succession_id, position, title, status, summary, detail, reasons, \
                          updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
            let query = sqlx::query(insert)
                .bind(id)
                .bind(position)
                .bind(&step.title)
                .bind(&step.status)
                .bind(&step.summary);
            let query = query
                .bind(&step.detail)
                .bind(serde_json::to_string(&step.reasons)?)
                .bind(step.updated_at);
            query.execute(&mut *transaction).await?;
        }
    }
    Ok(transaction.commit().await?)
}
