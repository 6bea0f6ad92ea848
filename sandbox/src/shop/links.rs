//! Sign-in links and the support sign-ins that they open: one use, seconds of life, ended by a
//! revocation.

use serde::Serialize;

use crate::aws::random;

/// Every link token begins with this, so that leak tests find it.
pub const LINK_MARKER: &str = "wzlink_";
/// How long a link can be opened, in milliseconds: 60 s, as the product's rules say.
pub const LINK_LIFE: i64 = 60 * 1000;
/// How long a support sign-in lasts at most, in milliseconds: half an hour.
pub const SIGN_IN_LIFE: i64 = 30 * 60 * 1000;

/// What a link opens.
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

/// Whom a link signs in, where, and for whom.
#[derive(Clone, Debug, Serialize)]
pub struct Visit {
    /// What it opens.
    pub target: Target,
    /// The support session that asked for it.
    pub session_id: String,
    /// The agent's name.
    pub agent: String,
    /// Core's id of the customer.
    pub customer_id: String,
    /// The customer's name.
    pub customer: String,
    /// The customer's language, `es` or `en`.
    pub locale: String,
    /// Core's id of the ecosystem.
    pub ecosystem_id: String,
    /// The ecosystem's name.
    pub ecosystem: String,
}

/// Where a link is in its short life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It can be opened.
    Open,
    /// It was opened; its sign-in lasts.
    Used,
    /// It was opened, and its sign-in has run out.
    Ended,
    /// Nobody opened it in time.
    Expired,
    /// The session was closed; so was the sign-in, if there was one.
    Revoked,
}

/// A sign-in link.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The id that the caller of `access` got.
    pub id: String,
    /// Whom it signs in, where.
    pub visit: Visit,
    /// What was handed out.
    pub url: String,
    /// When it was made, in milliseconds since the epoch.
    pub issued_at: i64,
    /// Until when it can be opened, in milliseconds since the epoch.
    pub expires_at: i64,
    /// Its state now.
    pub state: LinkState,
    /// Until when its sign-in lasts; `None` until it is opened.
    pub signed_in_until: Option<i64>,
}

/// All links ever made, in order.
#[derive(Default)]
pub(super) struct Ledger {
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    visit: Visit,
    url: String,
    token: String,
    /// The cookie's value once the link is spent.
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

    fn view(&self, now: i64) -> Link {
        Link {
            id: self.id.clone(),
            visit: self.visit.clone(),
            url: self.url.clone(),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            state: self.state(now),
            signed_in_until: self.sign_in.as_ref().map(|(_, until)| *until),
        }
    }
}

impl Ledger {
    /// Makes a link at an address under `base`.
    pub(super) fn issue(&mut self, visit: Visit, base: &str, now: i64) -> Link {
        let token = random::token(LINK_MARKER);
        let url = match visit.target {
            Target::Store | Target::Web => format!("{base}/shop/enter?token={token}"),
            Target::App => format!("waizant://open?token={token}"),
            Target::Successor => format!("{base}/successor?token={token}"),
        };
        let id = random::id("lnk");
        let entry = Entry {
            id,
            visit,
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

    /// The link with this token, as it is now.
    pub(super) fn find(&self, token: &str, now: i64) -> Option<Link> {
        self.entries.iter().find(|entry| entry.token == token).map(|entry| entry.view(now))
    }

    /// Spends an open link; answers the cookie's value with it. `None` when it is not open.
    pub(super) fn spend(&mut self, token: &str, now: i64) -> Option<(String, Link)> {
        let entry = self.entries.iter_mut().find(|entry| entry.token == token)?;
        if entry.state(now) != LinkState::Open {
            return None;
        }
        let cookie = random::token("wzsignin_");
        entry.sign_in = Some((cookie.clone(), now + SIGN_IN_LIFE));
        Some((cookie, entry.view(now)))
    }

    /// The link whose sign-in this cookie is.
    pub(super) fn find_sign_in(&self, cookie: &str, now: i64) -> Option<Link> {
        let mine =
            |entry: &&Entry| entry.sign_in.as_ref().is_some_and(|(value, _)| value == cookie);
        self.entries.iter().find(mine).map(|entry| entry.view(now))
    }

    /// Ends what a session opened; answers how many links and sign-ins were still good.
    pub(super) fn revoke(&mut self, session_id: &str, now: i64) -> usize {
        let mut ended = 0;
        for entry in self.entries.iter_mut().filter(|entry| entry.visit.session_id == session_id) {
            if matches!(entry.state(now), LinkState::Open | LinkState::Used) {
                entry.revoked = true;
                ended += 1;
            }
        }
        ended
    }

    pub(super) fn all(&self, now: i64) -> Vec<Link> {
        self.entries.iter().map(|entry| entry.view(now)).collect()
    }
}
