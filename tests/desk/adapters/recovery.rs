//! Password recovery on both backends.

use commands::model::code::Code;
use commands::model::outcome::{ConfirmDenied, ResetDenied};
use commands::ports::recovery::{PasswordPolicy, Recovery as _};
use secrecy::SecretString;
use support_desk::cognito::Cognito;

use super::backends::{Backend, FIRST_PASSWORD, on_both, on_both_with};

const NEW: &str = "Another-Password-2";

async fn confirm(
    cognito: &Cognito,
    sub: &str,
    code: &str,
    password: &str,
) -> Result<(), ConfirmDenied> {
    cognito.confirm(sub, &Code::parse(code).unwrap(), &SecretString::from(password)).await.unwrap()
}

/// Returns a code that differs from `right`.
fn wrong(right: &str) -> String {
    format!("{:06}", (right.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// Recovers a password with wrong codes, weak passwords and a second recovery.
async fn recover(backend: &Backend) {
    let (cognito, ana) = (backend.cognito(), backend.sub("ana"));
    assert_eq!(
        confirm(&cognito, ana, "123456", NEW).await,
        Err(ConfirmDenied::ExpiredCode),
        "no code was requested"
    );
    assert_eq!(cognito.request_code(ana).await.unwrap(), Ok("a•••@w•••.example".to_owned()));
    let code = backend.code_for("ana").await;
    assert_eq!(confirm(&cognito, ana, &wrong(&code), NEW).await, Err(ConfirmDenied::WrongCode));
    for weak in ["Sh-ort1", "no-capitals-1", "NO-SMALL-ONES-1", "No-Digits-Here", "NoSpecials1"] {
        assert_eq!(
            confirm(&cognito, ana, &code, weak).await,
            Err(ConfirmDenied::WeakPassword),
            "{weak}"
        );
    }
    assert!(
        backend.has_password("ana", FIRST_PASSWORD).await
            && !backend.has_password("ana", NEW).await
    );
    // With all special characters and the maximum length.
    let long = format!(r##"Aa1!"#$%&'()*+,-./:;<=>?@[\]^_`{{|}}~{}"##, "x".repeat(221));
    assert_eq!(long.chars().count(), 256);
    assert_eq!(confirm(&cognito, ana, &code, &long).await, Ok(()));
    assert!(
        backend.has_password("ana", &long).await
            && !backend.has_password("ana", FIRST_PASSWORD).await
    );
    assert_eq!(
        confirm(&cognito, ana, &code, NEW).await,
        Err(ConfirmDenied::ExpiredCode),
        "a code works once"
    );
    cognito.sign_out(ana).await.unwrap();
    // Again, with the newest of two mails. The emulator uses one code for all mails, so it cannot
    // show that an older code is refused.
    cognito.request_code(ana).await.unwrap().unwrap();
    cognito.request_code(ana).await.unwrap().unwrap();
    assert_eq!(confirm(&cognito, ana, &backend.code_for("ana").await, NEW).await, Ok(()));
    assert!(backend.has_password("ana", NEW).await);
}

#[tokio::test]
async fn password_is_recovered() {
    on_both(recover).await;
}

#[tokio::test]
async fn password_is_recovered_with_client_secret() {
    on_both_with(Some("a-secret-of-the-app-client"), recover).await;
}

#[tokio::test]
async fn wrong_client_secret_names_its_variable() {
    const ENDS: &str = ", which does not match the app client";
    on_both_with(Some("a-secret-of-the-app-client"), async |backend| {
        for (secret, state) in [(None, "is not set"), (Some("another"), "is set")] {
            let cognito = backend.cognito_with(secret);
            let asked =
                cognito.request_code(backend.sub("ana")).await.map(drop).unwrap_err().to_string();
            assert_eq!(
                asked,
                format!("asking for a reset code: COGNITO_CLIENT_SECRET {state}{ENDS}")
            );
            let code = Code::parse("123456").unwrap();
            let confirmed = cognito
                .confirm(backend.sub("ana"), &code, &SecretString::from(NEW))
                .await
                .map(drop)
                .unwrap_err();
            assert!(
                confirmed.to_string().ends_with(&format!("COGNITO_CLIENT_SECRET {state}{ENDS}")),
                "{confirmed}"
            );
        }
    })
    .await;
    on_both(async |backend| {
        let fault = backend
            .cognito_with(Some("superfluous"))
            .request_code(backend.sub("ana"))
            .await
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(fault.ends_with(&format!("COGNITO_CLIENT_SECRET is set{ENDS}")), "{fault}");
    })
    .await;
}

#[tokio::test]
async fn policy_is_read_from_the_pool() {
    on_both(async |backend| {
        let policy = backend.cognito().policy().await.unwrap();
        let expected = PasswordPolicy {
            minimum_length: 8,
            lowercase: true,
            uppercase: true,
            numbers: true,
            symbols: true,
            // The emulator's pool sets no history.
            history: if backend.setup.name == "sandbox" { 3 } else { 0 },
        };
        assert_eq!(policy, expected);
    })
    .await;
}

#[tokio::test]
async fn unrecoverable_account_gets_no_mail() {
    on_both(async |backend| {
        let cognito = backend.cognito();
        let gone = "00000000-0000-4000-8000-000000000000";
        for sub in [backend.sub("dora"), backend.sub("fred"), backend.sub("eva"), gone] {
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

/// The reason why the adapter reads the account first.
#[tokio::test]
async fn cognito_reports_success_for_unknown_user() {
    on_both(async |backend| {
        let (client, id) = backend.sdk_client();
        let sent = client
            .forgot_password()
            .client_id(id)
            .username("backoffice-unknown")
            .send()
            .await
            .unwrap();
        assert!(sent.code_delivery_details.unwrap().destination.unwrap().contains('*'));
        let confirmed =
            client.confirm_forgot_password().client_id(id).username("backoffice-unknown");
        let error = confirmed.confirmation_code("123456").password(NEW).send().await.unwrap_err();
        assert!(error.as_service_error().unwrap().is_code_mismatch_exception(), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn missing_permissions_are_faults() {
    on_both(async |backend| {
        let cognito = backend.unauthorized_cognito(&[
            "AdminGetUser",
            "DescribeUserPool",
            "AdminUserGlobalSignOut",
        ]);
        let ana = backend.sub("ana");
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
