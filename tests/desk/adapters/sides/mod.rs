//! The two other sides, behind one face: a user pool with the same people, and functions that behave as asked.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::Client as Pools;
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, MessageActionType, PasswordPolicyType, PreventUserExistenceErrorTypes, SchemaAttributeType, UserPoolPolicyType,
};
use commands::ports::Clock;
use commands::time::Timestamp;
use sandbox::aws::Fault;
use sandbox::cast::{self, Cast};
use sandbox::{Sandbox, Settings};
use secrecy::SecretString;
use support_desk::aws;
use support_desk::clock::WallClock;
use support_desk::cognito::Cognito;
use support_desk::config::{self, AccessHosts, AwsSource, GroupNames, Lambda};
use support_desk::lambda::Functions;
use tempfile::TempDir;
use tokio::sync::watch;
use url::Url;

/// The group that makes an agent.
const GROUP: &str = "CustomerService";
/// What everybody's password is at first.
pub const FIRST_PASSWORD: &str = cast::FIRST_PASSWORD;
/// The pool's policy on both sides: Cognito's default.
const LEAST_LENGTH: i32 = 8;

/// How the function `otp-send` behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As the contract says.
    Well,
    /// It throws.
    Fails,
    /// It takes longer than the service lets it.
    Overruns,
    /// It answers something that is no JSON object.
    Garbage,
    /// It says "no" with this code of the contract.
    Refuses(&'static str),
    /// It is called too often.
    Throttled,
    /// It does not answer for as long as anybody waits.
    Silent,
    /// There is no such function.
    Missing,
}

/// A clock that goes with the wall's, on which waiting for an answer ends when the test says so.
#[derive(Debug, Default)]
pub struct Patience(watch::Sender<bool>);

impl Patience {
    /// Whoever waits for an answer has waited long enough.
    pub fn ends(&self) {
        self.0.send_replace(true);
    }
}

#[async_trait]
impl Clock for Patience {
    fn now(&self) -> Timestamp {
        // Signatures are checked against the time.
        WallClock.now()
    }

    async fn sleep(&self, duration: Duration) {
        // The wait between two attempts is below a second; 3.1 s is for a connection, 12 and 15 s for an answer.
        match duration.as_secs() {
            0..=2 => {}
            3..=11 => std::future::pending().await,
            _ => {
                let _ = self.0.subscribe().wait_for(|over| *over).await;
            }
        }
    }
}

/// One other side.
pub struct Side {
    /// Which it is.
    pub name: &'static str,
    /// Waiting ends when the test says so.
    pub patience: Arc<Patience>,
    sdk: SdkConfig,
    powerless: Option<SdkConfig>,
    pool: config::Cognito,
    subs: HashMap<&'static str, String>,
    behind: Behind,
}

enum Behind {
    Sandbox(Sandbox, #[expect(dead_code, reason = "the folder goes when this does")] TempDir),
    Emulator(Url),
}

/// Runs a test on both sides, one after the other.
pub async fn on_both(test: impl AsyncFn(&Side)) {
    on_both_with(None, test).await;
}

/// Likewise, with an app client that has a secret.
pub async fn on_both_with(secret: Option<&str>, test: impl AsyncFn(&Side)) {
    eprintln!("on the sandbox");
    // Boxed, as what the SDK builds for a call is large.
    let side = Box::pin(Side::sandbox(secret)).await;
    Box::pin(test(&side)).await;
    if let Behind::Sandbox(sandbox, _) = side.behind {
        sandbox.stop().await;
    }
    eprintln!("on the emulator");
    let side = Box::pin(Side::emulator(secret.is_some())).await;
    Box::pin(test(&side)).await;
}

impl Side {
    async fn sandbox(secret: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(Settings {
            clock: Arc::new(sandbox::clock::WallClock),
            listen: "127.0.0.1:0".parse().unwrap(),
            core_database: format!("sqlite://{}?mode=rwc", folder.path().join("core.db").display()),
            cast: Cast::demo(),
        })
        .await
        .unwrap();
        sandbox.aws.set_client_secret(secret);
        sandbox.aws.set_email_verified("eva@waizant.example", false);
        let patience = Arc::new(Patience::default());
        let subs = Cast::demo().staff.into_iter().filter_map(|account| {
            let name = NAMES.into_iter().find(|name| account.email.starts_with(&format!("{name}@")))?;
            Some((name, account.sub))
        });
        Self {
            name: "sandbox",
            sdk: sdk(&format!("{}/aws", sandbox.url()), "test", "test", &patience).await,
            // The sandbox knows no rights: a refusal is asked for where a test needs one.
            powerless: None,
            pool: pool(cast::USER_POOL_ID, cast::CLIENT_ID, secret),
            subs: subs.collect(),
            patience,
            behind: Behind::Sandbox(sandbox, folder),
        }
    }

