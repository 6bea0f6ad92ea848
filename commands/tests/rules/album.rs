//! Screens as text, in both languages.
//!
//! Times are minutes and seconds since the session opened, such as `‹+10:00 R›`, with the style of
//! Discord's timestamp.

use commands::model::refusal::Refusal;
use commands::model::words::Locale;
use commands::screens::screen::{Form, Screen};

use crate::screen_text::{form_text, screen_text};
use crate::session_driver::{NOW, SessionDriver};

/// Named screens in both languages, as text.
pub(crate) struct Album(Vec<String>);

impl Album {
    pub(crate) fn of(pages: impl Fn(&mut Page)) -> String {
        let mut album = Self(Vec::new());
        for (locale, name) in [(Locale::En, "English"), (Locale::Es, "Español")] {
            album.0.push(format!("════ {name}"));
            pages(&mut Page { locale, album: &mut album });
        }
        album.0.join("\n\n")
    }
}

/// Part of an album in one language.
pub(crate) struct Page<'a> {
    pub(crate) locale: Locale,
    album: &'a mut Album,
}

impl Page<'_> {
    pub(crate) fn panel(&mut self, name: &str, driver: &SessionDriver) {
        self.refused(name, driver, None);
    }

    pub(crate) fn refused(
        &mut self,
        name: &str,
        driver: &SessionDriver,
        refusal: Option<&Refusal>,
    ) {
        let mut driver = driver.clone();
        driver.session.locale = self.locale;
        let screen = driver.panel(refusal);
        self.screen(name, &screen);
    }

    pub(crate) fn form(&mut self, form: &Form) {
        self.album.0.push(form_text(form));
    }

    pub(crate) fn screen(&mut self, name: &str, screen: &Screen) {
        self.album.0.push(format!(
            "── {name} ({:?})\n{}",
            screen.tone,
            timed(&screen_text(screen))
        ));
    }
}

/// Writes each Discord timestamp as the time since [`NOW`].
fn timed(text: &str) -> String {
    let mut timed = String::new();
    let mut rest = text;
    while let Some((before, mark)) = rest.split_once("<t:") {
        let (time, after) = mark.split_once('>').unwrap();
        let (seconds, style) = time.split_once(':').unwrap();
        let distance = seconds.parse::<i64>().unwrap() - NOW.seconds();
        let sign = if distance < 0 { '-' } else { '+' };
        let distance = distance.abs();
        let time = format!("‹{sign}{}:{:02} {style}›", distance / 60, distance % 60);
        timed.push_str(before);
        timed.push_str(&time);
        rest = after;
    }
    timed + rest
}

/// Compares an album with its snapshot.
macro_rules! assert_album {
    ($pages:expr) => {{
        let album = $crate::album::Album::of($pages);
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(album) });
    }};
}
pub(crate) use assert_album;
