//! Mail by Amazon SES.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{
    Attachment, AttachmentContentDisposition, Body, Content, Destination, EmailContent, Message,
    MessageTag,
};

use super::failure::Failed;
use crate::mail::Mail;
use crate::mail_event::{CHALLENGE_TAG, SESSION_TAG};
use crate::ports::{Fault, MailError, Mailer};

/// Errors of SES that are about one mail.
const REFUSALS: [&str; 2] = ["MessageRejected", "BadRequestException"];

pub(super) struct Ses {
    client: Client,
    from: String,
    configuration_set: String,
}

impl Ses {
    pub(super) fn new(sdk: &SdkConfig, from: String, configuration_set: String) -> Self {
        // No second attempt, because SES has no idempotency key: it could mail twice.
        let config =
            aws_sdk_sesv2::config::Builder::from(sdk).retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), from, configuration_set }
    }
}

#[async_trait]
impl Mailer for Ses {
    async fn send(&self, mail: &Mail) -> Result<String, MailError> {
        let Some(to) = ascii_address(&mail.to) else {
            return Err(MailError::Refused);
        };
        let content = content(mail).ok_or(MailError::Fault(Fault("a mail could not be built")))?;
        let request = self
            .client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(to).build())
            .configuration_set_name(&self.configuration_set)
            .set_email_tags(tags(mail))
            .content(content);
        let sent = request.send().await.map_err(|error| {
            let failed = Failed::log("ses", &error);
            match failed.code.as_str() {
                code if REFUSALS.contains(&code) => MailError::Refused,
                _ if failed.is_throttling => MailError::Throttled,
                // A role, sender or account that an operator must mend, or no answer. An alarm
                // watches faults.
                _ => MailError::Fault(Fault("the mail service does not serve this sender")),
            }
        })?;
        Ok(sent.message_id.unwrap_or_default())
    }
}

/// Returns the address with its domain in Punycode, as SES requires.
fn ascii_address(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    Some(format!("{local}@{}", idna::domain_to_ascii(domain).ok()?))
}

fn tags(mail: &Mail) -> Option<Vec<MessageTag>> {
    let challenge = mail.challenge_id.as_ref()?;
    let tags = [(CHALLENGE_TAG, challenge), (SESSION_TAG, &mail.session_id)];
    Some(
        tags.iter()
            .filter_map(|(name, value)| {
                MessageTag::builder().name(*name).value(*value).build().ok()
            })
            .collect(),
    )
}

fn content(mail: &Mail) -> Option<EmailContent> {
    let body = Body::builder().text(text(&mail.text)?).html(text(&mail.html)?).build();
    let mut message = Message::builder().subject(text(&mail.subject)?).body(body);
    for file in &mail.attachments {
        let attachment = Attachment::builder()
            .raw_content(Blob::new(file.bytes.clone()))
            .file_name(file.name)
            .content_type(file.content_type)
            // The HTML part shows it.
            .content_disposition(AttachmentContentDisposition::Inline)
            .content_id(file.name)
            .build()
            .ok()?;
        message = message.attachments(attachment);
    }
    Some(EmailContent::builder().simple(message.build()).build())
}

fn text(data: &str) -> Option<Content> {
    Content::builder().charset("UTF-8").data(data).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_of_an_address_is_punycode() {
        assert_eq!(ascii_address("ana@españa.es").as_deref(), Some("ana@xn--espaa-rta.es"));
        assert_eq!(ascii_address("a@b@example.com").as_deref(), Some("a@b@example.com"));
        assert_eq!(ascii_address("ana"), None);
    }
}
