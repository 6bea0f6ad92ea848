//! The mail of a code on the panel: the text of each state, and Resend.

use commands::model::delivery::{BounceReason, LATE_AFTER, MailState};
use commands::model::event::Event;
use commands::model::refusal::Refusal;
use commands::model::time::minutes;
use commands::model::verification::RESEND_WAIT;
use commands::model::words::{Locale, Purpose};

use crate::deliveries::{report, told};
use crate::screen_text::screen_text;
use crate::session_driver::SessionDriver;

const REASONS: [BounceReason; 4] = [
    BounceReason::NoSuchMailbox,
    BounceReason::MailboxFull,
    BounceReason::Blocked,
    BounceReason::Other,
];

fn bounced(driver: &mut SessionDriver, purpose: Purpose, reason: BounceReason) {
    let mut report = report(driver, purpose, MailState::Bounced);
    report.status.reason = Some(reason);
    driver.apply(Event::Delivery(report));
}

/// Returns the lines of a panel that are about the code.
fn about_the_code(driver: &SessionDriver) -> String {
    let screen = screen_text(&driver.panel(None));
    let footers = ["Technical Assistance ·", "Asistencia Técnica ·"];
    let is_footer = |line: &str| footers.iter().any(|footer| line.contains(footer));
    let lines = screen.lines().skip(1).filter(|line| !is_footer(line));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_state_of_the_customers_mail_is_shown() {
    let mut lines = Vec::new();
    for locale in [Locale::En, Locale::Es] {
        let mut driver = SessionDriver::proving_customer();
        driver.session.locale = locale;
        driver.skip(LATE_AFTER);
        lines.push(about_the_code(&driver));
        for state in [MailState::Delayed, MailState::Delivered, MailState::Complained] {
            told(&mut driver, state);
            lines.push(format!("— {state:?}\n{}", about_the_code(&driver)));
        }
        for reason in REASONS {
            let mut driver = driver.clone();
            bounced(&mut driver, Purpose::CustomerConsent, reason);
            lines.push(format!("— {reason:?}\n{}", about_the_code(&driver)));
        }
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    Ask the customer to read out the code that was mailed to b•••\@w•••.example, good until <t:1786000600:t>.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend] [Cancel]
    — Delayed
    Ask the customer to read out the code that was mailed to b•••\@w•••.example, good until <t:1786000600:t>.
    ⏳ Still on its way after a minute. Ask them to look into spam. A new code can be sent now.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend] [Cancel]
    — Delivered
    Ask the customer to read out the code that was mailed to b•••\@w•••.example, good until <t:1786000600:t>. The mail server took it at <t:1786000060:t>.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend] [Cancel]
    — Complained
    Ask the customer to read out the code that was mailed to b•••\@w•••.example, good until <t:1786000600:t>. The mail server took it.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend] [Cancel]
    — NoSuchMailbox
    📭 The mailbox b•••\@w•••.example does not take the code (no such mailbox). Do not take another address from the caller: an address is changed through Waizant's own process only.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend (off)] [Cancel]
    — MailboxFull
    📭 The mailbox b•••\@w•••.example does not take the code (mailbox full). Do not take another address from the caller: an address is changed through Waizant's own process only.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend] [Cancel]
    — Blocked
    📭 The mailbox b•••\@w•••.example does not take the code (blocked). Do not take another address from the caller: an address is changed through Waizant's own process only.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend] [Cancel]
    — Other
    📭 The mailbox b•••\@w•••.example does not take the code (reason unknown). Do not take another address from the caller: an address is changed through Waizant's own process only.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend] [Cancel]
    Pide al cliente que te lea el código enviado a b•••\@w•••.example, válido hasta las <t:1786000600:t>.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar] [Cancelar]
    — Delayed
    Pide al cliente que te lea el código enviado a b•••\@w•••.example, válido hasta las <t:1786000600:t>.
    ⏳ Sigue en camino después de un minuto. Pide al cliente que mire en el correo no deseado. Ya se puede enviar un código nuevo.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar] [Cancelar]
    — Delivered
    Pide al cliente que te lea el código enviado a b•••\@w•••.example, válido hasta las <t:1786000600:t>. El servidor de correo lo recibió a las <t:1786000060:t>.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar] [Cancelar]
    — Complained
    Pide al cliente que te lea el código enviado a b•••\@w•••.example, válido hasta las <t:1786000600:t>. El servidor de correo lo recibió.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar] [Cancelar]
    — NoSuchMailbox
    📭 El buzón b•••\@w•••.example no acepta el código (no existe). No aceptes otra dirección de quien llama: una dirección solo se cambia con el proceso propio de Waizant.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar (off)] [Cancelar]
    — MailboxFull
    📭 El buzón b•••\@w•••.example no acepta el código (está lleno). No aceptes otra dirección de quien llama: una dirección solo se cambia con el proceso propio de Waizant.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar] [Cancelar]
    — Blocked
    📭 El buzón b•••\@w•••.example no acepta el código (bloqueado). No aceptes otra dirección de quien llama: una dirección solo se cambia con el proceso propio de Waizant.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar] [Cancelar]
    — Other
    📭 El buzón b•••\@w•••.example no acepta el código (motivo desconocido). No aceptes otra dirección de quien llama: una dirección solo se cambia con el proceso propio de Waizant.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar] [Cancelar]
    ");
}

