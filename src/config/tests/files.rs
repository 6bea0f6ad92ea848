//! Secrets in files of their own.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

const OTHER_KEY: &str = "JC2b78GSvlsZQcPZ/xaZAbPB3AN/VcgIe/DaIaSZzl8=";
const OTHER_TRAIL_KEY: &str = "trail-secret:QP00lemXnQ3EKWgBfjGB603Nx4d7YbSoEhThlN9X2t4=";

#[test]
fn every_secret_can_be_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let secrets = [
        ("DISCORD_TOKEN", "token-in-file"),
        ("DATABASE_URL", "postgres://desk:word-in-file@localhost/desk"),
        ("CORE_DATABASE_URL", "postgres://desk:word-in-file@localhost/core"),
        ("STORE_KEY", KEY),
        ("STORE_KEY_OLD", OTHER_KEY),
        ("TRAIL_KEY", TRAIL_KEY),
        ("TRAIL_KEY_OLD", OTHER_TRAIL_KEY),
        ("COGNITO_CLIENT_SECRET", "secret-in-file"),
        ("AWS_SECRET_ACCESS_KEY", "key-in-file"),
        ("AWS_SESSION_TOKEN", "session-in-file"),
    ];
    for (name, secret) in secrets {
        let file = format!("{name}_FILE");
        let read = |content: &str, also: Option<&str>| {
            std::fs::write(&path, content).unwrap();
            let mut variables = minimal();
            variables.remove(name);
            variables.extend(also.map(|value| (name.to_owned(), value.to_owned())));
            // A secret of AWS is never alone.
            for whole in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
                if name.starts_with("AWS_") && name != whole {
                    variables.insert(whole.to_owned(), "key".to_owned());
                }
            }
            variables.insert(file.clone(), path.display().to_string());
            Config::from_map(&variables)
        };
        assert!(read(&format!("\u{feff}{secret}\r\n"), None).is_ok(), "{name}");
        assert!(read(secret, Some(" ")).is_ok(), "{name}: an empty variable is not set");
        for (content, also, hint) in [
            (secret, Some(secret), "is set too; set one of the two"),
            (" \n", None, "the file is empty"),
            (&*format!("\"{secret}\""), None, "remove the quotes"),
            (&*format!("{secret}\nDISCORD_GUILD_ID=1"), None, "more than one line"),
        ] {
            let faults = read(content, also).unwrap_err();
            assert_eq!(names_of(&faults), [file.as_str()]);
            let text = faults.to_string();
            assert!(text.contains(hint) && !text.contains(secret), "{text}");
        }
        for (path, hint) in
            [("/no/such/hush", "the file cannot be read"), ("\"/run/hush\"", "remove the quotes")]
        {
            let text = with_file_at(&file, path, name).to_string();
            assert!(text.contains(hint) && !text.contains("hush"), "{text}");
        }
    }
    let mut variables = minimal();
    std::fs::write(&path, "token-in-file\n").unwrap();
    variables.remove("DISCORD_TOKEN");
    variables.insert("DISCORD_TOKEN_FILE".to_owned(), path.display().to_string());
    let config = Config::from_map(&variables).unwrap();
    assert_eq!(config.discord.token.expose_secret(), "token-in-file");
}

fn with_file_at(file: &str, path: &str, without: &str) -> ConfigFaults {
    let mut variables = minimal();
    variables.remove(without);
    variables.insert(file.to_owned(), path.to_owned());
    Config::from_map(&variables).unwrap_err()
}

#[test]
fn aws_keys_can_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "key-in-file").unwrap();
    let mut variables = minimal();
    variables.insert("AWS_ACCESS_KEY_ID".to_owned(), "id".to_owned());
    variables.insert("AWS_SECRET_ACCESS_KEY_FILE".to_owned(), path.display().to_string());
    variables.insert("AWS_REGION".to_owned(), String::new());
    variables.insert("AWS_DEFAULT_REGION".to_owned(), "eu-west-1".to_owned());
    let AwsSource::Environment { region, keys: Some(keys) } =
        Config::from_map(&variables).unwrap().aws
    else {
        panic!("no keys");
    };
    assert_eq!(keys.secret_access_key.expose_secret(), "key-in-file");
    assert_eq!(region.as_deref(), Some("eu-west-1"), "an empty AWS_REGION is not set");
}

#[test]
fn secret_file_open_to_others_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "token-in-file").unwrap();
    let mut variables = minimal();
    variables.remove("DISCORD_TOKEN");
    variables.insert("DISCORD_TOKEN_FILE".to_owned(), path.display().to_string());
    for (mode, warned) in [(0o600, false), (0o400, false), (0o640, false), (0o604, true)] {
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let warnings = Config::from_map(&variables).unwrap().warnings;
        let names: Vec<_> = warnings.iter().map(|warning| warning.variable).collect();
        assert_eq!(names == ["DISCORD_TOKEN_FILE"], warned, "{mode:o}: {warnings:?}");
    }
}
