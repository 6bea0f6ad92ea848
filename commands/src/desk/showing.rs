//! `/account show`: an answer that changes nothing, so it is neither claimed nor in the trail.

use super::{Click, Desk, reply::Reply};
use crate::account::show;
use crate::error::Fault;

impl Desk {
    pub(super) async fn show(&self, click: &Click, reply: &Reply<'_>) -> Result<(), Fault> {
        reply.answers_alike();
        let standing = self.standing(click.user).await?;
        let sessions: Vec<_> =
            self.open_sessions(click.user).await?.iter().map(|live| live.session()).collect();
        reply.note(show::screen(&standing, &self.rules.groups, &sessions, click.locale)).await;
        match standing.rights() {
            Ok(_) => Ok(()),
            Err(loss) => self.close_all_of(click.user, loss).await,
        }
    }
}
