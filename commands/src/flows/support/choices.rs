//! The choice of an ecosystem or succession: options of the menu, and the name of the chosen one.

use std::collections::HashMap;

use crate::model::customer::{Case, CaseSubject, CustomerRecord, Role};
use crate::model::words::{Locale, SupportKind};
use crate::say;
use crate::screens::screen::{Choice, MAX_LABEL, clip, escape};
use crate::screens::widgets::ecosystem_name;

/// Characters of an id that tell equal options apart. With a role they fit an option.
const SHORT_ID: usize = 36;

/// Returns the options of the menu: id, name, and the customer's role. Options that look the same
/// also name their id.
pub(crate) fn options(kind: SupportKind, record: &CustomerRecord, locale: Locale) -> Vec<Choice> {
    let choices = plain_options(kind, record, locale);
    let mut looks: HashMap<(&str, &str), usize> = HashMap::new();
    for choice in &choices {
        *looks.entry((&choice.label, &choice.description)).or_default() += 1;
    }
    let description = |choice: &Choice| {
        let Choice { value, label, description } = choice;
        let is_unique = looks.get(&(label.as_str(), description.as_str())) == Some(&1);
        if is_unique {
            description.clone()
        } else {
            format!("{description} · {}", short_id(value))
        }
    };
    let descriptions: Vec<String> = choices.iter().map(description).collect();
    let described = choices.into_iter().zip(descriptions);
    described.map(|(choice, description)| Choice { description, ..choice }).collect()
}

fn plain_options(kind: SupportKind, record: &CustomerRecord, locale: Locale) -> Vec<Choice> {
    let choice = |id: &str, name: &str, role: String| Choice {
        value: id.to_owned(),
        label: clip(name, MAX_LABEL),
        description: clip(&role, MAX_LABEL),
    };
    match kind {
        SupportKind::Technical => {
            let ecosystems = record.ecosystems.iter();
            let role = |role| role_name(&CaseSubject::Membership(role), locale);
            ecosystems.map(|own| choice(&own.id, &own.name, role(own.role))).collect()
        }
        SupportKind::Successor => {
            let successions = record.successions.iter();
            let role = || say!(locale, "role-successor");
            successions.map(|own| choice(&own.id, &own.ecosystem_name, role())).collect()
        }
    }
}

/// Returns the ecosystem's name if there is only one to choose.
pub(crate) fn only_name(kind: SupportKind, record: &CustomerRecord) -> Option<&str> {
    match (kind, record.ecosystems.as_slice(), record.successions.as_slice()) {
        (SupportKind::Technical, [only], _) => Some(&only.name),
        (SupportKind::Successor, _, [only]) => Some(&only.ecosystem_name),
        _ => None,
    }
}

/// Returns the name of the chosen ecosystem, with its id if another choice has the same name.
/// Escaped.
pub(crate) fn chosen_name(case: &Case, record: Option<&CustomerRecord>) -> String {
    let name = ecosystem_name(&case.ecosystem_name);
    let (id, names): (_, Vec<&str>) = match (&case.subject, record) {
        (_, None) => return name,
        (CaseSubject::Membership(_), Some(record)) => {
            (&case.ecosystem, record.ecosystems.iter().map(|own| own.name.as_str()).collect())
        }
        (CaseSubject::Succession(id), Some(record)) => {
            (id, record.successions.iter().map(|own| own.ecosystem_name.as_str()).collect())
        }
    };
    let equal = names.into_iter().filter(|other| ecosystem_name(other) == name).count();
    if equal > 1 { format!("{name} · {}", escape(&short_id(id))) } else { name }
}

pub(crate) fn role_name(subject: &CaseSubject, locale: Locale) -> String {
    match subject {
        CaseSubject::Membership(Role::Owner) => say!(locale, "role-owner"),
        CaseSubject::Membership(Role::Member) => say!(locale, "role-member"),
        CaseSubject::Succession(_) => say!(locale, "role-successor"),
    }
}

/// Returns the end of an id of Core, which differs more often than its beginning.
fn short_id(id: &str) -> String {
    let skipped = id.chars().count().saturating_sub(SHORT_ID);
    let end: String = id.chars().skip(skipped).collect();
    if skipped == 0 { end } else { format!("…{end}") }
}
