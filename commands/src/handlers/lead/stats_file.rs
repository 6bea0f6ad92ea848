//! The statistics as a file.

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::alerts::lead_acts::LeadAct;
use crate::flows::lead::figures::AGENT_SESSIONS;
use crate::flows::lead::period::Days;
use crate::flows::lead::stats_file::{answer, write};
use crate::handlers::lead::desk_file::file_details;
use crate::handlers::lead::stats::stats_details;
use crate::model::fault::Fault;
use crate::screens::csv_file::{MAX_ROWS, max_bytes};
use crate::screens::stats_id::StatsView;

impl Desk {
    /// Sends the sessions of a view as a file, beside the view.
    pub(super) async fn send_stats_file(
        &self,
        reply: &Reply<'_>,
        view: StatsView,
    ) -> Result<(), Fault> {
        if !self.may_take_file(reply).await? {
            return Ok(());
        }
        let interaction = reply.interaction;
        let days = Days::until(interaction.at, view.period, self.rules.utc_offset);
        let filter = days.filter(view.agent);
        let total = self.ports.figures.count(filter).await?;
        let least = if view.agent.is_some() { AGENT_SESSIONS } else { 1 };
        if total < least.into() {
            // Another day has begun since the view was drawn.
            return self.return_to_stats(reply, view).await;
        }
        let sessions = self.ports.figures.sessions(filter, MAX_ROWS).await?;
        let file = write(&sessions, max_bytes(interaction.file_limit), interaction.locale)?;
        let details = file_details(stats_details(view), &file);
        let answer = answer(file, total, interaction.locale);
        self.send_file(reply, LeadAct::StatisticsFile, details, answer).await
    }
}
