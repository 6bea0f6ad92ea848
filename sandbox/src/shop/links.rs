//! Access links and their sign-ins: single use, short lifetime, revocable.

use serde::Serialize;

use crate::random;

/// Prefix of every link token, by which leak tests find it.
pub const LINK_MARKER: &str = "wzlink_";
/// Lifetime of an unopened link, in milliseconds: 60 s, by the product's rules.
pub const LINK_LIFE: i64 = 60 * 1000;
/// Lifetime of a support sign-in, in milliseconds: 30 minutes.
pub const SIGN_IN_LIFE: i64 = 30 * 60 * 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The store, for owners.
    Store,
    /// The customer's home on the web.
    Web,
    /// The mobile app, by a QR code.
    App,
    /// The succession's pages.
    Successor,
}

/// The customer, ecosystem and target that a link opens, and the session that asked for it.
#[derive(Clone, Debug, Serialize)]
pub struct LinkScope {
    pub target: Target,
    /// The support session that asked for it.
    pub session_id: String,
    pub agent: String,
    pub customer_id: String,
    pub customer: String,
    /// The customer's language, `es` or `en`.
    pub locale: String,
    pub ecosystem_id: String,
    pub ecosystem: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It can be opened.
    Open,
    /// It was opened, and its sign-in is alive.
    Used,
    /// It was opened, and its sign-in has expired.
    Ended,
    /// It was not opened in time.
    Expired,
    /// It was revoked, together with its sign-in.
    Revoked,
}

#[derive(Clone, Debug, Serialize)]
pub struct AccessLink {
    /// The id in the answer of `cs-access`.
    pub id: String,
    /// The customer, ecosystem and target.
    pub scope: LinkScope,
    /// The issued address.
    pub url: String,
    /// When it was issued, in milliseconds since the epoch.
    pub issued_at: i64,
    /// The end of its lifetime, in milliseconds since the epoch.
    pub expires_at: i64,
    pub state: LinkState,
    /// The end of its sign-in, in milliseconds since the epoch. `None` until it is opened.
    pub signed_in_until: Option<i64>,
}

/// All links, in order of issue.
#[derive(Default)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    scope: LinkScope,
    url: String,
    token: String,
    /// The cookie's value and the end of the sign-in, once the link is spent.
    sign_in: Option<(String, i64)>,
    issued_at: i64,
    expires_at: i64,
    revoked: bool,
}

impl Entry {
    fn state(&self, now: i64) -> LinkState {
        match &self.sign_in {
            _ if self.revoked => LinkState::Revoked,
            Some((_, until)) if now >= *until => LinkState::Ended,
            Some(_) => LinkState::Used,
            None if now >= self.expires_at => LinkState::Expired,
            None => LinkState::Open,
        }
    }

    fn view(&self, now: i64) -> AccessLink {
        AccessLink {
            id: self.id.clone(),
            scope: self.scope.clone(),
            url: self.url.clone(),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            state: self.state(now),
            signed_in_until: self.sign_in.as_ref().map(|(_, until)| *until),
        }
    }
}

impl Ledger {
    /// Issues a link with an address under `base`.
    pub(super) fn issue(&mut self, scope: LinkScope, base: &str, now: i64) -> AccessLink {
        let token = random::token(LINK_MARKER);
        let url = match scope.target {
            Target::Store | Target::Web => format!("{base}/shop/enter?token={token}"),
            Target::App => format!("waizant://open?token={token}"),
            Target::Successor => format!("{base}/successor?token={token}"),
        };
        let id = random::id("lnk");
        let entry = Entry {
            id,
            scope,
            url,
            token,
            sign_in: None,
            issued_at: now,
            expires_at: now + LINK_LIFE,
            revoked: false,
        };
        let link = entry.view(now);
        self.entries.push(entry);
        link
    }

    /// Finds the link with this token.
    pub(super) fn find(&self, token: &str, now: i64) -> Option<AccessLink> {
        self.entries.iter().find(|entry| entry.token == token).map(|entry| entry.view(now))
    }

    /// Spends a link. Returns the cookie's value with it, or `None` if the link is not open.
    pub(super) fn spend(&mut self, token: &str, now: i64) -> Option<(String, AccessLink)> {
        let entry = self.entries.iter_mut().find(|entry| entry.token == token)?;
        if entry.state(now) != LinkState::Open {
            return None;
        }
        let cookie = random::token("wzsignin_");
        entry.sign_in = Some((cookie.clone(), now + SIGN_IN_LIFE));
        Some((cookie, entry.view(now)))
    }

    /// Finds the link whose sign-in has this cookie.
    pub(super) fn find_sign_in(&self, cookie: &str, now: i64) -> Option<AccessLink> {
        let has_cookie =
            |entry: &&Entry| entry.sign_in.as_ref().is_some_and(|(value, _)| value == cookie);
        self.entries.iter().find(has_cookie).map(|entry| entry.view(now))
    }

    /// Revokes a session's links and sign-ins. Returns the number of those that were alive.
    pub(super) fn revoke(&mut self, session_id: &str, now: i64) -> usize {
        let mut ended = 0;
        for entry in self.entries.iter_mut().filter(|entry| entry.scope.session_id == session_id) {
            if matches!(entry.state(now), LinkState::Open | LinkState::Used) {
                entry.revoked = true;
                ended += 1;
            }
        }
        ended
    }

    pub(super) fn all(&self, now: i64) -> Vec<AccessLink> {
        self.entries.iter().map(|entry| entry.view(now)).collect()
    }
}
