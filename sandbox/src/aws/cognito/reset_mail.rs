//! Cognito's mail with a reset code. Its template has one language.

use functions::mail::Document;

use crate::mail::{MailKind, OutgoingMail};
use crate::seed::StaffAccount;

/// Builds the mail with a reset code.
pub(super) fn reset_mail(staff: &StaffAccount, code: &str) -> OutgoingMail {
    let document = Document {
        language: "en",
        company: "Waizant".to_owned(),
        subject: "Your BackOffice password reset code".to_owned(),
        before: vec![
            format!("Hello {},", staff.name),
            "Your password reset code for the Waizant BackOffice:".to_owned(),
        ],
        code: Some(code.to_owned()),
        picture: None,
        link: None,
        after: vec![
            "It is valid for one hour. If you did not ask for it, tell your administrator."
                .to_owned(),
        ],
        links: Vec::new(),
    };
    OutgoingMail {
        to: staff.email.clone(),
        kind: MailKind::PasswordReset,
        text: document.text(),
        html: document.html(),
        subject: document.subject,
        attachments: Vec::new(),
        request_id: None,
        code: document.code,
        tags: None,
    }
}
