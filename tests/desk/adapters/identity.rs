//! Who somebody is, on both sides.

use commands::model::account::AccountStatus;
use commands::model::email::Email;
use commands::ports::identity::Identity as _;

use super::sides::{Side, on_both};

fn email(side: &Side, name: &str) -> Email {
    Email::parse(&side.address(name)).unwrap()
}

#[tokio::test]
async fn an_account_is_found_by_sub_and_by_address() {
    on_both(async |side| {
        let cognito = side.cognito();
        let ana = cognito.account(side.sub("ana")).await.unwrap().unwrap();
        assert_eq!(
            (ana.agent_id.as_str(), ana.email.as_str()),
            (side.sub("ana"), side.address("ana").as_str())
        );
        assert!(ana.problem().is_none() && ana.status == AccountStatus::Confirmed, "{ana:?}");
        assert_eq!(
            cognito
                .find(&Email::parse(&side.address("ana").to_uppercase()).unwrap())
                .await
                .unwrap()
                .unwrap(),
            ana
        );
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_no_alias_is_searched_for() {
    on_both(async |side| {
        let eva = side.cognito().find(&email(side, "eva")).await.unwrap().unwrap();
        assert_eq!(eva.agent_id, side.sub("eva"));
        assert!(!eva.email_verified && !eva.problem().is_none() && eva.in_group, "{eva:?}");
    })
    .await;
}

#[tokio::test]
async fn what_keeps_an_account_from_being_an_agents_is_seen() {
    on_both(async |side| {
        let cognito = side.cognito();
        let look = async |name: &str| {
            let account = cognito.account(side.sub(name)).await.unwrap().unwrap();
            (account.enabled, account.in_group, account.groups.join(", "), account.status)
        };
        let (agents, sales) = ("CustomerService".to_owned(), "CustomerServiceSales".to_owned());
        assert_eq!(look("dora").await, (false, true, agents.clone(), AccountStatus::Confirmed));
        assert_eq!(look("otto").await, (true, false, sales, AccountStatus::Confirmed));
        assert_eq!(look("fred").await, (true, true, agents, AccountStatus::ForceChangePassword));
    })
    .await;
}

#[tokio::test]
async fn nobody_is_nobody() {
    on_both(async |side| {
        let cognito = side.cognito();
        assert!(cognito.find(&email(side, "nobody")).await.unwrap().is_none());
        assert!(cognito.account("00000000-0000-4000-8000-000000000000").await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn without_the_right_to_look_there_is_no_answer() {
    on_both(async |side| {
        let cognito = side.powerless_cognito(&["AdminGetUser", "ListUsers", "DescribeUserPool"]);
        for fault in [
            cognito.account(side.sub("ana")).await.map(drop).unwrap_err(),
            cognito.find(&email(side, "ana")).await.map(drop).unwrap_err(),
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
async fn the_check_finds_nothing_wrong() {
    on_both(async |side| side.cognito().check().await.unwrap()).await;
}
