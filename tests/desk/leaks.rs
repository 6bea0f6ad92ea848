//! No secret reaches the log, the store, a custom id or a public channel. The test produces every
//! kind of secret and then searches for each.

use std::collections::BTreeSet;

use commands::model::time::minutes;
use functions::{LINK_MARKER, PROOF_MARKER};
use sandbox::aws::Fault;
use sandbox::discord::{RestFault, TOKEN_MARKER};
use sandbox::mail::MailKind;
use sandbox::seed::{BOT_TOKEN, LEADS_CHANNEL_ID};
use support_desk::demo_marks::STORE_KEY;

use crate::browser::looks_at;
use crate::log::traced_log;
use crate::recover::visit::{NEW, OLD};
use crate::stored_text::{has_number, read_files, read_rows};
use crate::successor::verifies_successor;
use crate::traces::collector::RawCollector;
use crate::world::World;

const BEN: &str = "ben@waizant.example";
const OLGA: &str = "olga@waizant.example";
const JULIA: &str = "julia@example.com";
const TOM: &str = "tom@example.com";
/// Ticket number of a session. Only its panels and a column for searches have it in clear.
const TICKET: &str = "LEAK-4711";
/// Names of the customers. Only the panel of a verified session may show them.
const NAMES: [&str; 4] = ["Julia Peña", "Tom Baker", "Sofía Marín", "Peña"];
/// A password that is too weak.
const WEAK: &str = "hush-weak";
/// A password that differs from its repetition.
const OTHER: &str = "Hush-Other-Password-4";

/// Secrets that the sandbox has recorded.
struct Secrets {
    codes: Vec<String>,
    words: Vec<String>,
}

impl Secrets {
    /// Collects the secrets and checks that each kind exists. `pages`: addresses of the recovery
    /// pages.
    fn collect(world: &World, pages: &[String]) -> Self {
        let sandbox = &world.sandbox;
        let mails = sandbox.mail.all();
        let typed = sandbox
            .aws
            .calls_of("cs-otp-verify")
            .into_iter()
            .map(|call| call.body["code"].as_str().unwrap().to_owned());
        let reset = sandbox.aws.calls_of("ConfirmForgotPassword").into_iter();
        let reset = reset.map(|call| call.body["ConfirmationCode"].as_str().unwrap().to_owned());
        let codes: Vec<String> =
            mails.iter().filter_map(|mail| mail.code.clone()).chain(typed).chain(reset).collect();
        let links: Vec<String> = sandbox.shop.links().into_iter().map(|link| link.url).collect();
        let calls = serde_json::to_string(&sandbox.aws.calls()).unwrap();
        let tokens = sandbox.discord.tokens();
        let seen = |code: &String| {
            has_number(&calls, code) || mails.iter().any(|mail| has_number(&mail.text, code))
        };
        assert!(
            codes.len() > 10 && codes.iter().all(seen),
            "too few codes, or one was neither mailed nor typed"
        );
        assert!(
            mails.iter().any(|mail| mail.kind == MailKind::SuccessorQr),
            "no QR code was mailed"
        );
        assert!(links.len() >= 4 && links.iter().all(|url| url.contains(LINK_MARKER)));
        assert!(calls.contains(PROOF_MARKER), "no proof was sent to a function");
        assert!(calls.contains(NEW) && calls.contains(OLD), "no password was sent to Cognito");
        assert!(
            !calls.contains(WEAK) && !calls.contains(OTHER),
            "an invalid password was sent to Cognito"
        );
        let tokens_of_pages = pages.iter().map(|page| page.rsplit('.').next().unwrap().to_owned());
        assert!(pages.len() >= 2 && tokens_of_pages.clone().all(|token| token.len() == 43));
        assert!(tokens.len() > 30 && tokens.iter().all(|token| token.starts_with(TOKEN_MARKER)));
        let addresses = mails.iter().map(|mail| mail.to.clone());
        let words = [
            LINK_MARKER,
            PROOF_MARKER,
            TOKEN_MARKER,
            BOT_TOKEN,
            STORE_KEY,
            "public store key of our demo",
            JULIA,
            TOM,
        ];
        let passwords = [NEW, OLD, WEAK, OTHER].map(str::to_owned);
        let words = words
            .map(str::to_owned)
            .into_iter()
            .chain(addresses)
            .chain(links)
            .chain(passwords)
            .chain(NAMES.map(str::to_owned));
        let reports: Vec<String> = mails
            .iter()
            .filter_map(|mail| {
                Some(mail.text.split_once("/report/")?.1.split('.').nth(2)?.to_owned())
            })
            .collect();
        assert!(reports.len() > 8 && reports.iter().all(|mac| mac.len() == 43), "{reports:?}");
        let words = words.chain(tokens_of_pages).chain(reports).collect();
        Self { codes, words }
    }

