//! Calls to other services: their words in metrics and in faults.

/// A service that the bot calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Lambda,
    Cognito,
    Core,
    Discord,
}

impl Service {
    /// Returns the word in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::Cognito => "cognito",
            Self::Core => "core",
            Self::Discord => "discord",
        }
    }
}

/// A call to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    OtpSend,
    OtpStatus,
    OtpVerify,
    AccessIssue,
    AccessRevoke,
    MessageNotice,
    MessageQr,
    AccountRead,
    AccountFind,
    PolicyRead,
    ResetRequest,
    ResetConfirm,
    SignOut,
    CustomerFind,
    CustomerRead,
    MemberRead,
    InteractionAnswer,
    MessageEdit,
    MessageSend,
    ChannelPost,
    ChannelEdit,
    ChannelDelete,
}

impl Call {
    /// Returns true if the bot's token authorizes the call. The other ones have a token in the
    /// path.
    pub const fn needs_bot_token(self) -> bool {
        matches!(
            self,
            Self::MemberRead | Self::ChannelPost | Self::ChannelEdit | Self::ChannelDelete
        )
    }

    /// Every call, in the order of the variants. A metric of each exists from the start.
    pub const ALL: [Self; 22] = [
        Self::OtpSend,
        Self::OtpStatus,
        Self::OtpVerify,
        Self::AccessIssue,
        Self::AccessRevoke,
        Self::MessageNotice,
        Self::MessageQr,
        Self::AccountRead,
        Self::AccountFind,
        Self::PolicyRead,
        Self::ResetRequest,
        Self::ResetConfirm,
        Self::SignOut,
        Self::CustomerFind,
        Self::CustomerRead,
        Self::MemberRead,
        Self::InteractionAnswer,
        Self::MessageEdit,
        Self::MessageSend,
        Self::ChannelPost,
        Self::ChannelEdit,
        Self::ChannelDelete,
    ];

    pub const fn service(self) -> Service {
        match self {
            Self::OtpSend
            | Self::OtpStatus
            | Self::OtpVerify
            | Self::AccessIssue
            | Self::AccessRevoke
            | Self::MessageNotice
            | Self::MessageQr => Service::Lambda,
            Self::AccountRead
            | Self::AccountFind
            | Self::PolicyRead
            | Self::ResetRequest
            | Self::ResetConfirm
            | Self::SignOut => Service::Cognito,
            Self::CustomerFind | Self::CustomerRead => Service::Core,
            Self::MemberRead
            | Self::InteractionAnswer
            | Self::MessageEdit
            | Self::MessageSend
            | Self::ChannelPost
            | Self::ChannelEdit
            | Self::ChannelDelete => Service::Discord,
        }
    }

    /// Returns true if the call can have this outcome. Only functions, Discord and the two calls of
    /// the recovery say no.
    pub fn can_be(self, outcome: &str) -> bool {
        match outcome {
            "done" | "fault" => true,
            "denied" => match self.service() {
                Service::Lambda => true,
                Service::Cognito => matches!(self, Self::ResetRequest | Self::ResetConfirm),
                Service::Discord => self != Self::MemberRead,
                Service::Core => false,
            },
            _ => false,
        }
    }

    /// Routes of Discord's API, as in the metrics.
    pub const ROUTES: [&str; 4] = ["callback", "webhook", "channel_messages", "guild_member"];

    /// Returns the route of a call to Discord, one of [`ROUTES`](Self::ROUTES).
    pub const fn route(self) -> &'static str {
        match self {
            Self::InteractionAnswer => "callback",
            Self::ChannelPost | Self::ChannelEdit | Self::ChannelDelete => "channel_messages",
            Self::MemberRead => "guild_member",
            _ => "webhook",
        }
    }

    /// Returns the name in the metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OtpSend => "otp_send",
            Self::OtpStatus => "otp_status",
            Self::OtpVerify => "otp_verify",
            Self::AccessIssue => "access_issue",
            Self::AccessRevoke => "access_revoke",
            Self::MessageNotice => "message_notice",
            Self::MessageQr => "message_qr",
            Self::AccountRead => "account_read",
            Self::AccountFind => "account_find",
            Self::PolicyRead => "policy_read",
            Self::ResetRequest => "reset_request",
            Self::ResetConfirm => "reset_confirm",
            Self::SignOut => "sign_out",
            Self::CustomerFind => "customer_find",
            Self::CustomerRead => "customer_read",
            Self::MemberRead => "member_read",
            Self::InteractionAnswer => "interaction_answer",
            Self::MessageEdit => "message_edit",
            Self::MessageSend => "message_send",
            Self::ChannelPost => "channel_post",
            Self::ChannelEdit => "channel_edit",
            Self::ChannelDelete => "channel_delete",
        }
    }

    /// Returns the activity that a fault names.
    pub const fn doing(self) -> &'static str {
        match self {
            Self::OtpSend => "sending a code",
            Self::OtpStatus => "asking for the delivery of a mail",
            Self::OtpVerify => "checking a code",
            Self::AccessIssue => "issuing an access link",
            Self::AccessRevoke => "revoking access links",
            Self::MessageNotice => "mailing a notice",
            Self::MessageQr => "mailing a QR",
            Self::AccountRead => "reading a BackOffice account",
            Self::AccountFind => "looking up a BackOffice account",
            Self::PolicyRead => "reading the password policy",
            Self::ResetRequest => "asking for a reset code",
            Self::ResetConfirm => "setting a new password",
            Self::SignOut => "signing an account out",
            Self::CustomerFind => "looking up a customer in Core",
            Self::CustomerRead => "reading a customer in Core",
            Self::MemberRead => "reading a member's roles",
            Self::InteractionAnswer => "answering an interaction",
            Self::MessageEdit => "editing a message",
            Self::MessageSend => "sending a message",
            Self::ChannelPost => "posting to a channel",
            Self::ChannelEdit => "editing a message in a channel",
            Self::ChannelDelete => "deleting a message in a channel",
        }
    }
}

#[cfg(test)]
mod tests {
    use commands::model::fault::{Fault, OF_STORE};

    use super::*;

    #[test]
    fn all_lists_every_call() {
        for (at, call) in Call::ALL.into_iter().enumerate() {
            assert_eq!(call as usize, at, "{call:?}");
        }
        assert_eq!(Call::ALL.len(), Call::ChannelDelete as usize + 1);
    }

    #[test]
    fn fault_of_a_call_counts_for_it() {
        for call in Call::ALL {
            assert_eq!(Fault::new(call.doing(), "why").call(), call.name(), "{call:?}");
        }
        assert_eq!(Fault::new("saving", "why").call(), OF_STORE);
    }
}
