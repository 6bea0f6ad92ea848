//! The figures that a process has counted in the last minute.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};

use crate::flows::lead::figures::Figures;
use crate::model::time::{Timestamp, minutes};
use crate::ports::figures::FigureFilter;

/// Time for which the same figures come from memory. Ours: a lead who presses several buttons sees
/// one state, and the database is read once.
const FIGURES_LIFE: Duration = minutes(1);

type Counted = HashMap<FigureFilter, (Timestamp, Arc<Figures>)>;

/// Figures by their filter. Its lock is also the turn to draw a chart, so that a process draws one
/// at a time.
#[derive(Debug, Default)]
pub(crate) struct FigureMemory(Mutex<Counted>);

pub(crate) struct FigureTurn<'a>(MutexGuard<'a, Counted>);

impl FigureMemory {
    /// Waits for the turn to count and to draw.
    pub(crate) async fn turn(&self) -> FigureTurn<'_> {
        FigureTurn(self.0.lock().await)
    }
}

impl FigureTurn<'_> {
    pub(crate) fn get(&mut self, filter: FigureFilter, now: Timestamp) -> Option<Arc<Figures>> {
        // Figures of the future mean that the clock was set back.
        self.0.retain(|_, (at, _)| *at <= now && now < *at + FIGURES_LIFE);
        self.0.get(&filter).map(|(_, figures)| Arc::clone(figures))
    }

    pub(crate) fn keep(&mut self, filter: FigureFilter, figures: &Arc<Figures>, now: Timestamp) {
        self.0.insert(filter, (now, Arc::clone(figures)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn figures_are_kept_for_a_minute() {
        let memory = FigureMemory::default();
        let now = Timestamp(1_700_000_000_000);
        let filter = FigureFilter { from: now, until: now + FIGURES_LIFE, agent: None };
        let other = FigureFilter { agent: Some(7), ..filter };
        let mut turn = memory.turn().await;
        assert!(turn.get(filter, now).is_none());
        turn.keep(filter, &Arc::default(), now);
        assert!(turn.get(other, now).is_none());
        let a_millisecond = Duration::from_millis(1);
        assert!(turn.get(filter, now + FIGURES_LIFE - a_millisecond).is_some());
        assert!(turn.get(filter, now + FIGURES_LIFE).is_none());
        turn.keep(filter, &Arc::default(), now);
        assert!(turn.get(filter, now - a_millisecond).is_none(), "the clock was set back");
    }
}