    fn assert_not_in(&self, place: &str, text: &str) {
        for word in &self.words {
            let word = word.to_lowercase();
            let line = text.lines().find(|line| line.to_lowercase().contains(&word));
            assert!(line.is_none(), "{word} is in {place}: {line:?}");
        }
        for code in &self.codes {
            assert!(!has_number(text, code), "the code {code} is in {place}");
        }
    }
}

/// Links an account, with a wrong code first.
async fn link_account(world: &World) {
    let olga = world.person("olga");
    olga.types("/account link email:nobody@waizant.example").await;
    olga.types(&format!("/account link email:{OLGA}")).await;
    olga.sees().await;
    olga.presses("Enter code").await;
    olga.submits([world.wrong_code_for(OLGA).as_str()]).await;
    olga.presses("Enter code").await;
    olga.submits([world.code_for(OLGA).as_str()]).await;
    assert!(olga.sees().await.contains("is linked to"));
}

/// Locks an agent out, and cancels another agent's session with a reason that contains secrets.
async fn lock_out_and_cancel(world: &World) {
    let olga = world.person("olga");
    world.chooses(&olga, TOM, "Casa Luz").await;
    for _ in 0..5 {
        olga.presses("Enter code").await;
        olga.submits([world.wrong_code_for(OLGA).as_str()]).await;
    }
    assert!(olga.sees().await.contains("wrong too many times"));
    let eva = world.person("eva");
    world.chooses(&eva, TOM, "Casa Luz").await;
    let code = world.code_for("eva@waizant.example");
    eva.presses("Cancel").await;
    eva.submits([TOM.split('@').next().unwrap()]).await;
    eva.presses("Try again").await;
    eva.submits([format!("{TOM} did not get {code}, call {BEN}.").as_str()]).await;
    assert!(eva.sees().await.contains("it was cancelled."));
}

/// Recovers a password after every kind of error, and leaves another recovery open. Returns the
/// addresses of both pages.
async fn recover_passwords(world: &World) -> Vec<String> {
    let (eva, olga) = (world.person("eva"), world.person("olga"));
    let address = "eva@waizant.example";
    eva.types("/account recover email:olga@waizant.example").await;
    let visit = world.recovers(&eva).await;
    let code = world.code_for(address);
    for (code, password, again) in [
        (world.wrong_code_for(address), NEW, NEW),
        (code.clone(), OLD, OLD),
        (code.clone(), WEAK, WEAK),
        (code.clone(), NEW, OTHER),
        ("12345".to_owned(), NEW, NEW),
    ] {
        assert_eq!(world.saves(&visit, &code, password, again).await.status, 422);
    }
    let faults = world.sandbox.aws.faults();
    faults.next("ConfirmForgotPassword", 1, &Fault::FunctionError);
    assert_eq!(world.saves(&visit, &code, NEW, NEW).await.status, 422);
    faults.next("AdminUserGlobalSignOut", 1, &Fault::refuse("AccessDeniedException"));
    faults.next("cs-message", 1, &Fault::FunctionError);
    assert!(world.saves(&visit, &code, NEW, NEW).await.says("Your password was changed"));
    assert!(eva.sees().await.contains("Your password was changed"));
    let open = world.recovers(&olga).await;
    assert_eq!(world.opens(&open).await.status, 200);
    vec![visit.link, open.link]
}

