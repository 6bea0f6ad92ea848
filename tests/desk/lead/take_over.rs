//! A lead takes a session over: from each stage, and who may not.

use commands::model::time::minutes;

use insta::assert_snapshot;
use sandbox::clock::Clock as _;
use sandbox::discord::Person;
use sandbox::seed::{LEAD_GROUP, LEADS_CHANNEL_ID, SUPPORT_CHANNEL_ID, VERIFIER_GROUP};

use crate::lead::{JULIA, OPEN, ids, looks_up, newest, opens_card};
use crate::person::TestPerson;
use crate::report::visit::visits;
use crate::world::World;

/// Takes the only open session over.
pub(super) async fn takes_over(lead: &Person) {
    asks(lead).await;
    lead.presses("Take over").await;
}

/// Opens the card of the only open session, and presses Take over.
pub(super) async fn asks(lead: &Person) {
    lead.types("/desk sessions").await;
    lead.sees().await;
    lead.selects("").await;
    lead.sees().await;
    lead.presses("Take over").await;
    lead.sees().await;
}

#[tokio::test]
async fn lead_and_customer_are_verified_again() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.proves_agent(&ben, &format!("{JULIA} ticket:ZD-1234"), "Casa Luz").await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(JULIA).as_str()]).await;
        ben.presses("Waizant Web").await;
        ben.sees().await;
        let old_codes = ["ben@waizant.example", JULIA].map(|mailbox| world.code_for(mailbox));
        let old_button = ben.keep("Waizant Store");
        let card = opens_card(world, &leo).await;
        assert!(card.contains("[Close session] [Take over] [Trail] [Agent] [Back]"));
        leo.presses("Take over").await;
        assert_snapshot!(leo.sees().await, @"
        Session ······
        The session closes, and its access links are revoked. You start again about the same customer. The customer has to read out a new code.
        [Take over] [Back]
        ");
        leo.presses("Take over").await;
        assert_snapshot!(leo.sees().await, @r"
        2 of 4 · Your own code
        ⚠️ You have taken over from <@1200000000000000101>. You and the customer have to be verified again.

        Enter the code that was mailed to **you** at l•••\@w•••.example, good until 10:10 UTC.

        J\*\*\* P\*\*\* · Casa Luz · owner
        Technical Assistance · Session ······ · ZD-1234 · Panel gone? /support resume
        [Enter code] [Resend (off)] [Cancel]
        [Change ecosystem]
        ");
        assert_snapshot!(ben.sees().await, @"
        Session closed
        Session closed (10:00 UTC): <@1200000000000000109> has taken over.

        Links and QR codes of this session no longer work.
        Technical Assistance · Session ······ · ZD-1234
        [Help another customer]
        ");
        assert!(ben.find_link("Open Waizant Web").is_none(), "the link is gone");
        let revokes = world.sandbox.aws.calls_of("cs-access");
        assert_eq!(revokes.iter().filter(|call| call.body["op"] == "revoke").count(), 1);
        assert_eq!(visits(world, JULIA).len(), 1, "the customer reads what Ben had opened");
        let trail = world.trail().await;
        let at = trail.iter().rposition(|event| event.starts_with("started")).unwrap();
        let [old, new] = ids(world).await.try_into().unwrap();
        let around = trail[at - 2..at + 3].join("\n").replace(&old, "<old>").replace(&new, "<new>");
        assert_snapshot!(around, @r#"
        closed {"to":"<new>","why":"taken_over"}
        revoke_asked {}
        started {"customer":"<usr-julia>"}
        taken_over {"from":"<old>","to":"<new>"}
        ecosystem_chosen {"role":"owner"} about {"ecosystem":"eco-casa-luz"}
        "#);
        // Neither of the old codes works, and both people get new ones.
        leo.presses("Enter code").await;
        leo.submits([old_codes[0].as_str()]).await;
        assert!(leo.sees().await.contains("That code is not correct."));
        leo.presses("Enter code").await;
        leo.submits([world.code_for("leo@waizant.example").as_str()]).await;
        leo.presses("Send code").await;
        leo.sees().await;
        leo.presses("Enter code").await;
        leo.submits([old_codes[1].as_str()]).await;
        assert!(leo.sees().await.contains("That code is not correct."));
        let mails = world.sandbox.mail.for_address(JULIA);
        assert!(mails.last().unwrap().text.contains("Leo"), "the mail names the lead");
        leo.presses("Enter code").await;
        leo.submits([world.code_for(JULIA).as_str()]).await;
        assert!(leo.sees().await.contains("[Waizant Store] [Waizant Web] [Waizant App]"));
        assert!(world.findings().await.is_empty());
        // The agent's old buttons and Resume tell the same.
        ben.presses_kept(&old_button).await;
        assert!(ben.sees().await.contains("has taken over."));
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("no open session"));
    })
    .await;
}

