//! Answers that fault injection loses after the work, and the repetitions that follow.

use super::interaction::LostFollowUps;
use super::message::Message;
use super::refusal::Blame;
use super::service::Discord;
use super::state::State;

/// The token in the path of a follow-up, `/webhooks/{app}/{token}`.
pub(super) fn follow_up_token<'a>(method: &str, path: &'a str) -> Option<&'a str> {
    let (_, token) = path.strip_prefix("/webhooks/")?.split_once('/')?;
    (method == "POST" && !token.contains('/')).then_some(token)
}

impl Discord {
    /// Returns the follow-ups that fault injection has lost so far.
    pub fn lost_follow_ups(&self) -> LostFollowUps {
        self.state().lost_follow_ups
    }

    pub(super) fn count_follow_up_lost_before_work(&self) {
        self.state().lost_follow_ups.before_work += 1;
    }

    /// Marks that the answer to a first answer was lost, so the bot may answer again.
    pub(super) fn mark_first_answer_lost(&self, path: &str) {
        let id = path.strip_prefix("/interactions/").and_then(|rest| rest.split('/').next());
        let Some(id) = id.and_then(|id| id.parse::<u64>().ok()) else {
            return;
        };
        if let Some(interaction) = self.state().interactions.get_mut(&id) {
            interaction.answer_lost = true;
        }
    }

    /// Marks that the answer to the newest follow-up of this token was lost.
    pub(super) fn mark_follow_up_lost(&self, token: &str) {
        let mut state = self.state();
        let Some(id) = state.find_by_token(token).map(|interaction| interaction.id) else {
            return;
        };
        let of_it = |message: &&Message| message.interaction == Some(id);
        let newest = state.messages.values().rev().find(of_it).map(|message| message.id);
        if let Some(interaction) = state.interactions.get_mut(&id) {
            interaction.lost_follow_ups.extend(newest);
        }
        state.lost_follow_ups.after_work += 1;
    }

    /// Records a follow-up that repeats one whose answer was lost: people see it twice.
    pub(super) fn record_repeated_follow_up(&self, route: &str) {
        let what = "two live messages of one follow-up, whose first answer was lost".to_owned();
        self.record_violation(Blame::Bot, what, route, "");
    }
}

/// Returns true if a live message of the same interaction has this content, and its answer was
/// lost.
pub(super) fn repeats_lost_follow_up(state: &State, message: &Message) -> bool {
    let interaction = message.interaction.and_then(|id| state.interactions.get(&id));
    let lost = interaction.into_iter().flat_map(|interaction| &interaction.lost_follow_ups);
    lost.filter(|id| **id != message.id)
        .filter_map(|id| state.messages.get(id))
        .any(|lost| !lost.deleted && lost.has_content_of(message))
}
