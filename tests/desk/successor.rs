//! Ecosystem Admin: a successor is verified like any customer, and helped with the succession.

use commands::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;
use sandbox::mail::MailKind;
use sandbox::shop::LinkState;

use crate::access::scanned;
use crate::world::World;

const SOFIA: &str = "sofia@example.com";
const SAUL: &str = "saul@example.com";

/// From the look-up to the panel with the steps; everything on the way is read.
pub(crate) async fn verifies_successor(world: &World, who: &Person, succession: Option<&str>) {
    let customer = if succession.is_some() { SAUL } else { SOFIA };
    who.types(&format!("/support successor email:{customer}")).await;
    who.presses("Start").await;
    if let Some(ecosystem) = succession {
        who.selects(ecosystem).await;
    }
    who.presses("Enter code").await;
    who.submits([world.code_for(&world.mailbox_of(who)).as_str()]).await;
    who.presses("Send code").await;
    who.presses("Enter code").await;
    who.submits([world.code_for(customer).as_str()]).await;
    who.sees().await;
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a road is told in one piece")]
async fn a_successor_is_verified_and_helped() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(&format!("/support successor email:{SOFIA}")).await;
        assert_snapshot!(ben.sees().await, @r"
        Ecosystem Admin
        Ask the customer whether they want help now, then start the verification.
        Customer: S\*\*\* M\*\*\*
        E-mail: s•••\@e•••.com
        State in Waizant: Active since 2024-09-11
        Successions: 1
        Session ······
        [Start verification process] [Close]
        ");
        ben.presses("Start verification process").await;
        assert_snapshot!(ben.sees().await, @r"
        Ecosystem Admin
        **Step 1 of 2: internal verification**

        A code was mailed to **you**, at b•••\@w•••.example. It is valid until 10:10 UTC (in 10 minutes).

        2 more codes can be sent. A new one can be sent in 1 minute.
        Customer: S\*\*\* M\*\*\*
        Ecosystem: Casa Herencia
        Role: Successor
        Session ······
        [Enter code] [Resend] [Cancel]
        ");
        ben.presses("Enter code").await;
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        assert_snapshot!(ben.sees().await, @r"
        Ecosystem Admin
        **Step 2 of 2: customer verification**

        A code will be sent to the person you are supporting, at s•••\@e•••.com. Tell them that it comes from Waizant, and ask them to read it out to you.
        Customer: S\*\*\* M\*\*\*
        Ecosystem: Casa Herencia
        Role: Successor
        Session ······
        [Send code] [Cancel]
        ");
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(SOFIA).as_str()]).await;
        assert_snapshot!(ben.sees().await, @r"
        Ecosystem Admin
        Both are verified. This is how the succession stands.

        ❌ Step 2, **Validation of the successor**, was rejected. Its details tell the reasons and what to do next.
        Customer: Sofía Marín
        E-mail: sofia\@example.com
        Ecosystem: Casa Herencia
        1. Succession opened:
        ✅ Done · 2026-06-01
        The owner named a successor.
        2. Validation of the successor:
        ❌ Rejected · 2026-06-05
        The validation process for The Successor was rejected by Waizant
        3. Signature of the agreement:
        ⚪ Waiting · 2026-06-01
        Begins after the validation.
        4. Transfer of the ecosystem:
        ⚪ Waiting · 2026-06-01
        The last step.
        Session ······
        [1. See details] [2. See details] [3. See details] [4. See details]
        [Send QR] [Show QR]
        [Finish] [Cancel]
        ");

        ben.presses("2. See details").await;
        assert_snapshot!(ben.sees().await, @"
        Step 2 of 4: Validation of the successor
        ❌ Rejected · 2026-06-05

        **The validation process for The Successor was rejected by Waizant**

        Waizant reviewed the documents that the successor sent and could not accept them. Send them again from Waizant Web, under Succession.

        **Reasons**
        • The identity document has expired
        • The photo does not show the whole document

        **What to do next:** tell the successor the reasons. When they have put them right, Waizant looks at this step again. An access QR takes the successor to the succession.
        Session ······
        [Previous step] [Next step] [Back]
        ");
        ben.presses("Next step").await;
        assert_snapshot!(ben.sees().await, @"
        Step 3 of 4: Signature of the agreement
        ⚪ Waiting · 2026-06-01

        **Begins after the validation.**

        Both sides sign the agreement in Waizant Web.

        This step begins when the ones before it are done.
        Session ······
        [Previous step] [Next step] [Back]
        ");
        ben.presses("Back").await;
        assert!(ben.sees().await.contains("[Send QR] [Show QR]"));

        ben.presses("Send QR").await;
        assert_snapshot!(ben.sees().await, @r"
        Ecosystem Admin
        Both are verified. This is how the succession stands.

        📨 An access QR was mailed to the successor, at s•••\@e•••.com. It works **once**, and ends in 1 minute.

        ❌ Step 2, **Validation of the successor**, was rejected. Its details tell the reasons and what to do next.
        Customer: Sofía Marín
        E-mail: sofia\@example.com
        Ecosystem: Casa Herencia
        1. Succession opened:
        ✅ Done · 2026-06-01
        The owner named a successor.
        2. Validation of the successor:
        ❌ Rejected · 2026-06-05
        The validation process for The Successor was rejected by Waizant
        3. Signature of the agreement:
        ⚪ Waiting · 2026-06-01
        Begins after the validation.
        4. Transfer of the ecosystem:
        ⚪ Waiting · 2026-06-01
        The last step.
        Session ······
        [1. See details] [2. See details] [3. See details] [4. See details]
        [Send QR] [Show QR]
        [Finish] [Cancel]
        ");
        let letter = world.sandbox.mail.for_address(SOFIA).pop().unwrap();
        assert_eq!((letter.kind, letter.attachments.len()), (MailKind::SuccessorQr, 1));
        let link = world.sandbox.shop.links().pop().unwrap();
        assert_eq!(scanned(&letter.attachments[0].bytes).0, link.url, "the QR in the mail leads to the succession");

        ben.presses("Show QR").await;
        assert_snapshot!(ben.sees().await, @r"
        Ecosystem Admin
        Both are verified. This is how the succession stands.

        📨 An access QR was mailed to the successor, at s•••\@e•••.com. It works **once**, and ends in 1 minute.

        ❌ Step 2, **Validation of the successor**, was rejected. Its details tell the reasons and what to do next.
        Customer: Sofía Marín
        E-mail: sofia\@example.com
        Ecosystem: Casa Herencia
        1. Succession opened:
        ✅ Done · 2026-06-01
        The owner named a successor.
        2. Validation of the successor:
        ❌ Rejected · 2026-06-05
        The validation process for The Successor was rejected by Waizant
        3. Signature of the agreement:
        ⚪ Waiting · 2026-06-01
        Begins after the validation.
        4. Transfer of the ecosystem:
        ⚪ Waiting · 2026-06-01
        The last step.
        Session ······
        [1. See details] [2. See details] [3. See details] [4. See details]
        [Send QR] [Show QR]
        [Finish] [Cancel]

        Access for the successor
        The successor scans this with their mobile device. It works **once**, and ends in 1 minute.
        (image qr.png)
        ");
        assert_eq!(scanned(&ben.file("qr.png")).0, world.sandbox.shop.links().pop().unwrap().url);
        ben.presses("Finish").await;
        assert_snapshot!(ben.sees().await, @"
        Session closed
        This session is closed (10:00 UTC): it was finished.
        Session ······

        Access for the successor
        It has ended with the session.
        ");
        let open = world.sandbox.shop.links().into_iter().filter(|link| link.state == LinkState::Open).count();
        assert_eq!(open, 0, "what was opened, also by mail, is revoked");
    })
    .await;
}

#[tokio::test]
async fn of_two_successions_one_is_chosen_and_then_the_other() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types(&format!("/support successor email:{SAUL}")).await;
        ben.presses("Start").await;
        assert_snapshot!(ben.sees().await, @r"
        Ecosystem Admin
        The customer is the successor in several ecosystems. Choose the one that they need help with.
        Customer: S\*\*\* B\*\*\*
        E-mail: s•••\@e•••.com
        Session ······
        <Choose a succession: El Molino — Successor | Puerto Azul — Successor>
        [Cancel]
        ");
        ben.selects("El Molino").await;
        assert!(ben.sees().await.contains("[Change succession]"));
        world.passes(minutes(1)).await;
        ben.presses("Change succession").await;
        ben.selects("Puerto Azul").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for("ben@waizant.example").as_str()]).await;
        ben.presses("Send code").await;
        ben.presses("Enter code").await;
        ben.submits([world.code_for(SAUL).as_str()]).await;
        assert_snapshot!(ben.sees().await, @r"
        Ecosystem Admin
        Both are verified. This is how the succession stands.
        Customer: Saul Berg
        E-mail: saul\@example.com
        Ecosystem: Puerto Azul
        1. Succession opened:
        ✅ Done · 2026-06-01
        The owner named a successor.
        2. Validation of the successor:
        ✅ Done · 2026-06-06
        The documents were accepted.
        3. Signature of the agreement:
        🔵 In progress · 2026-06-07
        Both sides can sign now.
        4. Transfer of the ecosystem:
        ⚪ Waiting · 2026-06-01
        The last step.
        Session ······
        [1. See details] [2. See details] [3. See details] [4. See details]
        [Send QR] [Show QR]
        [Finish] [Cancel]
        ");
        let sends = world.sandbox.aws.calls_of("cs-otp-send");
        assert_eq!(sends.last().unwrap().body["ecosystem"]["id"], "eco-puerto");
    })
    .await;
}

#[tokio::test]
async fn a_customer_who_is_no_successor_is_not_started() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support successor email:julia@example.com").await;
        assert_snapshot!(ben.sees().await, @r"
        Ecosystem Admin
        This customer is not the successor in any succession, so there is nothing to help with here. Their own ecosystems are in `/support technical`.
        Customer: J\*\*\* P\*\*\*
        E-mail: j•••\@e•••.com
        State in Waizant: Active since 2024-01-15
        Successions: 0
        Session ······
        [Close]
        ");
        ben.types("/support successor email:nobody@example.com").await;
        assert_snapshot!(ben.sees().await, @"Nobody in Waizant has that e-mail address. Check the spelling with the customer.");
    })
    .await;
}

