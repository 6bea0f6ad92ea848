//! The access links that the functions issued, and the sign-ins of those that were opened.

use functions::contract::{Redeemed, Target};
use serde::Serialize;

use crate::random;

/// Lifetime of a support sign-in, in milliseconds: 30 minutes.
pub const SIGN_IN_LIFE: i64 = 30 * 60 * 1000;

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

/// An access link, as the wire of the functions shows it. The shop itself learns of a link when it
/// is opened.
#[derive(Clone, Debug, Serialize)]
pub struct AccessLink {
    /// The id in the answer of `cs-access`.
    pub id: String,
    pub target: Target,
    pub session_id: String,
    pub customer_id: String,
    pub ecosystem_id: String,
    pub url: String,
    /// The end of its lifetime, in milliseconds since the epoch.
    pub expires_at: i64,
    pub state: LinkState,
}

/// The support sign-in of a browser.
#[derive(Clone, Debug)]
pub(super) struct SignIn {
    cookie: String,
    pub(super) redeemed: Redeemed,
    /// Milliseconds since the epoch.
    pub(super) until: i64,
}

/// All links and sign-ins, in the order of their making.
#[derive(Default)]
pub(super) struct Ledger {
    links: Vec<Entry>,
    sign_ins: Vec<SignIn>,
}

struct Entry {
    link: AccessLink,
    /// The end of the sign-in, once the link is spent.
    signed_in_until: Option<i64>,
    revoked: bool,
}

impl Entry {
    fn state(&self, now: i64) -> LinkState {
        match self.signed_in_until {
            _ if self.revoked => LinkState::Revoked,
            Some(until) if now >= until => LinkState::Ended,
            Some(_) => LinkState::Used,
            None if now >= self.link.expires_at => LinkState::Expired,
            None => LinkState::Open,
        }
    }
}

impl Ledger {
    /// Records a link that was issued. A repeated answer names a link that is known.
    pub(super) fn record(&mut self, link: AccessLink) {
        if self.links.iter().all(|entry| entry.link.id != link.id) {
            self.links.push(Entry { link, signed_in_until: None, revoked: false });
        }
    }

    /// Signs in with a link that was redeemed. Returns the cookie's value.
    pub(super) fn sign_in(&mut self, token: &str, redeemed: Redeemed, now: i64) -> String {
        let until = now + SIGN_IN_LIFE;
        let opened = self.links.iter_mut().find(|entry| entry.link.url.ends_with(token));
        if let Some(entry) = opened {
            entry.signed_in_until = Some(until);
        }
        let cookie = random::token("wzsignin_");
        self.sign_ins.push(SignIn { cookie: cookie.clone(), redeemed, until });
        cookie
    }

    /// Finds a sign-in that is alive.
    pub(super) fn find_sign_in(&self, cookie: &str, now: i64) -> Option<SignIn> {
        let is_alive = |sign_in: &&SignIn| sign_in.cookie == cookie && now < sign_in.until;
        self.sign_ins.iter().find(is_alive).cloned()
    }

    /// Ends a session's links and sign-ins.
    pub(super) fn end(&mut self, session_id: &str, now: i64) {
        for entry in self.links.iter_mut().filter(|entry| entry.link.session_id == session_id) {
            if matches!(entry.state(now), LinkState::Open | LinkState::Used) {
                entry.revoked = true;
            }
        }
        self.sign_ins.retain(|sign_in| sign_in.redeemed.session_id != session_id);
    }

    pub(super) fn all(&self, now: i64) -> Vec<AccessLink> {
        let view = |entry: &Entry| AccessLink { state: entry.state(now), ..entry.link.clone() };
        self.links.iter().map(view).collect()
    }
}
