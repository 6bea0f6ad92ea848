//! Secrets of sessions, sealed for their rows.
//!
//! A sealed value is bound to the session of its row: in another row it cannot be opened.

use commands::model::fault::Fault;
use commands::model::session::Secrets;
use commands::model::time::Timestamp;
use commands::model::unknown_fields::UnknownFields;
use commands::model::verification::{ProofBinding, StoredProof};
use commands::model::words::SessionId;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::store_keys::{CannotOpen, StoreKeys};

/// Seals a session's secrets for its row; `None` if there are none.
pub(super) fn seal_secrets(
    keys: &StoreKeys,
    session: &SessionId,
    secrets: &Secrets,
) -> Result<Option<String>, Fault> {
    let plain = PlainSecrets::of(secrets);
    if plain == PlainSecrets::default() {
        return Ok(None);
    }
    let doing = "sealing a session's secrets";
    let bytes = serde_json::to_vec(&plain)
        .map_err(|_| Fault::new(doing, "they cannot be encoded as JSON"))?;
    let sealed = keys.seal(session.as_str(), bytes).map_err(|error| Fault::new(doing, error))?;
    Ok(Some(sealed))
}

/// Opens the sealed secrets in the row of a session.
pub(super) fn open_secrets(
    keys: &StoreKeys,
    session: &SessionId,
    sealed: &str,
) -> Result<Secrets, CannotOpen> {
    let plain = keys.open(session.as_str(), sealed)?;
    // Drop the parser's message, because it could quote a secret.
    let plain: PlainSecrets = serde_json::from_slice(&plain).map_err(|_| CannotOpen::Tampered)?;
    Ok(plain.into_secrets())
}

/// [`Secrets`] in their serialized form, which exists only inside the seal.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct PlainSecrets {
    panel: Option<(String, Timestamp)>,
    access_urls: Vec<(u32, String)>,
    agent_proof: Option<PlainProof>,
    customer_proof: Option<PlainProof>,
    draft: Option<String>,
    #[serde(default)]
    page: Option<String>,
    #[serde(flatten)]
    unknown: UnknownFields,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct PlainProof {
    value: String,
    bound: ProofBinding,
    #[serde(flatten)]
    unknown: UnknownFields,
}

impl PlainSecrets {
    fn of(secrets: &Secrets) -> Self {
        let text = |secret: &SecretString| secret.expose_secret().to_owned();
        let proof = |proof: &StoredProof| PlainProof {
            value: text(&proof.value),
            bound: proof.bound.clone(),
            unknown: proof.unknown.clone(),
        };
        Self {
            panel: secrets.panel.as_ref().map(|(token, at)| (text(token), *at)),
            access_urls: secrets.access_urls.iter().map(|(nth, url)| (*nth, text(url))).collect(),
            agent_proof: secrets.agent_proof.as_deref().map(proof),
            customer_proof: secrets.customer_proof.as_deref().map(proof),
            draft: secrets.draft.as_ref().map(text),
            page: secrets.page.as_ref().map(text),
            unknown: secrets.unknown.clone(),
        }
    }

    fn into_secrets(self) -> Secrets {
        let proof = |proof: PlainProof| {
            Box::new(StoredProof {
                value: proof.value.into(),
                bound: proof.bound,
                unknown: proof.unknown,
            })
        };
        Secrets {
            panel: self.panel.map(|(token, at)| (token.into(), at)),
            access_urls: self.access_urls.into_iter().map(|(nth, url)| (nth, url.into())).collect(),
            agent_proof: self.agent_proof.map(proof),
            customer_proof: self.customer_proof.map(proof),
            draft: self.draft.map(Into::into),
            page: self.page.map(Into::into),
            unknown: self.unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::store_keys::test_store_key;

    fn id(last: char) -> SessionId {
        format!("AAAAAAAAAAAAAAAAAAAAA{last}").parse().unwrap()
    }

    fn secrets() -> Secrets {
        let proof = |value: &str, subject: &str| {
            let bound = ProofBinding {
                session: id('a'),
                subject: subject.to_owned(),
                until: Timestamp(9),
                unknown: UnknownFields::NONE,
            };
            Some(Box::new(StoredProof { value: value.into(), bound, unknown: UnknownFields::NONE }))
        };
        Secrets {
            panel: Some(("panel-token".into(), Timestamp(7))),
            access_urls: vec![(1, "https://first".into()), (2, "https://second".into())],
            agent_proof: proof("agent-proof", "agent:1"),
            customer_proof: proof("customer-proof", "customer:2"),
            draft: Some("too short ñ".into()),
            page: Some("https://desk.example.com/recover/page-token".into()),
            unknown: UnknownFields::NONE,
        }
    }

    fn keys(byte: u8) -> StoreKeys {
        StoreKeys::new(test_store_key(byte), Vec::new())
    }

    #[test]
    fn sealed_secrets_can_be_opened_for_their_session() {
        let sealed = seal_secrets(&keys(1), &id('a'), &secrets()).unwrap().unwrap();
        let opened = open_secrets(&keys(1), &id('a'), &sealed).unwrap();
        assert!(PlainSecrets::of(&opened) == PlainSecrets::of(&secrets()));
        let other = open_secrets(&keys(1), &id('b'), &sealed);
        assert!(matches!(other, Err(CannotOpen::Tampered)));
        let other = open_secrets(&keys(2), &id('a'), &sealed);
        assert!(matches!(other, Err(CannotOpen::UnknownKey)));
    }

    #[test]
    fn secrets_without_page_can_be_parsed() {
        let plain: PlainSecrets = serde_json::from_str(
            r#"{"panel":null,"access_urls":[],"agent_proof":null,"customer_proof":null,"draft":"x"}"#,
        )
        .unwrap();
        assert!(plain.page.is_none() && plain.draft.is_some());
    }

    #[test]
    fn unknown_fields_of_secrets_are_sealed_again() {
        let mut newer = serde_json::to_value(PlainSecrets::of(&secrets())).unwrap();
        for level in ["", "/agent_proof", "/customer_proof", "/customer_proof/bound"] {
            newer.pointer_mut(level).unwrap()["new"] = serde_json::json!({ "n": [1, null] });
        }
        let plain: PlainSecrets = serde_json::from_value(newer.clone()).unwrap();
        let sealed = seal_secrets(&keys(1), &id('a'), &plain.into_secrets()).unwrap().unwrap();
        let opened = PlainSecrets::of(&open_secrets(&keys(1), &id('a'), &sealed).unwrap());
        assert!(serde_json::to_value(opened).unwrap() == newer);
    }

    #[test]
    fn empty_secrets_are_not_sealed() {
        assert!(seal_secrets(&keys(1), &id('a'), &Secrets::default()).unwrap().is_none());
    }
}
