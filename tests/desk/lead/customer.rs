//! `/desk customer`: the card of a customer, its limit, and the unlock.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::codes::enters;
use crate::lead::{JULIA, REASON};
use crate::lockouts::{sends_customer_code, types_twenty_wrong_codes};
use crate::world::World;

const CARD: &str = "/desk customer email:julia@example.com";
const NONE: &str = "No session with this customer on record.";

/// Starts a session with Julia and cancels it.
async fn cancels(who: &Person, options: &str) {
    who.types(&format!("/support technical email:{JULIA}{options}")).await;
    who.presses("Start").await;
    who.presses("Cancel").await;
    who.submits(["did not call us, said julia@example.com"]).await;
    who.sees().await;
}

/// Opens the card. Reads it, with a fixed pseudonym.
async fn card(world: &World, who: &Person) -> String {
    who.types(CARD).await;
    neutral(world, &who.sees().await).await
}

async fn neutral(world: &World, seen: &str) -> String {
    let pseudonym = world.pseudonym("usr-julia").await;
    let short: commands::model::pseudonym::Pseudonym = pseudonym.parse().unwrap();
    let seen = seen.replace(&short.short(), "C-JULIA");
    let ids = [("ben", "@Ben"), ("eva", "@Eva"), ("leo", "@Leo"), ("lara", "@Lara")];
    ids.into_iter().fold(seen, |seen, (name, shown)| {
        seen.replace(&format!("<@{}>", world.person(name).id()), shown)
    })
}

#[tokio::test]
async fn lead_sees_agents_and_reasons_of_a_masked_customer() {
    World::run(async |world| {
        let (ben, eva, leo) = (world.person("ben"), world.person("eva"), world.person("leo"));
        leo.types(CARD).await;
        assert_eq!(leo.sees().await, NONE, "a customer who was never looked up");
        world.verifies(&ben, JULIA, "Casa Luz").await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        ben.presses("Finish").await;
        ben.sees().await;
        world.clock.advance(minutes(60 * 24));
        cancels(&eva, " ticket:ZD-1234").await;
        world.clock.advance(minutes(1));
        eva.types(&format!("/support technical email:{JULIA}")).await;
        eva.sees().await;
        assert_snapshot!(card(world, &leo).await, @r"
        Customer C-JULIA · J*** P***
        Known since 2026-01-05 · 3 sessions in 12 months: 1 verified, 1 open, 1 cancelled

        2026-01-06 · @Eva · Technical · – · – · Looked up
        2026-01-06 · @Eva · Technical · – · ZD-1234 · not verified · cancelled: “did not call us, said j•••\@e•••.com”
        2026-01-05 · @Ben · Technical · Casa Luz · – · verified, Web · finished
        [Ask for a copy of the data] [Ask for erasure] [Trail]
        ");
        let events = world.trail().await;
        let read = r#"desk_read {"customer":"<usr-julia>","view":"customer"}"#;
        assert_eq!(events.last().map(String::as_str), Some(read));
        for typed in ["nobody@example.com", "julia"] {
            leo.types(&format!("/desk customer email:{typed}")).await;
            leo.sees().await;
        }
        let events = world.trail().await;
        let events: Vec<_> = events.iter().rev().take(2).collect();
        assert!(events[1].starts_with(r#"desk_read {"found":false,"view":"customer"} about"#));
        assert_eq!(events[0], r#"refused {"why":"malformed_email"}"#);
    })
    .await;
}

#[tokio::test]
async fn card_has_pages_and_ends_with_an_erasure() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        for _ in 0..11 {
            cancels(&ben, "").await;
            world.clock.advance(minutes(60));
        }
        let first = card(world, &leo).await;
        assert_eq!(first.matches("@Ben").count(), 10, "{first}");
        assert!(first.contains("11 sessions in 12 months: 0 verified, 11 cancelled"), "{first}");
        assert!(first.ends_with("[Older] [Newer (off)]"), "{first}");
        let older = leo.keep("Older");
        leo.presses("Older").await;
        let second = neutral(world, &leo.sees().await).await;
        assert_eq!(second.matches("@Ben").count(), 1, "{second}");
        assert!(second.ends_with("[Older (off)] [Newer]"), "{second}");
        leo.presses("Newer").await;
        assert!(leo.sees().await.ends_with("[Older] [Newer (off)]"));
        // The id holds the pseudonym and never the address.
        assert!(older.custom_id().contains(&world.pseudonym("usr-julia").await));
        world.executes("update subjects set lookup = null, sealed = null").await;
        leo.presses_kept(&older).await;
        assert_eq!(leo.sees().await, NONE);
        leo.types(CARD).await;
        assert_eq!(leo.sees().await, NONE, "an erased customer");
    })
    .await;
}

#[tokio::test]
async fn card_that_was_not_opened_is_a_look_up() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        cancels(&ben, "").await;
        let pseudonym = world.pseudonym("usr-julia").await;
        let read = r#"desk_read {"customer":"<usr-julia>","view":"customer"}"#;
        leo.types("/desk customer email:nobody@example.com").await;
        leo.sees().await;
        for (place, reads) in [("card", 1), ("card", 1), ("unlock", 1), ("unlock", 2)] {
            if reads == 2 {
                world.clock.advance(minutes(61));
            }
            leo.forges_choice(&format!("d1.desk.customer.{place}.{pseudonym}.0"), "")
                .await
                .unwrap();
            let seen = neutral(world, &leo.sees().await).await;
            assert!(seen.starts_with("Customer C-JULIA"), "{seen}");
            let events = world.trail().await;
            let found = events.iter().filter(|it| *it == read).count();
            assert_eq!(found, reads, "{place}: {events:?}");
        }
        // It counts as a look-up, so it is refused above the limit.
        world.clock.advance(minutes(61));
        for _ in 0..30 {
            leo.types("/support technical email:nobody@example.com").await;
            leo.sees().await;
        }
        leo.forges_choice(&format!("d1.desk.customer.card.{pseudonym}.0"), "").await.unwrap();
        let seen = leo.sees().await;
        assert!(seen.starts_with("You have reached the limit of customer look-ups."), "{seen}");
    })
    .await;
}

