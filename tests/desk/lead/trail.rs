//! `/desk trail`: what a lead reads, its filters, and the verification of one session.

use std::time::Duration;

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::LEADS_CHANNEL_ID;

use crate::lead::{JULIA, desk_events, ids, looks_up, newest, opens_card};
use crate::world::World;

/// Returns the number of views that leads have opened.
pub(super) async fn views(world: &World) -> usize {
    let events = desk_events(world).await;
    events.iter().filter(|event| event.starts_with("desk_read")).count()
}

/// Returns the lines of events that a view shows.
fn lines(seen: &str) -> Vec<&str> {
    seen.lines().filter(|line| line.contains(" UTC · ")).collect()
}

/// Returns a view without the id of the newest session.
async fn without_id(world: &World, seen: &str) -> String {
    seen.replace(&newest(world).await, "······")
}

/// Verifies an agent and a customer with a ticket number, and opens an access link.
async fn works(world: &World, who: &Person) {
    world.proves_agent(who, &format!("{JULIA} ticket:ZD-7"), "Casa Luz").await;
    who.presses("Send code").await;
    world.clock.advance(Duration::from_secs(8));
    who.presses("Enter code").await;
    who.submits([world.wrong_code_for(JULIA).as_str()]).await;
    who.presses("Enter code").await;
    who.submits([world.code_for(JULIA).as_str()]).await;
    world.clock.advance(Duration::from_secs(1));
    who.presses("See plan details").await;
    who.presses("Back").await;
    world.clock.advance(Duration::from_secs(1));
    who.presses("Waizant Web").await;
    who.sees().await;
}

async fn cancels(who: &Person, reason: &str) {
    who.presses("Cancel").await;
    who.submits([reason]).await;
    who.sees().await;
}

