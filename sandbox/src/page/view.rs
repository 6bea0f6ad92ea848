//! `GET /_sandbox/state?person=ana`: everything that is on that person's screen, and around it.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::act::Problem;
use super::commands::{self, CommandView};
use super::{Page, files};
use crate::cast::{self, AGENT_GROUP, AGENT_ROLE_ID, Hint, LEAD_ROLE_ID, StaffAccount, UserStatus};
use crate::discord::{CHANNELS, MessageView, ModalView, Person, Violation};
use crate::mail::Mail;

/// Whom a page shows that names nobody.
const FIRST: &str = "ana";

/// Has an account that no Discord account is linked to at the start; the ordinary agents are linked
/// by then.
const UNLINKED: &str = "olga";

/// Who is looking.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    person: String,
}

/// The whole screen.
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
    /// The newest first.
    mails: Vec<MailView>,
    violations: Vec<Violation>,
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
    /// The channel in front of the person.
    channel: String,
    /// The address of the BackOffice account.
    email: Option<String>,
    /// What is special about the account.
    note: Option<Both>,
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
    topic: Both,
}

#[derive(Debug, Serialize)]
struct MailView {
    id: u64,
    to: String,
    subject: String,
    text: String,
    /// Where its HTML part is; `None` when it has none.
    url: Option<String>,
    at: i64,
    code: Option<String>,
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

/// A sentence of the page's own, in its two languages.
#[derive(Clone, Copy, Debug, Serialize)]
struct Both {
    en: &'static str,
    es: &'static str,
}

const ROLES: [RoleView; 2] = [
    RoleView { id: AGENT_ROLE_ID, kind: "agent", name: "Agent" },
    RoleView { id: LEAD_ROLE_ID, kind: "lead", name: "Lead" },
];

pub(super) async fn state(
    State(page): State<Page>,
    Query(asked): Query<Asked>,
) -> Result<Json<Screen>, Problem> {
    let name = if asked.person.is_empty() { FIRST } else { &asked.person };
    let person = page.discord.find_person(name).ok_or_else(|| Problem::nobody(name))?;
    Ok(Json(screen(&page, &person)))
}

fn screen(page: &Page, person: &Person) -> Screen {
    let mut mails = page.mail.all();
    mails.reverse();
    let people = page.cast.people.iter().filter_map(|each| page.discord.find_person(&each.name));
    Screen {
        app: "Support Desk",
        person: person_view(page, person),
        people: people.map(|person| person_view(page, &person)).collect(),
        roles: ROLES.to_vec(),
        channels: CHANNELS
            .iter()
            .map(|&(id, name)| ChannelView { id, name, topic: topic(id) })
            .collect(),
        commands: commands::listed(&page.discord.commands(), &person.profile().locale),
        messages: person.messages(),
        modal: person.modal(),
        mails: mails.into_iter().map(mail_view).collect(),
        violations: page.discord.violations(),
        now: page.discord.now(),
        customers: page.cast.customers.iter().map(customer_view).collect(),
    }
}

fn person_view(page: &Page, person: &Person) -> PersonView {
    let profile = person.profile();
    let account = page
        .cast
        .staff
        .iter()
        .find(|account| account.email.split('@').next() == Some(&profile.name));
    PersonView {
        id: profile.id.to_string(),
        roles: ROLES.into_iter().filter(|role| profile.roles.contains(&role.id)).collect(),
        channel: person.place().to_string(),
        email: account.map(|account| account.email.clone()),
        note: account.and_then(|account| note(&profile.name, account)),
        name: profile.name,
        display: profile.display,
        locale: profile.locale,
    }
}

/// What is special about a person's account, as it was at the start.
fn note(name: &str, account: &StaffAccount) -> Option<Both> {
    if !account.enabled {
        return Some(Both { en: "account disabled", es: "cuenta desactivada" });
    }
    if account.status == UserStatus::ForceChangePassword {
        return Some(Both {
            en: "first password never set",
            es: "nunca puso su primera contraseña",
        });
    }
    if !account.groups.iter().any(|group| group == AGENT_GROUP) {
        return Some(Both {
            en: "account is not in the agents' group",
            es: "la cuenta no está en el grupo de agentes",
        });
    }
    (name == UNLINKED).then_some(Both {
        en: "not linked yet: /account link",
        es: "aún sin vincular: /account link",
    })
}

fn topic(channel: u64) -> Both {
    match channel {
        cast::SUPPORT_CHANNEL_ID => Both {
            en: "Agents help customers here. What the bot answers, only you can see.",
            es: "Aquí los agentes ayudan a clientes. Lo que responde el bot solo lo ves tú.",
        },
        cast::LEADS_CHANNEL_ID => Both {
            en: "Alerts arrive here, and leads use /desk here.",
            es: "Aquí llegan los avisos y aquí se usa /desk.",
        },
        _ => Both {
            en: "A channel where the bot refuses to work.",
            es: "Un canal donde el bot se niega a trabajar.",
        },
    }
}

fn mail_view(mail: Mail) -> MailView {
    let id = mail.id;
    let file = |file: crate::mail::Attachment| FileView {
        url: files::attachment_url(id, &file.name),
        name: file.name,
    };
    MailView {
        id,
        to: mail.to,
        subject: mail.subject,
        text: mail.text,
        url: (!mail.html.is_empty()).then(|| files::mail_url(id)),
        at: mail.at,
        code: mail.code,
        attachments: mail.attachments.into_iter().map(file).collect(),
    }
}

fn customer_view(customer: &cast::Customer) -> CustomerView {
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
