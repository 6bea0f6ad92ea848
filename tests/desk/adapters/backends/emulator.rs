//! The third-party emulator of AWS (`tests/emulator.sh`) as a backend.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_sdk_cognitoidentityprovider::Client as Pools;
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, MessageActionType, PasswordPolicyType,
    PreventUserExistenceErrorTypes, SchemaAttributeType, UserPoolPolicyType,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use secrecy::ExposeSecret as _;
use support_desk::config::{self, Lambda};
use url::Url;

use super::setup::{Behavior, FIRST_PASSWORD, GROUP, NAMES, Setup, TestClock, pool, sdk};

/// Minimum length of a password: Cognito's default, as in the sandbox.
const MIN_LENGTH: i32 = 8;
/// Time that a test waits for a call before it fails.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);

/// URL of the emulator, and the folder in which hanging functions mark each call.
pub(super) struct Emulator {
    url: Url,
    marks: PathBuf,
}

impl Emulator {
    /// Creates a pool of its own in the emulator.
    pub(super) async fn start(with_secret: bool) -> (Self, Setup) {
        let mut url = Url::parse(emulator_url()).unwrap();
        let (name, password) = (url.username().to_owned(), url.password().unwrap().to_owned());
        let marks = PathBuf::from(url.fragment().unwrap());
        url.set_username("").unwrap();
        url.set_password(None).unwrap();
        url.set_fragment(None);
        let clock = Arc::new(TestClock::default());
        let base = url.as_str().trim_end_matches('/');
        let root = sdk(base, "test", "test", &clock).await;
        let PoolSetup { id, client, secret, domain, subs } =
            create_pool(&Pools::new(&root), with_secret).await;
        let setup = Setup {
            name: "emulator",
            sdk: root,
            unauthorized: Some(sdk(base, &name, &password, &clock).await),
            pool: pool(&id, &client, secret.as_deref()),
            domain,
            subs,
            clock,
        };
        (Self { url, marks }, setup)
    }

    /// Returns the code in the newest mail to this address. The emulator always uses the same code.
    pub(super) async fn code_for(&self, address: &str) -> String {
        let mails: serde_json::Value =
            serde_json::from_str(&self.fetch("/_ministack/ses/messages").await).unwrap();
        // Grouped by AWS account.
        let mut all = mails["messages"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|mails| mails.as_array().unwrap());
        let mail = all.rfind(|mail| mail["To"][0] == address).expect("no mail was sent");
        let digits =
            |part: &&str| part.len() == 6 && part.bytes().all(|byte| byte.is_ascii_digit());
        let mut words =
            mail["BodyText"].as_str().unwrap().split(|c: char| !c.is_ascii_alphanumeric());
        words.find(digits).expect("a mail without a code").to_owned()
    }

    /// Waits until a hanging function is called for this account.
    pub(super) async fn called(&self, sub: &str) {
        let marked = async {
            while !self.marks.join(sub).exists() {
                self.fetch("/_ministack/health").await;
            }
        };
        tokio::time::timeout(CALL_TIMEOUT, marked).await.expect("no function was called");
    }

    async fn fetch(&self, path: &str) -> String {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let address = self.url.socket_addrs(|| None).unwrap()[0];
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

/// Returns true if the account can sign in with this password.
pub(super) async fn signs_in(
    pools: &Pools,
    pool: &config::Cognito,
    name: &str,
    password: &str,
) -> bool {
    let username = format!("backoffice-{name}");
    let request = pools
        .admin_initiate_auth()
        .user_pool_id(&pool.user_pool_id)
        .client_id(&pool.client_id)
        .auth_flow(AuthFlowType::AdminUserPasswordAuth)
        .auth_parameters("USERNAME", &username)
        .auth_parameters("PASSWORD", password);
    let request = match &pool.client_secret {
        Some(secret) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
            let hash = hmac::sign(&key, format!("{username}{}", pool.client_id).as_bytes());
            request.auth_parameters("SECRET_HASH", STANDARD.encode(hash))
        }
        None => request,
    };
    request.send().await.is_ok()
}

/// Returns the names of the functions, with an `otp-send` of this behavior.
pub(super) fn names(behavior: Behavior) -> Lambda {
    let otp_send = match behavior {
        Behavior::Normal => "cs-well".to_owned(),
        Behavior::Throws => "cs-fails".to_owned(),
        Behavior::TimesOut => "cs-short".to_owned(),
        Behavior::Garbage => "cs-garbage".to_owned(),
        Behavior::Refuses(code) => format!("cs-{}", code.to_ascii_lowercase()),
        Behavior::Throttled => "cs-throttled".to_owned(),
        Behavior::Hangs => "cs-hangs".to_owned(),
        Behavior::Missing => "cs-missing".to_owned(),
    };
    let normal = || "cs-well".to_owned();
    Lambda { otp_send, otp_verify: normal(), access: normal(), message: normal() }
}

/// The ids of a new pool with the sandbox's accounts.
struct PoolSetup {
    id: String,
    client: String,
    secret: Option<String>,
    domain: String,
    subs: HashMap<&'static str, String>,
}

async fn create_pool(pools: &Pools, with_secret: bool) -> PoolSetup {
    let policy = PasswordPolicyType::builder()
        .minimum_length(MIN_LENGTH)
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
    // A domain of its own, because all pools of the emulator share their mailboxes.
    let domain = format!("w{}.example", id.rsplit('_').next().unwrap().to_lowercase());
    let mut subs = HashMap::new();
    for name in NAMES {
        subs.insert(name, add_user(pools, &id, name, &domain).await);
    }
    PoolSetup { id, client: client.client_id.unwrap(), secret: client.client_secret, domain, subs }
}

async fn add_user(pools: &Pools, pool: &str, name: &str, domain: &str) -> String {
    let username = format!("backoffice-{name}");
    let attribute =
        |name: &str, value: &str| AttributeType::builder().name(name).value(value).build().unwrap();
    let created = pools
        .admin_create_user()
        .user_pool_id(pool)
        .username(&username)
        .user_attributes(attribute("email", &format!("{name}@{domain}")))
        .user_attributes(attribute("email_verified", if name == "eva" { "false" } else { "true" }))
        .user_attributes(attribute("name", name))
        .temporary_password(FIRST_PASSWORD)
        .message_action(MessageActionType::Suppress)
        .send()
        .await
        .unwrap();
    let attributes = created.user.unwrap().attributes.unwrap();
    let sub =
        attributes.into_iter().find(|attribute| attribute.name == "sub").unwrap().value.unwrap();
    // Fred has never signed in, so his password is temporary.
    if name != "fred" {
        let set = pools.admin_set_user_password().user_pool_id(pool).username(&username);
        set.password(FIRST_PASSWORD).permanent(true).send().await.unwrap();
    }
    let group = if name == "otto" { "CustomerServiceSales" } else { GROUP };
    pools
        .admin_add_user_to_group()
        .user_pool_id(pool)
        .username(&username)
        .group_name(group)
        .send()
        .await
        .unwrap();
    if name == "dora" {
        pools.admin_disable_user().user_pool_id(pool).username(&username).send().await.unwrap();
    }
    sub
}

/// Returns the URL of the emulator in `SUPPORT_DESK_TEST_AWS`, or of one that it starts.
pub fn emulator_url() -> &'static str {
    // Keeps the child, because the emulator stops when the pipe from this process closes.
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
    // Use a separate process group, so that a signal to the tests does not leave the emulator
    // running.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    if url.is_empty() {
        let mut error = String::new();
        child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        panic!("{error}");
    }
    (url.trim().to_owned(), Some(child))
}
