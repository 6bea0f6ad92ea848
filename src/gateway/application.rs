//! The bot's application, as the developer portal sets it up.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use serenity::all::ApplicationId;
use serenity::http::{LightMethod, Request, Route};

/// Installation for a user, in `integration_types_config` (Discord documentation, "Application
/// Integration Types").
const USER_INSTALL: &str = "1";

/// The part of the application that concerns the bot.
#[derive(Debug, Deserialize)]
pub(crate) struct Application {
    pub(crate) id: ApplicationId,
    interactions_endpoint_url: Option<String>,
    #[serde(default)]
    bot_public: bool,
    /// An entry for each kind of installation.
    integration_types_config: Option<HashMap<String, Value>>,
}

impl Application {
    /// Returns the call that reads it.
    pub(crate) fn request() -> Request<'static> {
        Request::new(Route::Oauth2ApplicationCurrent, LightMethod::Get)
    }

    /// Returns why no interaction can arrive over the gateway.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        self.interactions_endpoint_url.as_ref().map(|_| {
            "it has an Interactions Endpoint URL, so Discord sends the bot no interaction: remove \
             it in the developer portal"
        })
    }

    /// Returns what lets strangers add the bot. It works in spite of that.
    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        let installs = self.integration_types_config.as_ref();
        let warnings = [
            (self.bot_public, "anyone can invite it: turn Public Bot off in the developer portal"),
            (
                installs.is_some_and(|installs| installs.contains_key(USER_INSTALL)),
                "users can install it: turn User Install off in the developer portal",
            ),
        ];
        warnings.into_iter().filter(|(applies, _)| *applies).map(|(_, warning)| warning).collect()
    }
}
