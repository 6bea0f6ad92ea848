//! The columns that say how far a session came.

use commands::model::report::Opened;
use commands::model::time::minutes;
use commands::model::unknown_fields::UnknownFields;
use commands::model::words::{Purpose, Target};
use sqlx::AssertSqlSafe;

use crate::store::Database;
use crate::store::testing::{NOON, closed, found, on_both, recovering, save, started};

const COLUMNS: [&str; 10] = [
    "started_at",
    "agent_at",
    "customer_at",
    "opened",
    "links",
    "linked_at",
    "mailed_at",
    "codes",
    "wrong",
    "bounced_at",
];

/// Returns the columns of a session's row as texts; `-` for null.
async fn columns(database: &Database, id: &str) -> [String; 10] {
    let cells =
        COLUMNS.map(|name| format!("coalesce(cast({name} as text), '-')")).join(" || ' ' || ");
    let text: String =
        sqlx::query_scalar(AssertSqlSafe(format!("select {cells} from sessions where id = $1")))
            .bind(id.to_owned())
            .fetch_one(&database.pools.reads)
            .await
            .unwrap();
    let cells: Vec<_> = text.split(' ').map(str::to_owned).collect();
    cells.try_into().unwrap()
}

#[tokio::test]
async fn progress_of_a_session_is_in_its_columns_also_after_the_close() {
    on_both(async |bed| {
        let database = bed.open().await;
        let empty = ["-", "-", "-", "-", "0", "-", "-", "0", "0", "-"];
        let mut session = save(&database, found(1, 7, "customer")).await;
        let id = session.id.to_string();
        assert_eq!(columns(&database, &id).await, empty);
        session = started(session, NOON);
        session.report_record_mut().agent_verified_at = Some(NOON + minutes(1));
        session.report_record_mut().customer_verified_at = Some(NOON + minutes(2));
        (session.customer.sends, session.customer.wrong) = (3, 2);
        session.report_record_mut().customer_bounced_at = Some(NOON + minutes(3));
        session.record_mailed(Purpose::CustomerConsent, NOON + minutes(4));
        for (minute, target) in [(5, Target::Web), (7, Target::Web), (6, Target::Store)] {
            let at = NOON + minutes(minute);
            let opened = Opened { target, at, unknown: UnknownFields::NONE };
            session.report_record_mut().opened.push(opened);
        }
        let at = |minute| (NOON + minutes(minute)).0.to_string();
        let full = [
            NOON.0.to_string(),
            at(1),
            at(2),
            r#"{"store":1,"web":2}"#.to_owned(),
            "3".to_owned(),
            at(7),
            at(4),
            "3".to_owned(),
            "2".to_owned(),
            at(3),
        ];
        let saved = save(&database, session).await;
        assert_eq!(columns(&database, &id).await, full);
        save(&database, closed(saved, NOON + minutes(9))).await;
        assert_eq!(columns(&database, &id).await, full);
        // A session without a customer has no other times, though the agent types a code in it.
        let mut recovery = recovering(2, 7);
        recovery.report_record_mut().agent_verified_at = Some(NOON);
        let id = save(&database, recovery).await.id.to_string();
        let [started_at, others @ ..] = columns(&database, &id).await;
        assert_eq!((started_at, others), (NOON.0.to_string(), ["-"; 9].map(str::to_owned)));
    })
    .await;
}
