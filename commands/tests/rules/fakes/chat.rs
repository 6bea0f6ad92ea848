//! Fake of Discord. Logs the first line of each message.

use async_trait::async_trait;
use commands::ports::chat::{Chat, ChatError, FirstAnswer, Post, ReplyHandle};
use commands::screens::screen::Screen;
use secrecy::{ExposeSecret as _, SecretString};

use crate::fakes::World;

#[async_trait]
impl Chat for World {
    async fn answer(&self, _: &ReplyHandle, answer: FirstAnswer) -> Result<(), ChatError> {
        self.note(match answer {
            FirstAnswer::Panel(screen) => format!("panel: {}", first_line(&screen)),
            FirstAnswer::Card(screen) => format!("card: {}", first_line(&screen)),
            FirstAnswer::Note(screen) => format!("note: {}", first_line(&screen)),
            FirstAnswer::Progress(screen) => format!("progress: {}", first_line(&screen)),
            FirstAnswer::Defer => "defers".to_owned(),
            FirstAnswer::Suggestions(all) => format!("suggests {}", all.len()),
            FirstAnswer::Form(form) => format!("form: {}", form.title),
        });
        Ok(())
    }

    async fn edit(&self, token: &SecretString, screen: Screen) -> Result<(), ChatError> {
        let token = match token.expose_secret() {
            "token" => String::new(),
            other => format!(" with token {other}"),
        };
        self.note(format!("edits{token}: {}", first_line(&screen)));
        Ok(())
    }

    async fn follow_up(&self, _: &SecretString, screen: Screen) -> Result<(), ChatError> {
        self.note(format!("follows up: {}", screen.title));
        Ok(())
    }

    async fn post(&self, channel: u64, key: &str, _: Post) -> Result<u64, ChatError> {
        self.note(format!("posts {key} to {channel}"));
        Ok(1)
    }

    async fn edit_post(&self, _: u64, _: u64, screen: Screen) -> Result<(), ChatError> {
        self.note(format!("edits a post: {}", screen.title));
        Ok(())
    }

    async fn delete_post(&self, _: u64, _: u64) -> Result<(), ChatError> {
        self.note("deletes a post");
        Ok(())
    }
}

fn first_line(screen: &Screen) -> &str {
    screen.body.first().map_or("", String::as_str)
}
