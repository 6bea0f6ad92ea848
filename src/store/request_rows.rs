//! Rows of requests, as a commit adds them.

use commands::model::request::CustomerRequest;
use sqlx::AnyConnection;

/// Adds a request.
pub(super) async fn insert(
    on: &mut AnyConnection,
    request: &CustomerRequest,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into requests (id, kind, customer, asked_by, asked_at, state)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(request.id.as_str())
    .bind(request.kind.name())
    .bind(request.customer.as_str())
    .bind(request.asked_by.map(u64::cast_signed))
    .bind(request.asked_at.0)
    .bind(if request.is_done { "done" } else { "open" })
    .execute(on)
    .await
    .map(drop)
}