#[tokio::test]
async fn without_a_case_the_lead_chooses_it() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        leo.locale("es-ES");
        ben.types(&format!("/support technical email:{JULIA}")).await;
        ben.presses("Start").await;
        ben.sees().await;
        leo.types("/mesa sesiones").await;
        leo.sees().await;
        leo.selects(&newest(world).await).await;
        leo.presses("Tomar el relevo").await;
        assert_snapshot!(leo.sees().await, @"
        Sesión ······
        La sesión se cierra y sus enlaces de acceso se revocan. Empiezas de nuevo con el mismo cliente, que tiene que leerte un código nuevo.
        [Tomar el relevo] [Volver]
        ");
        leo.presses("Tomar el relevo").await;
        assert_snapshot!(leo.sees().await, @r"
        1 de 4 · El ecosistema
        ⚠️ Has tomado el relevo de <@1200000000000000101>. Tú y el cliente tenéis que verificaros de nuevo.

        Elige el ecosistema con el que el cliente necesita ayuda.

        J\*\*\* P\*\*\* · j•••\@e•••.com
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        <Elige un ecosistema: Casa Luz — propietario | Huerta Norte — miembro | Taller Sol — propietario>
        [Cancelar]
        ");
        assert!(ben.sees().await.contains("has taken over."), "in the agent's language");
        assert!(world.sandbox.mail.for_address("leo@waizant.example").is_empty());
        leo.selects("Casa Luz").await;
        assert!(leo.sees().await.contains("2 de 4"));
    })
    .await;
}

#[tokio::test]
async fn customer_stays_taken_for_others() {
    World::run(async |world| {
        let (ben, leo, eva) = (world.person("ben"), world.person("leo"), world.person("eva"));
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        takes_over(&leo).await;
        leo.sees().await;
        ben.sees().await;
        ben.types(&format!("/support technical email:{JULIA}")).await;
        assert!(ben.find_button("Start").is_none(), "another agent is helping this customer");
        ben.sees().await;
        ben.presses("Close").await;
        ben.sees().await;
        // A lead can take over from a lead.
        takes_over(&eva).await;
        assert!(eva.sees().await.contains("You have taken over from"));
        assert!(leo.sees().await.contains("has taken over."));
        let attended = "select count(*) from sessions where attending is not null";
        assert_eq!(world.count(attended).await, 1);
    })
    .await;
}

#[tokio::test]
async fn two_leads_take_over_once() {
    World::run(async |world| {
        let (ben, eva, leo) = (world.person("ben"), world.person("eva"), world.person("leo"));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        asks(&eva).await;
        asks(&leo).await;
        tokio::join!(eva.presses("Take over"), leo.presses("Take over"));
        let mut seen = [eva.sees().await, leo.sees().await];
        seen.sort();
        assert!(seen[0].contains("You have taken over from"), "{seen:?}");
        assert!(seen[1].contains(" closed it a moment ago."), "{seen:?}");
        ben.sees().await;
        assert_eq!(world.count(OPEN).await, 1);
        assert_eq!(world.count("select count(*) from events where kind = 'taken_over'").await, 1);
    })
    .await;
}

