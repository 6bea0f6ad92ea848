//! What somebody does in a step, in Discord or before the recovery page.

use std::time::Duration;

use sandbox::discord::Person;

use crate::browser;
use crate::recover::visit::Visit;
use crate::world::World;

/// An act, as data.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// Types a command.
    Types(&'static str),
    /// Presses a button.
    Presses(&'static str),
    /// Chooses from a menu.
    Selects(&'static str),
    /// Fills the open form with the newest code that was mailed there.
    Code(&'static str),
    /// Fills the open form with a reason.
    Reason(&'static str),
    /// Presses Resend on the recovery page.
    Resends,
    /// With the newest code that was mailed there, saves this new password on the recovery page.
    Saves(&'static str, &'static str),
    /// Waits.
    Waits(Duration),
}

/// An act with everything that it needs, so that it can go on while the world breaks around it.
pub enum Doing {
    Types(String),
    Presses(&'static str),
    Selects(&'static str),
    Submits(String),
    Sends { url: String, form: String },
    Nothing,
}

impl Act {
    /// Whether it is done before the recovery page: Discord does not answer it.
    pub const fn is_on_page(self) -> bool {
        matches!(self, Self::Resends | Self::Saves(..))
    }

    /// Whether it fills a form that another act has opened.
    pub const fn fills_form(self) -> bool {
        matches!(self, Self::Code(_) | Self::Reason(_))
    }

    /// Gathers what the act needs. Time passes here, for whoever waits.
    pub async fn prepared(self, world: &World, who: &Person) -> Doing {
        match self {
            Self::Types(line) => Doing::Types(line.to_owned()),
            Self::Presses(label) => Doing::Presses(label),
            Self::Selects(option) => Doing::Selects(option),
            Self::Code(of) => Doing::Submits(world.code_for(of)),
            Self::Reason(words) => Doing::Submits(words.to_owned()),
            Self::Resends => Self::form(world, who, &[("do", "resend")]).await,
            Self::Saves(of, new) => {
                let code = world.code_for(of);
                Self::form(
                    world,
                    who,
                    &[("code", &code), ("password", new), ("again", new), ("do", "save")],
                )
                .await
            }
            Self::Waits(time) => {
                world.passes(time).await;
                Doing::Nothing
            }
        }
    }

    async fn form(world: &World, who: &Person, fields: &[(&str, &str)]) -> Doing {
        let visit = Visit::of(who);
        Doing::Sends { url: world.url_of(&visit), form: world.form(&visit, fields).await }
    }
}

impl Doing {
    /// Does it, until Discord has its first answer, or the browser the page. Answers with the page.
    pub async fn does(self, who: Person) -> String {
        match self {
            Self::Types(line) => who.types(&line).await,
            Self::Presses(label) => who.presses(label).await,
            Self::Selects(option) => who.selects(option).await,
            Self::Submits(words) => who.submits([words.as_str()]).await,
            Self::Sends { url, form } => return browser::sends(&url, &form).await.body,
            Self::Nothing => {}
        }
        String::new()
    }
}
