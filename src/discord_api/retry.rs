//! A whole call: its tries, the waits between them, and the limits that it respects.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use commands::model::span::FAULT;
use commands::ports::chat::ChatError;
use commands::ports::clock::Clock;
use url::Url;

use super::breaker::Breaker;
use super::failure::{ALREADY_ANSWERED, Answer, Failure, RateLimit, Refusal, Scope};
use super::http::{Connection, Request, Wire};
use super::pauses::Pauses;
use crate::calls::Call;
use crate::config;
use crate::measured_call::measure;
use crate::metrics;

/// Address of Discord.
const DISCORD: &str = "https://discord.com";
/// Path and version of the API.
const API: [&str; 2] = ["api", "v10"];

/// Time for a first answer with all its tries. Discord accepts it within 3 s of the click, and the
/// desk begins it after 1 s at most (`BUDGET`). So two tries and a reserve of 0.1 s fit.
pub(super) const FIRST_ANSWER_PATIENCE: Duration = Duration::from_millis(1_900);
/// Time for one try of a first answer. Discord answers within 0.3 s; a dead connection never does.
pub(super) const FIRST_ANSWER_TRY: Duration = Duration::from_millis(900);
/// Waits between the tries of a first answer.
const FIRST_ANSWER_WAITS: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(500)];

/// Time for any later call with all its tries. Longer waits keep an agent in the dark. It still
/// strips a panel within the last 15 seconds of its session.
pub(super) const LATER_PATIENCE: Duration = Duration::from_secs(15);
/// Time for one try of any later call.
pub(super) const LATER_TRY: Duration = Duration::from_secs(5);
/// Waits between the tries of any later call. They bridge a restart of Discord.
const LATER_WAITS: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// Client of Discord's API.
pub(crate) struct Api {
    wire: Wire,
    /// Address of the API, with its version.
    base: Url,
    pauses: Pauses,
    breaker: Arc<Breaker>,
    clock: Arc<dyn Clock>,
}

impl Api {
    /// `application`: id of the bot's application, which Discord finds in the `User-Agent`.
    pub(crate) fn new(
        discord: &config::Discord,
        application: u64,
        breaker: Arc<Breaker>,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        // Discord requires this form: `DiscordBot (url, version)`.
        let version = env!("CARGO_PKG_VERSION");
        let page = format!("{DISCORD}/developers/applications/{application}");
        let wire = Wire::new(&discord.token, &format!("DiscordBot ({page}, {version})"))?;
        let base = match &discord.api_url {
            Some(url) => url.clone(),
            None => Url::parse(DISCORD).context("the address of Discord is not valid")?,
        };
        let base = with_path(base, &API);
        Ok(Self { wire, base, pauses: Pauses::default(), breaker, clock })
    }

    /// Returns the address of a path. Its segments are encoded.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        with_path(self.base.clone(), path)
    }

    /// Makes a call of the port `Chat`, and records it. Returns the body of the answer.
    pub(super) async fn call(&self, request: &Request) -> Result<Vec<u8>, ChatError> {
        let work = async {
            let result = self.send(request).await;
            result.map_err(|failure| failure.into_error(request.call))
        };
        let outcome = |result: &Result<Vec<u8>, ChatError>| match result {
            Ok(_) => "done",
            Err(ChatError::Fault(_) | ChatError::Forbidden(_)) => FAULT,
            Err(_) => "denied",
        };
        measure(request.call, &*self.clock, Box::pin(work), outcome).await
    }

    /// Makes a call, and repeats it after a failure that another try can change. Returns the body
    /// of the answer.
    pub(super) async fn send(&self, request: &Request) -> Result<Vec<u8>, Failure> {
        let started_at = self.clock.now();
        let is_first_answer = request.call == Call::InteractionAnswer;
        let (patience, timeout, waits) = if is_first_answer {
            (FIRST_ANSWER_PATIENCE, FIRST_ANSWER_TRY, FIRST_ANSWER_WAITS.as_slice())
        } else {
            (LATER_PATIENCE, LATER_TRY, LATER_WAITS.as_slice())
        };
        let time_left = || patience.saturating_sub(self.clock.now().since(started_at));
        let mut waits = waits.iter();
        let mut connection = Connection::Any;
        let mut may_be_answered = false;
        loop {
            self.wait_for_limits(request, time_left()).await?;
            let timeout = timeout.min(time_left());
            let tried_at = self.clock.now();
            let answer = self.wire.send(request, connection, timeout, &*self.clock).await;
            let took = self.clock.now().since(tried_at);
            let status = answer.as_ref().ok().map(Answer::status);
            metrics::record_try(request.call, status, took);
            let failure = match answer.and_then(Answer::into_result) {
                Ok(body) => return Ok(body),
                Err(failure) => failure,
            };
            self.note(request, &failure);
            if may_be_answered && is_already_answered(&failure) {
                // An earlier try has answered. Only its confirmation was lost.
                return Ok(Vec::new());
            }
            may_be_answered |= is_first_answer && failure.may_have_worked();
            // Discord cannot be asked to post a message once only.
            let is_repeatable = request.call != Call::MessageSend || !failure.may_have_worked();
            let Some(wait) = waits.next().filter(|_| failure.is_transient() && is_repeatable)
            else {
                return Err(failure);
            };
            if failure.is_of_connection() {
                connection = Connection::New;
            }
            if !matches!(failure, Failure::RateLimited(_)) {
                if *wait >= time_left() {
                    return Err(failure);
                }
                self.clock.sleep(*wait).await;
            }
        }
    }

    /// Waits until the call may be made. Fails at once if that is too late, or if no calls are made
    /// now.
    async fn wait_for_limits(&self, request: &Request, patience: Duration) -> Result<(), Failure> {
        let started_at = self.clock.now();
        loop {
            if !self.breaker.allows_call() {
                return Err(Failure::Stopped);
            }
            let now = self.clock.now();
            let Some(wait) = self.pauses.left(request, now) else { return Ok(()) };
            if now.since(started_at) + wait >= patience {
                return Err(Failure::TooLongWait(wait));
            }
            self.clock.sleep(wait).await;
        }
    }

    /// Remembers what a failure says about later calls.
    fn note(&self, request: &Request, failure: &Failure) {
        if failure.is_invalid_request() {
            self.breaker.count_invalid();
        }
        match failure {
            Failure::RateLimited(RateLimit { wait, scope: Scope::Address }) => {
                self.breaker.stop_for(*wait);
            }
            Failure::RateLimited(limit) => self.pauses.note(request, *limit, self.clock.now()),
            _ => {}
        }
    }
}

fn is_already_answered(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused(Refusal { code: Some(ALREADY_ANSWERED), .. }))
}

/// Appends segments to the path of an address of http.
fn with_path(mut url: Url, segments: &[&str]) -> Url {
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}