#[tokio::test]
async fn lead_reads_and_verifies_a_session() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        works(world, &ben).await;
        leo.moves_to(LEADS_CHANNEL_ID);
        assert!(opens_card(world, &leo).await.contains("[Take over] [Trail] [Agent] [Back]"));
        leo.presses("Trail").await;
        assert_snapshot!(without_id(world, &leo.sees().await).await, @"
        Trail · session ······ · ZD-7 · 16 events
        Customer C-······

        10:00:00 UTC · <@1200000000000000101> · looked up, found
        10:00:00 UTC · <@1200000000000000101> · started
        10:00:00 UTC · <@1200000000000000101> · ecosystem chosen: Casa Luz
        10:00:00 UTC · <@1200000000000000101> · agent's code requested
        10:00:00 UTC · <@1200000000000000101> · agent's code mailed
        10:00:00 UTC · <@1200000000000000101> · agent's code typed
        10:00:00 UTC · <@1200000000000000101> · agent's code right
        10:00:00 UTC · <@1200000000000000101> · customer's code requested
        10:00:00 UTC · <@1200000000000000101> · customer's code mailed
        10:00:08 UTC · <@1200000000000000101> · customer's code typed

        Page 1 of 2 · times in your time zone
        [Older (off)] [Newer] [As a file] [Verify this] [Back]
        ");
        assert_eq!(views(world).await, 3);
        leo.presses("Newer").await;
        assert_snapshot!(without_id(world, &leo.sees().await).await, @"
        Trail · session ······ · ZD-7 · 16 events
        Customer C-······

        10:00:08 UTC · <@1200000000000000101> · customer's code wrong
        10:00:08 UTC · <@1200000000000000101> · customer's code typed
        10:00:08 UTC · <@1200000000000000101> · customer's code right
        10:00:09 UTC · <@1200000000000000101> · plan shown: Casa Luz
        10:00:10 UTC · <@1200000000000000101> · access link requested: Web
        10:00:10 UTC · <@1200000000000000101> · access link issued: Web

        Page 2 of 2 · times in your time zone
        [Older] [Newer (off)] [As a file] [Verify this] [Back]
        ");
        assert_eq!(views(world).await, 3, "a page is no view");
        leo.presses("Verify this").await;
        assert_snapshot!(without_id(world, &leo.sees().await).await, @"
        Chain of session ······
        15 events, none changed, removed or moved.

        Checked 2026-01-05 10:00 UTC. What the agent was shown after the verification is in the agent's own chain.
        ");
        // A closed session keeps its trail, with the masked reason.
        cancels(&ben, "the caller was not julia@example.com").await;
        leo.locale("es-ES");
        leo.types(&format!("/mesa registro sesion:{}", newest(world).await)).await;
        leo.sees().await;
        leo.presses("Posteriores").await;
        assert_snapshot!(without_id(world, &leo.sees().await).await, @r"
        Registro · sesión ······ · ZD-7 · 20 eventos
        Cliente C-······

        10:00:08 UTC · <@1200000000000000101> · código del cliente: incorrecto
        10:00:08 UTC · <@1200000000000000101> · código del cliente: escrito
        10:00:08 UTC · <@1200000000000000101> · código del cliente: correcto
        10:00:09 UTC · <@1200000000000000101> · plan mostrado: Casa Luz
        10:00:10 UTC · <@1200000000000000101> · enlace de acceso pedido: Web
        10:00:10 UTC · <@1200000000000000101> · enlace de acceso emitido: Web
        10:00:10 UTC · <@1200000000000000101> · cerrada: cancelada: «the caller was not j•••\@e•••.com»
        10:00:10 UTC · <@1200000000000000101> · revocación de los enlaces de acceso pedida
        10:00:10 UTC · <@1200000000000000101> · revocación de los enlaces de acceso: done
        10:00:10 UTC · <@1200000000000000101> · aviso support\_visit por correo: done

        Página 2 de 2 · horas en tu zona horaria
        [Anteriores] [Posteriores (off)] [Como archivo] [Verificar esto] [Volver]
        ");
        leo.presses("Volver").await;
        assert!(leo.sees().await.starts_with("Sesión "));
        leo.locale("en-US");

        let tampered = "update events set at = at + 1 where seq = 3 and session_id = chain";
        world.executes(tampered).await;
        leo.types(&format!("/desk trail session:{}", newest(world).await)).await;
        leo.sees().await;
        leo.presses("Verify this").await;
        assert_snapshot!(without_id(world, &leo.sees().await).await, @"
        Chain of session ······
        The chain does not verify: 1 finding.

        Event 3 was changed, moved or forged.

        Do not use this session as evidence. Tell the operator: `support-desk trail verify` checks everything.
        ");
    })
    .await;
}

#[tokio::test]
async fn pages_have_ten_lines_and_do_not_slide() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        for _ in 0..12 {
            looks_up(&ben, "nobody@example.com").await;
            world.clock.advance(Duration::from_secs(1));
        }
        leo.types("/desk agent agent:@ben").await;
        leo.sees().await;
        leo.presses("Trail").await;
        let first = leo.sees().await;
        assert!(first.starts_with("Trail · last 7 days · 12 events\nAgent <@"), "{first}");
        assert_eq!(lines(&first).len(), 10);
        assert!(first.contains("Page 1 of 2 · times in your time zone\n[Older] [Newer (off)]"));
        let times: Vec<_> = lines(&first).iter().map(|line| &line[..23]).collect();
        assert!(times.is_sorted_by(|newer, older| newer > older), "{times:?}");
        // Events after the opening are in no page of this view.
        world.clock.advance(Duration::from_secs(5));
        looks_up(&ben, "nobody@example.com").await;
        leo.presses("Older").await;
        let second = leo.sees().await;
        assert!(second.starts_with("Trail · last 7 days · 12 events\n"), "{second}");
        assert_eq!(lines(&second).len(), 2);
        leo.presses("Newer").await;
        assert_eq!(leo.sees().await, first);
        assert_eq!(views(world).await, 2, "the card and the view");
        leo.presses("Back").await;
        assert!(leo.sees().await.starts_with("Ben Carter"));
    })
    .await;
}

#[tokio::test]
async fn filters_are_checked_and_named() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        works(world, &ben).await;
        let seen = async |options: &str| {
            leo.types(&format!("/desk trail {options}")).await;
            leo.sees().await
        };
        let title = |seen: &str| seen.lines().next().unwrap_or_default().to_owned();
        let all = seen("").await;
        assert!(all.starts_with("Trail · last 7 days · "), "{all}");
        assert!(all.contains("access link issued: Web · Customer C-"), "{all}");
        let codes = seen("what:codes days:30 days").await;
        assert!(codes.starts_with("Trail · last 30 days · codes · "), "{codes}");
        assert!(lines(&codes).iter().all(|line| line.contains("code")), "{codes}");
        assert!(title(&seen("what:leads").await).ends_with("leads · 3 events"));
        let ticket = seen("ticket:zd-7").await;
        assert!(ticket.starts_with("Trail · ticket zd-7 · last 7 days · "), "{ticket}");
        let agent = seen("agent:@ben what:access links").await;
        assert!(agent.contains("Agent <@1200000000000000101>\n"), "{agent}");
        assert_snapshot!(seen("agent:@eva").await, @"
        Trail · last 7 days · 0 events
        Agent <@1200000000000000102>

        No such event in the last 7 days.
        [30 days] [90 days] [Back]
        ");
        leo.presses("90 days").await;
        assert!(leo.sees().await.contains("No such event in the last 90 days."));
        assert_snapshot!(seen("agent:@ben ticket:ZD-7").await, @"Filter by one of session, agent, customer and ticket at a time.");
        assert!(seen("ticket:julia@example.com").await.contains("ticket"));
        assert_snapshot!(seen("session:zzzzzz").await, @"No session of the last 365 days begins with this id. Type at least its first six characters, or choose one from the list.");
        // A ticket number leads back to its customer, so the trail has only a keyed hash of it.
        let details = world.select("select details from events").await;
        let details: String = details.into_iter().flatten().collect();
        assert!(!details.to_lowercase().contains("zd-7"), "{details}");
        assert!(details.contains("ticket_mac"), "{details}");
    })
    .await;
}

