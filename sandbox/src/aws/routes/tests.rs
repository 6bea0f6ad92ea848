//! Both services over HTTP, and fault injection.

use std::time::Duration;

use axum::body::to_bytes;
use axum::http::Request;
use serde_json::json;
use time::OffsetDateTime;
use tower::ServiceExt;

use super::*;
use crate::aws::faults::Fault;
use crate::changed::Changed;
use crate::clock::{Clock, ManualClock};
use crate::core_db::Core;
use crate::mail::Mailbox;
use crate::seed::{CLIENT_ID, Seed, USER_POOL_ID};
use crate::shop::Shop;

const ANA: &str = "0a1c7a52-5d0e-4c1b-9a61-0b6f4d1f0001";
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=demo/20260601/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0";

struct World {
    clock: Arc<ManualClock>,
    mail: Arc<Mailbox>,
    aws: Arc<Aws>,
}

struct Seen {
    status: u16,
    headers: HeaderMap,
    /// `None` if the connection broke before the end.
    body: Option<String>,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(self.body.as_ref().unwrap()).unwrap()
    }
}

impl World {
    async fn new() -> Self {
        let clock = ManualClock::at(1_780_308_000_000);
        let seed = Seed::demo();
        let core = Core::create("sqlite::memory:", &seed).await.unwrap();
        let mail = Arc::new(Mailbox::new(clock.clone(), Changed::new(0)));
        let shop =
            Arc::new(Shop::new(clock.clone(), "http://127.0.0.1:8400".to_owned(), Changed::new(0)));
        let aws = Arc::new(Aws::new(clock.clone(), &seed, core, mail.clone(), shop));
        Self { clock, mail, aws }
    }

