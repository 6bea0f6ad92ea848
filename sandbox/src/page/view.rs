//! `GET /_sandbox/state?person=ana`: the whole screen of a person.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use serde::{Deserialize, Serialize};

use super::commands::{self, CommandView};
use super::context::PageContext;
use super::files;
use super::problem::Problem;
use crate::discord::{CHANNELS, MessageView, ModalView, Person, Violation};
use crate::mail::Mail;
use crate::mail_outcome::MailOutcome;
use crate::seed::{
    self, AGENT_GROUP, AGENT_ROLE_ID, Hint, LEAD_GROUP, LEAD_ROLE_ID, StaffAccount, UserStatus,
    VERIFIER_GROUP,
};

/// The person of a page that names none.
const DEFAULT_PERSON: &str = "ben";

/// The person of such a page in a browser whose first language is Spanish.
const SPANISH_PERSON: &str = "ana";

/// The agent whose account is not linked at the start, unlike those of the ordinary agents.
const UNLINKED: &str = "olga";

/// The query of a request.
#[derive(Debug, Deserialize)]
pub(super) struct StateQuery {
    #[serde(default)]
    person: String,
}

/// The whole screen of a person.
#[derive(Debug, Serialize)]
pub(super) struct Screen {
    /// The bot's name.
    app: &'static str,
    person: PersonView,
    people: Vec<PersonView>,
    roles: Vec<RoleView>,
    channels: Vec<ChannelView>,
    commands: Vec<CommandView>,
    messages: Vec<MessageView>,
    modal: Option<ModalView>,
    /// Newest first.
    mails: Vec<MailView>,
    violations: Vec<Violation>,
    /// Keys of the bot's bodies that Discord does not know.
    unknown_keys: Vec<String>,
    /// The sandbox's time, in milliseconds since the epoch.
    now: i64,
    customers: Vec<CustomerView>,
}

#[derive(Debug, Serialize)]
struct PersonView {
    id: String,
    name: String,
    display: String,
    locale: String,
    roles: Vec<RoleView>,
    /// The id of the person's channel.
    channel: String,
    /// The address of the BackOffice account.
    email: Option<String>,
    /// A remark on the account.
    note: Option<Text>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct RoleView {
    #[serde(serialize_with = "as_text")]
    id: u64,
    kind: &'static str,
    name: &'static str,
}

#[derive(Debug, Serialize)]
struct ChannelView {
    #[serde(serialize_with = "as_text")]
    id: u64,
    name: &'static str,
    topic: Text,
}

#[derive(Debug, Serialize)]
struct MailView {
    id: u64,
    to: String,
    subject: String,
    text: String,
    /// The address of its HTML part. `None` if it has none.
    url: Option<String>,
    at: i64,
    code: Option<String>,
    /// The page can decide what becomes of it.
    decidable: bool,
    /// What became of it. `None`: nothing was reported.
    outcome: Option<&'static str>,
    attachments: Vec<FileView>,
}

#[derive(Debug, Serialize)]
struct FileView {
    name: String,
    url: String,
}

#[derive(Debug, Serialize)]
struct CustomerView {
    name: String,
    email: String,
    hint: Hint,
}

/// A text of the page in its two languages.
#[derive(Clone, Copy, Debug, Serialize)]
struct Text {
    en: &'static str,
    es: &'static str,
}

const ROLES: [RoleView; 2] = [
    RoleView { id: AGENT_ROLE_ID, kind: "agent", name: "Agent" },
    RoleView { id: LEAD_ROLE_ID, kind: "lead", name: "Lead" },
];

pub(super) async fn state(
    State(page): State<PageContext>,
    Query(query): Query<StateQuery>,
    headers: HeaderMap,
) -> Result<Json<Screen>, Problem> {
    let name = if query.person.is_empty() { default_person(&headers) } else { &query.person };
    let person = page.discord.find_person(name).ok_or_else(|| Problem::unknown_person(name))?;
    Ok(Json(screen(&page, &person)))
}

/// Returns the default person for the browser's first language, such as `es-MX` or `es`.
fn default_person(headers: &HeaderMap) -> &'static str {
    let languages = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = languages.and_then(|list| list.split([',', ';', '-']).next());
    if language.is_some_and(|language| language.trim().eq_ignore_ascii_case("es")) {
        SPANISH_PERSON
    } else {
        DEFAULT_PERSON
    }
}

