//! One whole road in Spanish: every screen, in the order in which Ana sees them.

use insta::assert_snapshot;

use crate::world::World;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a road is told in one piece")]
async fn ana_helps_an_owner_in_spanish() {
    World::run(async |world| {
        let ana = world.person("ana");
        ana.types("/soporte tecnica correo:julia@example.com").await;
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        Pregunta al cliente si quiere ayuda ahora y después inicia la verificación.
        Cliente: J\*\*\* P\*\*\*
        Correo: j•••\@e•••.com
        Estado en Waizant: Activo desde 2024-01-15
        Ecosistemas: 3
        Sesión ······
        [Iniciar verificación] [Cerrar]
        ");
        ana.presses("Iniciar verificación").await;
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        Elige el ecosistema con el que el cliente necesita ayuda.
        Cliente: J\*\*\* P\*\*\*
        Correo: j•••\@e•••.com
        Sesión ······
        <Elige un ecosistema: Casa Luz — Propietario | Huerta Norte — Miembro | Taller Sol — Propietario>
        [Cancelar]
        ");
        ana.selects("Casa Luz").await;
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        **Paso 1 de 2: verificación interna**

        Se ha enviado un código **a tu correo**, a•••\@w•••.example. Es válido hasta las 10:10 UTC (in 10 minutes).

        Se pueden enviar 2 códigos más. Se podrá enviar otro in 1 minute.
        Cliente: J\*\*\* P\*\*\*
        Ecosistema: Casa Luz
        Rol: Propietario
        Sesión ······
        [Escribir código] [Reenviar] [Cambiar ecosistema] [Cancelar]
        ");

        ana.presses("Escribir código").await;
        assert_snapshot!(ana.sees().await, @r#"
        Form "Verificación interna":
          Los seis dígitos del código <123456>
        "#);
        ana.submits([world.wrong_code_for("ana@waizant.example").as_str()]).await;
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        ⚠️ Ese código no es correcto. Quedan 4 intentos.

        **Paso 1 de 2: verificación interna**

        Se ha enviado un código **a tu correo**, a•••\@w•••.example. Es válido hasta las 10:10 UTC (in 10 minutes).

        Se pueden enviar 2 códigos más. Se podrá enviar otro in 1 minute.
        Cliente: J\*\*\* P\*\*\*
        Ecosistema: Casa Luz
        Rol: Propietario
        Sesión ······
        [Escribir código] [Reenviar] [Cambiar ecosistema] [Cancelar]
        ");
        ana.presses("Escribir código").await;
        ana.submits(["doce"]).await;
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        ⚠️ El código tiene seis dígitos. Compruébalo y escríbelo de nuevo. No has perdido ningún intento.

        **Paso 1 de 2: verificación interna**

        Se ha enviado un código **a tu correo**, a•••\@w•••.example. Es válido hasta las 10:10 UTC (in 10 minutes).

        Se pueden enviar 2 códigos más. Se podrá enviar otro in 1 minute.
        Cliente: J\*\*\* P\*\*\*
        Ecosistema: Casa Luz
        Rol: Propietario
        Sesión ······
        [Escribir código] [Reenviar] [Cambiar ecosistema] [Cancelar]
        ");
        ana.presses("Reenviar").await;
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        ⚠️ Se podrá enviar un código nuevo in 1 minute.

        **Paso 1 de 2: verificación interna**

        Se ha enviado un código **a tu correo**, a•••\@w•••.example. Es válido hasta las 10:10 UTC (in 10 minutes).

        Se pueden enviar 2 códigos más. Se podrá enviar otro in 1 minute.
        Cliente: J\*\*\* P\*\*\*
        Ecosistema: Casa Luz
        Rol: Propietario
        Sesión ······
        [Escribir código] [Reenviar] [Cambiar ecosistema] [Cancelar]
        ");
        ana.presses("Escribir código").await;
        ana.submits([world.code_for("ana@waizant.example").as_str()]).await;
        assert_snapshot!(ana.sees().await, @r"
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
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        **Paso 2 de 2: verificación del cliente**

        Se ha enviado un código al **cliente**, a j•••\@e•••.com. Es válido hasta las 10:10 UTC (in 10 minutes). Pide al cliente que te lo lea.

        Se pueden enviar 2 códigos más. Se podrá enviar otro in 1 minute.
        Cliente: J\*\*\* P\*\*\*
        Ecosistema: Casa Luz
        Rol: Propietario
        Sesión ······
        [Escribir código] [Reenviar] [Cancelar]
        ");
        ana.presses("Escribir código").await;
        assert_snapshot!(ana.sees().await, @r#"
        Form "Verificación del cliente":
          Los seis dígitos del código <123456>
        "#);
        ana.submits([world.code_for("julia@example.com").as_str()]).await;
        assert_snapshot!(ana.sees().await, @r"
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
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        Ambos están verificados. Elige qué abrir para el cliente.

        El cliente es **propietario** de este ecosistema.
        Cliente: Julia Peña
        Correo: julia\@example.com
        Ecosistema: Casa Luz
        Sesión ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [Ver detalles del plan] [Finalizar] [Cancelar]

        Waizant Store
        Esto abre Waizant Store con la sesión del cliente iniciada. Funciona **una vez** y caduca in 1 minute.
        [Abrir la tienda ↗]
        ");
        ana.presses("Waizant Web").await;
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        Ambos están verificados. Elige qué abrir para el cliente.

        El cliente es **propietario** de este ecosistema.
        Cliente: Julia Peña
        Correo: julia\@example.com
        Ecosistema: Casa Luz
        Sesión ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [Ver detalles del plan] [Finalizar] [Cancelar]

        Waizant Web
        Esto abre Waizant Web con la sesión del cliente iniciada. Funciona **una vez** y caduca in 1 minute.
        [Abrir la web ↗]
        ");
        ana.presses("Waizant App").await;
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        Ambos están verificados. Elige qué abrir para el cliente.

        El cliente es **propietario** de este ecosistema.
        Cliente: Julia Peña
        Correo: julia\@example.com
        Ecosistema: Casa Luz
        Sesión ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [Ver detalles del plan] [Finalizar] [Cancelar]

        Waizant App
        Escanéalo con el dispositivo móvil. Funciona **una vez** y caduca in 1 minute.
        (image qr.png)
        ");
        ana.presses("Ver detalles del plan").await;
        assert_snapshot!(ana.sees().await, @"
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
        assert_snapshot!(ana.sees().await, @"
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