    async fn emulator(with_secret: bool) -> Self {
        let mut url = Url::parse(emulator()).unwrap();
        let (name, password) = (url.username().to_owned(), url.password().unwrap().to_owned());
        url.set_username("").unwrap();
        url.set_password(None).unwrap();
        let patience = Arc::new(Patience::default());
        let base = url.as_str().trim_end_matches('/');
        let sdk_of_all = sdk(base, "test", "test", &patience).await;
        let (id, client, secret, subs) = furnish(&Pools::new(&sdk_of_all), with_secret).await;
        Self {
            name: "emulator",
            sdk: sdk_of_all,
            powerless: Some(sdk(base, &name, &password, &patience).await),
            pool: pool(&id, &client, secret.as_deref()),
            subs,
            patience,
            behind: Behind::Emulator(url),
        }
    }

    /// The adapter to the user pool.
    pub fn cognito(&self) -> Cognito {
        Cognito::new(&self.sdk, self.pool.clone(), Arc::clone(&self.patience) as _)
    }

    /// Likewise, with another secret in the settings than the app client's.
    pub fn cognito_with(&self, secret: Option<&str>) -> Cognito {
        let config = config::Cognito { client_secret: secret.map(SecretString::from), ..self.pool.clone() };
        Cognito::new(&self.sdk, config, Arc::clone(&self.patience) as _)
    }

    /// Likewise, in the name of somebody who has no rights: every call of these operations is refused.
    pub fn powerless_cognito(&self, operations: &[&str]) -> Cognito {
        if let Behind::Sandbox(sandbox, _) = &self.behind {
            for operation in operations {
                sandbox.aws.faults().always(operation, Fault::refuse("AccessDeniedException"));
            }
        }
        Cognito::new(self.powerless.as_ref().unwrap_or(&self.sdk), self.pool.clone(), Arc::clone(&self.patience) as _)
    }

    /// A client of the SDK itself, and the app client's id.
    pub fn raw(&self) -> (Pools, &str) {
        (Pools::new(&self.sdk), &self.pool.client_id)
    }

    /// The `sub` of somebody.
    pub fn sub(&self, name: &str) -> &str {
        &self.subs[name]
    }

    /// Whether this is somebody's password.
    pub async fn has_password(&self, name: &str, password: &str) -> bool {
        match &self.behind {
            Behind::Sandbox(sandbox, _) => sandbox.aws.accepts_password(&format!("{name}@waizant.example"), password),
            Behind::Emulator(_) => {
                use aws_sdk_cognitoidentityprovider::types::AuthFlowType::AdminUserPasswordAuth;
                let request = Pools::new(&self.sdk)
                    .admin_initiate_auth()
                    .user_pool_id(&self.pool.user_pool_id)
                    .client_id(&self.pool.client_id)
                    .auth_flow(AdminUserPasswordAuth)
                    .auth_parameters("USERNAME", format!("backoffice-{name}"))
                    .auth_parameters("PASSWORD", password);
                let hash = self.secret_hash(&format!("backoffice-{name}"));
                let request = match hash {
                    Some(hash) => request.auth_parameters("SECRET_HASH", hash),
                    None => request,
                };
                request.send().await.is_ok()
            }
        }
    }

    fn secret_hash(&self, username: &str) -> Option<String> {
        use base64::Engine as _;
        use ring::hmac;
        use secrecy::ExposeSecret as _;
        let secret = self.pool.client_secret.as_ref()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let hash = hmac::sign(&key, format!("{username}{}", self.pool.client_id).as_bytes());
        Some(base64::engine::general_purpose::STANDARD.encode(hash))
    }