#[tokio::test]
async fn a_customer_is_attended_on_one_road_at_a_time() {
    World::run(async |world| {
        let (ben, eva) = (world.person("ben"), world.person("eva"));
        // Looked up only: nobody is attended, so the other road is open.
        ben.types(&format!("/support technical email:{SOFIA}")).await;
        assert!(ben.sees().await.starts_with("Technical Assistance"));
        ben.types(&format!("/support successor email:{SOFIA}")).await;
        assert!(ben.sees().await.starts_with("Ecosystem Admin"));
        ben.presses("Start").await;
        ben.sees().await;

        ben.types(&format!("/support technical email:{SOFIA}")).await;
        let panel = ben.sees().await;
        assert!(panel.contains("⚠️ You are attending this customer already, in Ecosystem Admin"), "{panel}");
        assert!(panel.contains("Step 1 of 2: internal verification"), "{panel}");

        eva.types(&format!("/support successor email:{SOFIA}")).await;
        assert!(eva.sees().await.contains("This customer is being attended by <@"), "eva is a lead");
        ben.presses("Cancel").await;
        ben.submits(["Wrong road, she has another question"]).await;
        ben.sees().await;
        ben.types(&format!("/support technical email:{SOFIA}")).await;
        let panel = ben.sees().await;
        assert!(panel.contains("Technical Assistance\nThis customer belongs to no ecosystem"), "{panel}");
        eva.sees().await;
    })
    .await;
}

