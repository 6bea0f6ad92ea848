//! Names of people, and accounts that share an address.

use super::*;

#[tokio::test]
async fn identifier_is_not_a_name() {
    for (attributes, expected) in [
        (json!([{"Name": "name", "Value": " Ana\u{200b} Lo\u{301}pez "}]), Some("Ana López")),
        (
            json!([{"Name": "name", "Value": "\u{200b}"}, {"Name": "given_name", "Value": "Ana"}]),
            Some("Ana"),
        ),
        (
            json!([{"Name": "name", "Value": "ana@waizant.example"}, {"Name": "given_name", "Value": "Ana"}, {"Name": "family_name", "Value": "López"}]),
            Some("Ana López"),
        ),
        (json!([{"Name": "name", "Value": ""}]), None),
        (json!([{"Name": "name", "Value": ANA}]), None),
        (json!([{"Name": "name", "Value": "ANA-1"}]), None),
        (json!([{"Name": "name", "Value": ANA.to_uppercase()}]), None),
        (json!([{"Name": "name", "Value": "d2719f0e-5b1c-4d53-8a1e-3f2f6f0c9a11"}]), None),
        (json!([{"Name": "name", "Value": "-"}, {"Name": "given_name", "Value": "."}]), None),
        (json!([{"Name": "name", "Value": "N/A"}]), None),
        (json!([{"Name": "name", "Value": "12 34"}]), None),
        (json!([]), None),
    ] {
        let world = world(move |request| match request.operation.as_str() {
            "AdminGetUser" => {
                let mut all = attributes.as_array().unwrap().clone();
                all.push(json!({"Name": "sub", "Value": ANA}));
                StubReply::json(
                    &json!({"Username": "ana-1", "UserAttributes": all, "Enabled": true}),
                )
            }
            _ => pool(request),
        })
        .await;
        let account = world.cognito.account(ANA).await.unwrap().unwrap();
        assert_eq!(account.name.as_deref(), expected);
    }
}

#[test]
fn user_name_that_names_a_person_is_a_name() {
    for (name, username, expected) in [
        ("Olga", "olga", true),
        ("Olga Novak", "Olga Novak", true),
        ("okta_olga7", "okta_olga7", false),
    ] {
        assert_eq!(user::is_name(name, ANA, username), expected, "{name}");
    }
}

/// A pool with accounts that share one address, in spellings of their own.
async fn shared(users: Value) -> World {
    world(move |request| {
        let wanted = request.body["Filter"].as_str().unwrap_or_default().to_owned();
        let has = |user: &&Value| {
            let email = user["Attributes"][1]["Value"].as_str().unwrap();
            wanted == format!("email = \"{email}\"")
        };
        match request.operation.as_str() {
            // The first account has the address as its user name.
            "AdminGetUser" if request.body["Username"] == users[0]["Username"] => {
                let mut user = users[0].clone();
                user["UserAttributes"] = user["Attributes"].take();
                StubReply::json(&user)
            }
            "AdminGetUser" => StubReply::error(400, "UserNotFoundException"),
            "ListUsers" => {
                let found: Vec<&Value> = users.as_array().unwrap().iter().filter(has).collect();
                StubReply::json(&json!({ "Users": found }))
            }
            _ => StubReply::json(&json!({"Groups": []})),
        }
    })
    .await
}

#[tokio::test]
async fn only_verified_account_of_an_address_is_found() {
    let user = |username: &str, email: &str, verified: &str| json!({"Username": username, "Attributes": attributes(username, email, verified), "Enabled": true});
    let (named, sub) = ("ana@w.example", "ana-sub");
    for (users, typed, expected) in [
        (json!([user(named, named, "false"), user(sub, named, "true")]), named, Some(sub)),
        (json!([user(named, named, "true"), user(sub, named, "true")]), named, None),
        (json!([user(named, named, "false"), user(sub, named, "false")]), named, None),
        // A pool in which the case counts.
        (json!([user(sub, "Ana@W.example", "true")]), "Ana@W.example", Some(sub)),
    ] {
        let world = shared(users).await;
        let found = world.cognito.find(&email(typed)).await.unwrap();
        assert_eq!(found.map(|account| account.agent_id).as_deref(), expected);
    }
}
