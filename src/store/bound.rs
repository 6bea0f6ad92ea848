//! Values that are bound to the placeholders of a statement that is built from parts.

use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

/// A value of a condition.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    Text(String),
    Number(i64),
}

/// Binds values in their order.
pub(super) fn bind_all(
    query: Query<'static, Any, AnyArguments>,
    values: &[Bound],
) -> Query<'static, Any, AnyArguments> {
    values.iter().fold(query, |query, value| match value {
        Bound::Text(text) => query.bind(text.clone()),
        Bound::Number(number) => query.bind(*number),
    })
}