    async fn send(&self, mut request: Request<Body>) -> Seen {
        if !request.headers().contains_key("x-amz-date") {
            let now = OffsetDateTime::from_unix_timestamp(self.clock.now() / 1_000).unwrap();
            let date = now.format(wire::AMZ_DATE).unwrap().parse().unwrap();
            request.headers_mut().insert("x-amz-date", date);
        }
        let response = router(self.aws.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX)
            .await
            .ok()
            .map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
        Seen { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    async fn invoke(&self, name: &str, body: Value) -> Seen {
        let uri = format!("/aws/2015-03-31/functions/{name}/invocations");
        self.send(
            Request::post(uri)
                .header("authorization", SIGNED)
                .body(Body::from(body.to_string()))
                .unwrap(),
        )
        .await
    }

    async fn cognito(&self, operation: &str, body: Value) -> Seen {
        let request = Request::post("/aws/")
            .header("authorization", SIGNED)
            .header("x-amz-target", format!("{TARGET}{operation}"));
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

fn send_request(key: &str) -> Value {
    json!({
        "v": 2, "request_id": key, "session_id": key, "locale": "en",
        "actor": {"agent_id": ANA, "discord_id": "1200000000000000100", "name": "Ana Ruiz"},
        "purpose": "agent_mfa", "subject": {"type": "agent", "id": ANA},
        "ecosystem": {"id": "eco-casa-luz", "name": "Casa Luz"},
    })
}

#[tokio::test]
async fn function_is_found_by_name_alias_and_arn() {
    let world = World::new().await;
    for (n, name) in [
        "cs-otp-send",
        "cs-otp-send%3Alive",
        "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Acs-otp-send%3Alive",
        "cs-otp-send?Qualifier=live",
    ]
    .into_iter()
    .enumerate()
    {
        let (path, query) = name
            .split_once('?')
            .map_or((name, String::new()), |(path, query)| (path, format!("?{query}")));
        let uri = format!("/aws/2015-03-31/functions/{path}/invocations{query}");
        let request = Request::post(uri)
            .header("authorization", SIGNED)
            .body(Body::from(send_request(&format!("k{n}")).to_string()))
            .unwrap();
        let seen = world.send(request).await;
        assert_eq!((seen.status, seen.json()["ok"].as_bool()), (200, Some(true)), "{name}");
    }
    for name in ["cs-other", "cs-otp-send%3Aold"] {
        let seen = world.invoke(name, send_request("x")).await;
        assert_eq!(seen.status, 404);
        assert_eq!(seen.headers["x-amzn-errortype"], "ResourceNotFoundException");
    }
    assert_eq!(world.aws.calls_of("cs-otp-send").len(), 4);
    assert_eq!(world.aws.calls()[1].qualifier.as_deref(), Some("live"));
}

#[tokio::test]
async fn dry_run_has_no_effect_and_unsigned_call_fails() {
    let world = World::new().await;
    let dry = |name: &str| {
        let uri = format!("/aws/2015-03-31/functions/{name}/invocations");
        Request::post(uri)
            .header("authorization", SIGNED)
            .header("x-amz-invocation-type", "DryRun")
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(world.send(dry("cs-access")).await.status, 204);
    assert_eq!(world.send(dry("cs-other")).await.status, 404);
    let unsigned = Request::post("/aws/2015-03-31/functions/cs-access/invocations")
        .body(Body::empty())
        .unwrap();
    assert_eq!(world.send(unsigned).await.status, 403);
    assert!(world.aws.calls().is_empty());
}

#[tokio::test]
async fn cognito_follows_its_protocol() {
    let world = World::new().await;
    let seen = world
        .cognito("AdminGetUser", json!({"UserPoolId": USER_POOL_ID, "Username": "nobody"}))
        .await;
    assert_eq!(
        (seen.status, seen.headers["x-amzn-errortype"].to_str().unwrap()),
        (400, "UserNotFoundException")
    );
    assert_eq!(seen.json()["__type"], "UserNotFoundException");
    let seen =
        world.cognito("AdminGetUser", json!({"UserPoolId": USER_POOL_ID, "Username": ANA})).await;
    assert_eq!(
        (seen.status, seen.headers["content-type"].to_str().unwrap()),
        (200, wire::AMZ_JSON)
    );

    let public = Request::post("/aws/").header("x-amz-target", format!("{TARGET}ForgotPassword"));
    let body = json!({"ClientId": CLIENT_ID, "Username": "backoffice-ana"}).to_string();
    assert_eq!(world.send(public.body(Body::from(body)).unwrap()).await.status, 200);
    assert_eq!(world.mail.for_address("ana@waizant.example").len(), 1);
    let unsigned = Request::post("/aws/")
        .header("x-amz-target", format!("{TARGET}AdminGetUser"))
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(world.send(unsigned).await.json()["__type"], "MissingAuthenticationTokenException");

    assert!(!world.aws.signed_out("backoffice-ana"));
    world
        .cognito(
            "AdminUserGlobalSignOut",
            json!({"UserPoolId": USER_POOL_ID, "Username": "backoffice-ana"}),
        )
        .await;
    assert!(world.aws.signed_out("backoffice-ana"));
}

#[tokio::test]
async fn faults_follow_the_format_of_their_service() {
    let world = World::new().await;
    let faults = world.aws.faults();
    faults.next(
        "cs-otp-send",
        1,
        &Fault::Refuse { code: "RATE_LIMITED".to_owned(), retry_after_s: Some(7) },
    );
    faults.next("cs-otp-send", 1, &Fault::FunctionError);
    faults.next("cs-otp-send", 1, &Fault::Throttle);
    faults.next("cs-otp-send", 1, &Fault::ServerError(502));
    faults.next("cs-otp-send", 1, &Fault::Garbage);
    let refused = world.invoke("cs-otp-send", send_request("a")).await;
    assert_eq!(
        refused.json(),
        json!({"ok": false, "error": {"code": "RATE_LIMITED", "retry_after_s": 7}})
    );
    let failed = world.invoke("cs-otp-send", send_request("a")).await;
    assert_eq!(
        (failed.status, failed.headers["x-amz-function-error"].to_str().unwrap()),
        (200, "Unhandled")
    );
    assert_eq!(world.invoke("cs-otp-send", send_request("a")).await.status, 429);
    assert_eq!(world.invoke("cs-otp-send", send_request("a")).await.status, 502);
    assert!(world.invoke("cs-otp-send", send_request("a")).await.body.unwrap().starts_with('<'));
    assert!(world.mail.all().is_empty());
    assert_eq!(world.invoke("cs-otp-send", send_request("a")).await.json()["ok"], true);

    faults.always("ForgotPassword", Fault::refuse("LimitExceededException"));
    let body = json!({"ClientId": CLIENT_ID, "Username": "backoffice-ana"});
    assert_eq!(
        world.cognito("ForgotPassword", body.clone()).await.json()["__type"],
        "LimitExceededException"
    );
    faults.clear("ForgotPassword");
    assert_eq!(world.cognito("ForgotPassword", body).await.status, 200);
}

#[tokio::test]
async fn delay_uses_the_sandbox_clock() {
    let world = World::new().await;
    world.aws.faults().next("cs-otp-send", 1, &Fault::Delay(Duration::from_secs(5)));
    let call = world.invoke("cs-otp-send", send_request("a"));
    let move_on = async {
        world.aws.faults().arrived("cs-otp-send", 1).await;
        while world.clock.next_deadline().is_none() {
            tokio::task::yield_now().await;
        }
        assert!(world.mail.all().is_empty());
        world.clock.advance(Duration::from_secs(5));
    };
    let (seen, ()) = tokio::join!(call, move_on);
    assert_eq!(seen.json()["ok"], true);
    assert_eq!(world.mail.all()[0].at, world.clock.now());
}

#[tokio::test]
async fn lost_answer_has_effect_and_is_repeated() {
    let world = World::new().await;
    let faults = world.aws.faults();
    faults.next("cs-otp-send", 1, &Fault::CutAfterWork);
    assert!(world.invoke("cs-otp-send", send_request("a")).await.body.is_none());
    faults.next("cs-otp-send", 1, &Fault::HangAfterWork);
    let hanging = tokio::spawn({
        let aws = Arc::clone(&world.aws);
        let uri = "/aws/2015-03-31/functions/cs-otp-send/invocations";
        let request = Request::post(uri)
            .header("authorization", SIGNED)
            .header("x-amz-date", "20260601T100000Z")
            .body(Body::from(send_request("a").to_string()))
            .unwrap();
        router(aws).oneshot(request)
    });
    faults.worked("cs-otp-send", 2).await;
    assert!(!hanging.is_finished());
    faults.release("cs-otp-send");
    assert_eq!(hanging.await.unwrap().unwrap().status(), 200);
    assert_eq!(world.aws.mails_of("a"), 1);
}

#[tokio::test]
async fn held_call_can_be_lost_without_effect() {
    let world = World::new().await;
    let faults = world.aws.faults();
    faults.hold("cs-otp-send");
    let lose = async {
        faults.arrived("cs-otp-send", 1).await;
        faults.lose("cs-otp-send");
    };
    let (seen, ()) = tokio::join!(world.invoke("cs-otp-send", send_request("a")), lose);
    assert!(seen.body.is_none());
    assert!(world.mail.all().is_empty());
    assert_eq!(world.invoke("cs-otp-send", send_request("a")).await.json()["ok"], true);
    assert_eq!(world.aws.mails_of("a"), 1);
}

#[tokio::test]
async fn contract_violation_is_refused_and_recorded() {
    let world = World::new().await;
    let mut odd = send_request("a");
    odd["surprise"] = json!(true);
    assert_eq!(world.invoke("cs-otp-send", odd).await.json()["error"]["code"], "BAD_REQUEST");
    assert_eq!(world.aws.contract_violations().len(), 1);
    assert!(
        world.aws.contract_violations()[0].contains("surprise"),
        "{:?}",
        world.aws.contract_violations()
    );
}

#[tokio::test]
async fn signature_of_wrong_clock_is_refused() {
    let world = World::new().await;
    for (date, is_in_time) in [
        ("20260601T095500Z", true),
        ("20260601T100500Z", true),
        ("20260601T095459Z", false),
        ("20260601T100501Z", false),
        ("yesterday", false),
    ] {
        let call = |uri: &str| {
            Request::post(uri)
                .header("authorization", SIGNED)
                .header("x-amz-date", date)
                .header("x-amz-target", "AWSCognitoIdentityProviderService.AdminGetUser")
                .header("x-amz-invocation-type", "DryRun")
        };
        let user = json!({"UserPoolId": USER_POOL_ID, "Username": ANA}).to_string();
        let cognito = world.send(call("/aws/").body(Body::from(user)).unwrap()).await;
        assert_eq!(cognito.status, if is_in_time { 200 } else { 400 }, "{date}");
        let uri = "/aws/2015-03-31/functions/cs-access/invocations";
        let lambda = world.send(call(uri).body(Body::empty()).unwrap()).await;
        assert_eq!(lambda.status, if is_in_time { 204 } else { 403 }, "{date}");
    }
}
