//! What a road is made of: steps, whom the bot asks in them, and what has to be there once at the
//! end.

use std::time::Duration;

use super::acts::Act;

/// What a step does with its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A session begins, and can be resumed.
    Begins,
    /// A session begins whose panel cannot be resumed: it is asked for again.
    BeginsUnresumed,
    /// Nothing changes: a form is opened, from memory.
    Asks,
    /// Nothing changes: a detail is shown.
    Draws,
    /// The session moves.
    Moves,
    /// A code is mailed.
    Sends,
    /// A typed code is checked. It is only in memory: after a crash it is typed again.
    Checks,
    /// A way in is opened and handed over. A new attempt is another way in.
    Opens,
    /// A way in is opened and mailed.
    Mails,
    /// Cognito is asked from the page, which is not repeated: in doubt somebody asks again.
    AsksCognito,
    /// The session ends.
    Ends,
}

/// What an outside call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Read before anything is decided.
    Read,
    /// The panel waits for it.
    Effect,
    /// Nobody waits for it; it is asked for until it is done.
    Quiet,
    /// Nobody waits for it, and nobody may be told what became of it: the answer must not show
    /// whether an account exists.
    Silent,
}

/// What Core is to a step, for a process that remembers nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Core {
    /// Nothing.
    Unread,
    /// Its panel shows what Core has, and is drawn without.
    Shown,
    /// It cannot be done without.
    Needed,
}

/// A call to the outside within a step.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The function or operation.
    pub of: &'static str,
    /// What it is for.
    pub part: Part,
}

/// How a step is done after its effect has failed, where that is another act.
#[derive(Clone, Copy, Debug)]
pub struct Again {
    /// What the panel shows then.
    pub sign: &'static str,
    /// What is done.
    pub acts: &'static [Act],
}

/// A step of a road.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// For the table.
    pub name: &'static str,
    /// What it does with the session.
    pub nature: Nature,
    /// How long somebody waits before it.
    pub wait: Duration,
    /// What somebody does.
    pub act: Act,
    /// Whom the bot asks, in this order.
    pub asks: &'static [Ask],
    /// What Core is to it.
    pub core: Core,
    /// What a panel shows on which this is next; `None` when it goes on from what the step before
    /// has opened.
    pub sign: Option<&'static str>,
    /// How it is done again, where that is another act.
    pub again: Option<Again>,
    /// Whether faults are tried here; not where another road does the same.
    pub struck: bool,
}

/// A road.
#[derive(Clone, Copy, Debug)]
pub struct Road {
    /// For the table.
    pub name: &'static str,
    /// Who walks it.
    pub who: &'static str,
    /// Whether `/support resume` brings its panel back. Otherwise somebody goes on with what is on
    /// the screen, or asks again.
    pub resumed: bool,
    /// Its steps.
    pub steps: &'static [Step],
    /// Mails that go out.
    pub mails: usize,
    /// How often the trail has an event that begins so.
    pub trail: &'static [(&'static str, usize)],
    /// How many keys each function is asked under.
    pub keys: &'static [(&'static str, usize)],
}

/// A call, by whom it asks.
pub const fn ask(of: &'static str, part: Part) -> Ask {
    Ask { of, part }
}

impl Step {
    /// A step on a panel that shows this.
    pub const fn new(name: &'static str, nature: Nature, act: Act, sign: &'static str) -> Self {
        Self {
            name,
            nature,
            wait: Duration::ZERO,
            act,
            asks: &[],
            core: Core::Unread,
            sign: Some(sign),
            again: None,
            struck: true,
        }
    }

    /// It goes on from what the step before has opened.
    pub const fn then(name: &'static str, nature: Nature, act: Act) -> Self {
        Self { sign: None, ..Self::new(name, nature, act, "") }
    }

    /// Whom the bot asks in it.
    pub const fn asking(self, asks: &'static [Ask]) -> Self {
        Self { asks, ..self }
    }

    /// Core is read in it.
    pub const fn reading(self, core: Core) -> Self {
        Self { core, ..self }
    }

    /// Somebody waits before it.
    pub const fn after(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    /// How it is done again.
    pub const fn again(self, sign: &'static str, acts: &'static [Act]) -> Self {
        Self { again: Some(Again { sign, acts }), ..self }
    }

    /// Another road's faults are enough.
    pub const fn walked(self) -> Self {
        Self { struck: false, ..self }
    }
}
