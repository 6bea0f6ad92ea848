//! The sessions and people that exist before the first step of a scenario.

use std::time::Duration;

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use sandbox::mail::MailKind;
use sandbox::seed::LEADS_CHANNEL_ID;

use super::steps::JULIA;
use crate::world::World;

/// What exists before the first step. Ben is the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    Nothing,
    /// Ben and Julia are verified.
    Verified,
    /// As [`Before::Verified`], and an access link is open.
    LinkOpen,
    /// Ben has looked Julia up and closed her session.
    LookedUp,
    /// Julia has reported Ben's session, and another alert about Ben is open. The lead reads the
    /// leads' channel.
    Alerts,
}

impl Before {
    /// Makes it exist, and reads what it shows.
    pub async fn happens(self, world: &World, lead: &str) {
        let ben = world.person("ben");
        match self {
            Self::Nothing => return,
            Self::Verified => world.verifies(&ben, JULIA, "Casa Luz").await,
            Self::LinkOpen => {
                world.verifies(&ben, JULIA, "Casa Luz").await;
                ben.presses("Waizant Web").await;
            }
            Self::LookedUp => {
                ben.types(&format!("/support technical email:{JULIA}")).await;
                ben.presses("Close").await;
            }
            Self::Alerts => {
                world.proves_agent(&ben, JULIA, "Casa Luz").await;
                ben.presses("Send code").await;
                world.passes(Duration::from_secs(10)).await;
                world.reports(&world.report_link(JULIA, MailKind::CustomerCode), "not_me").await;
                let subject = AlertSubject::Agent(ben.id());
                world.raises(vec![NewAlert::new(AlertKind::LookupLimit, subject)]).await;
                world.person(lead).moves_to(LEADS_CHANNEL_ID);
                world.leads_see().await;
            }
        }
        self.reads(world).await;
    }

    /// Reads Ben's screen, if he takes part.
    pub async fn reads(self, world: &World) {
        if self != Self::Nothing {
            world.person("ben").sees().await;
        }
    }
}
