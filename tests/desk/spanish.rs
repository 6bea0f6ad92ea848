//! Spanish: one whole conversation for each support kind, and the choice of the language.

use commands::model::time::minutes;
use insta::assert_snapshot;

use crate::world::World;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one conversation")]
async fn technical_support_in_spanish() {
    World::run(async |world| {
        let ana = world.person("ana");
        ana.types("/soporte tecnica correo:julia@example.com").await;
        assert_snapshot!(ana.sees_changes().await, @"
        J*** P*** · j•••@e•••.com
        ✅ Activo desde 2024-01-15 · 3 ecosistemas
        Pregúntale si quiere ayuda ahora.
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Iniciar verificación] [Cerrar]
        ");
        ana.presses("Iniciar verificación").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        1 de 4 · El ecosistema
        Elige el ecosistema con el que el cliente necesita ayuda.

        J\*\*\* P\*\*\* · j•••\@e•••.com
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        <Elige un ecosistema: Casa Luz — propietario | Huerta Norte — miembro | Taller Sol — propietario>
        [Cancelar]
        ");
        ana.selects("Casa Luz").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        2 de 4 · Tu propio código
        Escribe el código enviado **a tu correo**, a•••\@w•••.example, válido hasta las 10:10 UTC.

        J\*\*\* P\*\*\* · Casa Luz · propietario
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Escribir código] [Reenviar (off)] [Cancelar]
        [Cambiar ecosistema]
        ");

        ana.presses("Escribir código").await;
        assert_snapshot!(ana.sees_changes().await, @r#"
        Form "Verificación interna":
          Código enviado a a•••@w•••.example <123456>
        "#);
        ana.submits([world.wrong_code_for("ana@waizant.example").as_str()]).await;
        assert_snapshot!(ana.sees_changes().await, @"
        2 de 4 · Tu propio código
        + ⚠️ Ese código no es correcto. Quedan 4 intentos.
        …
        ");
        ana.presses("Escribir código").await;
        ana.submits(["doce"]).await;
        assert_snapshot!(ana.sees_changes().await, @"
        2 de 4 · Tu propio código
        - ⚠️ Ese código no es correcto. Quedan 4 intentos.
        + ⚠️ El código tiene seis dígitos. Compruébalo y escríbelo de nuevo. No has perdido ningún intento.
        …
        ");
        ana.sees().await;
        world.passes(minutes(1)).await;
        ana.presses("Reenviar").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        2 de 4 · Tu propio código
        - ⚠️ El código tiene seis dígitos. Compruébalo y escríbelo de nuevo. No has perdido ningún intento.
        - Escribe el código enviado **a tu correo**, a•••\@w•••.example, válido hasta las 10:10 UTC.
        + Escribe el código enviado **a tu correo**, a•••\@w•••.example, válido hasta las 10:11 UTC.
        …
        ");
        ana.presses("Escribir código").await;
        ana.submits([world.code_for("ana@waizant.example").as_str()]).await;
        assert_snapshot!(ana.sees_changes().await, @r"
        3 de 4 · El código del cliente
        Di: «Le envío un código de Waizant a su correo. Me nombra a mí y a Casa Luz. Si es correcto, léamelo, por favor».

        J\*\*\* P\*\*\* · Casa Luz · propietario · se enviará a j•••\@e•••.com
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Enviar código] [Cancelar]
        [Cambiar ecosistema]
        ");

        ana.presses("Enviar código").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        3 de 4 · El código del cliente
        Pide al cliente que te lea el código enviado a j•••\@e•••.com, válido hasta las 10:11 UTC.

        J\*\*\* P\*\*\* · Casa Luz · propietario
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Escribir código] [Reenviar (off)] [Cancelar]
        ");
        ana.presses("Escribir código").await;
        assert_snapshot!(ana.sees_changes().await, @r#"
        Form "Verificación del cliente":
          Código enviado a j•••@e•••.com <123456>
        "#);
        ana.submits([world.code_for("julia@example.com").as_str()]).await;
        assert_snapshot!(ana.sees_changes().await, @r"
        4 de 4 · Julia Peña
        julia\@example.com · propietario de Casa Luz

        Elige qué abrir para el cliente.
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Waizant Store] [Waizant Web] [Waizant App]
        [Ver detalles del plan] [Historial] [Finalizar] [Cancelar]
        ");

        ana.presses("Waizant Store").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        4 de 4 · Julia Peña
        julia\@example.com · propietario de Casa Luz

        🔗 Store está listo hasta las 10:02:00 UTC (in 1 minute)
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Abrir Waizant Store ↗] [Waizant Web] [Waizant App]
        [Ver detalles del plan] [Historial] [Finalizar] [Cancelar]
        ");
        ana.presses("Waizant Web").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        4 de 4 · Julia Peña
        julia\@example.com · propietario de Casa Luz

        🔗 Store está listo hasta las 10:02:00 UTC (in 1 minute)
        🔗 Web está listo hasta las 10:02:00 UTC (in 1 minute)
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Abrir Waizant Store ↗] [Abrir Waizant Web ↗] [Waizant App]
        [Ver detalles del plan] [Historial] [Finalizar] [Cancelar]
        ");
        ana.presses("Waizant App").await;
        assert_snapshot!(ana.sees_changes().await, @"
        4 de 4 · Julia Peña
        …
        + 📱 App: escanea el código QR hasta las 10:02:00 UTC (in 1 minute)
        + (image qr.png)
        …
        - [Abrir Waizant Store ↗] [Abrir Waizant Web ↗] [Waizant App]
        + [Abrir Waizant Store ↗] [Abrir Waizant Web ↗] [Waizant App (off)]
        …
        ");
        ana.presses("Ver detalles del plan").await;
        assert_snapshot!(ana.sees_changes().await, @"
        Plan · Casa Luz
        **Family** · Activo
        19,90 EUR al mes · se renueva el 2027-03-01

        Incluye:
        • Up to 6 people
        • Waizant Store
        • Shared calendar
        Asistencia Técnica · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Volver]
        ");
        ana.presses("Volver").await;
        ana.presses("Finalizar").await;
        assert_snapshot!(ana.sees_changes().await, @"
        ✅ Listo con Julia Peña
        Esta sesión se finalizó a las 10:01 UTC.

        Los enlaces y códigos QR de esta sesión ya no funcionan.
        Asistencia Técnica · Sesión ······
        [Atender a otro cliente]
        ");
    })
    .await;
}

#[tokio::test]
async fn successor_support_in_spanish() {
    World::run(async |world| {
        let ana = world.person("ana");
        ana.types("/soporte sucesor correo:sofia@example.com").await;
        assert_snapshot!(ana.sees_changes().await, @"
        S*** M*** · s•••@e•••.com
        ✅ Activo desde 2024-09-11 · 1 sucesión
        Pregúntale si quiere ayuda ahora.
        Ecosystem Admin · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Iniciar verificación para Casa Herencia] [Cerrar]
        ");
        ana.presses("Iniciar").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        2 de 4 · Tu propio código
        Escribe el código enviado **a tu correo**, a•••\@w•••.example, válido hasta las 10:10 UTC.

        S\*\*\* M\*\*\* · Casa Herencia · sucesor
        Ecosystem Admin · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Escribir código] [Reenviar (off)] [Cancelar]
        ");
        ana.presses("Escribir código").await;
        ana.submits([world.code_for("ana@waizant.example").as_str()]).await;
        ana.presses("Enviar código").await;
        ana.presses("Escribir código").await;
        ana.submits([world.code_for("sofia@example.com").as_str()]).await;
        assert_snapshot!(ana.sees_changes().await, @"
        4 de 4 · Sofía Marín se hace cargo de Casa Herencia
        ❌ **El paso 2, Validation of the successor**, fue rechazado el 2026-06-05:
        • The identity document has expired
        • The photo does not show the whole document

        ✅ 1 Succession opened · 2026-06-01
        ❌ 2 Validation of the successor · 2026-06-05
        ⚪ 3 Signature of the agreement · 2026-06-01
        ⚪ 4 Transfer of the ecosystem · 2026-06-01
        Ecosystem Admin · Sesión ······ · ¿Sin panel? /soporte reanudar
        <Ver detalles: 1. Succession opened — Hecho | 2. Validation of the successor — Rechazado | 3. Signature of the agreement — En espera | 4. Transfer of the ecosystem — En espera>
        [Enviar QR] [Mostrar QR] [Historial] [Finalizar] [Cancelar]
        ");
        ana.selects("2. Validation").await;
        assert_snapshot!(ana.sees_changes().await, @"
        Paso 2 de 4: Validation of the successor
        ❌ Rechazado · 2026-06-05

        **The validation process for The Successor was rejected by Waizant.**

        Waizant reviewed the documents that the successor sent and could not accept them. Send them again from Waizant Web, under Succession.

        **Motivos**
        • The identity document has expired
        • The photo does not show the whole document

        **Qué hacer ahora:** dile los motivos al sucesor. El código QR abre la sucesión para corregir el paso.
        Ecosystem Admin · Sesión ······ · ¿Sin panel? /soporte reanudar
        [Paso anterior] [Paso siguiente] [Volver]
        ");
        ana.presses("Volver").await;
        ana.presses("Enviar QR").await;
        ana.presses("Mostrar QR").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        4 de 4 · Sofía Marín se hace cargo de Casa Herencia
        📨 Se ha enviado un código QR al sucesor, a s•••\@e•••.com. Funciona una vez y caduca in 1 minute.
        📱 Pide al sucesor que escanee el código QR hasta las 10:01:00 UTC (in 1 minute)
        (image qr.png)
        Ecosystem Admin · Sesión ······ · ¿Sin panel? /soporte reanudar
        <Ver detalles: 1. Succession opened — Hecho | 2. Validation of the successor — Rechazado | 3. Signature of the agreement — En espera | 4. Transfer of the ecosystem — En espera>
        [Enviar QR] [Abrir la sucesión ↗] [Historial] [Finalizar] [Cancelar]
        ");
    })
    .await;
}

#[tokio::test]
async fn language_follows_the_last_click() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.locale("es-419");
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Elige el ecosistema"));
        world.passes(minutes(12)).await;
        assert!(
            ben.sees().await.contains("Esta sesión se cierra"),
            "a timer uses the language of the last click"
        );
        ben.locale("pt-BR");
        ben.selects("Casa Luz").await;
        assert!(
            ben.sees().await.contains("mailed to **you**"),
            "English is the default for other languages"
        );
    })
    .await;
}
