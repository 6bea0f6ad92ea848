//! Rules for the texts of a request: ids, names and addresses of pages.

use super::{MAX_ID, MAX_NAME, MAX_TEXT};

/// Beginning of a channel's address in Discord.
const CHANNEL_URL: &str = "https://discord.com/channels/";

/// Returns true for an idempotency key: 1 to [`MAX_ID`] printable ASCII characters.
pub(crate) fn is_key(text: &str) -> bool {
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Returns true for a session's id: 1 to [`MAX_ID`] characters of base64url. It is part of a mail
/// tag, of a path and of a link, which allow no others.
pub(crate) fn is_session_id(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// Returns true for a name that a mail can show: at most [`MAX_NAME`] characters in one line.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().count() <= MAX_NAME && !text.chars().any(char::is_control)
}

/// Returns true for the address of a Discord channel.
pub(crate) fn is_channel(url: &str) -> bool {
    url.strip_prefix(CHANNEL_URL).is_some_and(|rest| {
        rest.split_once('/').is_some_and(|(guild, channel)| {
            [guild, channel].iter().all(|id| id.parse::<u64>().is_ok())
        })
    })
}

/// Returns true for an address that begins with `prefix` and has only characters of an address.
pub(crate) fn is_page_of(url: &str, prefix: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\".contains(&byte);
    url.starts_with(prefix) && url.len() <= MAX_TEXT && url.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_characters_and_length() {
        let longest = "x".repeat(MAX_ID);
        for (text, key, session) in [
            ("P_MMyH6ju-TM", true, true),
            (longest.as_str(), true, true),
            ("s:send:agent_mfa:1", true, false),
            ("a.b", true, false),
            ("..", true, false),
            ("", false, false),
            ("a b", false, false),
            ("ñ", false, false),
            (&format!("{longest}x"), false, false),
        ] {
            assert_eq!((is_key(text), is_session_id(text)), (key, session), "{text}");
        }
    }

    #[test]
    fn name_is_one_line_of_limited_length() {
        assert!(is_name("") && is_name(&"ñ".repeat(MAX_NAME)));
        for bad in ["a\nb", "a\u{85}b", "a\tb", &"n".repeat(MAX_NAME + 1)] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn only_addresses_of_discord_channels_are_channels() {
        assert!(is_channel("https://discord.com/channels/12/34"));
        for bad in [
            "https://discord.com/channels/12",
            "https://discord.com/channels/12/34/56",
            "https://discord.com/channels/12/x",
            "http://discord.com/channels/12/34",
            "https://discord.com.evil.example/channels/12/34",
        ] {
            assert!(!is_channel(bad), "{bad}");
        }
    }

    #[test]
    fn page_is_of_its_host() {
        let is_page = |url| is_page_of(url, "https://desk.example.com/");
        assert!(is_page("https://desk.example.com/report#abc"));
        for bad in [
            "https://evil.example/",
            "https://desk.example.com.evil.example/",
            "https://desk.example.com@evil.example/",
            "javascript:alert(1)",
            "https://desk.example.com/a b",
            "https://desk.example.com/\"",
        ] {
            assert!(!is_page(bad), "{bad}");
        }
    }
}
