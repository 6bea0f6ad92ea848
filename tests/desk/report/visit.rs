//! The mail to the customer after a session that opened something.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::aws::Fault;
use sandbox::discord::Person;
use sandbox::mail::{Mail, MailKind};

use crate::store::Engine;
use crate::successor::verifies_successor;
use crate::world::World;

const JULIA: &str = "julia@example.com";

/// Returns the visit mails to an address.
pub fn visits(world: &World, address: &str) -> Vec<Mail> {
    let mails = world.sandbox.mail.for_address(address);
    mails.into_iter().filter(|mail| mail.kind == MailKind::SupportVisit).collect()
}

async fn opens(who: &Person, label: &str) {
    who.presses(label).await;
    who.sees().await;
}

#[tokio::test]
async fn customer_is_told_once_what_was_opened() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        opens(&ben, "Waizant Web").await;
        world.passes(minutes(2)).await;
        ben.sees().await;
        opens(&ben, "Waizant Store").await;
        assert!(visits(world, JULIA).is_empty(), "the session is open");
        ben.presses("Finish").await;
        ben.sees().await;
        let mails = visits(world, JULIA);
        let [mail] = mails.as_slice() else { panic!("{mails:?}") };
        let (text, link) = mail.text.split_once("\nhttp").unwrap();
        assert!(link.contains("/report/") && link.contains(".v."), "{link}");
        assert_snapshot!(format!("{}\n\n{text}", mail.subject), @"
        Soporte en su ecosistema

        Hola, Julia Peña:

        Ben Carter, del soporte de Waizant, le ayudó con el ecosistema «Casa Luz». Usted lo había confirmado con un código.

        El agente abrió: sus páginas en la web, 2026-01-05 10:00 UTC; su tienda, 2026-01-05 10:02 UTC.

        ¿No pidió esto? Díganoslo aquí. No se le pedirá ningún dato.
        ");
        world.passes(minutes(70)).await;
        assert_eq!(visits(world, JULIA).len(), 1);
        let notified = world.select("select details from events where kind = 'notified'").await;
        assert_eq!(notified, [Some(r#"{"outcome":"done","template":"support_visit"}"#.to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn session_without_a_link_mails_no_visit() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        let faults = world.sandbox.aws.faults();
        faults.next("cs-access", 1, &Fault::refuse("UNAVAILABLE"));
        opens(&ben, "Waizant Web").await;
        opens(&ben, "Finish").await;
        assert!(visits(world, JULIA).is_empty());
        // A mailed QR code is told, too.
        verifies_successor(world, &eva, None).await;
        opens(&eva, "Send QR").await;
        opens(&eva, "Finish").await;
        assert_eq!(visits(world, "sofia@example.com").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn visit_mail_survives_fault_and_crash() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        World::run_on(engine, &[], async |world| {
            let ben = world.person("ben");
            world.verifies(&ben, JULIA, "Casa Luz").await;
            opens(&ben, "Waizant App").await;
            let faults = world.sandbox.aws.faults();
            faults.next("cs-message", 1, &Fault::refuse("UNAVAILABLE"));
            opens(&ben, "Finish").await;
            assert!(visits(world, JULIA).is_empty());
            world.restarts().await;
            world.passes(minutes(2)).await;
            assert_eq!(visits(world, JULIA).len(), 1);
        })
        .await;
    }
}
