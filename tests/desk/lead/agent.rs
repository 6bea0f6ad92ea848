//! `/desk agent`: the list of linked agents and the card of one.

use commands::model::alert::{AlertKind, AlertSubject, NewAlert};
use commands::model::time::minutes;
use commands::ports::figures::AGENT_DAYS;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::seed::{AGENT_GROUP, AGENT_ROLE_ID, LEADS_CHANNEL_ID};

use crate::lead::{JULIA, desk_events, looks_up};
use crate::world::World;

#[tokio::test]
async fn card_tells_link_role_sessions_and_figures() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.verifies(&ben, JULIA, "Casa Luz").await;
        looks_up(&ben, "tom@example.com").await;
        ben.types("/account recover email:ben@waizant.example").await;
        ben.sees().await;
        leo.moves_to(LEADS_CHANNEL_ID);
        leo.types("/desk agent agent:@ben").await;
        assert_snapshot!(leo.sees().await, @"
        Ben Carter
        <@1200000000000000101> · linked since 2026-01-05 · agent · Discord role: yes
        Open now: 3 sessions (`······` `······` `······`)
        30 days: 1 started, 1 verified, 0 looked up and not started
        Signals, 30 days: none
        [Close all sessions (3)] [Lock out 1 hour] [Lock out until unlocked] [Unlink]
        [Trail] [Back]
        ");
        // The list knows no role of Discord. A lead does nothing to the own account.
        leo.types("/desk agent").await;
        assert_snapshot!(leo.sees().await, @"
        Linked agents · 9
        <@1200000000000000100> Ana Ruiz · agent
        <@1200000000000000101> Ben Carter · agent
        <@1200000000000000106> Dora Past · account disabled
        <@1200000000000000102> Eva Lindqvist · agent
        <@1200000000000000105> Fred Newman · agent
        <@1200000000000000110> Lara Moreau · lead only
        <@1200000000000000109> Leo Fischer · agent
        <@1200000000000000107> Otto Sales · in no group
        <@1200000000000000108> Vera Costa · verify only
        <Look at an agent: Ana Ruiz — agent | Ben Carter — agent | Dora Past — account disabled | Eva Lindqvist — agent | Fred Newman — agent | Lara Moreau — lead only | Leo Fischer — agent | Otto Sales — in no group | Vera Costa — verify only>
        [Previous page (off)] [Next page (off)] [Refresh]
        ");
        leo.selects("Ben Carter").await;
        assert!(!leo.sees().await.contains("Discord role"));
        leo.presses("Back").await;
        leo.sees().await;
        leo.types("/desk agent agent:@leo").await;
        let own = leo.sees().await;
        assert!(own.ends_with("\n[Trail] [Back]"), "{own}");
        let read = |who: &Person| {
            format!(r#"desk_read {{"agent":"discord:{}","view":"agent"}}"#, who.id())
        };
        let list = r#"desk_read {"view":"agents"}"#.to_owned();
        assert_eq!(desk_events(world).await, [read(&ben), list, read(&ben), read(&leo)]);
        ben.set_roles(&[]);
        leo.types("/desk agent agent:@ben").await;
        assert!(leo.sees().await.contains("Discord role: no"));
        leo.types("/desk agent agent:@sam").await;
        assert_snapshot!(leo.sees().await, @"
        <@1200000000000000104> is not linked.
        [Trail] [Back]
        ");
        ben.set_roles(&[AGENT_ROLE_ID]);
    })
    .await;
}

#[tokio::test]
async fn states_are_at_most_a_minute_old() {
    World::run(async |world| {
        let leo = world.person("leo");
        let state = async |name: &str| {
            leo.types("/desk agent").await;
            let seen = leo.sees().await;
            let line = seen.lines().find(|line| line.contains(name)).unwrap().to_owned();
            line.split(" · ").skip(1).collect::<Vec<_>>().join(" · ")
        };
        assert_eq!(state("Ben Carter").await, "agent");
        assert_eq!(state("Vera Costa").await, "verify only");
        assert_eq!(state("Lara Moreau").await, "lead only");
        world.sandbox.aws.set_enabled("ben@waizant.example", false);
        world.sandbox.aws.set_groups("vera@waizant.example", &[AGENT_GROUP]);
        world.sandbox.aws.set_groups("lara@waizant.example", &[]);
        assert_eq!(state("Ben Carter").await, "agent", "from the cache");
        world.clock.advance(minutes(1));
        assert_eq!(state("Ben Carter").await, "account disabled");
        assert_eq!(state("Vera Costa").await, "agent");
        assert_eq!(state("Lara Moreau").await, "in no group");
    })
    .await;
}

#[tokio::test]
async fn card_tells_signals_of_thirty_days_with_their_answers() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.moves_to(LEADS_CHANNEL_ID);
        let about_ben = |kind| NewAlert::new(kind, AlertSubject::Agent(ben.id()));
        let signals = async || {
            leo.types("/desk agent agent:@ben").await;
            let seen = leo.sees().await;
            let line = seen.lines().find(|line| line.starts_with("Signals")).unwrap();
            line.to_owned()
        };
        assert_eq!(signals().await, "Signals, 30 days: none");
        for button in ["False alarm", "Handled", ""] {
            world.raises(vec![about_ben(AlertKind::LookupsAbandoned)]).await;
            world.leads_see().await;
            let expected = match button {
                "False alarm" => "1 (open)",
                "Handled" => "2 (false alarm, open)",
                _ => "3 (false alarm, handled, open)",
            };
            let line = format!("Signals, 30 days: Customers looked up and not helped {expected}");
            assert_eq!(signals().await, line);
            if !button.is_empty() {
                leo.presses(button).await;
                world.leads_see().await;
            }
        }
        // An alert that is no signal.
        world.raises(vec![about_ben(AlertKind::LookupLimit)]).await;
        world.leads_see().await;
        leo.locale("es-ES");
        leo.types("/mesa agente agente:@ben").await;
        let seen = leo.sees().await;
        assert!(seen.contains(" 3 (falsa alarma, atendida, abierta)\n"), "{seen}");
        leo.locale("en-US");
        world.leaps_until(AGENT_DAYS).await;
        world.leads_see().await;
        assert_eq!(signals().await, "Signals, 30 days: none");
    })
    .await;
}
