//! Copies, as the customer reads them.

use std::fs::File;
use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::Value;

use super::{JULIA, with_two_sessions};
use crate::installation::Installation;

/// Returns a copy without what changes from run to run.
async fn copy(place: &Installation, more: &str) -> String {
    let ended = place.start(&format!("customer export{more} < {JULIA}"), &[]).ends().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

/// Snapshot settings that replace times, ids and pseudonyms.
fn steadily() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "TIME");
    settings.add_filter(r"\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?", "TIME");
    settings.add_filter(r"C-[0-9A-Z]{6}", "C-······");
    settings.add_filter(r#""[0-9A-Z]{26}""#, "\"PSEUDONYM\"");
    settings.add_filter(r"\([A-Za-z0-9_-]{6}\)", "(······)");
    settings.add_filter(r#""reference": "[^"]*""#, "\"reference\": \"······\"");
    settings.add_filter(r#""until": \d+"#, "\"until\": TIME");
    settings.add_filter(r"\b\d{17,19}\b", "DISCORD-ID");
    settings
}

#[tokio::test]
async fn copy_is_written_in_english() {
    let place = with_two_sessions().await;
    let english = copy(&place, " --language en").await;
    steadily().bind(|| {
        assert_snapshot!(english, @"
        What the support desk of Waizant has stored about you

        Made: TIME
        Known since: TIME
        Reference: C-······
        2 support sessions are stored.
        Your name and your address are stored in masked form only.
        Your account at Waizant has the id usr-julia.

        Names, addresses, ecosystems, ticket numbers and reasons are kept for 365 days after the end of the quarter.
        Sessions are kept for 1095 days after they end.

        1. Technical Assistance, TIME (······)
          Helped by: a support agent
          You: J*** P***, j•••@e•••.com
          Your account: active
          Account since: TIME
          Language of mails to you: Spanish
          Ecosystems or successions to choose from: 3
          Ecosystem: Casa Luz
          Your role: owner
            TIME  A support agent looked you up.
            TIME  The agent began to help you.
            TIME  The agent chose Casa Luz.
            TIME  A code was mailed to the agent.
            TIME  The agent was verified.
            TIME  A code was mailed to you: j•••@e•••.com.
            TIME  Your code was entered: you agreed to be helped.
            TIME  The agent was given a link to Waizant Web, signed in as you.
            TIME  All access of the session was ended.
            TIME  A mail told you what was opened.
          Ended TIME: the agent finished it.
          Names and details are kept until TIME.
          The session is kept until TIME.

        2. Technical Assistance, TIME (······)
          Helped by: a support agent
          You: J*** P***, j•••@e•••.com
          Ticket number: ZD-1234
          Your account: active
          Account since: TIME
          Language of mails to you: Spanish
          Ecosystems or successions to choose from: 3
          Ecosystem: Casa Luz
          Your role: owner
            TIME  A support agent looked you up.
            TIME  The agent began to help you.
            TIME  The agent chose Casa Luz.
            TIME  A code was mailed to the agent.
          Ended TIME: the agent cancelled it.
          Reason that the agent wrote, masked: The customer was cut off at Atocha
          Names and details are kept until TIME.
          The session is kept until TIME.

        Counted for your protection:
          Codes mailed to you: 1, the last one TIME.
        ");
    });
    let verified = place.start("trail verify", &[]).ends().await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[tokio::test]
async fn copy_is_written_in_spanish() {
    let place = with_two_sessions().await;
    let spanish = copy(&place, " --language es").await;
    // Julia's language in Core is Spanish.
    let named = copy(&place, " --with-agents").await;
    let agents: Vec<_> = named.lines().filter(|line| line.contains("Te atendió")).collect();
    steadily().bind(|| {
        assert_snapshot!(spanish, @"
        Lo que el soporte de Waizant guarda sobre ti

        Fecha: TIME
        Te conocemos desde: TIME
        Referencia: C-······
        Se guardan 2 sesiones de soporte.
        Tu nombre y tu dirección solo se guardan enmascarados.
        Tu cuenta en Waizant tiene el identificador usr-julia.

        Los nombres, direcciones, ecosistemas, números de ticket y motivos se guardan 365 días desde el final del trimestre.
        Las sesiones se guardan 1095 días desde que terminan.

        1. Asistencia Técnica, TIME (······)
          Te atendió: un agente de soporte
          Tú: J*** P***, j•••@e•••.com
          Tu cuenta: activa
          Cuenta desde: TIME
          Idioma de los correos que recibes: español
          Ecosistemas o sucesiones para elegir: 3
          Ecosistema: Casa Luz
          Tu rol: propietario
            TIME  Un agente de soporte te buscó.
            TIME  El agente empezó a atenderte.
            TIME  El agente eligió Casa Luz.
            TIME  Se envió un código por correo al agente.
            TIME  El agente quedó verificado.
            TIME  Se te envió un código por correo: j•••@e•••.com.
            TIME  Se introdujo tu código: aceptaste que te atendieran.
            TIME  El agente recibió un enlace a Waizant Web con tu acceso.
            TIME  Se terminó todo el acceso de la sesión.
            TIME  Un correo te dijo qué se abrió.
          Terminó TIME: el agente la finalizó.
          Los nombres y detalles se guardan hasta el TIME.
          La sesión se guarda hasta el TIME.

        2. Asistencia Técnica, TIME (······)
          Te atendió: un agente de soporte
          Tú: J*** P***, j•••@e•••.com
          Número de ticket: ZD-1234
          Tu cuenta: activa
          Cuenta desde: TIME
          Idioma de los correos que recibes: español
          Ecosistemas o sucesiones para elegir: 3
          Ecosistema: Casa Luz
          Tu rol: propietario
            TIME  Un agente de soporte te buscó.
            TIME  El agente empezó a atenderte.
            TIME  El agente eligió Casa Luz.
            TIME  Se envió un código por correo al agente.
          Terminó TIME: el agente la canceló.
          Motivo que escribió el agente, enmascarado: The customer was cut off at Atocha
          Los nombres y detalles se guardan hasta el TIME.
          La sesión se guarda hasta el TIME.

        Se cuenta para protegerte:
          Códigos que se te enviaron: 1, el último el TIME.
        ");
        assert_snapshot!(agents.join("\n"), @"
        Te atendió: Ben Carter (Discord DISCORD-ID)
        Te atendió: Ben Carter (Discord DISCORD-ID)
        ");
    });
}

#[tokio::test]
async fn json_copy_names_agents_on_request() {
    let place = with_two_sessions().await;
    let json = copy(&place, " --format json").await;
    assert!(!json.contains("Ben") && !json.contains("discord"), "{json}");
    let named = copy(&place, " --format json --with-agents").await;
    assert!(named.contains(r#""discord_id""#) && named.contains(r#""name": "Ben"#), "{named}");
}

/// Returns a copy without the first of two sessions, because the second is enough for a snapshot.
fn without_first_session(json: &str) -> String {
    let mut copy: Value = serde_json::from_str(json).unwrap();
    let sessions = copy["sessions"].as_array_mut().unwrap();
    assert_eq!(sessions.len(), 2);
    sessions.remove(0);
    serde_json::to_string_pretty(&copy).unwrap()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "the snapshot is long")]
async fn json_copy_has_every_event() {
    let place = with_two_sessions().await;
    let pretty = without_first_session(&copy(&place, " --format json").await);
    steadily().bind(|| {
        assert_snapshot!(pretty, @r#"
        {
          "core_id": "usr-julia",
          "known_since": "TIME",
          "language": "es",
          "limits": [
            {
              "kind": "sends",
              "times": [
                "TIME"
              ]
            }
          ],
          "lockouts": [],
          "made_at": "TIME",
          "other_events": [],
          "pseudonyms": [
            "PSEUDONYM"
          ],
          "retention": {
            "details_days": 365,
            "older_sessions_removed": false,
            "session_days": 1095
          },
          "sessions": [
            {
              "account_language": "es",
              "account_since": "TIME",
              "account_status": "active",
              "address": "j•••@e•••.com",
              "agent": "support_agent",
              "cancel_reason": "The customer was cut off at Atocha",
              "choices": 3,
              "closed_at": "TIME",
              "code_to": null,
              "core_id": "usr-julia",
              "details_erased": false,
              "details_kept_until": "TIME",
              "ecosystem": "eco-casa-luz",
              "ecosystem_name": "Casa Luz",
              "events": [
                {
                  "about": {
                    "ticket": "ZD-1234"
                  },
                  "at": "TIME",
                  "by": "support_agent",
                  "details": {
                    "colleague": false,
                    "found": true,
                    "kind": "technical"
                  },
                  "kind": "looked_up"
                },
                {
                  "at": "TIME",
                  "by": "support_agent",
                  "kind": "started"
                },
                {
                  "about": {
                    "ecosystem": "eco-casa-luz"
                  },
                  "at": "TIME",
                  "by": "support_agent",
                  "details": {
                    "role": "owner"
                  },
                  "kind": "ecosystem_chosen"
                },
                {
                  "at": "TIME",
                  "by": "support_agent",
                  "details": {
                    "nth": 1,
                    "purpose": "agent_mfa"
                  },
                  "kind": "code_asked"
                },
                {
                  "at": "TIME",
                  "by": "support_agent",
                  "details": {
                    "nth": 1,
                    "purpose": "agent_mfa"
                  },
                  "kind": "code_sent"
                },
                {
                  "about": {
                    "reason": "The customer was cut off at Atocha"
                  },
                  "at": "TIME",
                  "by": "support_agent",
                  "details": {
                    "stage": "proving_agent",
                    "why": "cancelled"
                  },
                  "kind": "closed"
                }
              ],
              "kept_until": "TIME",
              "kind": "technical",
              "name": "J*** P***",
              "opened_at": "TIME",
              "outcome": "cancelled",
              "reference": "······",
              "role": "owner",
              "succession": null,
              "ticket": "ZD-1234"
            }
          ],
          "unverified_rows": 0
        }
        "#);
    });
}

#[tokio::test]
async fn copy_without_a_reader_is_recorded_and_fails() {
    let place = with_two_sessions().await;
    let command = format!("customer export < {JULIA}");
    let full = Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let ended = place.start_into(&command, full).ends().await;
    assert_snapshot!(ended.sentence().trim_end(), @"support-desk: the copy was not written to its end: No space left on device (os error 28)");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = place.start_into(&command, writer.into()).ends().await;
    assert_snapshot!(ended.sentence().trim_end(), @"support-desk: the copy was not written to its end: Broken pipe (os error 32)");
    let export = place.start("trail export", &[]).ends().await.stdout;
    assert_eq!(export.matches(r#""kind":"customer_exported""#).count(), 2, "{export}");
    let unknown = place.start("customer export < nobody@example.com", &[]).ends().await;
    assert_eq!(unknown.code, Some(1));
}
