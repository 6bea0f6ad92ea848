//! Pace of a load: a closed loop without pauses, or a fixed rate on a schedule.
//!
//! On a schedule, an answer is timed from the moment when its click was due, even if every worker
//! was busy then. If a bot stalls for one second at 1,000 clicks per second, a thousand answers are
//! late, and the figures contain each of them with its whole wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::report::to_f64;

/// Time after the end of a schedule in which workers still take late slots.
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(10);

/// Pace at which slots become available.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Number of slots.
    pub count: usize,
    /// Slots per second, if there is a schedule.
    pub rate: Option<u32>,
    time_limit: Duration,
}

impl Pace {
    /// Slots that are taken as soon as a worker is free.
    pub fn closed_loop(count: usize, time_limit: Duration) -> Self {
        Self { count, rate: None, time_limit }
    }

    /// Slots on a schedule.
    pub fn fixed_rate(rate: u32, time: Duration) -> Self {
        let count = time.as_millis() * u128::from(rate) / 1_000;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Self { count, rate: Some(rate), time_limit: time + CATCH_UP_TIMEOUT }
    }
}

/// Permission to make one click, or to walk one session.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Time when the click is due, if there is a schedule.
    pub due: Option<Instant>,
}

impl Slot {
    pub const UNSCHEDULED: Self = Self { due: None };
}

/// Source of slots, shared by the workers of a load.
#[derive(Clone)]
pub struct Slots(Arc<Shared>);

struct Shared {
    pace: Pace,
    taken: AtomicUsize,
    begins: Instant,
    deadline: Instant,
    /// One permit for each slot that is due and not taken, if there is a schedule.
    due: Semaphore,
}

impl Shared {
    /// Returns the due time of a slot, if there is a schedule.
    fn due_at(&self, n: usize) -> Option<Instant> {
        self.pace
            .rate
            .map(|rate| self.begins + Duration::from_secs_f64(to_f64(n) / f64::from(rate)))
    }
}

impl Slots {
    fn new(pace: Pace) -> Self {
        let begins = Instant::now();
        let (taken, due) = (AtomicUsize::new(0), Semaphore::new(0));
        let deadline = begins + pace.time_limit;
        Self(Arc::new(Shared { pace, taken, begins, deadline, due }))
    }

    /// Waits for the next slot. Returns `None` after the last one and after the deadline.
    pub async fn next(&self) -> Option<Slot> {
        if self.0.pace.rate.is_some() {
            self.0.due.acquire().await.ok()?.forget();
        }
        if Instant::now() >= self.0.deadline {
            return None;
        }
        let n = self.0.taken.fetch_add(1, Ordering::Relaxed);
        (n < self.0.pace.count).then(|| Slot { due: self.0.due_at(n) })
    }
}

/// Runs `work` in one task for each worker until the slots are used up. Returns the number of slots
/// that were taken.
pub async fn run_workers<W, F>(
    workers: Vec<W>,
    pace: Pace,
    work: impl Fn(W, Slots) -> F,
) -> anyhow::Result<usize>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let slots = Slots::new(pace);
    let count = workers.len();
    let mut tasks = JoinSet::new();
    for worker in workers {
        tasks.spawn(work(worker, slots.clone()));
    }
    if pace.rate.is_some() {
        let slots = slots.clone();
        // A thread, because the runtime's timers are precise to a millisecond only, which is half
        // the time of an answer.
        std::thread::spawn(move || release_slots(&slots.0, count));
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(slots.0.taken.load(Ordering::Relaxed).min(pace.count))
}

/// Releases each slot when it is due, and at the end every worker that still waits.
fn release_slots(shared: &Shared, workers: usize) {
    for due in (0..shared.pace.count).filter_map(|n| shared.due_at(n)) {
        let left = due.saturating_duration_since(Instant::now());
        if !left.is_zero() {
            std::thread::sleep(left);
        }
        shared.due.add_permits(1);
    }
    shared.due.add_permits(workers);
}
