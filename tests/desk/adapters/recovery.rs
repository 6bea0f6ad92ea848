//! A forgotten password, on both sides.

use commands::model::code::Code;
use commands::model::outcome::{ConfirmDenied, ResetDenied};
use commands::ports::recovery::{PasswordPolicy, Recovery as _};
use secrecy::SecretString;
use support_desk::cognito::Cognito;

use super::sides::{FIRST_PASSWORD, Side, on_both, on_both_with};

const NEW: &str = "Another-Password-2";

async fn confirm(
    cognito: &Cognito,
    sub: &str,
    code: &str,
    password: &str,
) -> Result<(), ConfirmDenied> {
    cognito.confirm(sub, &Code::parse(code).unwrap(), &SecretString::from(password)).await.unwrap()
}

/// A code that is not the one in the mail.
fn wrong(right: &str) -> String {
    format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// The whole way, with the wrong turns that it has.
async fn walks(side: &Side) {
    let (cognito, ana) = (side.cognito(), side.sub("ana"));
    assert_eq!(
        confirm(&cognito, ana, "123456", NEW).await,
        Err(ConfirmDenied::ExpiredCode),
        "never asked for one"
    );
    assert_eq!(cognito.request_code(ana).await.unwrap(), Ok("a•••@w•••.example".to_owned()));
    let code = side.code_for("ana").await;
    assert_eq!(confirm(&cognito, ana, &wrong(&code), NEW).await, Err(ConfirmDenied::WrongCode));
    for weak in ["Sh-ort1", "no-capitals-1", "NO-SMALL-ONES-1", "No-Digits-Here", "NoSpecials1"] {
        assert_eq!(
            confirm(&cognito, ana, &code, weak).await,
            Err(ConfirmDenied::WeakPassword),
            "{weak}"
        );
    }
    assert!(side.has_password("ana", FIRST_PASSWORD).await && !side.has_password("ana", NEW).await);
    // With every kind of special character, and as long as it may be.
    let long = format!(r##"Aa1!"#$%&'()*+,-./:;<=>?@[\]^_`{{|}}~{}"##, "x".repeat(221));
    assert_eq!(long.chars().count(), 256);
    assert_eq!(confirm(&cognito, ana, &code, &long).await, Ok(()));
    assert!(
        side.has_password("ana", &long).await && !side.has_password("ana", FIRST_PASSWORD).await
    );
    assert_eq!(
        confirm(&cognito, ana, &code, NEW).await,
        Err(ConfirmDenied::ExpiredCode),
        "a code is good once"
    );
    cognito.sign_out(ana).await.unwrap();
    // And once more, with the newest of two mails. (The emulator writes the same code into all: it
    // says nothing of older ones.)
    cognito.request_code(ana).await.unwrap().unwrap();
    cognito.request_code(ana).await.unwrap().unwrap();
    assert_eq!(confirm(&cognito, ana, &side.code_for("ana").await, NEW).await, Ok(()));
    assert!(side.has_password("ana", NEW).await);
}

#[tokio::test]
async fn from_the_mail_to_the_new_password() {
    on_both(walks).await;
}

#[tokio::test]
async fn likewise_through_a_client_with_a_secret() {
    on_both_with(Some("a-secret-of-the-app-client"), walks).await;
}

#[tokio::test]
async fn a_secret_that_does_not_fit_names_its_variable() {
    const ENDS: &str = ", and does not fit the app client";
    on_both_with(Some("a-secret-of-the-app-client"), async |side| {
        for (secret, words) in [(None, "is not set"), (Some("another"), "is set")] {
            let cognito = side.cognito_with(secret);
            let asked =
                cognito.request_code(side.sub("ana")).await.map(drop).unwrap_err().to_string();
            assert_eq!(
                asked,
                format!("asking for a reset code: COGNITO_CLIENT_SECRET {words}{ENDS}")
            );
            let code = Code::parse("123456").unwrap();
            let confirmed = cognito
                .confirm(side.sub("ana"), &code, &SecretString::from(NEW))
                .await
                .map(drop)
                .unwrap_err();
            assert!(
                confirmed.to_string().ends_with(&format!("COGNITO_CLIENT_SECRET {words}{ENDS}")),
                "{confirmed}"
            );
        }
    })
    .await;
    on_both(async |side| {
        let fault = side
            .cognito_with(Some("superfluous"))
            .request_code(side.sub("ana"))
            .await
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(fault.ends_with(&format!("COGNITO_CLIENT_SECRET is set{ENDS}")), "{fault}");
    })
    .await;
}

#[tokio::test]
async fn the_policy_is_the_pools() {
    on_both(async |side| {
        let policy = side.cognito().policy().await.unwrap();
        let expected = PasswordPolicy {
            minimum_length: 8,
            lowercase: true,
            uppercase: true,
            numbers: true,
            symbols: true,
            // Which the pool that this test makes in the emulator does not say.
            history: if side.name == "sandbox" { 3 } else { 0 },
        };
        assert_eq!(policy, expected);
    })
    .await;
}

#[tokio::test]
async fn accounts_that_cannot_be_recovered_get_no_mail() {
    on_both(async |side| {
        let cognito = side.cognito();
        let gone = "00000000-0000-4000-8000-000000000000";
        for sub in [side.sub("dora"), side.sub("fred"), side.sub("eva"), gone] {
            assert_eq!(cognito.request_code(sub).await.unwrap(), Err(ResetDenied::NotRecoverable));
            assert_eq!(
                confirm(&cognito, sub, "123456", NEW).await,
                Err(ConfirmDenied::NotRecoverable)
            );
        }
        assert!(cognito.sign_out(gone).await.is_err());
    })
    .await;
}

/// Why the adapter looks at the account first: the service itself says "sent" to whomever there is
/// not.
#[tokio::test]
async fn the_service_says_sent_for_somebody_who_is_not_there() {
    on_both(async |side| {
        let (client, id) = side.raw();
        let sent = client
            .forgot_password()
            .client_id(id)
            .username("backoffice-nobody")
            .send()
            .await
            .unwrap();
        assert!(sent.code_delivery_details.unwrap().destination.unwrap().contains('*'));
        let confirmed =
            client.confirm_forgot_password().client_id(id).username("backoffice-nobody");
        let error = confirmed.confirmation_code("123456").password(NEW).send().await.unwrap_err();
        assert!(error.as_service_error().unwrap().is_code_mismatch_exception(), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn without_rights_nothing_is_recovered() {
    on_both(async |side| {
        let cognito =
            side.powerless_cognito(&["AdminGetUser", "DescribeUserPool", "AdminUserGlobalSignOut"]);
        let ana = side.sub("ana");
        let faults = [
            cognito.policy().await.map(drop).unwrap_err(),
            cognito.request_code(ana).await.map(drop).unwrap_err(),
            cognito.sign_out(ana).await.unwrap_err(),
        ];
        for fault in faults {
            assert!(
                fault.to_string().ends_with("the service answered AccessDeniedException"),
                "{fault}"
            );
        }
    })
    .await;
}
