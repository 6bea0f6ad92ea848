//! The sentence and the link in each mail.

use insta::assert_snapshot;
use sandbox::mail::{Mail, MailKind};

use crate::recover::visit::NEW;
use crate::world::World;

const OLGA: &str = "olga@waizant.example";

/// Returns the last part of the link in a mail.
fn link_of(mail: &Mail) -> Option<&str> {
    let (_, rest) = mail.text.split_once("/report/")?;
    assert!(mail.html.contains(&format!("/report/{rest}\"")), "{}", mail.html);
    Some(rest)
}

#[tokio::test]
async fn each_mail_has_a_link_of_its_own() {
    World::run(async |world| {
        let (ben, olga, eva) = (world.person("ben"), world.person("olga"), world.person("eva"));
        olga.types(&format!("/account link email:{OLGA}")).await;
        olga.sees().await;
        olga.presses("Enter code").await;
        olga.submits([world.code_for(OLGA).as_str()]).await;
        olga.sees().await;
        let visit = world.recovers(&eva).await;
        world.saves(&visit, &world.code_for("eva@waizant.example"), NEW, NEW).await;
        eva.sees().await;
        world.verifies(&ben, "julia@example.com", "Casa Luz").await;
        let mails = world.sandbox.mail.all();
        let letters: Vec<_> = mails
            .iter()
            .filter_map(|mail| {
                let mut parts = link_of(mail)?.split('.');
                let (_, letter, mac) = (parts.next(), parts.next()?, parts.next()?);
                assert_eq!(mac.len(), 43, "256 bits");
                Some((mail.kind, letter))
            })
            .collect();
        assert_eq!(
            letters,
            [
                (MailKind::LinkCode, "l"),
                (MailKind::AccountLinked, "n"),
                (MailKind::PasswordChanged, "n"),
                (MailKind::AgentCode, "a"),
                (MailKind::CustomerCode, "c"),
            ]
        );
        let newest = mails.last().unwrap();
        let text = newest.text.replace(link_of(newest).unwrap(), "…");
        let text = text.replace(world.public_url(), "https://desk.example.com/");
        let text = text.replace(newest.code.as_ref().unwrap(), "123456");
        assert_snapshot!(text, @"
        Hola, Julia Peña:

        Ben Carter, del soporte de Waizant, le está ayudando con el ecosistema «Casa Luz» y pide su consentimiento para actuar en él. Su código:

            123456

        Si ahora mismo está hablando con Ben Carter, lea este código en voz alta: así confirma que acepta la asistencia. Vale 10 minutos y una sola vez. Si no está hablando con el soporte de Waizant, no lo comparta.

        ¿No pidió esto? Díganoslo aquí. No se le pedirá ningún dato.
        https://desk.example.com/report/…
        ");
    })
    .await;
}

#[tokio::test]
async fn mail_without_pages_says_whom_to_call() {
    World::run_with(&[("PUBLIC_URL", "")], async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, "julia@example.com", "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;
        let mails = world.sandbox.mail.all();
        let last: Vec<_> = mails.iter().map(|mail| mail.text.lines().last().unwrap()).collect();
        assert_eq!(
            last,
            ["Did you not ask for this? Tell your lead.", "¿No pidió esto? Llame a Waizant."]
        );
        assert!(mails.iter().all(|mail| link_of(mail).is_none()));
    })
    .await;
}
