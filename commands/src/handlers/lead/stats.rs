//! `/desk stats`: the figures of a period and their chart.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::desk::Desk;
use crate::engine::reply::Reply;
use crate::flows::lead::charts::chart;
use crate::flows::lead::figures::{Figures, PRECISION_WINDOW, mostly_false};
use crate::flows::lead::period::Days;
use crate::flows::lead::stats::{chart_file, is_shown, render};
use crate::model::fault::Fault;
use crate::model::refusal::Refusal;
use crate::ports::figures::FigureSource;
use crate::screens::stats_id::{Period, StatsAct, StatsView};

impl Desk {
    /// Opens the figures of a period, all or of one agent.
    pub(super) async fn open_stats_view(
        &self,
        reply: &Reply<'_>,
        view: StatsView,
    ) -> Result<(), Fault> {
        if self.record_lead_view(reply, stats_details(view)).await? {
            self.draw_stats(reply, view).await?;
        }
        Ok(())
    }

    /// Does what a press on a view of the figures requests.
    pub(super) async fn press_stats(
        &self,
        reply: &Reply<'_>,
        act: StatsAct,
        view: StatsView,
        chosen: Option<&str>,
    ) -> Result<(), Fault> {
        match act {
            StatsAct::Chart => self.return_to_stats(reply, view).await,
            StatsAct::Open => self.open_stats_view(reply, view).await,
            StatsAct::Choose => match chosen.and_then(Period::parse) {
                Some(period) => self.open_stats_view(reply, StatsView { period, ..view }).await,
                None => self.refuse(reply, Refusal::UnknownButton).await,
            },
            StatsAct::File => self.send_stats_file(reply, view).await,
        }
    }

    /// Draws the figures again, which this lead has opened.
    pub(super) async fn return_to_stats(
        &self,
        reply: &Reply<'_>,
        view: StatsView,
    ) -> Result<(), Fault> {
        if self.continue_lead_view(reply, stats_details(view)).await? {
            self.draw_stats(reply, view).await?;
        }
        Ok(())
    }

    async fn draw_stats(&self, reply: &Reply<'_>, view: StatsView) -> Result<(), Fault> {
        let (at, locale) = (reply.interaction.at, reply.interaction.locale);
        let days = Days::until(at, view.period, self.rules.utc_offset);
        let filter = days.filter(view.agent);
        let mut turn = self.figures.turn().await;
        let figures = if let Some(figures) = turn.get(filter, at) {
            figures
        } else {
            let source: &dyn FigureSource = &*self.ports.figures;
            let sessions = source.sessions(filter, u32::MAX).await?;
            let codes = source.codes(filter).await?;
            let mut figures = Figures::count(days, &sessions, codes);
            if view.agent.is_none() {
                figures.alerts = source.alerts(filter.from, filter.until).await?;
                let recent = source.alerts(at - PRECISION_WINDOW, filter.until).await?;
                figures.mostly_false = mostly_false(&recent);
            }
            let figures = Arc::new(figures);
            turn.keep(filter, &figures, at);
            figures
        };
        let shown = is_shown(view, &figures);
        let drawn = chart(view.chart, &figures, days, locale).filter(|_| shown).map(|chart| {
            let png = self.ports.pictures.chart(&chart)?;
            Ok(chart_file(chart, png))
        });
        drop(turn);
        // All figures are in the text, so a chart that cannot be drawn is left out.
        let picture = drawn.transpose().unwrap_or_else(|fault: Fault| {
            self.log(&fault);
            None
        });
        if picture.is_some() {
            // A first answer has too little time for a picture.
            reply.defer().await;
        }
        reply.view(render(view, days, &figures, picture, locale)).await;
        Ok(())
    }
}

/// Returns the view in an event of the trail.
pub(super) fn stats_details(view: StatsView) -> Value {
    let mut details = json!({ "view": "stats", "period": view.period.name() });
    if let Some(agent) = view.agent {
        details["agent"] = json!(format!("discord:{agent}"));
    }
    details
}
