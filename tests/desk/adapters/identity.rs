//! BackOffice accounts on both backends.

use commands::model::account::AccountStatus;
use commands::model::email::Email;
use commands::model::scope::Scope;
use commands::ports::identity::Identity as _;
use support_desk::cognito::GroupCheck;

use super::backends::{Backend, on_both};

fn email(backend: &Backend, name: &str) -> Email {
    Email::parse(&backend.address(name)).unwrap()
}

#[tokio::test]
async fn account_is_found_by_sub_and_address() {
    on_both(async |backend| {
        let cognito = backend.cognito();
        let ana = cognito.account(backend.sub("ana")).await.unwrap().unwrap();
        assert_eq!(
            (ana.agent_id.as_str(), ana.email.as_str()),
            (backend.sub("ana"), backend.address("ana").as_str())
        );
        assert!(ana.problem().is_none() && ana.status == AccountStatus::Confirmed, "{ana:?}");
        assert_eq!(
            cognito
                .find(&Email::parse(&backend.address("ana").to_uppercase()).unwrap())
                .await
                .unwrap()
                .unwrap(),
            ana
        );
    })
    .await;
}

#[tokio::test]
async fn address_without_alias_is_searched_for() {
    on_both(async |backend| {
        let eva = backend.cognito().find(&email(backend, "eva")).await.unwrap().unwrap();
        assert_eq!(eva.agent_id, backend.sub("eva"));
        assert!(!eva.email_verified && eva.problem().is_some() && eva.scope.is_some(), "{eva:?}");
    })
    .await;
}

#[tokio::test]
async fn account_problems_are_read() {
    on_both(async |backend| {
        let cognito = backend.cognito();
        let look = async |name: &str| {
            let account = cognito.account(backend.sub(name)).await.unwrap().unwrap();
            (account.enabled, account.scope, account.groups.join(", "), account.status)
        };
        let (agents, sales) = ("CustomerService".to_owned(), "CustomerServiceSales".to_owned());
        assert_eq!(
            look("dora").await,
            (false, Some(Scope::Act), agents.clone(), AccountStatus::Confirmed)
        );
        assert_eq!(look("otto").await, (true, None, sales, AccountStatus::Confirmed));
        assert_eq!(
            look("fred").await,
            (true, Some(Scope::Act), agents, AccountStatus::ForceChangePassword)
        );
    })
    .await;
}

#[tokio::test]
async fn unknown_account_is_none() {
    on_both(async |backend| {
        let cognito = backend.cognito();
        assert!(cognito.find(&email(backend, "unknown")).await.unwrap().is_none());
        assert!(cognito.account("00000000-0000-4000-8000-000000000000").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn missing_permission_to_read_is_a_fault() {
    on_both(async |backend| {
        let cognito =
            backend.unauthorized_cognito(&["AdminGetUser", "ListUsers", "DescribeUserPool"]);
        for fault in [
            cognito.account(backend.sub("ana")).await.map(drop).unwrap_err(),
            cognito.find(&email(backend, "ana")).await.map(drop).unwrap_err(),
        ] {
            assert!(
                fault.to_string().ends_with("the service answered AccessDeniedException"),
                "{fault}"
            );
        }
        assert_eq!(
            cognito.check().await.unwrap_err().to_string(),
            "the service answered AccessDeniedException"
        );
    })
    .await;
}

#[tokio::test]
async fn check_succeeds() {
    on_both(async |backend| backend.cognito().check().await.unwrap()).await;
}

#[tokio::test]
async fn group_exists_under_its_exact_name_only() {
    on_both(async |backend| {
        let cognito = backend.cognito();
        assert_eq!(cognito.check_group("CustomerService").await, Ok(GroupCheck::Exists));
        assert_eq!(cognito.check_group("customerservice").await, Ok(GroupCheck::Missing));
    })
    .await;
}
