//! The recovery page's form: any body, posted to the page of a desk that refuses everything.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use commands::flows::recover::messages::{Field, FieldMessage};
use commands::handlers::recovery_page::{RecoveryDesk, View};
use commands::model::fault::Fault;
use commands::model::time::Timestamp;
use commands::model::words::Locale;
use commands::ports::clock::Clock;
use commands::ports::recovery::PasswordPolicy;
use secrecy::{ExposeSecret as _, SecretString};
use support_desk::demo_marks;
use support_desk::health::{Health, StoreStatus};
use support_desk::keys::DeskKeys;
use support_desk::web::{self, RecoveryPage};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;
use url::{Url, form_urlencoded};

const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
const NOW: Timestamp = Timestamp(1_767_607_200_000);
/// Time between two requests, so that the rate limit refuses none.
const INTERVAL: Duration = Duration::from_secs(10);

thread_local! {
    static SITE: RefCell<Option<Site>> = const { RefCell::new(None) };
}

/// Posts the bytes with the form token of the page, and without it.
pub fn run(bytes: &[u8]) {
    SITE.with_borrow_mut(|site| {
        let site = site.get_or_insert_with(Site::new);
        let form = [b"form=", site.form_token.as_bytes(), b"&", bytes].concat();
        let (status, page) = site.post(form.clone());
        match status {
            // The desk was called, and the page shows its refusal and the typed code.
            StatusCode::UNPROCESSABLE_ENTITY => {
                let asked = site.desk.asked().expect("only the desk refuses with 422");
                assert_eq!(asked, parse_form(&form), "the desk got other values");
                assert_eq!(
                    page.matches(['<', '>', '"']).count(),
                    site.markup,
                    "typed text became markup"
                );
            }
            StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::PAYLOAD_TOO_LARGE => {
                assert_eq!(site.desk.asked(), None, "the desk got a refused form");
            }
            other => panic!("unexpected status {other}"),
        }
        // Without the form token the desk must not be called.
        let (status, _) = site.post(bytes.to_vec());
        let known = [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN, StatusCode::PAYLOAD_TOO_LARGE];
        assert!(
            known.contains(&status) || has_token(bytes, &site.form_token),
            "unexpected status {status}"
        );
        assert!(
            site.desk.asked().is_none() || has_token(bytes, &site.form_token),
            "the desk got a form without its token"
        );
    });
}

fn has_token(bytes: &[u8], token: &str) -> bool {
    form_urlencoded::parse(bytes).any(|(_, value)| value == token)
}

/// Parses the form by the URL standard.
fn parse_form(form: &[u8]) -> Asked {
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(form);
        fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    match field("do").as_str() {
        "resend" => Asked::Resend,
        _ => Asked::Confirm {
            code: field("code"),
            password: field("password"),
            again: field("again"),
        },
    }
}

/// The recovery page with its desk.
struct Site {
    runtime: Runtime,
    router: Router,
    desk: Arc<RefusingDesk>,
    clock: Arc<SteppingClock>,
    form_token: String,
    /// Number of markup characters on a page with a refusal. A typed code must add none.
    markup: usize,
}

impl Site {
    fn new() -> Self {
        let (desk, clock) =
            (Arc::new(RefusingDesk::default()), Arc::new(SteppingClock(Mutex::new(NOW))));
        let health = Health::new(
            Arc::clone(&clock) as _,
            Box::new(|| Box::pin(async { Ok(StoreStatus::default()) })),
        );
        let keys = DeskKeys::new(Arc::new(demo_marks::keyring()));
        let url = Url::parse("https://desk.example.com").expect("an address");
        let page = RecoveryPage::new(
            Arc::clone(&desk) as _,
            Arc::new(keys),
            Arc::clone(&clock) as _,
            &url,
        );
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut site = Self {
            runtime,
            router: web::public_router(health, Some(page), None),
            desk,
            clock,
            form_token: String::new(),
            markup: 0,
        };
        let (_, page) = site.request(
            Request::get(format!("/recover/{TOKEN}")).body(Body::empty()).expect("a request"),
        );
        let token = page
            .split_once("name=\"form\" value=\"")
            .expect("a form")
            .1
            .split('"')
            .next()
            .expect("its token");
        token.clone_into(&mut site.form_token);
        let (_, page) = site.post(format!("form={}&code=123456", site.form_token).into_bytes());
        site.markup = page.matches(['<', '>', '"']).count();
        assert!(site.desk.asked().is_some(), "the form of the page is accepted");
        site
    }

    fn post(&self, body: Vec<u8>) -> (StatusCode, String) {
        let request = Request::post(format!("/recover/{TOKEN}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.request(request.body(Body::from(body)).expect("a request"))
    }

    fn request(&self, request: Request<Body>) -> (StatusCode, String) {
        self.clock.step();
        self.runtime.block_on(async {
            let (head, body) =
                self.router.clone().oneshot(request).await.expect("it answers").into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            (head.status, String::from_utf8(body.to_vec()).expect("a page is text"))
        })
    }
}

/// A call to the desk.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Resend,
    Confirm { code: String, password: String, again: String },
}

/// A desk that records its last call and refuses it.
#[derive(Default)]
struct RefusingDesk(Mutex<Option<Asked>>);

type Answer = Result<Option<(View, Option<FieldMessage>)>, Fault>;

impl RefusingDesk {
    /// Returns the last call since the previous `asked`.
    fn asked(&self) -> Option<Asked> {
        self.0.lock().expect("not poisoned").take()
    }

    fn refuse(&self, asked: Asked) -> (View, Option<FieldMessage>) {
        *self.0.lock().expect("not poisoned") = Some(asked);
        (view(), Some(FieldMessage { field: Field::Page, sentence: "No.".to_owned() }))
    }
}

fn view() -> View {
    let policy = PasswordPolicy { minimum_length: 8, ..PasswordPolicy::default() };
    View {
        username: Some("ana@waizant.example".to_owned()),
        locale: Locale::En,
        to: Some("a•••@w•••.example".to_owned()),
        last_outcome: None,
        done: false,
        signed_out: false,
        resend_at: Some(NOW),
        until: NOW + Duration::from_hours(1),
        policy,
        now: NOW,
    }
}

#[async_trait]
impl RecoveryDesk for RefusingDesk {
    async fn look(&self, token: &str) -> Result<Option<View>, Fault> {
        Ok((token == TOKEN).then(view))
    }

    async fn resend(&self, _: &str) -> Answer {
        Ok(Some(self.refuse(Asked::Resend)))
    }

    async fn confirm(
        &self,
        _: &str,
        code: &str,
        password: SecretString,
        again: SecretString,
    ) -> Answer {
        let (password, again) =
            (password.expose_secret().to_owned(), again.expose_secret().to_owned());
        Ok(Some(self.refuse(Asked::Confirm { code: code.to_owned(), password, again })))
    }
}

/// A clock that moves by `INTERVAL` with each request. Its sleeps never end.
struct SteppingClock(Mutex<Timestamp>);

impl SteppingClock {
    fn step(&self) {
        let mut now = self.0.lock().expect("not poisoned");
        *now = *now + INTERVAL;
    }
}

#[async_trait]
impl Clock for SteppingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("not poisoned")
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}
