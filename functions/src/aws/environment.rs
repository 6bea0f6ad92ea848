//! The settings of a function: environment variables, which the template sets.

use std::collections::HashMap;

use crate::{Function, Settings};

/// Time whose multiple a send for `agent_link` takes, in milliseconds: longer than the mail service
/// normally takes, so that the answer about an account that does not exist takes as long.
const LINK_SEND_STEP: u64 = 1_000;

/// Environment variables by name.
pub struct Environment(HashMap<String, String>);

/// A setting is missing or invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {hint}")]
pub struct InvalidEnvironment {
    pub variable: &'static str,
    pub hint: &'static str,
}

/// Settings of one function.
pub(super) struct FunctionSettings {
    pub(super) table: String,
    pub(super) mac_key: String,
    pub(super) mail: Option<MailSettings>,
    pub(super) links: Links,
    pub(super) settings: Settings,
}

/// Settings of a function that mails.
pub(super) struct MailSettings {
    pub(super) user_pool: String,
    pub(super) from: String,
    pub(super) configuration_set: String,
    pub(super) directory: Directory,
}

/// Source of customers' addresses.
pub(super) enum Directory {
    /// The ARN of the secret with the Core database's URL.
    Core(String),
    /// The URL of the company's API.
    Api(String),
}

/// Kind of access links.
pub(super) enum Links {
    /// `redeem` exchanges them.
    Exchange,
    /// The company's own API at this URL issues them.
    Api(String),
}

impl Environment {
    /// Reads the environment of the process.
    pub fn of_process() -> Self {
        Self::from(std::env::vars())
    }

    pub fn from(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(variables.into_iter().collect())
    }

    /// Returns the function that Lambda's handler name selects.
    pub fn function(&self) -> Result<Function, InvalidEnvironment> {
        let name = self.required("_HANDLER")?;
        Function::parse(&name).ok_or(invalid(
            "_HANDLER",
            "write otp-send, otp-verify, access, message, redeem or delivery",
        ))
    }

    pub(super) fn settings_of(
        &self,
        function: Function,
    ) -> Result<FunctionSettings, InvalidEnvironment> {
        let mails = matches!(function, Function::OtpSend | Function::Message);
        let links = matches!(function, Function::Access | Function::Message);
        let macs = !matches!(function, Function::Redeem | Function::Delivery);
        let links_kind = if links { self.links()? } else { Links::Exchange };
        let link_prefix = match links_kind {
            Links::Exchange if links => {
                format!("https://{}/support#", self.required("LINK_HOST")?)
            }
            _ => String::new(),
        };
        Ok(FunctionSettings {
            table: self.required("TABLE")?,
            mac_key: if macs { self.required("MAC_KEY_ID")? } else { String::new() },
            mail: if mails { Some(self.mail()?) } else { None },
            links: links_kind,
            settings: Settings {
                company: if mails { self.required("COMPANY")? } else { String::new() },
                link_prefix,
                app_link_prefix: self
                    .optional("LINK_APP_SCHEME")
                    .map(|scheme| format!("{scheme}://support#")),
                report_prefix: self.optional("REPORT_HOST").map(|host| format!("https://{host}/")),
                link_send_step: LINK_SEND_STEP,
            },
        })
    }

    fn mail(&self) -> Result<MailSettings, InvalidEnvironment> {
        let directory = match self.required("DIRECTORY")?.as_str() {
            "core" => Directory::Core(self.required("CORE_DATABASE_SECRET_ARN")?),
            "api" => Directory::Api(self.required("DIRECTORY_URL")?),
            _ => return Err(invalid("DIRECTORY", "write core or api")),
        };
        Ok(MailSettings {
            user_pool: self.required("USER_POOL_ID")?,
            from: self.required("MAIL_FROM")?,
            configuration_set: self.required("MAIL_CONFIGURATION_SET")?,
            directory,
        })
    }

    fn links(&self) -> Result<Links, InvalidEnvironment> {
        match self.optional("ACCESS_LINKS").as_deref() {
            None | Some("exchange") => Ok(Links::Exchange),
            Some("api") => Ok(Links::Api(self.required("ACCESS_LINKS_URL")?)),
            Some(_) => Err(invalid("ACCESS_LINKS", "write exchange or api")),
        }
    }

    fn optional(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    fn required(&self, name: &'static str) -> Result<String, InvalidEnvironment> {
        self.optional(name).ok_or(invalid(name, "is not set"))
    }
}

fn invalid(variable: &'static str, hint: &'static str) -> InvalidEnvironment {
    InvalidEnvironment { variable, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(changes: &[(&str, &str)]) -> Environment {
        let mut all: HashMap<String, String> = [
            ("_HANDLER", "otp-send"),
            ("TABLE", "t"),
            ("MAC_KEY_ID", "k"),
            ("USER_POOL_ID", "p"),
            ("MAIL_FROM", "a@example.com"),
            ("MAIL_CONFIGURATION_SET", "s"),
            ("COMPANY", "Waizant"),
            ("LINK_HOST", "www.example.com"),
            ("DIRECTORY", "core"),
            ("CORE_DATABASE_SECRET_ARN", "arn"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (name, value) in changes {
            all.insert((*name).to_owned(), (*value).to_owned());
        }
        Environment::from(all)
    }

    #[test]
    fn each_function_needs_its_own_variables() {
        let all = environment(&[]);
        assert_eq!(all.function(), Ok(Function::OtpSend));
        for (function, unneeded) in [
            (
                Function::OtpVerify,
                vec!["USER_POOL_ID", "MAIL_FROM", "COMPANY", "LINK_HOST", "DIRECTORY"],
            ),
            (Function::OtpSend, vec!["LINK_HOST"]),
            (Function::Redeem, vec!["MAC_KEY_ID", "LINK_HOST", "COMPANY"]),
            (Function::Access, vec!["COMPANY", "DIRECTORY"]),
            (Function::Delivery, vec!["MAC_KEY_ID", "LINK_HOST", "COMPANY", "USER_POOL_ID"]),
        ] {
            for name in unneeded {
                assert!(
                    environment(&[(name, "")]).settings_of(function).is_ok(),
                    "{function:?} {name}"
                );
            }
        }
        assert_eq!(
            all.settings_of(Function::Message).unwrap().settings.link_prefix,
            "https://www.example.com/support#"
        );
    }

    #[test]
    fn missing_and_invalid_variables_are_named() {
        for (variable, value, function) in [
            ("TABLE", "", Function::Redeem),
            ("MAC_KEY_ID", "", Function::OtpVerify),
            ("MAIL_FROM", "", Function::Message),
            ("DIRECTORY", "csv", Function::OtpSend),
            ("CORE_DATABASE_SECRET_ARN", "", Function::OtpSend),
            ("LINK_HOST", "", Function::Access),
            ("ACCESS_LINKS", "mail", Function::Access),
        ] {
            let fault =
                environment(&[(variable, value)]).settings_of(function).map(drop).unwrap_err();
            assert_eq!(fault.variable, variable);
        }
        let api = environment(&[("ACCESS_LINKS", "api")]).settings_of(Function::Access).map(drop);
        assert_eq!(api.unwrap_err().variable, "ACCESS_LINKS_URL");
        assert!(environment(&[("_HANDLER", "x")]).function().is_err());
    }
}