#[tokio::test]
async fn customer_without_sessions_in_a_year_is_recorded_by_pseudonym() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        cancels(&ben, "").await;
        world.clock.advance(minutes(366 * 24 * 60));
        for (command, read) in [
            (CARD, r#"desk_read {"customer":"<usr-julia>","view":"customer"}"#),
            (
                "/desk trail customer:julia@example.com",
                r#"desk_read {"customer":"<usr-julia>","days":7,"view":"trail","what":"all"}"#,
            ),
        ] {
            leo.types(command).await;
            assert_eq!(leo.sees().await, NONE, "{command}");
            let events = world.trail().await;
            assert_eq!(events.last().map(String::as_str), Some(read));
        }
        leo.types("/desk trail customer:nobody@example.com").await;
        assert_eq!(leo.sees().await, NONE);
        let events = world.trail().await;
        let last = events.last().unwrap();
        assert!(last.starts_with(r#"desk_read {"found":false,"view":"trail"} about"#), "{last}");
        assert!(last.contains("email_mac"), "{last}");
    })
    .await;
}

#[tokio::test]
async fn look_ups_of_a_lead_count_together() {
    World::run(async |world| {
        let leo = world.person("leo");
        for _ in 0..15 {
            leo.types("/support technical email:nobody@example.com").await;
            leo.types("/desk customer email:nobody@example.com").await;
            assert!(leo.sees().await.contains(NONE));
        }
        for line in [CARD, "/support technical email:julia@example.com"] {
            leo.types(line).await;
            let seen = leo.sees().await;
            assert!(
                seen.starts_with("You have reached the limit of customer look-ups."),
                "{line}: {seen}"
            );
        }
        world.clock.advance(minutes(60));
        leo.types(CARD).await;
        assert_eq!(leo.sees().await, NONE);
    })
    .await;
}

