//! Ecosystem Admin in Spanish, as Ana sees it.

use insta::assert_snapshot;

use crate::world::World;

const SOFIA: &str = "sofia@example.com";

#[tokio::test]
async fn ana_helps_a_successor_in_spanish() {
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
        Ambos están verificados. Estos son los pasos de la sucesión.

        ❌ El paso 2, **Validation of the successor**, fue rechazado. Abre sus detalles para ver los motivos y qué hacer ahora.
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

        **Qué hacer ahora:** dile los motivos al sucesor. Cuando los haya corregido, Waizant volverá a revisar este paso. Un código QR de acceso lleva al sucesor a la sucesión.
        Sesión ······
        [Paso anterior] [Paso siguiente] [Volver]
        ");
        ana.presses("Volver").await;
        ana.presses("Enviar QR").await;
        ana.presses("Mostrar QR").await;
        assert_snapshot!(ana.sees().await, @r"
        Ecosystem Admin
        Ambos están verificados. Estos son los pasos de la sucesión.

        📨 Se envió un código QR de acceso al sucesor, a s•••\@e•••.com. Funciona **una vez** y caduca in 1 minute.

        ❌ El paso 2, **Validation of the successor**, fue rechazado. Abre sus detalles para ver los motivos y qué hacer ahora.
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
        Pide al sucesor que lo escanee con su dispositivo móvil. Funciona **una vez** y caduca in 1 minute.
        (image qr.png)
        ");
    })
    .await;
}
