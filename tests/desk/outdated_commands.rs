//! Commands of a client that has not loaded the newest definitions.

use insta::assert_snapshot;

use crate::world::World;

#[tokio::test]
async fn outdated_command_gets_an_answer() {
    World::run(async |world| {
        let (ben, ana, sam) = (world.person("ben"), world.person("ana"), world.person("sam"));
        let faults = world.sandbox.discord.faults();
        faults.change_commands(|commands| {
            // A command and a subcommand that the bot does not have, a command without its
            // subcommands, and a parameter that is missing or has another type.
            let support = commands.iter().position(|command| command.name == "support").unwrap();
            let mut older = commands[support].clone();
            older.name = "older".to_owned();
            commands.push(older);
            let mut bare = commands[support].clone();
            bare.name = "account".to_owned();
            bare.options.clear();
            commands.retain(|command| command.name != "account");
            commands.push(bare);
            let support = commands.iter_mut().find(|command| command.name == "support").unwrap();
            let mut former = support.options[0].clone();
            former.name = "former".to_owned();
            support.options.push(former);
            let email = support.options[0].options.as_mut().unwrap().first_mut().unwrap();
            email.required = Some(false);
        });
        for line in [
            "/older technical email:julia@example.com",
            "/support former email:julia@example.com",
            "/account",
            "/support technical",
        ] {
            ben.types(line).await;
            let answer = ben.sees().await;
            assert_eq!(
                answer, "The commands have changed. Restart Discord, then type it again.",
                "{line}"
            );
        }
        ana.types("/account").await;
        assert_snapshot!(ana.sees().await, @"Los comandos han cambiado. Reinicia Discord y escríbelo otra vez.");
        // The access check comes first.
        sam.types("/account").await;
        assert!(sam.sees().await.starts_with("Only support agents can use this."));
        ben.types("/support resume").await;
        assert!(ben.sees().await.contains("You have no open session"));
    })
    .await;
}
