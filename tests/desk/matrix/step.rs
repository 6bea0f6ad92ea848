//! Parts of a scenario: its steps, the calls within them, and the expected end.

use std::time::Duration;

use super::actions::Action;
use super::before::Before;

/// Effect of a step on its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Starts a session that `/support resume` can show again.
    StartsSession,
    /// Starts a session that cannot be resumed. The person repeats the command instead.
    StartsUnresumable,
    /// As [`StepKind::StartsUnresumable`]. Only its panel has the address of the recovery page.
    StartsRecovery,
    /// Opens a form from memory. The session does not change.
    OpensForm,
    /// Shows a detail. The session does not change.
    ShowsDetail,
    /// Shows a menu of the agent's sessions.
    ListsSessions,
    /// Changes the session.
    Moves,
    SendsCode,
    /// Checks a typed code. The code is only in memory, so after a crash it must be typed again.
    ChecksCode,
    /// Issues an access link and shows it. Another attempt issues another link.
    ShowsLink,
    /// Issues an access link and mails it.
    MailsLink,
    /// Calls Cognito from the recovery page. The bot never repeats the call by itself.
    CallsCognito,
    ClosesSession,
    /// Shows a view to a lead, and records it.
    ShowsView,
    /// Asks a lead before an act. Reads only.
    AsksLead,
    /// Answers an alert on its card, which everybody in the channel sees.
    AnswersAlert,
}

/// Purpose of an external call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// Read before the decision.
    Read,
    /// Effect that blocks the panel.
    Blocking,
    /// Effect in the background, repeated until it succeeds.
    Background,
    /// Effect in the background whose result is never shown, because it would reveal whether an
    /// account exists.
    Hidden,
}

/// Use of Core in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreUse {
    Unread,
    /// The panel shows Core's data, and is drawn without it if cache and Core fail.
    Shown,
    /// The step needs the customer's data. The cache suffices.
    Needed,
    /// The step reads Core again, even if the cache has the customer.
    Reread,
}

/// An external call within a step.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// Name of the Lambda function or of Cognito's operation.
    pub function: &'static str,
    pub kind: CallKind,
}

/// Another way to do a step, for use after its effect has failed.
#[derive(Clone, Copy, Debug)]
pub struct Alternative {
    /// Text of the panel that offers this way.
    pub panel_text: &'static str,
    pub actions: &'static [Action],
}

impl StepKind {
    /// Returns true if the step starts a session that cannot be resumed.
    pub const fn is_unresumable(self) -> bool {
        matches!(self, Self::StartsUnresumable | Self::StartsRecovery)
    }

    /// Returns true if the step only reads and shows something.
    pub const fn only_shows(self) -> bool {
        matches!(self, Self::ShowsDetail | Self::ListsSessions | Self::AsksLead)
    }

    /// Returns true if the step shows a lead something that no other answer can show.
    pub const fn is_view(self) -> bool {
        matches!(self, Self::ShowsView | Self::AsksLead)
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Name in the table.
    pub name: &'static str,
    pub kind: StepKind,
    /// Time that passes before the step.
    pub wait: Duration,
    pub action: Action,
    /// Calls that the bot makes, in this order.
    pub calls: &'static [Call],
    pub core: CoreUse,
    /// Text of the panel on which this step is next. `None` if the step fills a form or continues
    /// on the screen that the step before has opened.
    pub panel_text: Option<&'static str>,
    pub alternative: Option<Alternative>,
    /// The step raises an alert, whose card the bot posts.
    pub raises: bool,
    /// The bot edits the agent's panel before it answers the lead.
    pub redraws: bool,
    /// False if another scenario tests the same step.
    pub tested: bool,
}

/// One use of the bot from its first command to its end.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    /// Name in the table.
    pub name: &'static str,
    /// Name of the person in the sandbox.
    pub person: &'static str,
    /// What exists before the first step.
    pub before: Before,
    /// True if `/support resume` shows the panel again. Otherwise the person continues with the
    /// messages on the screen.
    pub resumable: bool,
    pub steps: &'static [Step],
    /// Number of mails at the end.
    pub mails: usize,
    /// Beginnings of trail events, with their number at the end.
    pub trail: &'static [(&'static str, usize)],
    /// Number of idempotency keys for each function at the end.
    pub keys: &'static [(&'static str, usize)],
    /// Statements that count rows of the store, with their result at the end.
    pub rows: &'static [(&'static str, i64)],
}

pub const fn call(function: &'static str, kind: CallKind) -> Call {
    Call { function, kind }
}

impl Step {
    /// Returns a step that starts on a panel with this text.
    pub const fn new(
        name: &'static str,
        kind: StepKind,
        action: Action,
        panel_text: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            wait: Duration::ZERO,
            action,
            calls: &[],
            core: CoreUse::Unread,
            panel_text: Some(panel_text),
            alternative: None,
            raises: false,
            redraws: false,
            tested: true,
        }
    }

    /// Returns a step that continues on the screen that the step before has opened.
    pub const fn then(name: &'static str, kind: StepKind, action: Action) -> Self {
        Self { panel_text: None, ..Self::new(name, kind, action, "") }
    }

    pub const fn calling(self, calls: &'static [Call]) -> Self {
        Self { calls, ..self }
    }

    pub const fn reading(self, core: CoreUse) -> Self {
        Self { core, ..self }
    }

    pub const fn after(self, wait: Duration) -> Self {
        Self { wait, ..self }
    }

    pub const fn or_else(self, panel_text: &'static str, actions: &'static [Action]) -> Self {
        Self { alternative: Some(Alternative { panel_text, actions }), ..self }
    }

    pub const fn raising(self) -> Self {
        Self { raises: true, ..self }
    }

    pub const fn redrawing(self) -> Self {
        Self { redraws: true, ..self }
    }

    /// Excludes the step from fault injection, because another scenario tests it.
    pub const fn untested(self) -> Self {
        Self { tested: false, ..self }
    }
}

/// Returns the rows of a scenario: step and call of each tested step, by their indexes.
pub fn rows(scenario: &Scenario) -> Vec<(usize, Option<usize>)> {
    let mut rows = Vec::new();
    for (number, step) in scenario.steps.iter().enumerate().filter(|(_, step)| step.tested) {
        if step.calls.is_empty() {
            rows.push((number, None));
        }
        rows.extend((0..step.calls.len()).map(|call| (number, Some(call))));
    }
    rows
}
