//! The statistics as a file.

use serde_json::json;

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::alerts::lead_acts::{LeadAct, lead_acted};
use crate::flows::lead::figures::AGENT_SESSIONS;
use crate::flows::lead::files::limit_use;
use crate::flows::lead::period::Days;
use crate::flows::lead::stats_file::{answer, write};
use crate::handlers::lead::stats::stats_details;
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::model::trail::kind;
use crate::ports::sessions::{Commit, Committed};
use crate::screens::csv_file::{MAX_ROWS, max_bytes};
use crate::screens::stats_id::StatsView;

impl Desk {
    /// Sends the sessions of a view as a file, beside the view. The trail names the file before the
    /// lead has it.
    pub(super) async fn send_stats_file(
        &self,
        reply: &Reply<'_>,
        view: StatsView,
    ) -> Result<(), Fault> {
        let interaction = reply.interaction;
        let uses = vec![limit_use(interaction.user)];
        // Checked before the sessions are read. The commit counts the file.
        let usage = self.ports.limits.usage(&uses, interaction.at).await?;
        let retry_at = usage.iter().find_map(|usage| usage.retry_at);
        if let Some((limit, at)) = uses.first().map(|file| file.limit).zip(retry_at) {
            return self.refuse(reply, Refusal::Limited(limit, at)).await;
        }
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
        let mut details = stats_details(view);
        details["rows"] = json!(file.rows());
        details["bytes"] = json!(file.bytes());
        let commit = interaction.commit(kind::DESK_FILE, details);
        let acted = lead_acted(interaction.id(), interaction.user, LeadAct::StatisticsFile, None);
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
}