    /// The six digits in the newest mail to somebody.
    pub async fn code_for(&self, name: &str) -> String {
        let address = format!("{name}@waizant.example");
        match &self.behind {
            Behind::Sandbox(sandbox, _) => sandbox.mail.last_code_for(&address).expect("no code was mailed"),
            Behind::Emulator(url) => {
                let mails = fetch(url, "/_ministack/ses/messages").await;
                let mails: serde_json::Value = serde_json::from_str(&mails).unwrap();
                // By AWS account; pools of other tests mail to the same addresses, and the code is always the same.
                let mut all = mails["messages"].as_object().unwrap().values().flat_map(|mails| mails.as_array().unwrap());
                let mail = all.rfind(|mail| mail["To"][0] == address.as_str()).expect("no mail was sent");
                let digits = |part: &&str| part.len() == 6 && part.bytes().all(|byte| byte.is_ascii_digit());
                let mut words = mail["BodyText"].as_str().unwrap().split(|c: char| !c.is_ascii_alphanumeric());
                words.find(digits).expect("a mail without a code").to_owned()
            }
        }
    }

    /// The functions, of which `otp-send` behaves so.
    pub fn functions(&self, how: How) -> Functions {
        let (names, sdk) = match &self.behind {
            Behind::Sandbox(sandbox, _) => (sandbox_names(sandbox, how), &self.sdk),
            Behind::Emulator(_) => (emulator_names(how), &self.sdk),
        };
        self.of(sdk, names)
    }

    /// Resolves once `otp-send` was called. (The emulator does not tell: there it is after two answers to something else.)
    pub async fn is_reached(&self) {
        match &self.behind {
            Behind::Sandbox(sandbox, _) => sandbox.aws.faults().arrived("cs-otp-send", 1).await,
            Behind::Emulator(url) => {
                for _ in 0..2 {
                    fetch(url, "/_ministack/health").await;
                }
            }
        }
    }

    /// Likewise, in the name of somebody who has no rights.
    pub fn powerless_functions(&self) -> Functions {
        if let Behind::Sandbox(sandbox, _) = &self.behind {
            // Lambda's own answer: 403.
            sandbox.aws.faults().always("cs-otp-send", Fault::ServerError(403));
        }
        let names = if self.powerless.is_some() { emulator_names(How::Well) } else { Lambda::default() };
        self.of(self.powerless.as_ref().unwrap_or(&self.sdk), names)
    }

