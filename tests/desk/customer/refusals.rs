//! Bad input, and states in which a customer is not erased.

use std::os::unix::fs::PermissionsExt as _;

use insta::assert_snapshot;

use super::{CORE_ID, JULIA, TOM, ends, execute, pseudonym, runs, with_two_sessions};
use crate::installation::{Installation, KEY, TRAIL_KEY};

#[tokio::test]
async fn unknown_customers_are_refused_with_a_sentence() {
    let place = with_two_sessions().await;
    for (customer, sentence) in [
        ("nobody@example.com", "no customer in Core has this address"),
        ("jose@example.com", "nothing is stored about this customer"),
        ("julia", "standard input is no address"),
        ("", "standard input must have one line: the customer's address"),
    ] {
        for command in ["erase", "export"] {
            let command = format!("customer {command} < {customer}");
            let ended = place.start(&command, &[]).ends().await;
            assert!(ended.sentence().contains(sentence), "{command}: {ended:?}");
            assert_eq!(ended.stdout, "");
        }
    }
    place.sandbox.core.set_email(TOM, JULIA).await.unwrap();
    let several = place.start(&format!("customer erase --yes < {JULIA}"), &[]).ends().await;
    assert_snapshot!(several.sentence(), @"support-desk: several customers in Core have this address; use --core-id with the id of the one who asks on standard input");
    let both = place.start("customer erase --core-id --from-log log", &[]).ends().await;
    assert_eq!(both.code, Some(2), "{both:?}");
}

#[tokio::test]
async fn locked_out_customer_is_not_erased() {
    let (place, program) = runs().await;
    let ben = place.sandbox.discord.person("ben");
    ben.types(&format!("/support technical email:{JULIA}")).await;
    ben.sees_at_last("[Start verification").await;
    ben.presses("Close").await;
    ends(program).await;
    let julia = pseudonym(&place, CORE_ID).await;
    let lockout =
        format!("insert into lockouts (subject, until) values ('customer:{julia}', 4102444800000)");
    execute(&place.store_url(), lockout).await;
    let erase = format!("customer erase --yes < {JULIA}");
    let refused = place.start(&erase, &[]).ends().await;
    let sentence = refused.sentence().replace(&julia, "PSEUDONYM").replace(&julia[..6], "JULIA");
    assert_snapshot!(sentence, @"support-desk: C-JULIA is locked out until 2100-01-01T00:00:00Z: erase the customer afterwards, because a new pseudonym would start without the lockout; `support-desk unlock customer:PSEUDONYM` ends it");
    let unlocked = place.start(&format!("unlock customer:{julia}"), &[]).ends().await;
    assert_eq!(unlocked.code, Some(0), "{unlocked:?}");
    let erased = place.start(&erase, &[]).ends().await;
    assert_eq!(erased.code, Some(0), "{erased:?}");
}

/// Runs an erasure with other settings. Returns its sentence.
async fn refused(place: &Installation, settings: &[(&'static str, &str)]) -> String {
    let ended = place.start(&format!("customer erase --yes < {JULIA}"), settings).ends().await;
    assert_eq!(ended.stdout, "");
    ended.sentence().to_owned()
}

#[tokio::test]
async fn wrong_settings_are_refused_by_name() {
    let place = with_two_sessions().await;
    let swapped = refused(&place, &[("STORE_KEY", TRAIL_KEY), ("TRAIL_KEY", KEY)]).await;
    assert!(swapped.contains("STORE_KEY: ") && swapped.contains("TRAIL_KEY: "), "{swapped}");
    let other = "JSlFx/M1+t9uFbuHP00RfVqh4jq6YKMSIr+gPqRSk3g=";
    let foreign = refused(&place, &[("STORE_KEY", other)]).await;
    assert!(foreign.contains("STORE_KEY does not belong to this store"), "{foreign}");
    let core = refused(&place, &[("CORE_DATABASE_URL", "")]).await;
    assert!(core.contains("CORE_DATABASE_URL: is not set"), "{core}");
    let elsewhere = place.store_url().replace("desk.db", "none.db");
    let missing = refused(&place, &[("DATABASE_URL", &elsewhere)]).await;
    assert!(missing.contains("none.db does not exist"), "{missing}");

    // Only what the command uses is read.
    let url = place.store_url();
    let mut settings = vec![
        ("DATABASE_URL", url.as_str()),
        ("STORE_KEY", KEY),
        ("TRAIL_KEY", TRAIL_KEY),
        ("CORE_DATABASE_URL", place.core_url()),
        ("DISCORD_TOKEN", "two words"),
    ];
    let shown = place.start_with(&format!("customer erase < {JULIA}"), &settings).ends().await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    settings.remove(3);
    let core = place.start_with(&format!("customer export < {JULIA}"), &settings).ends().await;
    assert!(core.sentence().contains("CORE_DATABASE_URL: is not set"), "{core:?}");
}

#[tokio::test]
async fn read_only_store_is_left_as_it_is() {
    let place = with_two_sessions().await;
    execute(
        &place.store_url(),
        "create trigger refuses before delete on subject_keys begin select raise(abort, 'no'); end"
            .to_owned(),
    )
    .await;
    let failed = refused(&place, &[]).await;
    assert!(failed.contains("erasing a customer: "), "{failed}");
    let copy = place.start(&format!("customer export < {JULIA}"), &[]).ends().await;
    assert!(copy.stdout.contains("J*** P***"), "nothing was erased: {copy:?}");

    // Root writes to every file, so this needs another user.
    let file = place.store_file("");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
    if std::fs::OpenOptions::new().write(true).open(&file).is_err() {
        let failed = refused(&place, &[]).await;
        assert!(failed.starts_with("support-desk: "), "{failed}");
    }
}
