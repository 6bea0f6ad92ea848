//! `/desk agent` without an agent: a page of the linked agents, in the order of their names.

use crate::flows::lead::agent::{state_word, until_words};
use crate::flows::lead::parts::mention;
use crate::flows::lead::sessions::last_page;
use crate::model::account::{Account, AccountLink};
use crate::model::time::Timestamp;
use crate::model::words::Locale;
use crate::say;
use crate::screens::desk_id::{DeskId, Place};
use crate::screens::screen::{Choice, MAX_LABEL, Menu, Screen, Style, Tone, clip, escape};

/// A linked agent in the list.
pub struct Listed {
    pub link: AccountLink,
    /// `None` if it was deleted.
    pub account: Option<Account>,
    /// End of the longest lockout that has not ended.
    pub locked_until: Option<Timestamp>,
}

impl Listed {
    fn state(&self, locale: Locale) -> String {
        let state = state_word(self.account.as_ref(), locale);
        match self.locked_until {
            Some(until) => format!("{state} · {}", until_words(until, locale)),
            None => state,
        }
    }
}

/// Renders a page, from 0, of this number of agents.
pub fn render(agents: &[Listed], page: u16, total: u64, locale: Locale) -> Screen {
    let mut screen = Screen::titled(Tone::Info, say!(locale, "desk-agents", count = total));
    let line = |agent: &Listed| {
        let name = escape(&clip(&agent.link.name, MAX_LABEL));
        format!("{} {name} · {}", mention(agent.link.discord_id), agent.state(locale))
    };
    if agents.is_empty() {
        screen = screen.say(say!(locale, "desk-agents-none"));
    } else {
        let lines: Vec<_> = agents.iter().map(line).collect();
        screen = screen.say(lines.join("\n"));
    }
    let end = last_page(total);
    if end > 0 {
        let (shown, pages) = (u32::from(page) + 1, u32::from(end) + 1);
        screen = screen.say(say!(locale, "page-of", page = shown, pages = pages));
    }
    if !agents.is_empty() {
        screen = screen.menu(menu(agents, page, locale));
    }
    let turn = |place, to: Option<u16>, label: String| {
        let id = DeskId::Agents(place, to.unwrap_or(page));
        id.button(Style::Secondary, label).enabled(to.is_some())
    };
    let next = page.checked_add(1).filter(|next| *next <= end);
    screen.buttons(vec![
        turn(Place::Previous, page.checked_sub(1), say!(locale, "button-previous")),
        turn(Place::Next, next, say!(locale, "button-next")),
        turn(Place::Refresh, Some(page), say!(locale, "desk-button-refresh")),
    ])
}

fn menu(agents: &[Listed], page: u16, locale: Locale) -> Menu {
    // A menu shows no markup, so no times of Discord.
    let option = |agent: &Listed| Choice {
        value: agent.link.discord_id.to_string(),
        label: clip(&agent.link.name, MAX_LABEL),
        description: state_word(agent.account.as_ref(), locale),
    };
    Menu {
        custom_id: DeskId::ChooseAgent(page).to_string(),
        placeholder: say!(locale, "desk-look-at-agent"),
        options: agents.iter().map(option).collect(),
        enabled: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows::lead::sessions::PAGE_LINES;
    use crate::model::limit::UNTIL_UNLOCKED;
    use crate::screens::screen::Row;

    fn listed(n: u64) -> Listed {
        let link = AccountLink {
            discord_id: n,
            agent_id: format!("agent-{n}"),
            name: format!("Agent {n:02}"),
            email: "a•••@w•••.example".to_owned(),
            email_mac: "mac".to_owned(),
            linked_at: Timestamp::default(),
        };
        Listed { link, account: None, locked_until: Some(UNTIL_UNLOCKED) }
    }

    /// Returns which of Previous, Next and Refresh are enabled.
    fn turns(page: u16, total: u64) -> Vec<bool> {
        let agents: Vec<_> = (0..total.min(u64::from(PAGE_LINES))).map(listed).collect();
        let screen = render(&agents, page, total, Locale::En);
        let Some(Row::Buttons(buttons)) = screen.rows.last() else { panic!("no buttons") };
        buttons.iter().map(|button| button.enabled).collect()
    }

    #[test]
    fn eleventh_agent_is_on_the_second_page() {
        assert_eq!(turns(0, 0), [false, false, true]);
        assert_eq!(turns(0, 10), [false, false, true]);
        assert_eq!(turns(0, 11), [false, true, true]);
        assert_eq!(turns(1, 11), [true, false, true]);
    }

    #[test]
    fn deleted_account_and_endless_lockout_are_told() {
        let screen = render(&[listed(7)], 0, 1, Locale::En);
        let line = "<@7> Agent 07 · account deleted · locked out until a lead unlocks";
        assert_eq!(screen.body, [line]);
    }
}