#[tokio::test]
async fn refusals_change_nothing() {
    World::run(async |world| {
        let (ben, leo, lara) = (world.person("ben"), world.person("leo"), world.person("lara"));
        // Before Start there is no button, and a forged one is refused.
        looks_up(&ben, JULIA).await;
        assert!(!opens_card(world, &leo).await.contains("[Take over]"));
        let id = ids(world).await.pop().unwrap();
        let button = format!("d1.desk.take.{id}.open.all.0");
        let refused = async |lead: &TestPerson, why: &str| {
            lead.forges(&button).await;
            let seen = lead.sees().await;
            assert!(seen.contains(why), "{seen}");
        };
        refused(&leo, "has not started to help this customer").await;
        ben.presses("Start").await;
        ben.selects("Casa Luz").await;
        ben.sees().await;
        lara.types("/desk sessions").await;
        lara.sees().await;
        refused(&lara, "agent role").await;
        // The panel would not work in the leads' channel.
        leo.moves_to(LEADS_CHANNEL_ID);
        leo.types("/desk sessions").await;
        leo.sees().await;
        refused(&leo, "This works only in").await;
        leo.moves_to(SUPPORT_CHANNEL_ID);
        // An open lockout of the customer holds the lead back too.
        let subject = world.pseudonym("usr-julia").await;
        world.executes(format!(
            "insert into lockouts (subject, until) values ('customer:{subject}', {})",
            world.clock.now() + 300_000
        )).await;
        leo.types("/desk sessions").await;
        leo.sees().await;
        refused(&leo, "locked").await;
        world.executes("delete from lockouts").await;
        // Three open sessions are the most.
        for customer in ["tom@example.com", "lena@example.com", "jose@example.com"] {
            leo.types(&format!("/support technical email:{customer}")).await;
            leo.presses("Start").await;
            leo.sees().await;
        }
        leo.types("/desk sessions").await;
        leo.sees().await;
        refused(&leo, "three open sessions").await;
        let ben_open = "select count(*) from sessions where closed_at is null and discord_id = 1200000000000000101";
        assert_eq!(world.count(ben_open).await, 1);
        let refused = world.select("select details from events where kind = 'refused' order by rowid");
        let refused: Vec<_> = refused.await.into_iter().flatten().collect();
        assert_snapshot!(refused.join("\n"), @r#"
        {"why":"not_started"}
        {"why":"not_an_agent"}
        {"why":"wrong_channel"}
        {"why":"locked_out"}
        {"why":"too_many_open"}
        "#);
    })
    .await;
}

#[tokio::test]
async fn own_session_is_no_take_over() {
    World::run(async |world| {
        let leo = world.person("leo");
        world.chooses(&leo, JULIA, "Casa Luz").await;
        assert!(!opens_card(world, &leo).await.contains("[Take over]"));
        let id = ids(world).await.pop().unwrap();
        leo.forges(&format!("d1.desk.take.{id}.open.all.0")).await;
        assert!(leo.sees().await.contains("This is your own session."));
    })
    .await;
}

#[tokio::test]
async fn session_closed_meanwhile_tells_when_and_why() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.chooses(&ben, JULIA, "Casa Luz").await;
        asks(&leo).await;
        world.clock.advance(minutes(15));
        leo.presses("Take over").await;
        assert_snapshot!(leo.sees().await, @"
        It was closed already, at 10:15 UTC: no activity.
        [Back]
        ");
        ben.sees().await;
    })
    .await;
}

#[tokio::test]
async fn verify_only_lead_gets_a_verify_only_session() {
    World::run(async |world| {
        let (ben, leo) = (world.person("ben"), world.person("leo"));
        world.sandbox.aws.set_groups("leo@waizant.example", &[LEAD_GROUP, VERIFIER_GROUP]);
        world.passes(minutes(2)).await;
        world.verifies(&ben, JULIA, "Casa Luz").await;
        takes_over(&leo).await;
        leo.presses("Enter code").await;
        leo.submits([world.code_for("leo@waizant.example").as_str()]).await;
        leo.presses("Send code").await;
        leo.presses("Enter code").await;
        leo.submits([world.code_for(JULIA).as_str()]).await;
        let seen = leo.sees().await;
        assert!(seen.contains("a full agent has to start again"), "{seen}");
        ben.sees().await;
    })
    .await;
}
