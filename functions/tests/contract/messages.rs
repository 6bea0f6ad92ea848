//! Messages: the successor's QR code, the visit, notices.

use functions::mail::MailKind;
use functions::{Function, LINK_LIFE};
use serde_json::{Value, json};

use super::world::{ANA, World, issue_fields, refusal};

/// Issues a successor's link. Returns the link, and the request that mails its QR code.
async fn successor(world: &World) -> (Value, Value) {
    let proofs = world.proofs("usr-sofia", "eco-herencia").await;
    let own = issue_fields("successor", "usr-sofia", "eco-herencia", &proofs);
    let link = world.call(Function::Access, "i", own).await;
    let subject = json!({"type": "customer", "id": "usr-sofia"});
    let ecosystem = json!({"id": "eco-herencia", "name": "Casa Herencia"});
    let message = json!({"template": "successor_qr", "subject": subject, "ecosystem": ecosystem, "link_id": link["link_id"], "proofs": proofs});
    (link, message)
}

#[tokio::test]
async fn successor_qr_is_mailed_once() {
    let world = World::new();
    let (link, message) = successor(&world).await;
    let sent = world.call(Function::Message, "m", message.clone()).await;
    assert_eq!(sent, json!({"ok": true, "destination": "s•••@e•••.com", "message_id": "msg-1"}));
    let mail = world.last_mail();
    let url = link["url"].as_str().unwrap();
    assert!(mail.text.contains(url) && mail.text.contains("Ana Ruiz of Waizant"), "{}", mail.text);
    assert!(mail.text.contains("succession in “Casa Herencia”"), "{}", mail.text);
    assert!(mail.attachments[0].bytes.starts_with(b"\x89PNG") && mail.html.contains("cid:qr.png"));
    let mails = world.mails();
    assert_eq!(world.call(Function::Message, "m", message).await, sent);
    assert_eq!(world.mails(), mails);
}

#[tokio::test]
async fn link_that_is_over_is_not_mailed() {
    let world = World::new();
    let (_, message) = successor(&world).await;
    world.advance(LINK_LIFE);
    assert_eq!(refusal(&world.call(Function::Message, "m", message).await), "NOT_FOUND");
}

#[tokio::test]
async fn qr_of_an_ended_session_is_refused() {
    let world = World::new();
    let (_, message) = successor(&world).await;
    world.call(Function::Message, "m", message.clone()).await;
    world.revoke().await;
    let mails = world.mails();
    for key in ["m", "m2"] {
        let answer = world.call(Function::Message, key, message.clone()).await;
        assert_eq!(refusal(&answer), "PROOF_INVALID", "{key}");
    }
    assert_eq!(world.mails(), mails);
}

#[tokio::test]
async fn qr_needs_the_proofs_of_its_customer() {
    let world = World::new();
    let (_, mut message) = successor(&world).await;
    let proofs = message["proofs"].clone();
    message["proofs"]["customer"] = json!("wzproof_x");
    assert_eq!(
        refusal(&world.call(Function::Message, "m", message.clone()).await),
        "PROOF_INVALID"
    );
    message["proofs"] = proofs;
    for (field, id) in [("subject", "usr-julia"), ("ecosystem", "eco-casa-luz")] {
        let mut other = message.clone();
        other[field]["id"] = json!(id);
        assert_eq!(
            refusal(&world.call(Function::Message, "m", other).await),
            "NOT_FOUND",
            "{field}"
        );
    }
}

#[tokio::test]
async fn notices_are_mailed_to_the_agent() {
    let world = World::new();
    for (template, kind, words) in [
        ("password_changed", MailKind::PasswordChanged, "se cambió"),
        ("account_linked", MailKind::AccountLinked, "1200000000000000100"),
        ("account_unlinked", MailKind::AccountUnlinked, "quitó el vínculo"),
    ] {
        let own = json!({"template": template, "subject": {"type": "agent", "id": ANA}});
        let sent = world.call(Function::Message, template, own.clone()).await;
        assert_eq!(sent["ok"], true);
        let mails = world.mails();
        assert_eq!(world.call(Function::Message, template, own).await, sent, "under the same key");
        assert_eq!(world.mails(), mails, "{template} is mailed once");
        let mail = world.last_mail();
        assert_eq!((mail.kind, mail.to.as_str()), (kind, "ana@waizant.example"));
        assert!(mail.text.contains(words), "{}", mail.text);
    }
    for subject in [json!({"type": "customer", "id": "usr-julia"}), json!({"type": "agent"})] {
        let own = json!({"template": "account_linked", "subject": subject});
        assert_eq!(refusal(&world.call(Function::Message, "x", own).await), "BAD_REQUEST");
    }
}

#[tokio::test]
async fn visit_names_what_the_agent_opened() {
    let world = World::new();
    let mut own = json!({
        "template": "support_visit", "subject": {"type": "customer", "id": "usr-sofia"},
        "ecosystem": {"id": "eco-herencia", "name": "Casa Herencia"},
        "opened": [{"target": "store", "at": "2026-06-01T12:05:00+02:00"}],
        "report_url": "https://desk.example.com/report#r",
    });
    world.call(Function::Message, "m1", own.clone()).await;
    insta::assert_snapshot!(world.last_mail().text, @r"
    Hello Sofia Marin,

    Ana Ruiz of Waizant support helped you with the ecosystem “Casa Herencia”. You had confirmed it with a code.

    The agent opened: your store, 2026-06-01 10:05 UTC.

    Did you not ask for this? Tell us here. You will not be asked for anything.
    https://desk.example.com/report#r
    ");
    own["opened"] = json!(vec![json!({"target": "app", "at": "2026-06-01T10:00:00Z"}); 20]);
    assert_eq!(world.call(Function::Message, "most", own.clone()).await["ok"], true);
    own["opened"] = json!([]);
    own["subject"]["id"] = json!("usr-julia");
    world.call(Function::Message, "m2", own).await;
    insta::assert_snapshot!(world.last_mail().text, @r"
    Hola, Julia Peña:

    Ana Ruiz, del soporte de Waizant, le ayudó con el ecosistema «Casa Herencia». Usted lo había confirmado con un código.

    El agente no abrió nada.

    ¿No pidió esto? Díganoslo aquí. No se le pedirá ningún dato.
    https://desk.example.com/report#r
    ");
}
