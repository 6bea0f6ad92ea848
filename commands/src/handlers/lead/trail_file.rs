//! The trail as a file.

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::alerts::lead_acts::LeadAct;
use crate::flows::lead::trail_file::{answer, cells, next_part, start};
use crate::handlers::lead::desk_file::file_details;
use crate::model::fault::Fault;
use crate::screens::csv_file::{CsvFile, max_bytes};
use crate::screens::trail_id::TrailView;

impl Desk {
    /// Sends the events of a view as a file, beside the view.
    pub(super) async fn send_trail_file(
        &self,
        reply: &Reply<'_>,
        view: &TrailView,
    ) -> Result<(), Fault> {
        if !self.may_take_file(reply).await? {
            return Ok(());
        }
        let (file, total) = self.write_trail_file(reply, view).await?;
        let details = file_details(self.view_details(view), &file);
        let answer = answer(file, total, reply.interaction.locale);
        self.send_file(reply, LeadAct::TrailFile, details, answer).await
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
        let total = self.ports.trail_search.count(&filter, u64::MAX).await?;
        let mut read = 0_u32;
        while let Some(part) = next_part(read) {
            let lines = self.ports.trail_search.lines(&filter, part).await?;
            for line in &lines {
                if !file.push(&cells(line))? {
                    return Ok((file, total));
                }
            }
            let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
            read = read.saturating_add(count);
            if count < part.limit {
                break;
            }
        }
        Ok((file, total))
    }
}
