//! Erasures.

use std::fs;

use insta::assert_snapshot;

use super::{
    CORE_ID, JULIA, REASON, TICKET, TOM, ends, pseudonym, runs, starts, verifies, with_two_sessions,
};
use crate::installation::Installation;
use crate::program::Ended;

/// Words about Julia: Core's id, masked values, the ecosystem, the reason and the ticket number.
const WORDS: [&str; 6] = [CORE_ID, "j•••@e•••.com", "J*** P***", "Casa Luz", REASON, TICKET];

/// Returns what a command printed, without what changes from run to run.
fn printed(ended: &Ended, pseudonym: &str) -> String {
    let text = ended.stdout.replace(&format!("C-{}", &pseudonym[..6]), "C-JULIA");
    let mut lines = Vec::new();
    for line in text.lines() {
        lines.push(match (line.split_once("known since "), line.split_once(", keys: ")) {
            (Some((head, _)), Some(_)) => format!("{head}known since TIME, keys: QUARTER"),
            _ => line.to_owned(),
        });
    }
    lines.join("\n")
}

fn assert_forgotten(place: &str, text: &str) {
    for word in WORDS {
        let line = text.lines().find(|line| line.contains(word));
        assert!(line.is_none(), "{word} is in {place}: {line:?}");
    }
}

fn store_files(place: &Installation) -> String {
    let files = ["", "-wal", "-shm"].map(|ending| place.store_file(ending));
    let bytes = files.map(|file| fs::read(file).unwrap_or_default());
    bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("\n")
}

#[tokio::test]
async fn customer_is_erased_only_with_yes() {
    let place = with_two_sessions().await;
    let julia = pseudonym(&place, CORE_ID).await;
    let before = place.start("trail export", &[]).ends().await.stdout;
    let shown = place.start(&format!("customer erase < {JULIA}"), &[]).ends().await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert_snapshot!(printed(&shown, &julia), @"
    would erase C-JULIA: sessions: 2, known since TIME, keys: QUARTER
    not erased: look-ups of the address that found no customer or several; their masked address and keyed hash can be read until the key `nobody` of their quarter is destroyed
    nothing was erased; add --yes to erase
    ");
    assert_eq!(place.start("trail export", &[]).ends().await.stdout, before, "nothing changed");

    let erased = place.start(&format!("customer erase --yes < {JULIA}"), &[]).ends().await;
    assert_eq!(erased.code, Some(0), "{erased:?}");
    assert_snapshot!(printed(&erased, &julia), @"
    erased C-JULIA: sessions: 2, known since TIME, keys: QUARTER
    not erased: look-ups of the address that found no customer or several; their masked address and keyed hash can be read until the key `nobody` of their quarter is destroyed
    ");
    assert_forgotten("the log", &erased.stderr);
    assert!(erased.stderr.contains(r#""kind":"customer_erased""#), "{erased:?}");
    assert_forgotten("the store", &store_files(&place));
    let export = place.start("trail export", &[]).ends().await.stdout;
    assert_forgotten("the export of the trail", &export);
    assert!(export.contains(r#""kind":"customer_erased""#), "{export}");
    let verified = place.start("trail verify", &[]).ends().await;
    assert_eq!(verified.code, Some(0), "{verified:?}");

    let again = place.start(&format!("customer erase --yes < {JULIA}"), &[]).ends().await;
    assert_snapshot!(again.sentence(), @"support-desk: nothing is stored about this customer");
    let export = place.start(&format!("customer export < {JULIA}"), &[]).ends().await;
    assert_eq!(export.sentence(), again.sentence());
}

#[tokio::test]
async fn other_customer_is_helped_on_during_an_erasure() {
    let (place, program) = runs().await;
    let (ben, eva) = (place.sandbox.discord.person("ben"), place.sandbox.discord.person("eva"));
    verifies(&place, &ben, TOM).await;
    starts(&eva, JULIA).await;
    let julia = pseudonym(&place, CORE_ID).await;
    let refused = place.start(&format!("customer erase --yes < {JULIA}"), &[]).ends().await;
    let sentence = refused.sentence().replace(&julia[..6], "JULIA");
    assert_snapshot!(sentence, @"support-desk: C-JULIA has 1 open session(s): erase the customer after the close, or close them with `support-desk end-sessions`");

    eva.presses("Cancel").await;
    eva.submits([REASON]).await;
    eva.sees_at_last("was cancelled").await;
    // The command runs beside the bot, whose readers come and go.
    let erased = place.start(&format!("customer erase --yes < {JULIA}"), &[]).ends().await;
    assert_eq!(erased.code, Some(0), "{erased:?}");
    ben.presses("Waizant Web").await;
    ben.sees_at_last("Web is ready").await;
    ben.presses("Finish").await;
    ben.sees_at_last("This session was finished").await;

    // Looked up again, the customer is a new one.
    starts(&eva, JULIA).await;
    let new = pseudonym(&place, CORE_ID).await;
    assert_ne!(new, julia);
    eva.presses("Cancel").await;
    eva.submits([REASON]).await;
    eva.sees_at_last("was cancelled").await;
    ends(program).await;
    let verified = place.start("trail verify", &[]).ends().await;
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let copy = place.start(&format!("customer export --language en < {JULIA}"), &[]).ends().await;
    assert!(copy.stdout.contains("1 support session is stored."), "{copy:?}");
    assert!(copy.stdout.contains(REASON), "{copy:?}");
    let copy = place.start(&format!("customer export < {TOM}"), &[]).ends().await;
    assert!(copy.stdout.contains("the agent finished it."), "{copy:?}");
}

#[tokio::test]
async fn core_id_is_read_from_standard_input() {
    let place = with_two_sessions().await;
    let shown = place.start(&format!("customer erase --core-id < {CORE_ID}\n"), &[]).ends().await;
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let copy = place.start(&format!("customer export --core-id < {CORE_ID}"), &[]).ends().await;
    assert!(copy.stdout.starts_with("What the support desk"), "{copy:?}");
    let erase = format!("customer erase --core-id --yes < {CORE_ID}");
    let erased = place.start(&erase, &[]).ends().await;
    assert!(erased.stdout.starts_with("erased C-"), "{erased:?}");
    let again = place.start(&erase, &[]).ends().await;
    assert!(again.sentence().contains("nothing is stored about this customer"), "{again:?}");
    for nothing in ["", "\n", "two\nlines"] {
        let refused =
            place.start(&format!("customer erase --core-id < {nothing}"), &[]).ends().await;
        let sentence = "standard input must have one line: Core's id of the customer";
        assert!(refused.sentence().contains(sentence), "{refused:?}");
    }
    assert_forgotten("the store", &store_files(&place));
}