#[tokio::test]
async fn address_of_a_customer_counts_as_a_look_up() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        works(world, &ben).await;
        leo.types(&format!("/desk trail customer:{JULIA}")).await;
        let seen = leo.sees().await;
        assert!(seen.contains("\nCustomer C-"), "{seen}");
        assert!(lines(&seen).iter().any(|line| line.ends_with("customer's code right")), "{seen}");
        // A customer who was never looked up, and an address that no customer has.
        for email in ["tom@example.com", "nobody@example.com"] {
            leo.types(&format!("/desk trail customer:{email}")).await;
            assert_eq!(leo.sees().await, "No session with this customer on record.");
        }
        leo.types("/desk trail customer:julia").await;
        assert!(leo.sees().await.contains("address"));
        for _ in 3..30 {
            looks_up(&leo, "nobody@example.com").await;
        }
        for options in [format!("customer:{JULIA}"), "customer:tom@example.com".to_owned()] {
            leo.types(&format!("/desk trail {options}")).await;
            let limited = leo.sees().await;
            assert!(limited.contains("limit of customer look-ups"), "{limited}");
        }
        let alert = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        assert!(alert.contains("Limit of look-ups reached"), "{alert}");
        leo.types("/desk trail").await;
        assert!(leo.sees().await.starts_with("Trail · last 7 days"), "it looks up no customer");
    })
    .await;
}

#[tokio::test]
async fn erased_customer_leaves_the_lines() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        works(world, &ben).await;
        cancels(&ben, "it was the wrong person").await;
        world.passes(minutes(1)).await;
        let session = ids(world).await.pop().unwrap();
        leo.types(&format!("/desk trail session:{session}")).await;
        let before = leo.sees().await;
        assert!(before.contains("· ZD-7 ·") && before.contains("chosen: Casa Luz"), "{before}");
        world.erases("usr-julia").await;
        leo.types(&format!("/desk trail session:{session}")).await;
        let after = leo.sees().await;
        assert_snapshot!(without_id(world, &after).await, @"
        Trail · session ······ · – · 20 events
        Customer C-······ (erased)

        10:00:00 UTC · <@1200000000000000101> · looked up, found
        10:00:00 UTC · <@1200000000000000101> · started
        10:00:00 UTC · <@1200000000000000101> · ecosystem chosen: –
        10:00:00 UTC · <@1200000000000000101> · agent's code requested
        10:00:00 UTC · <@1200000000000000101> · agent's code mailed
        10:00:00 UTC · <@1200000000000000101> · agent's code typed
        10:00:00 UTC · <@1200000000000000101> · agent's code right
        10:00:00 UTC · <@1200000000000000101> · customer's code requested
        10:00:00 UTC · <@1200000000000000101> · customer's code mailed
        10:00:08 UTC · <@1200000000000000101> · customer's code typed

        Page 1 of 2 · times in your time zone
        [Older (off)] [Newer] [As a file] [Verify this] [Back]
        ");
        assert_eq!(lines(&after).len(), lines(&before).len());
        leo.presses("Newer").await;
        assert!(leo.sees().await.contains("closed: cancelled: “–”"));
        leo.types(&format!("/desk trail customer:{JULIA}")).await;
        assert_eq!(leo.sees().await, "No session with this customer on record.");
        leo.types("/desk trail ticket:ZD-7").await;
        assert!(leo.sees().await.contains("No such event in the last 7 days."));
        leo.types("/desk trail agent:@ben").await;
        assert!(leo.sees().await.contains(" (erased)"));
    })
    .await;
}