#[tokio::test]
async fn report_is_marked_with_its_reference() {
    World::run(async |world| {
        let (ben, lara) = (world.person("ben"), world.person("lara"));
        cancels(&ben, "").await;
        world
            .rewrites_newest_session(|session| {
                let report = serde_json::json!({
                    "mail": "customer", "choice": "not_me", "at": session.clocks.opened_at,
                    "reference": "R-7K2M9Q"
                });
                let report = serde_json::from_value(report).unwrap();
                session.report_record_mut().reports.push(report);
            })
            .await;
        let seen = card(world, &lara).await;
        assert!(
            seen.contains(
                "Report: on 2026-01-05 the customer said “I did not ask for help” (R-7K2M9Q)"
            ),
            "{seen}"
        );
    })
    .await;
}

#[tokio::test]
async fn locked_out_customer_is_unlocked() {
    World::run(async |world| {
        let (ben, lara) = (world.person("ben"), world.person("lara"));
        cancels(&ben, "").await;
        assert!(!card(world, &lara).await.contains("[Unlock]"));
        let customer = format!("customer:{}", world.pseudonym("usr-julia").await);
        let until = commands::model::limit::UNTIL_UNLOCKED.0;
        for (end, asks) in [(world_end(world), false), (until, true)] {
            world
                .executes(format!(
                    "insert into lockouts (subject, until) values ('{customer}', {end})"
                ))
                .await;
            assert!(card(world, &lara).await.contains("[Unlock]"));
            lara.presses("Unlock").await;
            lara.sees().await;
            if asks {
                lara.submits(["short"]).await;
                assert!(lara.sees().await.contains("[Try again]"));
                lara.presses("Try again").await;
                assert!(lara.sees().await.contains("short"), "nothing is lost");
                lara.submits([REASON]).await;
                assert!(lara.sees().await.contains("is unlocked."));
            }
            assert_eq!(world.count("select count(*) from lockouts").await, 0);
            lara.presses("Back").await;
            assert!(!lara.sees().await.contains("[Unlock]"));
        }
        let cards = world.leads_see().await;
        let told = format!("A lead unlocked C-{}.", &customer[9..15]);
        assert_eq!(cards.matches(&told).count(), 2, "each act has its card: {cards}");
        assert!(!cards.contains(JULIA) && !cards.contains("Peña"), "{cards}");
        let events = world.trail().await;
        let unlocked: Vec<_> = events.iter().filter(|it| it.starts_with("unlocked")).collect();
        assert_eq!(unlocked.len(), 2, "{events:?}");
        assert!(unlocked[1].contains(&format!(r#"about {{"reason":"{REASON}"}}"#)), "{unlocked:?}");
        // A second press finds nothing to unlock.
        lara.forges(&format!("d1.desk.customer.unlock.{}.0", &customer[9..])).await;
        assert!(neutral(world, &lara.sees().await).await.starts_with("Customer C-JULIA"));
        ben.types("/account show").await;
        ben.sees().await;
        ben.forges(&format!("d1.desk.customer.unlock.{}.0", &customer[9..])).await;
        assert!(ben.sees().await.contains("Only leads can use this."));
    })
    .await;
}

#[tokio::test]
async fn unlock_after_twenty_wrong_codes_resets_the_counts() {
    World::run(async |world| {
        types_twenty_wrong_codes(world).await;
        assert_eq!(world.pings(), 1);
        let (eva, lara) = (world.person("eva"), world.person("lara"));
        let locked = card(world, &lara).await;
        assert!(locked.contains("after 20 wrong codes in a row, until a lead unlocks"), "{locked}");
        lara.presses("Unlock").await;
        lara.sees().await;
        lara.submits([REASON]).await;
        assert!(lara.sees().await.contains("is unlocked."));
        let counts = "select count(*) from limit_uses where subject like 'customer:%'
             and kind like 'wrong%'";
        assert_eq!(world.count(counts).await, 0);
        sends_customer_code(world, &eva, JULIA).await;
        for left in ["4 attempts left", "3 attempts left"] {
            let seen = enters(&eva, &world.wrong_code_for(JULIA)).await;
            assert!(seen.contains(left), "{seen}");
        }
    })
    .await;
}

/// Returns the end of a lockout after wrong codes.
fn world_end(world: &World) -> i64 {
    use sandbox::clock::Clock as _;
    world.clock.now() + 900_000
}
