//! Access links: issued, revoked, and mailed to a successor.

use commands::model::customer::{Case, CaseSubject, MaskedCustomer, Role, Status};
use commands::model::flow_state::SupportState;
use commands::model::proof::access_grant;
use commands::model::pseudonym::Pseudonym;
use commands::model::scope::Scope;
use commands::model::session::{Secrets, Session, Work};
use commands::model::time::Timestamp;
use commands::model::timers::{ABSOLUTE_CLOSE, Clocks};
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::{ProofBinding, StoredProof, Verification};
use commands::model::words::{Locale, SupportKind, Target};
use commands::ports::access::{Access, IssuedLink};
use commands::ports::messages::Messages;
use secrecy::ExposeSecret;
use serde_json::json;

use super::*;

fn acting(now: Timestamp) -> Session {
    let origin = origin();
    let customer = MaskedCustomer {
        id: "usr-1".to_owned(),
        name: "J*** P***".to_owned(),
        email: "j•••@e•••.com".to_owned(),
        status: Status::Active,
        locale: Locale::Es,
        since: Some(now),
        choices: 1,
        unknown: UnknownFields::NONE,
    };
    let case = Case {
        customer,
        ecosystem: "eco-1".to_owned(),
        ecosystem_name: "Casa Luz".to_owned(),
        subject: CaseSubject::Membership(Role::Owner),
        unknown: UnknownFields::NONE,
    };
    let proof = |value: &str, subject: &str| {
        let bound = ProofBinding {
            session: origin.session.clone(),
            subject: subject.to_owned(),
            until: now + ABSOLUTE_CLOSE,
            unknown: UnknownFields::NONE,
        };
        Some(Box::new(StoredProof { value: value.into(), bound, unknown: UnknownFields::NONE }))
    };
    let julia = Pseudonym::from_bytes([7; Pseudonym::BYTES]);
    Session {
        secrets: Secrets {
            agent_proof: proof("proof-a", "agent:sub-1"),
            customer_proof: proof("proof-c", &format!("customer:{julia}")),
            ..Secrets::default()
        },
        id: origin.session.clone(),
        actor: origin.actor,
        locale: Locale::Es,
        version: 1,
        generation: 1,
        pseudonym: Some(julia),
        ticket: None,
        scope: Scope::Act,
        work: Work::Support(SupportKind::Technical, SupportState::Acting { case }),
        clocks: Clocks::starting(now, ABSOLUTE_CLOSE),
        agent: Verification::default(),
        customer: Verification::default(),
        pending: Vec::new(),
        access_links: Vec::new(),
        links_issued: 0,
        links_denied: 0,
        report_record: None,
        taken_over_by: None,
        may_be_proven: false,
        past: None,
        revocations: 0,
        unknown: UnknownFields::NONE,
    }
}

async fn issue(functions: &Functions, target: Target) -> Answer<IssuedLink> {
    let now = Timestamp(1_700_000_000_000);
    let session = acting(now);
    let grant = access_grant(&session, now).expect("both are verified");
    functions.issue(origin(), target, &grant).await
}

#[tokio::test]
async fn access_link_is_issued() {
    let url = "https://shop.example.com/enter?token=t";
    let (functions, stub) = replying(
        json!({"ok": true, "url": url, "link_id": "l1", "expires_at": "2023-11-14T22:14:20Z"}),
    )
    .await;
    let link = issue(&functions, Target::Store).await.unwrap().unwrap();
    assert_eq!(
        (link.id.as_str(), link.url.expose_secret(), link.expires_at),
        ("l1", url, Timestamp(1_700_000_060_000))
    );
    let request = &stub.requests()[0];
    assert!(request.operation.contains("cs-access"));
    for (field, value) in [
        ("op", json!("issue")),
        ("target", json!("store")),
        ("customer_id", json!("usr-1")),
        ("ecosystem_id", json!("eco-1")),
        ("proofs", json!({"agent": "proof-a", "customer": "proof-c"})),
    ] {
        assert_eq!(request.body[field], value, "{field}");
    }
}

#[tokio::test]
async fn access_link_to_foreign_host_is_a_fault() {
    let answer = json!({"ok": true, "url": "https://hush.example.com/?token=hush", "link_id": "l1", "expires_at": "2023-11-14T22:14:20Z"});
    let (functions, _stub) = replying(answer).await;
    let fault = issue(&functions, Target::Web).await.unwrap_err();
    assert_eq!(fault.to_string(), "issuing an access link: the link's host is not in ACCESS_HOSTS");
}

#[tokio::test]
async fn access_links_are_revoked() {
    let (functions, stub) = replying(json!({"ok": true, "revoked": 2})).await;
    assert_eq!(functions.revoke(origin()).await.unwrap().unwrap(), 2);
    let request = &stub.requests()[0];
    assert_eq!(
        (request.operation.contains("cs-access"), &request.body["op"]),
        (true, &json!("revoke"))
    );
}

#[tokio::test]
async fn successor_qr_is_mailed_by_link_id() {
    let (functions, stub) =
        replying(json!({"ok": true, "destination": "sofia@example.com", "message_id": "m1"})).await;
    let now = Timestamp(1_700_000_000_000);
    let session = acting(now);
    let grant = access_grant(&session, now).expect("both are verified");
    let to = functions.successor_qr(origin(), "l1", &grant).await.unwrap().unwrap();
    assert_eq!(to, "s•••@e•••.com", "an unmasked address is masked");
    let request = &stub.requests()[0];
    assert!(request.operation.contains("cs-message"));
    for (field, value) in [
        ("template", json!("successor_qr")),
        ("subject", json!({"type": "customer", "id": "usr-1"})),
        ("link_id", json!("l1")),
        ("proofs", json!({"agent": "proof-a", "customer": "proof-c"})),
    ] {
        assert_eq!(request.body[field], value, "{field}");
    }
}
