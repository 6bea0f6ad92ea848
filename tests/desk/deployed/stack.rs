//! The deployed stack: a Python program that speaks to the emulator as its administrator.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::ops::Deref;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::adapters::emulator_url;

/// Password of every account.
const PASSWORD: &str = "Old-password-1!";

/// An IAM policy or role, its inline policy, and an action that it allows.
pub type Place = (String, Option<String>, String);

/// The stack, and who may use it.
pub struct Stack {
    administrator: Administrator,
    endpoint: String,
    deployed: Deployed,
}

/// Users and accounts of the deployment.
#[derive(Deserialize)]
pub struct Deployed {
    /// Access key of the user who has only the bot's policy.
    pub bot: [String; 2],
    /// Access key of the user who has only the backend's policy.
    pub backend: [String; 2],
    /// The user pool.
    pub pool: String,
    /// The app client for the recovery of a password.
    pub app: String,
    /// The `sub` of each agent, by user name.
    pub subs: HashMap<String, String>,
}

impl Stack {
    /// Deploys the template with this zip, and with customers from the database at `core`.
    pub fn deploy(zip: &str, core: &str) -> Self {
        let url = url::Url::parse(emulator_url()).unwrap();
        let endpoint = format!("http://127.0.0.1:{}", url.port().unwrap());
        let mut administrator = Administrator::start();
        let staff: Vec<Value> = ["ana", "ben", "eva", "olga"].map(account).into();
        let request = json!({"do": "deploy", "zip": zip, "core": core, "staff": staff});
        let deployed = Deserialize::deserialize(administrator.does(&request)).unwrap();
        Self { administrator, endpoint, deployed }
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Lets the administrator do something, and returns the result.
    pub fn does(&mut self, request: &Value) -> Value {
        self.administrator.does(request)
    }

    /// Returns every allowed action that is not only Lambda's own.
    pub fn actions(&mut self) -> Vec<Place> {
        Deserialize::deserialize(self.does(&json!({"do": "actions"}))).unwrap()
    }
}

impl Deref for Stack {
    type Target = Deployed;

    fn deref(&self) -> &Deployed {
        &self.deployed
    }
}

/// The program `stack.py`.
struct Administrator {
    program: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Administrator {
    fn start() -> Self {
        let script =
            "source tests/emulator.sh; exec \"$(emulator_python)\" tests/emulator/stack.py";
        let mut program = Command::new("bash")
            .args(["-c", script])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("SUPPORT_DESK_TEST_AWS", emulator_url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = program.stdin.take().unwrap();
        let output = BufReader::new(program.stdout.take().unwrap());
        Self { program, input, output }
    }

    fn does(&mut self, request: &Value) -> Value {
        writeln!(self.input, "{request}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let mut answer: Value = serde_json::from_str(&line).expect("stack.py has ended");
        assert!(answer.get("error").is_none(), "{request}: {}", answer["error"]);
        answer["done"].take()
    }
}

impl Drop for Administrator {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn account(name: &str) -> Value {
    let full = match name {
        "ana" => "Ana Ruiz",
        "ben" => "Ben Carter",
        "eva" => "Eva Lindqvist",
        _ => "Olga Novak",
    };
    json!({
        "username": format!("backoffice-{name}"),
        "password": PASSWORD,
        "attributes": {"email": format!("{name}@waizant.example"), "email_verified": "true", "name": full},
    })
}
