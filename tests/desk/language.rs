//! The language of what is said: refusals, forms and clocks in Spanish, and whose language counts.

use commands::model::time::minutes;
use insta::assert_snapshot;
use sandbox::discord::Person;

use crate::world::World;

/// As far as the panel with the buttons; everything on the way is read.
async fn verifies(world: &World, ana: &Person, customer: &str, ecosystem: &str) {
    ana.types(&format!("/soporte tecnica correo:{customer}")).await;
    ana.presses("Iniciar verificación").await;
    ana.selects(ecosystem).await;
    for mailbox in ["ana@waizant.example", customer] {
        ana.presses("Escribir código").await;
        ana.submits([world.code_for(mailbox).as_str()]).await;
        if mailbox != customer {
            ana.presses("Enviar código").await;
        }
    }
    ana.sees().await;
}

#[tokio::test]
async fn ana_cancels_in_spanish() {
    World::run(async |world| {
        let ana = world.person("ana");
        verifies(world, &ana, "tom@example.com", "Casa Luz").await;
        ana.presses("Cancelar").await;
        assert_snapshot!(ana.sees().await, @r#"
        Form "Cancelar el proceso":
          ¿Por qué se cancela? <Entre 10 y 500 caracteres>
        "#);
        ana.submits(["no"]).await;
        assert_snapshot!(ana.sees().await, @"
        Cancelar el proceso
        El motivo es demasiado corto. Escribe al menos 10 caracteres.
        [Intentar de nuevo] [Volver]
        ");
        ana.presses("Intentar de nuevo").await;
        assert_snapshot!(ana.sees().await, @r#"
        Form "Cancelar el proceso":
          ¿Por qué se cancela? <Entre 10 y 500 caracteres> = "no"
        "#);
        ana.submits(["El cliente colgó"]).await;
        assert_snapshot!(ana.sees().await, @"
        Sesión cerrada
        Esta sesión está cerrada (10:00 UTC): se canceló.
        Sesión ······
        ");
    })
    .await;
}

#[tokio::test]
async fn ana_is_refused_in_spanish() {
    World::run(async |world| {
        let ana = world.person("ana");
        let mut seen = Vec::new();
        for email in ["nada", "nadie@example.com", "ana@waizant.example"] {
            ana.types(&format!("/soporte tecnica correo:{email}")).await;
            seen.push(ana.sees().await);
        }
        ana.types("/soporte reanudar").await;
        seen.push(ana.sees().await);
        assert_snapshot!(seen.join("\n"), @"
        Esa dirección de correo no es válida. Usa la forma `nombre@empresa.com`.
        Ningún cliente de Waizant tiene ese correo. Comprueba con el cliente cómo se escribe.
        Esa es tu propia dirección, y un mismo buzón no puede superar las dos verificaciones. Pide ayuda a un compañero.
        No tienes ninguna sesión abierta. Empieza una con `/soporte tecnica` o `/soporte sucesor`.
        ");
        for email in ["petra@example.com", "sid@example.com", "carla@example.com", "nora@example.com"] {
            ana.types(&format!("/soporte tecnica correo:{email}")).await;
            seen.push(ana.sees().await);
        }
        assert_snapshot!(seen.split_off(4).join("\n\n"), @r"
        Asistencia Técnica
        Este cliente no ha terminado de registrarse, así que aún no se puede verificar. Pídele que complete su registro.
        Cliente: P\*\*\* L\*\*\*
        Correo: p•••\@e•••.com
        Estado en Waizant: Pendiente desde 2024-04-14
        Ecosistemas: 1
        Sesión ······
        [Cerrar]

        Asistencia Técnica
        Este cliente está suspendido. Solo puede ayudarle el equipo de Waizant que suspendió la cuenta.
        Cliente: S\*\*\* S\*\*\*
        Correo: s•••\@e•••.com
        Estado en Waizant: Suspendido (cliente desde 2024-05-14)
        Ecosistemas: 1
        Sesión ······
        [Cerrar]

        Asistencia Técnica
        Este cliente cerró su cuenta. Ya no se le puede dar soporte.
        Cliente: C\*\*\* G\*\*\*
        Correo: c•••\@e•••.com
        Estado en Waizant: Cerrado (cliente desde 2024-06-13)
        Ecosistemas: 1
        Sesión ······
        [Cerrar]

        Asistencia Técnica
        Este cliente no pertenece a ningún ecosistema, así que no hay nada a lo que dar soporte.
        Cliente: N\*\*\* Q\*\*\*
        Correo: n•••\@e•••.com
        Estado en Waizant: Activo desde 2024-07-13
        Ecosistemas: 0
        Sesión ······
        [Cerrar]
        ");
    })
    .await;
}

#[tokio::test]
async fn the_clocks_speak_spanish_too() {
    World::run(async |world| {
        let ana = world.person("ana");
        verifies(world, &ana, "many@example.com", "Plaza 01").await;
        world.passes(minutes(12)).await;
        assert_snapshot!(ana.sees().await, @r"
        Asistencia Técnica
        ⏳ No hay actividad reciente. Esta sesión se cierra in 3 minutes.

        Ambos están verificados. Elige qué abrir para el cliente.

        El cliente es **propietario** de este ecosistema.
        Cliente: Maximilian Anyname
        Correo: many\@example.com
        Ecosistema: Plaza 01
        Sesión ······
        [Waizant Store] [Waizant Web] [Waizant App]
        [Ver detalles del plan] [Finalizar] [Cancelar] [Seguir aquí]
        ");
        world.passes_until(minutes(15) - std::time::Duration::from_secs(15)).await;
        assert_snapshot!(ana.sees().await, @"
        Asistencia Técnica
        Esta sesión se cierra a las 10:15 UTC (in 15 seconds) por falta de actividad. Pulsa Reanudar para continuar. Después de esa hora la solicitud se pierde.
        [Reanudar]
        ");
        ana.presses("Reanudar").await;
        assert!(ana.sees().await.contains("Ambos están verificados"));
        world.passes(minutes(15)).await;
        ana.sees().await;
        ana.types("/soporte reanudar").await;
        assert_snapshot!(ana.sees().await, @"No tienes ninguna sesión abierta. Empieza una con `/soporte tecnica` o `/soporte sucesor`.");
    })
    .await;
}

#[tokio::test]
async fn the_language_is_that_of_the_last_click() {
    World::run(async |world| {
        let ben = world.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.locale("es-419");
        ben.presses("Start").await;
        assert!(ben.sees().await.contains("Elige el ecosistema"));
        ben.locale("pt-BR");
        ben.selects("Casa Luz").await;
        assert!(
            ben.sees().await.contains("A code was mailed to **you**"),
            "English for every language that we do not speak"
        );
    })
    .await;
}