fn screen(page: &PageContext, person: &Person) -> Screen {
    let mut mails = page.mail.all();
    mails.reverse();
    let people = page.seed.people.iter().filter_map(|each| page.discord.find_person(&each.name));
    Screen {
        app: "Support Desk",
        person: person_view(page, person),
        people: people.map(|person| person_view(page, &person)).collect(),
        roles: ROLES.to_vec(),
        channels: CHANNELS
            .iter()
            .map(|&(id, name)| ChannelView { id, name, topic: topic(id) })
            .collect(),
        commands: commands::list_commands(&page.discord.commands(), &person.profile().locale),
        messages: person.messages(),
        modal: person.modal(),
        mails: mails.into_iter().map(mail_view).collect(),
        violations: page.discord.violations(),
        unknown_keys: page.discord.unknown_keys(),
        now: page.discord.now(),
        customers: page.seed.customers.iter().map(customer_view).collect(),
    }
}

fn person_view(page: &PageContext, person: &Person) -> PersonView {
    let profile = person.profile();
    let account = page
        .seed
        .staff
        .iter()
        .find(|account| account.email.split('@').next() == Some(&profile.name));
    PersonView {
        id: profile.id.to_string(),
        roles: ROLES.into_iter().filter(|role| profile.roles.contains(&role.id)).collect(),
        channel: person.channel_id().to_string(),
        email: account.map(|account| account.email.clone()),
        note: account.and_then(|account| note(&profile.name, account)),
        name: profile.name,
        display: profile.display,
        locale: profile.locale,
    }
}

/// Returns a remark on a person's account, by its initial state.
fn note(name: &str, account: &StaffAccount) -> Option<Text> {
    if !account.enabled {
        return Some(Text { en: "account disabled", es: "cuenta desactivada" });
    }
    if account.status == UserStatus::ForceChangePassword {
        return Some(Text {
            en: "first password never replaced",
            es: "nunca cambió su primera contraseña",
        });
    }
    let is_in = |name: &str| account.groups.iter().any(|group| group == name);
    if is_in(VERIFIER_GROUP) {
        return Some(Text { en: "verify-only agent", es: "agente de solo verificación" });
    }
    if is_in(LEAD_GROUP) && !is_in(AGENT_GROUP) {
        return Some(Text { en: "lead, no agent", es: "responsable, no agente" });
    }
    if !is_in(AGENT_GROUP) {
        return Some(Text {
            en: "account is not in the agents' group",
            es: "la cuenta no está en el grupo de agentes",
        });
    }
    (name == UNLINKED).then_some(Text {
        en: "new agent: try /account link",
        es: "agente nueva: prueba /account link",
    })
}

fn topic(channel: u64) -> Text {
    match channel {
        seed::SUPPORT_CHANNEL_ID => Text {
            en: "Agents help customers here. Only you can see the bot's answers.",
            es: "Aquí los agentes ayudan a clientes. Solo tú ves las respuestas del bot.",
        },
        seed::LEADS_CHANNEL_ID => Text {
            en: "Alerts for the leads arrive here.",
            es: "Aquí llegan los avisos para los responsables.",
        },
        _ => Text {
            en: "A channel where the bot refuses to work.",
            es: "Un canal donde el bot se niega a trabajar.",
        },
    }
}

fn mail_view(mail: Mail) -> MailView {
    let id = mail.id;
    let file = |file: crate::mail::Attachment| FileView {
        url: files::attachment_url(id, file.name),
        name: file.name.to_owned(),
    };
    MailView {
        id,
        to: mail.to,
        subject: mail.subject,
        text: mail.text,
        url: (!mail.html.is_empty()).then(|| files::mail_url(id)),
        at: mail.at,
        code: mail.code,
        decidable: mail.tags.is_some(),
        outcome: mail.outcome.map(MailOutcome::name),
        attachments: mail.attachments.into_iter().map(file).collect(),
    }
}

fn customer_view(customer: &seed::Customer) -> CustomerView {
    CustomerView {
        name: customer.name.clone(),
        email: customer.email.clone(),
        hint: customer.hint.clone(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
fn as_text<S: serde::Serializer>(id: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(id)
}
