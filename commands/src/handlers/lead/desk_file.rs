//! Files that leads take: counted, recorded and told to the other leads before the lead has them.

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::alerts::lead_acts::{LeadAct, lead_acted};
use crate::flows::lead::files::limit_use;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::trail::kind;
use crate::ports::sessions::{Commit, Committed};
use crate::screens::csv_file::CsvFile;
use crate::screens::screen::Screen;

impl Desk {
    /// Returns true if the lead may take another file in this hour. Otherwise refuses.
    ///
    /// Checked before a file is written. The commit counts the file.
    pub(super) async fn may_take_file(&self, reply: &Reply<'_>) -> Result<bool, Fault> {
        let uses = [limit_use(reply.interaction.user)];
        match self.exceeded(&uses, reply.interaction.at).await? {
            Some(refusal) => self.refuse(reply, refusal).await.map(|()| false),
            None => Ok(true),
        }
    }

    /// Records a file and sends it beside its view. `details`: as [`file_details`] returns them.
    pub(super) async fn send_file(
        &self,
        reply: &Reply<'_>,
        act: LeadAct,
        details: Value,
        answer: Screen,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let alerts = vec![lead_acted(interaction.id(), interaction.user, act, None)];
        let commit = Commit {
            limit_uses: vec![limit_use(interaction.user)],
            alerts: alerts.clone(),
            ..interaction.commit(kind::DESK_FILE, details)
        };
        match self.ports.sessions.commit(commit).await? {
            Committed::Saved { .. } => self.note_raised(&alerts),
            Committed::Claimed => {
                reply.yield_reply().await;
                return Ok(());
            }
            refused => {
                let refusal = refused.refusal().unwrap_or(Refusal::AlreadyDone);
                return self.refuse(reply, refusal).await;
            }
        }
        // A first answer has too little time for a large file.
        reply.defer().await;
        reply.note(answer).await;
        Ok(())
    }
}

/// Returns the details of a file in the trail: those of its view, with rows and bytes.
pub(super) fn file_details(mut view: Value, file: &CsvFile) -> Value {
    view["rows"] = json!(file.rows());
    view["bytes"] = json!(file.bytes());
    view
}
