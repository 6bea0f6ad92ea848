//! The trail as a file.

use serde_json::json;

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::alerts::lead_acts::{LeadAct, lead_acted};
use crate::flows::lead::files::limit_use;
use crate::flows::lead::trail_file::{answer, cells, next_part, start};
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::trail::kind;
use crate::ports::sessions::{Commit, Committed};
use crate::screens::csv_file::{CsvFile, max_bytes};
use crate::screens::trail_id::TrailView;

impl Desk {
    /// Sends the events of a view as a file, beside the view. The trail names the file before the
    /// lead has it.
    pub(super) async fn send_trail_file(
        &self,
        reply: &Reply<'_>,
        view: &TrailView,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let uses = vec![limit_use(interaction.user)];
        // Checked before the events are read. The commit counts the file.
        if let Some(refusal) = self.exceeded(&uses, interaction.at).await? {
            return self.refuse(reply, refusal).await;
        }
        let (file, total) = self.write_trail_file(reply, view).await?;
        let (rows, bytes) = (file.rows(), file.bytes());
        let mut details = self.view_details(view);
        details["rows"] = json!(rows);
        details["bytes"] = json!(bytes);
        let commit = interaction.commit(kind::DESK_FILE, details);
        let acted = lead_acted(interaction.id(), interaction.user, LeadAct::TrailFile, None);
        let alerts = vec![acted];
        let commit = Commit { limit_uses: uses, alerts: alerts.clone(), ..commit };
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
        reply.note(answer(file, total, interaction.locale)).await;
        Ok(())
    }

    /// Writes the newest events of a view, as many as fit. Returns the number of all too.
    async fn write_trail_file(
        &self,
        reply: &Reply<'_>,
        view: &TrailView,
    ) -> Result<(CsvFile, u64), Fault> {
        let interaction = reply.interaction;
        let (filter, limit) = (view.filter(), max_bytes(interaction.file_limit));
        let mut file = start(limit, interaction.locale)?;
        let (mut total, mut read) = (0, 0_u32);
        while let Some(part) = next_part(read) {
            let page = self.ports.trail_search.lines(&filter, part).await?;
            total = page.total;
            for line in &page.lines {
                if !file.push(&cells(line))? {
                    return Ok((file, total));
                }
            }
            let count = u32::try_from(page.lines.len()).unwrap_or(u32::MAX);
            read = read.saturating_add(count);
            if count < part.limit {
                break;
            }
        }
        Ok((file, total))
    }
}
