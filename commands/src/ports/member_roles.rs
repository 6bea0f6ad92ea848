//! Roles of the server's members.

use async_trait::async_trait;

use crate::model::fault::Fault;

/// Roles in Discord, for checks that no interaction causes. An interaction brings its own roles.
#[async_trait]
pub trait MemberRoles: Send + Sync + 'static {
    /// Returns the roles of a user in the server, at most 60 s old. `None`: the user has left it.
    async fn roles_of(&self, user: u64) -> Result<Option<Vec<u64>>, Fault>;
}
