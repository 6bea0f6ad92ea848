//! Answers of Discord and failures of a try: their meaning for the desk, and for the log.
//!
//! Only codes, paths of fields and times are kept. Bodies and addresses can contain secrets.

use std::time::Duration;

use commands::model::fault::Fault;
use commands::ports::chat::ChatError;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::calls::Call;
use crate::metrics;

/// Error code of Discord for an interaction that has an answer.
pub(super) const ALREADY_ANSWERED: i64 = 40060;

/// Error codes of Discord: unknown message, webhook or interaction, invalid token.
const GONE: [i64; 4] = [10008, 10015, 10062, 50027];

/// Error codes of Discord: unknown channel, missing access to one (View Channel), missing
/// permissions.
const FORBIDDEN: [i64; 3] = [10003, 50001, 50013];

/// Status of Discord for content that it refuses, such as an invalid form body (50035) or an empty
/// message (50006).
const REFUSED_CONTENT: u16 = 400;

const RATE_LIMITED: u16 = 429;

/// Header that names for whom a rate limit holds. Only Discord itself sends it.
const SCOPE: &str = "x-ratelimit-scope";

/// Wait after a 429 of Discord that names no time.
const UNKNOWN_WAIT: Duration = Duration::from_secs(1);
/// Wait after a 429 of Cloudflare that names no time. Ours: a short block takes a minute.
const UNKNOWN_STOP: Duration = Duration::from_mins(1);
/// Shortest wait, so that an answer without a wait cannot cause a burst of tries.
const MIN_WAIT: Duration = Duration::from_millis(50);
/// Longest wait that is believed. A block of an address ends within a day.
pub(super) const MAX_WAIT: Duration = Duration::from_hours(24);

/// Maximum number of fields that a log line names.
const MAX_LOGGED_FIELDS: usize = 5;

/// Reason why a try gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No connection, so nothing was sent.
    Unreachable,
    /// Discord did not answer in time. It can have performed the call.
    TimedOut,
    /// The connection broke before an answer. Discord can have performed the call.
    Broken,
    /// Discord performed nothing, and wants no such call for a time.
    RateLimited(RateLimit),
    /// Discord wants no such call for longer than this one can wait.
    TooLongWait(Duration),
    /// No calls are made now: see [`Breaker`](super::Breaker).
    Stopped,
    Refused(Refusal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RateLimit {
    pub(super) wait: Duration,
    pub(super) scope: Scope,
}

/// Calls that a rate limit concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The bot's calls of this kind with this token or channel.
    User,
    /// All calls of this kind, such as all new messages of a channel.
    Shared,
    /// All calls of the bot.
    Global,
    /// All calls from this address. Cloudflare answers, which stands in front of Discord.
    Address,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: Option<i64>,
    /// Paths and codes of the refused fields.
    fields: String,
}

/// An answer to one try.
pub(super) struct Answer {
    status: u16,
    is_json: bool,
    scope: Option<Scope>,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

impl Answer {
    pub(super) fn new(status: u16, headers: &HeaderMap, body: Vec<u8>) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let scope = header(SCOPE).map(|scope| match scope {
            "shared" => Scope::Shared,
            "global" => Scope::Global,
            _ => Scope::User,
        });
        Self {
            status,
            is_json: header(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.contains("json")),
            scope,
            retry_after: header(RETRY_AFTER.as_str())
                .and_then(|seconds| seconds.trim().parse().ok())
                .and_then(wait),
            body,
        }
    }

    /// Returns the status, and true if the error is that the interaction has an answer.
    pub(super) fn status(&self) -> (u16, bool) {
        let is_refusal = (400..500).contains(&self.status);
        (self.status, is_refusal && self.code() == Some(ALREADY_ANSWERED))
    }

    /// Returns Discord's code of an error.
    fn code(&self) -> Option<i64> {
        #[derive(serde::Deserialize)]
        struct Code {
            code: i64,
        }
        serde_json::from_slice(&self.body).ok().map(|Code { code }| code)
    }

    /// Returns the body of a successful call.
    pub(super) fn into_result(self) -> Result<Vec<u8>, Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        // Serverside errors come as HTML, empty or cut short too.
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        if self.status == RATE_LIMITED {
            return Err(Failure::RateLimited(self.rate_limit(&body)));
        }
        let mut fields = Vec::new();
        if let Some(errors) = body.get("errors") {
            collect_fields(errors, "", &mut fields);
        }
        Err(Failure::Refused(Refusal {
            status: self.status,
            code: body.get("code").and_then(Value::as_i64),
            fields: fields.join(" "),
        }))
    }

    fn rate_limit(&self, body: &Value) -> RateLimit {
        let is_discords = self.is_json || self.scope.is_some() || body.is_object();
        if !is_discords {
            let wait = self.retry_after.unwrap_or(UNKNOWN_STOP);
            return RateLimit { wait: wait.max(MIN_WAIT), scope: Scope::Address };
        }
        let is_global = body.get("global").and_then(Value::as_bool) == Some(true);
        let scope = if is_global { Scope::Global } else { self.scope.unwrap_or(Scope::User) };
        // The header is the body's time, rounded up.
        let exact = body.get("retry_after").and_then(Value::as_f64).and_then(wait);
        let wait = exact.or(self.retry_after).unwrap_or(UNKNOWN_WAIT);
        RateLimit { wait: wait.max(MIN_WAIT), scope }
    }
}

