//! `/desk sessions`, the card of a session, and the suggestions for one.

use std::collections::BTreeSet;
use std::time::Duration;

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::time::minutes;
use commands::model::words::SessionId;
use insta::assert_snapshot;
use sandbox::mail_outcome::MailOutcome;
use sandbox::seed::{LEADS_CHANNEL_ID, Seed};

use crate::lead::{JULIA, desk_events, ids, looks_up, newest};
use crate::world::World;

#[tokio::test]
async fn lead_sees_sessions_and_cards_masked() {
    World::run(async |world| {
        let (ben, ana, leo) = (world.person("ben"), world.person("ana"), world.person("leo"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        world.clock.advance(Duration::from_secs(20));
        ana.types("/soporte tecnica correo:tom@example.com ticket:ZD-7").await;
        ana.sees().await;
        leo.moves_to(LEADS_CHANNEL_ID);
        leo.types("/desk sessions").await;
        assert_snapshot!(leo.sees_changes().await, @r"
        Open sessions · 2
        `······` <@1200000000000000101> · Technical · J\*\*\* P\*\*\* · Both verified, 1 link · ends in 15 minutes
        `······` <@1200000000000000100> · Technical · T\*\*\* B\*\*\* · Looked up · ends in 15 minutes
        <Look at a session: ······ · Ben Carter — Technical · J*** P*** · Both verified, 1 link | ······ · Ana Ruiz — Technical · T*** B*** · Looked up>
        [Previous page (off)] [Next page (off)] [Refresh]
        ");
        leo.selects(&ids(world).await[0][..6]).await;
        assert_snapshot!(leo.sees_changes().await, @r"
        Session ······
        Agent <@1200000000000000101> (Ben Carter) · Technical Assistance · since 10:00 UTC · ends in 15 minutes
        Customer C-······ · J\*\*\* P\*\*\* · j•••\@e•••.com · owner of Casa Luz
        Both verified (agent 10:00 UTC, customer 10:00 UTC). Links: Web 10:00 UTC (ends in 40 seconds)
        Codes: agent 1 mailed, 0 wrong · customer 1 mailed, 0 wrong
        [Close session] [Take over] [Trail] [Agent] [Back]
        ");
        leo.presses("Back").await;
        leo.sees().await;
        leo.selects(&newest(world).await).await;
        assert_snapshot!(leo.sees_changes().await, @r"
        Session ······
        Agent <@1200000000000000100> (Ana Ruiz) · Technical Assistance · ZD-7 · since 10:00 UTC · ends in 15 minutes
        Customer C-······ · T\*\*\* B\*\*\* · t•••\@e•••.com
        Looked up
        Codes: agent 0 mailed, 0 wrong · customer 0 mailed, 0 wrong
        [Close session] [Trail] [Agent] [Back]
        ");
        // The views that were opened are in the trail, and no page of them. Back opens the list.
        let all = ids(world).await;
        let read = |id: &str| format!(r#"desk_read {{"session":"{id}","view":"session"}}"#);
        assert_eq!(
            desk_events(world).await,
            [
                r#"desk_read {"show":"open","view":"sessions"}"#.to_owned(),
                read(&all[0]),
                r#"desk_read {"show":"open","view":"sessions"}"#.to_owned(),
                read(&all[1])
            ]
        );

        leo.types("/desk sessions agent:@ana").await;
        assert!(leo.sees().await.starts_with("Open sessions · 1"));
        leo.types("/desk sessions agent:@vera").await;
        assert!(leo.sees().await.contains("> has no open session."));
        ben.presses("Finish").await;
        ben.sees().await;
        leo.types("/desk sessions agent:@ben show:last 24 h").await;
        assert_snapshot!(leo.sees().await, @"
        Sessions of 24 hours · 1
        `······` <@1200000000000000101> · Technical · C-······ · finished · closed 10:00 UTC
        <Look at a session: ······ · Ben Carter — Technical · C-······ · finished>
        [Previous page (off)] [Next page (off)] [Refresh]
        ");
        leo.selects(&all[0][..6]).await;
        assert_snapshot!(leo.sees().await, @"
        Session ······
        Agent <@1200000000000000101> (Ben Carter) · Technical Assistance · since 10:00 UTC · closed 10:00 UTC: finished
        Customer C-······
        Verified (agent 10:00 UTC, customer 10:00 UTC). Links: Web 10:00 UTC (ended)
        Codes: agent 1 mailed, 0 wrong · customer 1 mailed, 0 wrong
        [Trail] [Agent] [Back]
        ");
        ana.presses("Cerrar").await;
        ana.sees().await;
        world.passes(minutes(14)).await;
        leo.types("/desk sessions").await;
        assert_snapshot!(leo.sees().await, @"
        Open sessions · 0
        No open session. The last one ended 14 minutes ago.
        [Previous page (off)] [Next page (off)] [Refresh]
        ");
    })
    .await;
}

#[tokio::test]
async fn list_marks_wrong_codes_bounces_and_alerts() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.sandbox.mail.set_outcome(JULIA, MailOutcome::parse("no_such_mailbox"));
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;
        ben.presses("Enter code").await;
        ben.submits([world.wrong_code_for(JULIA).as_str()]).await;
        ben.sees().await;
        world.passes(minutes(1)).await;
        ben.sees().await;
        leo.types("/desk sessions").await;
        assert_snapshot!(leo.sees().await, @r"
        Open sessions · 1
        `······` <@1200000000000000101> · Technical · J\*\*\* P\*\*\* · Waiting for the customer's code · 1 wrong · 📭 bounced · ends in 14 minutes
        <Look at a session: ······ · Ben Carter — Technical · J*** P*** · Waiting for the customer's code>
        [Previous page (off)] [Next page (off)] [Refresh]
        ");
        let id: SessionId = ids(world).await.remove(0).parse().unwrap();
        let subject = AlertSubject::Session(id);
        world.raises(vec![NewAlert::new(AlertKind::RepeatedCodes, subject)]).await;
        world.leads_see().await;
        leo.presses("Refresh").await;
        let marked = leo.sees().await;
        assert!(marked.contains("📭 bounced · ⚠ alert · ends in"), "{marked}");
        leo.moves_to(LEADS_CHANNEL_ID);
        leo.presses("Handled").await;
        world.leads_see().await;
        leo.types("/desk sessions").await;
        assert!(!leo.sees().await.contains("⚠ alert"), "it is answered");
        leo.selects(&newest(world).await).await;
        assert_snapshot!(leo.sees().await, @r"
        Session ······
        Agent <@1200000000000000101> (Ben Carter) · Technical Assistance · since 10:00 UTC · ends in 14 minutes
        Customer C-······ · J\*\*\* P\*\*\* · j•••\@e•••.com · owner of Casa Luz
        Waiting for the customer's code (agent 10:00 UTC)
        Codes: agent 1 mailed, 0 wrong · customer 1 mailed, 📭 bounced, 1 wrong
        [Close session] [Take over] [Trail] [Agent] [Back]
        ");
    })
    .await;
}

#[tokio::test]
async fn pages_have_ten_lines() {
    World::run(async |world| {
        let leo = world.person("leo");
        leo.types("/desk sessions").await;
        assert!(leo.sees().await.contains("No open session."));
        let agents = ["ben", "ana", "eva"].map(|name| world.person(name));
        let customers = Seed::demo().customers.into_iter().map(|it| it.email);
        // No agent looks up the own address.
        let customers: Vec<_> = customers.filter(|it| it.ends_with("@example.com")).collect();
        let looked_up = agents.iter().flat_map(|who| customers.iter().map(move |it| (who, it)));
        for (nth, (who, customer)) in (1..=26).zip(looked_up) {
            looks_up(who, customer).await;
            let (lines, next) = match nth {
                1 => (1, "[Next page (off)]"),
                10 => (10, "[Next page (off)]"),
                11 => (10, "[Next page]"),
                _ => continue,
            };
            leo.presses("Refresh").await;
            let seen = leo.sees().await;
            assert!(seen.starts_with(&format!("Open sessions · {nth}\n")), "{seen}");
            assert_eq!(seen.lines().filter(|line| line.starts_with('`')).count(), lines, "{seen}");
            assert!(seen.contains(next), "{seen}");
        }
        // Soonest end first, and each session once.
        let mut listed = Vec::new();
        leo.presses("Refresh").await;
        for page in 1..=3 {
            let seen = leo.sees().await;
            assert!(seen.contains(&format!("Page {page} of 3.")), "{seen}");
            let ends = match page {
                1 => "[Previous page (off)] [Next page]",
                2 => "[Previous page] [Next page]",
                _ => "[Previous page] [Next page (off)]",
            };
            assert!(seen.contains(ends), "{seen}");
            let lines = seen.lines().filter_map(|line| line.strip_prefix('`')?.get(..6));
            listed.extend(lines.map(str::to_owned));
            if page < 3 {
                leo.presses("Next page").await;
            }
        }
        let all: Vec<_> = ids(world).await.iter().map(|id| id[..6].to_owned()).collect();
        listed.sort();
        assert_eq!(
            listed,
            all.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
        );
        // Sessions end while the list is open. The last page that is left is drawn.
        let last = leo.keep("Refresh");
        world.passes(minutes(15)).await;
        for who in &agents {
            who.sees().await;
        }
        leo.presses_kept(&last).await;
        assert!(
            leo.sees().await.starts_with("Open sessions · 0\nNo open session. The last one ended")
        );
        // Pages are no views of their own.
        assert_eq!(desk_events(world).await, [r#"desk_read {"show":"open","view":"sessions"}"#]);
    })
    .await;
}

#[tokio::test]
async fn thousand_sessions_have_a_hundred_pages() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        looks_up(&ben, JULIA).await;
        world.copies_newest_session((1..1_000).map(|n| format!("{n:06}{:016}", 0))).await;
        leo.types("/desk sessions").await;
        let first = leo.sees().await;
        assert!(first.starts_with("Open sessions · 1,000\n"), "{first}");
        assert!(first.contains("Page 1 of 100.\n"), "{first}");
        assert!(first.contains("[Previous page (off)] [Next page] [Refresh]"), "{first}");
        assert_eq!(first.lines().filter(|line| line.starts_with('`')).count(), 10, "{first}");
        leo.presses("Next page").await;
        assert!(leo.sees().await.contains("Page 2 of 100.\n"));
        // The last page, and one that does not exist.
        for page in [99, 500] {
            leo.forges_choice(&format!("d1.desk.next.open.all.{page}"), "").await.unwrap();
            let last = leo.sees().await;
            assert!(last.contains("Page 100 of 100.\n"), "{last}");
            assert!(last.contains("[Previous page] [Next page (off)] [Refresh]"), "{last}");
            assert_eq!(last.lines().filter(|line| line.starts_with('`')).count(), 10, "{last}");
        }
        leo.presses("Previous page").await;
        assert!(leo.sees().await.contains("Page 99 of 100.\n"));
        let suggested = leo.suggestions("/desk close session:").await.unwrap();
        assert_eq!(suggested.len(), 25);
        leo.types("/desk sessions show:last 24 h").await;
        assert!(leo.sees().await.starts_with("Sessions of 24 hours · 1,000\n"));
    })
    .await;
}

#[tokio::test]
async fn lead_is_suggested_sessions() {
    World::run(async |world| {
        let (ben, ana, leo) = (world.person("ben"), world.person("ana"), world.person("leo"));
        looks_up(&ben, JULIA).await;
        ben.presses("Close").await;
        ben.sees().await;
        world.clock.advance(Duration::from_secs(1));
        world.proves_agent(&ben, "tom@example.com", "Casa Luz").await;
        world.clock.advance(Duration::from_secs(1));
        ana.types("/soporte tecnica correo:nora@example.com ticket:ZD-12").await;
        ana.sees().await;
        world.passes(minutes(4)).await;
        let all = ids(world).await;
        let suggested = async |line: &str| {
            let found = leo.suggestions(line).await.unwrap();
            found.into_iter().map(|it| (it.value, it.name)).collect::<Vec<_>>()
        };
        let name = |id: &str, rest: &str| (id.to_owned(), format!("{} · {rest}", &id[..6]));
        let open = [
            name(&all[2], "Ana Ruiz · Looked up · 4 min"),
            name(&all[1], "Ben Carter · Customer's code not sent yet · 4 min"),
        ];
        let closed = name(&all[0], "Ben Carter · dismissed · 4 min");
        assert_eq!(suggested("/desk close session:").await, [&open[..], &[closed]].concat());
        assert_eq!(suggested("/desk close session:zd-1").await, open[..1]);
        assert_eq!(suggested(&format!("/desk close session:{}", &all[1][..4])).await, open[1..]);
        let spanish = &world.person("eva");
        spanish.locale("es-ES");
        let found = spanish.suggestions("/mesa cerrar sesion:ana").await.unwrap();
        assert!(found[0].name.ends_with("Ana Ruiz · Buscado · 4 min"), "{found:?}");
        // Neither a claim nor an event, and an agent gets none.
        let before = world.count("select count(*) from claims").await;
        assert_eq!(ben.suggestions("/desk close session:").await, Some(Vec::new()));
        assert_eq!(world.count("select count(*) from claims").await, before);
        assert_eq!(desk_events(world).await, [""; 0]);
        world.passes(minutes(15)).await;
        for who in [&ben, &ana] {
            who.sees().await;
        }
        world.leaps_until(minutes(24 * 60 - 1)).await;
        assert_eq!(suggested("/desk close session:").await.len(), 3);
        world.clock.advance(minutes(2));
        assert_eq!(suggested("/desk close session:").await, []);
    })
    .await;
}
