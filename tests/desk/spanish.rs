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
          Los seis dígitos del código <123456>
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
        assert_snapshot!(ana.sees_changes().await, @"
        Asistencia Técnica
        - ⚠️ El código tiene seis dígitos. Compruébalo y escríbelo de nuevo. No has perdido ningún intento.
        + ⚠️ Se podrá enviar un código nuevo in 1 minute.
        …
        ");
        ana.presses("Escribir código").await;
        ana.submits([world.code_for("ana@waizant.example").as_str()]).await;
        assert_snapshot!(ana.sees_changes().await, @r"
        Asistencia Técnica
        **Paso 2 de 2: verificación del cliente**

        Se enviará un código a la persona a la que das soporte, a j•••\@e•••.com. Dile que es de Waizant y pídele que te lo lea.
        Cliente: J\*\*\* P\*\*\*
        Ecosistema: Casa Luz
        Rol: Propietario
        Sesión ······
        [Enviar código] [Cambiar ecosistema] [Cancelar]
        ");

        ana.presses("Enviar código").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        Asistencia Técnica
        …
        - Se enviará un código a la persona a la que das soporte, a j•••\@e•••.com. Dile que es de Waizant y pídele que te lo lea.
        + Se ha enviado un código al **cliente**, a j•••\@e•••.com. Es válido hasta las 10:10 UTC (in 10 minutes). Pide al cliente que te lo lea.
        + Se pueden enviar 2 códigos más. Se podrá enviar otro in 1 minute.
        …
        - [Enviar código] [Cambiar ecosistema] [Cancelar]
        + [Escribir código] [Reenviar] [Cancelar]
        ");
        ana.presses("Escribir código").await;
        assert_snapshot!(ana.sees_changes().await, @r#"
        Form "Verificación del cliente":
          Los seis dígitos del código <123456>
        "#);
        ana.submits([world.code_for("julia@example.com").as_str()]).await;
        assert_snapshot!(ana.sees_changes().await, @r"
        Asistencia Técnica
        Ambos están verificados. Elige qué abrir para el cliente.

        El cliente es **propietario** de este ecosistema.
        Cliente: Julia Peña
        Correo: julia\@example.com
        Ecosistema: Casa Luz
        Sesión ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [Ver detalles del plan] [Finalizar] [Cancelar]
        ");

        ana.presses("Waizant Store").await;
        assert_snapshot!(ana.sees_changes().await, @"
        Asistencia Técnica
        …

        Waizant Store
        Esto abre Waizant Store con la sesión del cliente iniciada. Funciona **una vez** y caduca in 1 minute.
        [Abrir Waizant Store ↗]
        ");
        ana.presses("Waizant Web").await;
        assert_snapshot!(ana.sees_changes().await, @"
        Asistencia Técnica
        …

        Waizant Web
        Esto abre Waizant Web con la sesión del cliente iniciada. Funciona **una vez** y caduca in 1 minute.
        [Abrir Waizant Web ↗]
        ");
        ana.presses("Waizant App").await;
        assert_snapshot!(ana.sees_changes().await, @"
        Asistencia Técnica
        …

        Waizant App
        Escanéalo con el dispositivo móvil. Funciona **una vez** y caduca in 1 minute.
        (image qr.png)
        ");
        ana.presses("Ver detalles del plan").await;
        assert_snapshot!(ana.sees_changes().await, @"
        Detalles del plan
        Ecosistema: Casa Luz
        Plan: Family
        Estado: Activo
        Precio: 19,90 EUR al mes
        Se renueva: 2027-03-01
        Incluye:
        • Up to 6 people
        • Waizant Store
        • Shared calendar
        Sesión ······
        [Volver]
        ");
        ana.presses("Volver").await;
        ana.presses("Finalizar").await;
        assert_snapshot!(ana.sees_changes().await, @"
        Sesión cerrada
        Esta sesión está cerrada (10:00 UTC): se finalizó.
        Sesión ······

        Waizant Store
        Dejó de funcionar al cerrarse la sesión.

        Waizant Web
        Dejó de funcionar al cerrarse la sesión.

        Waizant App
        Dejó de funcionar al cerrarse la sesión.
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
        4 de 4 · Sofía Marín recibe Casa Herencia
        ❌ **El paso 2, Validation of the successor**, fue rechazado el 2026-06-05:
        • The identity document has expired
        • The photo does not show the whole document

        ✅ 1 Succession opened · 2026-06-01
        ❌ 2 Validation of the successor · 2026-06-05
        ⚪ 3 Signature of the agreement · 2026-06-01
        ⚪ 4 Transfer of the ecosystem · 2026-06-01
        Ecosystem Admin · Sesión ······ · ¿Sin panel? /soporte reanudar
        <Ver detalles: 1. Succession opened — Hecho | 2. Validation of the successor — Rechazado | 3. Signature of the agreement — En espera | 4. Transfer of the ecosystem — En espera>
        [Enviar QR] [Mostrar QR] [Finalizar] [Cancelar]
        ");
        ana.selects("2. Validation").await;
        assert_snapshot!(ana.sees_changes().await, @"
        Paso 2 de 4: Validation of the successor
        ❌ Rechazado · 2026-06-05

        **The validation process for The Successor was rejected by Waizant**

        Waizant reviewed the documents that the successor sent and could not accept them. Send them again from Waizant Web, under Succession.

        **Motivos**
        • The identity document has expired
        • The photo does not show the whole document

        **Qué hacer ahora:** dile los motivos al sucesor. Cuando el sucesor los haya corregido, Waizant volverá a revisar este paso. El código QR de acceso abre la sucesión en el dispositivo del sucesor.
        Sesión ······
        [Paso anterior] [Paso siguiente] [Volver]
        ");
        ana.presses("Volver").await;
        ana.presses("Enviar QR").await;
        ana.presses("Mostrar QR").await;
        assert_snapshot!(ana.sees_changes().await, @r"
        Ecosystem Admin
        …
        + 📨 Se envió un código QR de acceso al sucesor, a s•••\@e•••.com. Funciona **una vez** y caduca in 1 minute.
        …

        Acceso para el sucesor
        Pide al sucesor que lo escanee con su dispositivo móvil. Funciona **una vez** y caduca in 1 minute.
        (image qr.png)
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
