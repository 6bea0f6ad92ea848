//! Acts of a person in Discord or on the recovery page.

use std::time::Duration;

use sandbox::discord::Person;

use crate::browser;
use crate::recover::visit::Visit;
use crate::world::World;

/// Stands for the id of the oldest session in a command.
const SESSION: &str = "{session}";

/// An action, as data.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Types a command. The id of the oldest session replaces `{session}`.
    Types(&'static str),
    /// Presses a button.
    Presses(&'static str),
    /// Selects an option of a menu.
    Selects(&'static str),
    /// Fills the open form with the newest code that was mailed to this address.
    Code(&'static str),
    /// Fills the open form with a reason.
    Reason(&'static str),
    /// Presses **Resend** on the recovery page.
    Resends,
    /// Saves a password on the recovery page: address of the code, then the new password.
    Saves(&'static str, &'static str),
    /// Lets time pass.
    Waits(Duration),
}

/// An action with all its data. It can run while the world around it fails.
pub enum PreparedAction {
    Types(String),
    Presses(&'static str),
    Selects(&'static str),
    Submits(String),
    Posts { url: String, form: String },
    Nothing,
}

impl Action {
    /// Returns true if the action happens on the recovery page, so Discord does not answer it.
    pub const fn is_on_page(self) -> bool {
        matches!(self, Self::Resends | Self::Saves(..))
    }

    /// Returns true if the action fills a form that another action has opened.
    pub const fn fills_form(self) -> bool {
        matches!(self, Self::Code(_) | Self::Reason(_))
    }

    /// Collects the data of the action. `Waits` passes its time here.
    pub async fn prepare(self, world: &World, who: &Person) -> PreparedAction {
        match self {
            Self::Types(line) if line.contains(SESSION) => {
                let ids = world.select("select id from sessions order by opened_at limit 1").await;
                let id = ids.first().and_then(Option::as_deref).expect("a session");
                PreparedAction::Types(line.replace(SESSION, id))
            }
            Self::Types(line) => PreparedAction::Types(line.to_owned()),
            Self::Presses(label) => PreparedAction::Presses(label),
            Self::Selects(option) => PreparedAction::Selects(option),
            Self::Code(address) => PreparedAction::Submits(world.code_for(address)),
            Self::Reason(reason) => PreparedAction::Submits(reason.to_owned()),
            Self::Resends => Self::form(world, who, &[("do", "resend")]).await,
            Self::Saves(address, new) => {
                let code = world.code_for(address);
                Self::form(
                    world,
                    who,
                    &[("code", &code), ("password", new), ("again", new), ("do", "save")],
                )
                .await
            }
            Self::Waits(time) => {
                world.passes(time).await;
                PreparedAction::Nothing
            }
        }
    }

    async fn form(world: &World, who: &Person, fields: &[(&str, &str)]) -> PreparedAction {
        let visit = Visit::of(who);
        PreparedAction::Posts { url: world.url_of(&visit), form: world.form(&visit, fields).await }
    }
}

impl PreparedAction {
    /// Performs the action until Discord has its first answer, or the browser its page.
    /// Returns the page, or an empty text for an action in Discord.
    pub async fn perform(self, who: Person) -> String {
        match self {
            Self::Types(line) => who.types(&line).await,
            Self::Presses(label) => who.presses(label).await,
            Self::Selects(option) => who.selects(option).await,
            Self::Submits(text) => who.submits([text.as_str()]).await,
            Self::Posts { url, form } => return browser::sends(&url, &form).await.body,
            Self::Nothing => {}
        }
        String::new()
    }
}

/// Returns true if all buttons on the screen are disabled.
pub(super) fn takes_no_click(seen: &str) -> bool {
    let disabled = seen.matches("(off)]").count();
    disabled > 0 && disabled == seen.matches('[').count()
}