#[tokio::test]
async fn the_trail_of_a_succession() {
    World::run(async |world| {
        let ben = world.person("ben");
        verifies_successor(world, &ben, None).await;
        ben.presses("2. See details").await;
        ben.presses("Back").await;
        ben.presses("Send QR").await;
        ben.presses("Finish").await;
        ben.sees().await;
        assert_snapshot!(world.trail().await.join("\n"), @r#"
        looked_up {"colleague":false,"customer":"usr-sofia","found":true,"road":"successor"}
        started {"customer":"usr-sofia"}
        ecosystem_chosen {"ecosystem":"eco-herencia","succession":"suc-herencia"}
        code_asked {"nth":1,"purpose":"agent_mfa"}
        code_sent {"nth":1,"purpose":"agent_mfa","to":"b•••@w•••.example"}
        code_typed {"nth":1,"purpose":"agent_mfa"}
        code_right {"nth":1,"purpose":"agent_mfa"}
        code_asked {"nth":1,"purpose":"customer_consent"}
        code_sent {"nth":1,"purpose":"customer_consent","to":"s•••@e•••.com"}
        code_typed {"nth":1,"purpose":"customer_consent"}
        code_right {"nth":1,"purpose":"customer_consent"}
        access_asked {"ecosystem":"eco-herencia","nth":1,"target":"successor"}
        access_mailed {"nth":1,"target":"successor","to":"s•••@e•••.com","until":1767607260000}
        closed {"why":"finished"}
        revoke_asked {}
        revoked {"outcome":"done","revoked":1}
        "#);
    })
    .await;
}

#[tokio::test]
async fn in_spanish() {
    World::run(async |world| {
        let ana = world.person("ana");
        ana.types(&format!("/soporte sucesor correo:{SOFIA}")).await;
        assert_snapshot!(ana.sees().await, @r"
        Ecosystem Admin
        Pregunta al cliente si quiere ayuda ahora y después inicia la verificación.
        Cliente: S\*\*\* M\*\*\*
        Correo: s•••\@e•••.com
        Estado en Waizant: Activo desde 2024-09-11
        Sucesiones: 1
        Sesión ······
        [Iniciar verificación] [Cerrar]
        ");
        ana.presses("Iniciar").await;
        assert_snapshot!(ana.sees().await, @r"
        Ecosystem Admin
        **Paso 1 de 2: verificación interna**

        Se ha enviado un código **a tu correo**, a•••\@w•••.example. Es válido hasta las 10:10 UTC (in 10 minutes).

        Se pueden enviar 2 códigos más. Se podrá enviar otro in 1 minute.
        Cliente: S\*\*\* M\*\*\*
        Ecosistema: Casa Herencia
        Rol: Sucesor
        Sesión ······
        [Escribir código] [Reenviar] [Cancelar]
        ");
        ana.presses("Escribir código").await;
        ana.submits([world.code_for("ana@waizant.example").as_str()]).await;
        ana.presses("Enviar código").await;
        ana.presses("Escribir código").await;
        ana.submits([world.code_for(SOFIA).as_str()]).await;
        assert_snapshot!(ana.sees().await, @r"
        Ecosystem Admin
        Ambos están verificados. Así va la sucesión.

        ❌ El paso 2, **Validation of the successor**, fue rechazado. Sus detalles dicen los motivos y qué hacer ahora.
        Cliente: Sofía Marín
        Correo: sofia\@example.com
        Ecosistema: Casa Herencia
        1. Succession opened:
        ✅ Hecho · 2026-06-01
        The owner named a successor.
        2. Validation of the successor:
        ❌ Rechazado · 2026-06-05
        The validation process for The Successor was rejected by Waizant
        3. Signature of the agreement:
        ⚪ En espera · 2026-06-01
        Begins after the validation.
        4. Transfer of the ecosystem:
        ⚪ En espera · 2026-06-01
        The last step.
        Sesión ······
        [1. Ver detalles] [2. Ver detalles] [3. Ver detalles] [4. Ver detalles]
        [Enviar QR] [Mostrar QR]
        [Finalizar] [Cancelar]
        ");
        ana.presses("2. Ver detalles").await;
        assert_snapshot!(ana.sees().await, @"
        Paso 2 de 4: Validation of the successor
        ❌ Rechazado · 2026-06-05

        **The validation process for The Successor was rejected by Waizant**

        Waizant reviewed the documents that the successor sent and could not accept them. Send them again from Waizant Web, under Succession.

        **Motivos**
        • The identity document has expired
        • The photo does not show the whole document

        **Qué hacer ahora:** dile los motivos al sucesor. Cuando los haya corregido, Waizant volverá a revisar este paso. Un QR de acceso lleva al sucesor a la sucesión.
        Sesión ······
        [Paso anterior] [Paso siguiente] [Volver]
        ");
        ana.presses("Volver").await;
        ana.presses("Enviar QR").await;
        ana.presses("Mostrar QR").await;
        assert_snapshot!(ana.sees().await, @r"
        Ecosystem Admin
        Ambos están verificados. Así va la sucesión.

        📨 Se envió un QR de acceso al sucesor, a s•••\@e•••.com. Funciona **una vez** y termina in 1 minute.

        ❌ El paso 2, **Validation of the successor**, fue rechazado. Sus detalles dicen los motivos y qué hacer ahora.
        Cliente: Sofía Marín
        Correo: sofia\@example.com
        Ecosistema: Casa Herencia
        1. Succession opened:
        ✅ Hecho · 2026-06-01
        The owner named a successor.
        2. Validation of the successor:
        ❌ Rechazado · 2026-06-05
        The validation process for The Successor was rejected by Waizant
        3. Signature of the agreement:
        ⚪ En espera · 2026-06-01
        Begins after the validation.
        4. Transfer of the ecosystem:
        ⚪ En espera · 2026-06-01
        The last step.
        Sesión ······
        [1. Ver detalles] [2. Ver detalles] [3. Ver detalles] [4. Ver detalles]
        [Enviar QR] [Mostrar QR]
        [Finalizar] [Cancelar]

        Acceso para el sucesor
        El sucesor lo escanea con su dispositivo móvil. Funciona **una vez** y termina in 1 minute.
        (image qr.png)
        ");
    })
    .await;
}