    fn of(&self, sdk: &SdkConfig, names: Lambda) -> Functions {
        let hosts = AccessHosts::parse("shop.example.com,127.0.0.1").unwrap();
        Functions::new(sdk, names, hosts, Arc::clone(&self.patience) as _)
    }
}

/// Who is in both pools.
const NAMES: [&str; 6] = ["ana", "eva", "dora", "fred", "otto", "olga"];

fn pool(id: &str, client: &str, secret: Option<&str>) -> config::Cognito {
    config::Cognito {
        user_pool_id: id.to_owned(),
        client_id: client.to_owned(),
        client_secret: secret.map(SecretString::from),
        agent_groups: GroupNames::parse(GROUP).unwrap(),
    }
}

async fn sdk(url: &str, name: &str, password: &str, patience: &Arc<Patience>) -> SdkConfig {
    let source = AwsSource::Fixed {
        endpoint_url: url.to_owned(),
        region: "eu-west-1".to_owned(),
        access_key_id: name.to_owned(),
        secret_access_key: SecretString::from(password),
    };
    aws::load(&source, Arc::clone(patience) as _).await
}

fn sandbox_names(sandbox: &Sandbox, how: How) -> Lambda {
    let (faults, name) = (sandbox.aws.faults(), "cs-otp-send");
    faults.clear(name);
    match how {
        How::Well => {}
        How::Fails | How::Overruns => faults.always(name, Fault::FunctionError),
        How::Garbage => faults.always(name, Fault::Garbage),
        How::Refuses(code) => faults.always(name, Fault::Refuse { code: code.to_owned(), retry_after_s: Some(90) }),
        How::Throttled => faults.always(name, Fault::Throttle),
        How::Silent => faults.always(name, Fault::Hang),
        How::Missing => return Lambda { otp_send: "cs-nobody".to_owned(), ..Lambda::default() },
    }
    Lambda::default()
}

fn emulator_names(how: How) -> Lambda {
    let otp_send = match how {
        How::Well => "cs-well".to_owned(),
        How::Fails => "cs-fails".to_owned(),
        How::Overruns => "cs-short".to_owned(),
        How::Garbage => "cs-garbage".to_owned(),
        How::Refuses(code) => format!("cs-{}", code.to_ascii_lowercase()),
        How::Throttled => "cs-throttled".to_owned(),
        How::Silent => "cs-hangs".to_owned(),
        How::Missing => "cs-nobody".to_owned(),
    };
    let well = || "cs-well".to_owned();
    Lambda { otp_send, otp_verify: well(), access: well(), message: well() }
}

/// Makes a pool of the test's own, with the sandbox's people in it.
async fn furnish(pools: &Pools, with_secret: bool) -> (String, String, Option<String>, HashMap<&'static str, String>) {
    let policy = PasswordPolicyType::builder()
        .minimum_length(LEAST_LENGTH)
        .require_lowercase(true)
        .require_uppercase(true)
        .require_numbers(true)
        .require_symbols(true)
        .build();
    let created = pools
        .create_user_pool()
        .pool_name("backoffice")
        .alias_attributes("email".into())
        .policies(UserPoolPolicyType::builder().password_policy(policy).build())
        .schema(SchemaAttributeType::builder().name("email").required(true).mutable(true).build())
        .send()
        .await
        .unwrap();
    let id = created.user_pool.unwrap().id.unwrap();
    let client = pools
        .create_user_pool_client()
        .user_pool_id(&id)
        .client_name("recovery")
        .generate_secret(with_secret)
        .explicit_auth_flows("ALLOW_ADMIN_USER_PASSWORD_AUTH".into())
        .prevent_user_existence_errors(PreventUserExistenceErrorTypes::Enabled)
        .send()
        .await
        .unwrap()
        .user_pool_client
        .unwrap();
    for group in [GROUP, "CustomerServiceSales"] {
        pools.create_group().user_pool_id(&id).group_name(group).send().await.unwrap();
    }
    let mut subs = HashMap::new();
    for name in NAMES {
        subs.insert(name, add(pools, &id, name).await);
    }
    (id, client.client_id.unwrap(), client.client_secret, subs)
}

async fn add(pools: &Pools, pool: &str, name: &str) -> String {
    let username = format!("backoffice-{name}");
    let attribute = |name: &str, value: &str| AttributeType::builder().name(name).value(value).build().unwrap();
    let created = pools
        .admin_create_user()
        .user_pool_id(pool)
        .username(&username)
        .user_attributes(attribute("email", &format!("{name}@waizant.example")))
        .user_attributes(attribute("email_verified", if name == "eva" { "false" } else { "true" }))
        .user_attributes(attribute("name", name))
        .temporary_password(FIRST_PASSWORD)
        .message_action(MessageActionType::Suppress)
        .send()
        .await
        .unwrap();
    let attributes = created.user.unwrap().attributes.unwrap();
    let sub = attributes.into_iter().find(|attribute| attribute.name == "sub").unwrap().value.unwrap();
    // Fred has never signed in.
    if name != "fred" {
        let set = pools.admin_set_user_password().user_pool_id(pool).username(&username);
        set.password(FIRST_PASSWORD).permanent(true).send().await.unwrap();
    }
    let group = if name == "otto" { "CustomerServiceSales" } else { GROUP };
    pools.admin_add_user_to_group().user_pool_id(pool).username(&username).group_name(group).send().await.unwrap();
    if name == "dora" {
        pools.admin_disable_user().user_pool_id(pool).username(&username).send().await.unwrap();
    }
    sub
}

async fn fetch(url: &Url, path: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = url.socket_addrs(|| None).unwrap()[0];
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// The emulator: the one that `SUPPORT_DESK_TEST_AWS` names, or one of this process's own.
fn emulator() -> &'static str {
    // The child is kept for its end of the pipe: when this process ends, the pipe closes and the emulator stops.
    static EMULATOR: OnceLock<(String, Option<Child>)> = OnceLock::new();
    let (url, _) = EMULATOR.get_or_init(|| match std::env::var("SUPPORT_DESK_TEST_AWS") {
        Ok(url) => (url, None),
        Err(_) => start(),
    });
    url
}

fn start() -> (String, Option<Child>) {
    let mut command = Command::new("bash");
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/emulator.sh"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Not in the test's own group: whoever kills that would leave the emulator without its keeper.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    if url.is_empty() {
        let mut why = String::new();
        child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
        panic!("{why}");
    }
    (url.trim().to_owned(), Some(child))
}
