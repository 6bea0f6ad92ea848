//! Who clicks when: everybody as soon as the last answer is there, or on a schedule that waits for
//! nobody.
//!
//! On a schedule an answer is timed from the moment at which its click was due, whether anybody was
//! free to make it or not: a bot that stalls for a second owes a thousand answers then, and none of
//! them is left out of the figures.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How long after its end a schedule is still worked on: who is further behind does not catch up.
const BEHIND: Duration = Duration::from_secs(10);

/// How the next one begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many in all, each as soon as somebody is free; no longer than the time given.
    Closed(usize, Duration),
    /// So many a second, for so long.
    Steady(f64, Duration),
}

impl Pace {
    /// How many there are in all.
    pub fn count(self) -> usize {
        match self {
            Self::Closed(count, _) => count,
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "some thousands"
            )]
            Self::Steady(rate, time) => (rate * time.as_secs_f64()) as usize,
        }
    }

    fn until(self) -> Instant {
        Instant::now()
            + match self {
                Self::Closed(_, limit) => limit,
                Self::Steady(_, time) => time + BEHIND,
            }
    }
}

/// Who may still begin.
#[derive(Clone)]
pub struct Turns(Arc<Shared>);

struct Shared {
    taken: AtomicUsize,
    count: usize,
    until: Instant,
    schedule: Option<Schedule>,
}

struct Schedule {
    begins: Instant,
    rate: f64,
    /// One for each turn that is due and not taken.
    due: Semaphore,
}

impl Schedule {
    fn moment(&self, n: usize) -> Instant {
        self.begins + Duration::from_secs_f64(crate::measure::real(n) / self.rate)
    }
}

/// The leave to begin.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// When it was due, where there is a schedule.
    pub due: Option<Instant>,
}

impl Turn {
    /// A turn of somebody whom no schedule drives.
    pub const FREE: Self = Self { due: None };
}

impl Turns {
    /// The next turn, when it is due; `None` when it is over.
    pub async fn next(&self) -> Option<Turn> {
        let Shared { taken, count, until, schedule } = &*self.0;
        if let Some(schedule) = schedule {
            schedule.due.acquire().await.ok()?.forget();
        }
        if Instant::now() >= *until {
            return None;
        }
        let n = taken.fetch_add(1, Ordering::Relaxed);
        (n < *count).then(|| Turn { due: schedule.as_ref().map(|schedule| schedule.moment(n)) })
    }
}

/// Everybody works at this pace until it is done or the time is over; answers how often it was
/// done.
pub async fn together<W, F>(
    workers: Vec<W>,
    pace: Pace,
    work: impl Fn(W, Turns) -> F,
) -> anyhow::Result<usize>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let schedule = match pace {
        Pace::Closed(..) => None,
        Pace::Steady(rate, _) => {
            Some(Schedule { begins: Instant::now(), rate, due: Semaphore::new(0) })
        }
    };
    let turns = Turns(Arc::new(Shared {
        taken: AtomicUsize::new(0),
        count: pace.count(),
        until: pace.until(),
        schedule,
    }));
    let waiting = workers.len();
    let mut places = JoinSet::new();
    for worker in workers {
        places.spawn(work(worker, turns.clone()));
    }
    if matches!(pace, Pace::Steady(..)) {
        let turns = turns.clone();
        // A thread of its own: the runtime's timers are a millisecond wide, which is half an
        // answer.
        std::thread::spawn(move || keep_time(&turns.0, waiting));
    }
    while let Some(place) = places.join_next().await {
        place??;
    }
    Ok(turns.0.taken.load(Ordering::Relaxed).min(pace.count()))
}

/// Says of each turn when it is due, and at the end to all who wait that it is over.
fn keep_time(shared: &Shared, waiting: usize) {
    let Some(schedule) = &shared.schedule else { return };
    for n in 0..shared.count {
        let left = schedule.moment(n).saturating_duration_since(Instant::now());
        if !left.is_zero() {
            std::thread::sleep(left);
        }
        schedule.due.add_permits(1);
    }
    schedule.due.add_permits(waiting);
}