/// Returns a wait in seconds that was named by an answer, rounded up to whole milliseconds. `None`
/// if it is no time.
fn wait(seconds: f64) -> Option<Duration> {
    if seconds > MAX_WAIT.as_secs_f64() {
        return Some(MAX_WAIT);
    }
    Duration::try_from_secs_f64((seconds * 1_000.0).ceil() / 1_000.0).ok()
}

/// Collects paths and codes of the refused fields. Drops the messages, because they can quote
/// values.
fn collect_fields(errors: &Value, path: &str, fields: &mut Vec<String>) {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_')).collect()
    };
    for (name, inner) in errors.as_object().into_iter().flatten() {
        if fields.len() >= MAX_LOGGED_FIELDS {
            return;
        }
        if name == "_errors" {
            let codes = inner.as_array().into_iter().flatten();
            let codes = codes.filter_map(|error| error.get("code")?.as_str()).map(plain);
            let codes = codes.collect::<Vec<_>>().join(" ");
            fields.push(format!("{path} {codes}").trim().to_owned());
        } else {
            let dot = if path.is_empty() { "" } else { "." };
            collect_fields(inner, &format!("{path}{dot}{}", plain(name)), fields);
        }
    }
}

impl Failure {
    pub(super) fn of_connection(error: &reqwest::Error) -> Self {
        if error.is_connect() { Self::Unreachable } else { Self::Broken }
    }

    /// Returns true if another try can succeed.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Broken | Self::RateLimited(_) => true,
            Self::TooLongWait(_) | Self::Stopped => false,
            Self::Refused(refusal) => refusal.status >= 500,
        }
    }

    /// Returns true if Discord can have performed the call.
    pub(super) fn may_have_worked(&self) -> bool {
        match self {
            Self::TimedOut | Self::Broken => true,
            Self::Refused(refusal) => refusal.status >= 500,
            Self::Unreachable | Self::RateLimited(_) | Self::TooLongWait(_) | Self::Stopped => {
                false
            }
        }
    }

    /// Returns true if the connection can be dead.
    pub(super) fn is_of_connection(&self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::Broken)
    }

    /// Returns true if Discord counts the try as an invalid request (Discord documentation,
    /// "Invalid Request Limit"). It exempts limits of scope `shared`, which are counted here to be
    /// safe.
    pub(super) fn is_invalid_request(&self) -> bool {
        match self {
            Self::RateLimited(_) => true,
            Self::Refused(refusal) => matches!(refusal.status, 401 | 403),
            _ => false,
        }
    }

    /// Returns the meaning for the desk.
    pub(super) fn into_error(self, call: Call) -> ChatError {
        let fault = || Fault::new(call.doing(), self.words());
        match &self {
            Self::Refused(Refusal { code: Some(ALREADY_ANSWERED), .. }) => ChatError::Answered,
            Self::Refused(Refusal { code: Some(code), .. }) if GONE.contains(code) => {
                ChatError::Gone
            }
            Self::Refused(Refusal { code: Some(code), .. }) if FORBIDDEN.contains(code) => {
                ChatError::Forbidden(fault())
            }
            Self::Refused(Refusal { status: REFUSED_CONTENT, .. }) => {
                metrics::count_refused_message();
                ChatError::Refused(fault())
            }
            _ => ChatError::Fault(fault()),
        }
    }

    /// Describes the failure for the log.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Unreachable => "Discord could not be reached".to_owned(),
            Self::TimedOut => "Discord did not answer in time".to_owned(),
            Self::Broken => "the connection to Discord broke".to_owned(),
            Self::RateLimited(RateLimit { wait, .. }) | Self::TooLongWait(wait) => {
                let seconds = wait.as_secs_f64();
                format!(
                    "Discord's rate limit was reached: given up, it asks to wait {seconds:.1} s"
                )
            }
            Self::Stopped => "calls to Discord are stopped".to_owned(),
            Self::Refused(Refusal { status, code, fields }) => {
                let code = code.map_or("no code".to_owned(), |code| format!("code {code}"));
                if *status != REFUSED_CONTENT {
                    return format!("Discord refused it with status {status} and {code}");
                }
                let colon = if fields.is_empty() { "" } else { ": " };
                format!("Discord refused the content with {code}{colon}{fields}")
            }
        }
    }
}