#[test]
fn agents_own_mail_has_its_own_texts() {
    let mut lines = Vec::new();
    for locale in [Locale::En, Locale::Es] {
        let mut driver = SessionDriver::proving_agent();
        driver.session.locale = locale;
        driver.skip(LATE_AFTER);
        let late = report(&driver, Purpose::AgentMfa, MailState::Accepted);
        driver.apply(Event::Delivery(late));
        lines.push(about_the_code(&driver));
        bounced(&mut driver, Purpose::AgentMfa, BounceReason::MailboxFull);
        lines.push(about_the_code(&driver));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    Enter the code that was mailed to **you** at b•••\@w•••.example, good until <t:1786000600:t>.
    ⏳ Still on its way after a minute. Look into your spam folder. A new code can be sent now.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend] [Cancel]
    [Change ecosystem]
    📭 Your mailbox b•••\@w•••.example does not take the code (mailbox full). Contact an administrator.
    J\*\*\* P\*\*\* · Casa Luz · owner
    [Enter code] [Resend] [Cancel]
    [Change ecosystem]
    Escribe el código enviado **a tu correo**, b•••\@w•••.example, válido hasta las <t:1786000600:t>.
    ⏳ Sigue en camino después de un minuto. Mira en tu correo no deseado. Ya se puede enviar un código nuevo.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar] [Cancelar]
    [Cambiar ecosistema]
    📭 Tu buzón b•••\@w•••.example no acepta el código (está lleno). Habla con un administrador.
    J\*\*\* P\*\*\* · Casa Luz · propietario
    [Escribir código] [Reenviar] [Cancelar]
    [Cambiar ecosistema]
    ");
}

#[test]
fn missing_mailbox_turns_resend_off() {
    for (mut driver, purpose) in [
        (SessionDriver::proving_agent(), Purpose::AgentMfa),
        (SessionDriver::proving_customer(), Purpose::CustomerConsent),
    ] {
        driver.skip(RESEND_WAIT);
        for reason in REASONS {
            let mut driver = driver.clone();
            bounced(&mut driver, purpose, reason);
            let is_missing = reason == BounceReason::NoSuchMailbox;
            let screen = screen_text(&driver.panel(None));
            assert_eq!(screen.contains("[Resend (off)]"), is_missing, "{screen}");
            assert!(!screen.contains("[Enter code (off)]"), "it may have arrived: {screen}");
            let refusal = driver.click(Event::Resend).refusal;
            assert_eq!(refusal, is_missing.then_some(Refusal::NoSuchMailbox));
        }
        bounced(&mut driver, purpose, BounceReason::NoSuchMailbox);
        driver.skip(minutes(10));
        let screen = screen_text(&driver.panel(None));
        assert!(screen.contains("no such mailbox") && !screen.contains("Press Resend"), "{screen}");
    }
}
