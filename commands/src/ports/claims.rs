//! The bot's own store: what is written in one transaction, and the sessions in memory before it.

/// What a commit does with the claim of the interaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Claim {
    /// Not an interaction, or claimed before and still at work.
    #[default]
    None,
    /// Claims it and is done with it in one transaction: nothing outside follows.
    Whole(u64),
    /// Claims it; an effect follows.
    Begin(u64),
    /// The effect is done, and with it the interaction.
    Done(u64),
    /// The effect is done, by somebody who does not have the interaction that asked for it: whoever
    /// has it takes over, and answers.
    Unanswered(u64),
}
