//! Access links by the company's own API instead of `redeem`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use functions::Function;
use functions::ports::{CompanyLink, Fault, LinkApi, LinkApiError, LinkOrder};
use serde_json::json;

use super::world::{START, World, issue_fields, refusal};

/// A company that makes links of the idempotency key, and can revoke the session while it works.
#[derive(Default)]
struct Company {
    orders: Mutex<Vec<String>>,
    revoked: Mutex<Vec<String>>,
    error: Mutex<Option<LinkApiError>>,
    ends_session: AtomicBool,
    world: Mutex<Option<World>>,
}

#[async_trait]
impl LinkApi for Company {
    async fn issue(&self, order: &LinkOrder<'_>) -> Result<CompanyLink, LinkApiError> {
        if let Some(error) = *self.error.lock().unwrap() {
            return Err(error);
        }
        let LinkOrder { key, customer_id, .. } = order;
        self.orders.lock().unwrap().push(format!("{key} {customer_id}"));
        if self.ends_session.load(Ordering::SeqCst) {
            let world = self.world.lock().unwrap().clone().unwrap();
            world.revoke().await;
        }
        let url = format!("https://shop.example.com/enter/{key}").into();
        Ok(CompanyLink { url, expires_at: START + 30_000 })
    }

    async fn revoke(&self, session_id: &str) -> Result<(), LinkApiError> {
        self.revoked.lock().unwrap().push(session_id.to_owned());
        Ok(())
    }
}

fn world() -> (World, Arc<Company>) {
    let company = Arc::new(Company::default());
    let world = World::with_company(company.clone());
    *company.world.lock().unwrap() = Some(world.clone());
    (world, company)
}

#[tokio::test]
async fn company_issues_and_ends_the_links() {
    let (world, company) = world();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    let link = world.issue("i", "web", &proofs).await;
    assert_eq!(
        (&link["url"], &link["expires_at"]),
        (&json!("https://shop.example.com/enter/i"), &json!("2026-06-01T10:00:30Z"))
    );
    assert_eq!(world.issue("i", "web", &proofs).await, link, "the API repeats its link");
    assert!(!world.stored().contains("shop.example.com"), "{}", world.stored());
    assert_eq!(world.revoke().await, json!({"ok": true, "revoked": 1}));
    assert_eq!(*company.revoked.lock().unwrap(), ["s1"]);
    let own = json!({"op": "redeem", "token": "s1.wzlink_x"});
    assert_eq!(refusal(&world.redeem(own).await), "NOT_FOUND");
}

#[tokio::test]
async fn company_is_not_asked_without_proofs() {
    let (world, company) = world();
    let proofs = json!({"agent": "wzproof_x", "customer": "wzproof_y"});
    assert_eq!(refusal(&world.issue("i", "web", &proofs).await), "PROOF_INVALID");
    assert!(company.orders.lock().unwrap().is_empty());
}

#[tokio::test]
async fn link_of_a_session_that_ended_meanwhile_is_revoked() {
    let (world, company) = world();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    company.ends_session.store(true, Ordering::SeqCst);
    assert_eq!(refusal(&world.issue("i", "web", &proofs).await), "PROOF_INVALID");
    assert_eq!(*company.revoked.lock().unwrap(), ["s1", "s1"], "by the close, and after the issue");
}

#[tokio::test]
async fn refusal_and_silence_of_the_company_differ() {
    let (world, company) = world();
    let proofs = world.proofs("usr-julia", "eco-casa-luz").await;
    *company.error.lock().unwrap() = Some(LinkApiError::Refused);
    assert_eq!(refusal(&world.issue("i", "web", &proofs).await), "UNAVAILABLE");
    *company.error.lock().unwrap() = Some(LinkApiError::Fault(Fault("no answer")));
    let own = issue_fields("web", "usr-julia", "eco-casa-luz", &proofs);
    let body = super::world::request("s1", "i", &own).to_string();
    world.functions.call(Function::Access, body.as_bytes()).await.unwrap_err();
    *company.error.lock().unwrap() = None;
    assert_eq!(world.issue("i", "web", &proofs).await["ok"], true);
}

#[tokio::test]
async fn successor_gets_the_companys_link() {
    let (world, company) = world();
    let proofs = world.proofs("usr-sofia", "eco-herencia").await;
    let own = issue_fields("successor", "usr-sofia", "eco-herencia", &proofs);
    let link = world.call(Function::Access, "i", own).await;
    let subject = json!({"type": "customer", "id": "usr-sofia"});
    let own = json!({"template": "successor_qr", "subject": subject, "ecosystem": {"id": "eco-herencia", "name": "Casa Herencia"}, "link_id": link["link_id"], "proofs": proofs});
    assert_eq!(world.call(Function::Message, "m", own).await["ok"], true);
    assert!(world.last_mail().text.contains("https://shop.example.com/enter/i"));
    assert!(company.orders.lock().unwrap().iter().all(|order| order == "i usr-sofia"));
}