/// Helps a customer through Technical Assistance, with faults at several steps.
async fn help_customer(world: &World) {
    let ben = world.person("ben");
    ben.types("/support technical email:\"julia@example.com' or 1=1\"").await;
    ben.types("/support technical email:nobody.at.all@example.com").await;
    world.chooses(&ben, JULIA, "Casa Luz").await;
    ben.types(&format!("/support technical email:{JULIA} ticket:{TICKET}")).await;
    assert!(ben.sees().await.contains(TICKET));
    ben.types(&format!("/support technical email:{JULIA} ticket:{TICKET}@{TICKET}")).await;
    assert!(ben.sees().await.starts_with("That is not a valid ticket number."));
    let faults = world.sandbox.aws.faults();
    faults.next("cs-otp-verify", 1, &Fault::FunctionError);
    faults.next("cs-otp-verify", 1, &Fault::Garbage);
    for _ in 0..2 {
        ben.presses("Enter code").await;
        ben.submits([world.code_for(BEN).as_str()]).await;
    }
    ben.presses("Enter code").await;
    ben.submits([world.code_for(BEN).as_str()]).await;
    ben.presses("Send code").await;
    ben.presses("Enter code").await;
    ben.submits([world.wrong_code_for(JULIA).as_str()]).await;
    ben.presses("Enter code").await;
    ben.submits([world.code_for(JULIA).as_str()]).await;
    for label in ["Waizant Store", "Waizant Web", "Waizant App", "See plan details", "Back"] {
        ben.presses(label).await;
        ben.sees().await;
    }
    faults.next(
        "cs-access",
        1,
        &Fault::Alter(sandbox::aws::Alteration::Host("evil.example".to_owned())),
    );
    // The shown links end, so that their buttons are the ordinary ones again.
    world.passes(minutes(1)).await;
    world.person("olga").sees().await;
    ben.presses("Waizant Web").await;
    assert!(ben.sees().await.contains("Something failed on our side."));
    // A panel that Discord refuses, because the address of the call contains the token.
    world.sandbox.discord.faults().next_calls_to("/callback", 2, RestFault::Status(400));
    ben.presses("Waizant Web").await;
    assert!(!ben.sees().await.contains("4 of 4"), "the panel was not drawn");
    ben.types("/support resume").await;
    ben.sees().await;
}

/// Helps a successor, with a mailed and a shown QR code.
async fn help_successor(world: &World) {
    let eva = world.person("eva");
    verifies_successor(world, &eva, None).await;
    eva.selects("2. Validation").await;
    eva.sees().await;
    eva.presses("Back").await;
    eva.sees().await;
    for label in ["Send QR", "Show QR"] {
        eva.presses(label).await;
        eva.sees().await;
    }
}

/// Returns the names and labels of all series.
async fn read_series(world: &World) -> BTreeSet<String> {
    let metrics = looks_at(&format!("{}metrics", world.admin_url())).await.body;
    let samples = metrics.lines().filter(|line| !line.starts_with('#'));
    samples.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
}

/// Returns the health report and the metrics.
async fn read_admin_pages(world: &World) -> String {
    let read = async |page| looks_at(&format!("{}{page}", world.admin_url())).await.body;
    let pages = [read("health").await, read("metrics").await].join("\n");
    assert!(pages.contains("\"store\":\"ok\"") && pages.contains("support_desk_call_seconds"));
    pages
}

