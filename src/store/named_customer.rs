//! The customer whom an event names in its details, such as that of an erasure.

use commands::model::pseudonym::Pseudonym;
use serde_json::Value;

use crate::trail::event::Event;

/// Subject of a lockout or a request.
const SUBJECT: &str = "customer:";

/// Returns the customer whom details name. An erased customer keeps the pseudonym.
pub(super) fn customer_in(details: &Value) -> Option<Pseudonym> {
    let subject = || details["subject"].as_str()?.strip_prefix(SUBJECT);
    details["customer"].as_str().or_else(subject)?.parse().ok()
}

/// Returns the customer for the column of an event, by whom leads search it. `None` if the event's
/// session or its sealed details lead to the customer.
pub(super) fn customer_column(event: &Event) -> Option<Pseudonym> {
    let has_other_way = event.session.is_some() || event.about.is_some();
    // Most events name nobody, and parsing takes longer than this look.
    if has_other_way || !event.details.contains("\"customer") {
        return None;
    }
    customer_in(&serde_json::from_str(&event.details).ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const JULIA: &str = "4FQ2MN0000000000000000000W";

    fn event(details: &Value) -> Event {
        Event {
            chain: "operator".to_owned(),
            seq: 1,
            at: 0,
            actor: "operator".to_owned(),
            session: None,
            kind: "customer_erased".to_owned(),
            details: details.to_string(),
            about: None,
            key: "k".to_owned(),
        }
    }

    #[test]
    fn customer_is_named_by_pseudonym_or_as_a_subject() {
        let named = |details| customer_column(&event(&details)).map(|it| it.to_string());
        let julia = Some(JULIA.to_owned());
        assert_eq!(named(json!({ "customer": JULIA, "sessions": 2 })), julia);
        assert_eq!(named(json!({ "subject": format!("customer:{JULIA}") })), julia);
        for nobody in [
            json!({ "subject": "agent:sub" }),
            json!({ "subject": JULIA }),
            json!({ "customer": "usr-julia" }),
            json!({ "view": "customer", "found": false }),
            json!({ "reason": format!("customer:{JULIA}") }),
        ] {
            assert_eq!(named(nobody.clone()), None, "{nobody}");
        }
    }

    #[test]
    fn event_with_another_way_to_its_customer_has_no_column() {
        let named = event(&json!({ "customer": JULIA }));
        let of_session = Event { session: Some("s".to_owned()), ..named.clone() };
        let sealed = Event { about: Some(format!("{JULIA}.2026Q1.x")), ..named };
        assert_eq!(customer_column(&of_session), None);
        assert_eq!(customer_column(&sealed), None);
    }
}