#[tokio::test]
async fn secrets_never_leave_their_channels() {
    let collector = RawCollector::start().await;
    let traces = collector.traces();
    let log = traced_log(Some(&traces));
    World::run(async |world| {
        let series = read_series(world).await;
        link_account(world).await;
        let pages = recover_passwords(world).await;
        lock_out_and_cancel(world).await;
        let leads = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        let mut ids = world.sandbox.discord.custom_ids();
        help_customer(world).await;
        help_successor(world).await;
        ids.extend(world.sandbox.discord.custom_ids());
        let open = read_rows(world).await;
        let eva = world.person("eva");
        eva.presses("Finish").await;
        assert!(eva.sees().await.contains("was finished at"));
        let ids: Vec<String> = ids.into_iter().collect();

        let ben = world.person("ben");
        world.passes(minutes(3)).await;
        ben.presses("Finish").await;
        assert!(ben.sees().await.contains("was finished at"));
        let report = world.report_link(JULIA, MailKind::SupportVisit);
        assert_eq!(world.reports(&report, "not_me").await.status, 200);
        let changed = report.replace(".v.", ".c.");
        assert_eq!(looks_at(&world.report_url(&changed)).await.status, 404);
        let reported = world.sandbox.discord.channel_sees(LEADS_CHANNEL_ID).await;
        let closed = read_rows(world).await;

        let secrets = Secrets::collect(world, &pages);
        for (place, text) in [("the store of an open session", &open), ("the store", &closed), ("the files of the store", &read_files(world))] {
            secrets.assert_not_in(place, text);
            assert!(text.contains("j•••@e•••.com") || text.contains("o•••@w•••.example"), "{place} has no masked address");
        }
        for rows in [&open, &closed] {
            let mut with_ticket = rows.lines().filter(|row| row.contains(TICKET));
            assert!(with_ticket.next().is_some_and(|row| row.starts_with("sessions: ")), "{rows}");
            assert_eq!(with_ticket.next(), None, "one session has the ticket number");
            assert_eq!(rows.matches(TICKET).count(), 1, "its column has it: {rows}");
        }
        let admin_pages = read_admin_pages(world).await;
        assert!(series.len() > 400, "{series:?}");
        let now = read_series(world).await;
        let new: Vec<_> = now.difference(&series).collect();
        assert!(new.is_empty(), "a label has a value that is no word of the program: {new:?}");
        secrets.assert_not_in("the admin pages", &admin_pages);
        secrets.assert_not_in("a custom id", &ids.join("\n"));
        assert!(ids.len() > 20 && ids.iter().any(|id| id.ends_with(".code.customer_consent-1")), "{ids:?}");
        secrets.assert_not_in("the leads' channel", &leads);
        assert!(leads.contains("Too many wrong codes"));
        secrets.assert_not_in("the leads' channel", &reported);
        assert!(reported.contains("The customer says: not me"), "{reported}");
        let log = log.text();
        secrets.assert_not_in("the log", &log);
        traces.stop().await;
        let spans = collector.text();
        secrets.assert_not_in("the exported spans", &spans);
        for word in ["support-desk", "click", "page", "sweep", "effect", "commit", "otp_verify", "recovery_password"] {
            assert!(spans.contains(word), "{word} is in no span");
        }
        for id in ids.iter().filter_map(|id| id.split('.').find(|part| part.len() > 20)) {
            assert!(!spans.contains(id), "the session {id} is in the exported spans");
        }
        for person in ["ben", "eva", "olga"] {
            assert!(!spans.contains(&world.person(person).id().to_string()), "{person} is in the exported spans");
        }
        let calls = serde_json::to_string(&world.sandbox.aws.calls()).unwrap();
        let mails: Vec<_> = world.sandbox.mail.all().into_iter().map(|mail| mail.text).collect();
        for text in [&log, &spans, &admin_pages, &ids.join("\n"), &leads, &calls, &mails.join("\n")] {
            assert!(!text.to_uppercase().contains(TICKET), "{text}");
        }
        for line in [
            "session locked out: too many wrong codes",
            "the function failed",
            "issuing an access link",
            "setting a new password",
            "Discord refused the content with code 0",
        ] {
            assert!(log.contains(line), "{line}: {log}");
        }

        assert_eq!(world.count("select count(*) from sessions where closed_at is not null and sealed is not null").await, 0);
        assert!(world.count("select count(*) from sessions where closed_at is null and sealed is not null").await > 0);
    })
    .await;
}
