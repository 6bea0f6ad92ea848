//! The recovery page's form: a body as somebody may send it, to the page itself, before a desk that
//! says no to everything.

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
use support_desk::demo_marks::STORE_KEY;
use support_desk::health::Health;
use support_desk::keys::DeskKeys;
use support_desk::store::StoreKey;
use support_desk::web::{self, RecoveryPage};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;
use url::{Url, form_urlencoded};

const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
const NOW: Timestamp = Timestamp(1_767_607_200_000);
/// Between two requests: the page lets one address ask for it once in two seconds.
const BETWEEN: Duration = Duration::from_secs(10);

thread_local! {
    static SITE: RefCell<Option<Site>> = const { RefCell::new(None) };
}

/// Sends the bytes as the form of our page, which makes them count, and as they are, which does
/// not.
pub fn run(bytes: &[u8]) {
    SITE.with_borrow_mut(|site| {
        let site = site.get_or_insert_with(Site::new);
        let form = [b"form=", site.form_token.as_bytes(), b"&", bytes].concat();
        let (status, page) = site.posts(form.clone());
        match status {
            // The desk was asked, and its no stands on the page with the code that was typed.
            StatusCode::UNPROCESSABLE_ENTITY => {
                let asked = site.desk.asked().expect("nobody else says no");
                assert_eq!(Some(&asked), as_browsers_write(&form).as_ref(), "not what was written");
                assert_eq!(
                    page.matches(['<', '>', '"']).count(),
                    site.marks,
                    "what was typed became a part of the page"
                );
            }
            StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN | StatusCode::PAYLOAD_TOO_LARGE => {
                assert_eq!(site.desk.asked(), None, "a refused form was acted on");
            }
            other => panic!("answered with {other}"),
        }
        // Without the page's token nothing is ever acted on.
        let (status, _) = site.posts(bytes.to_vec());
        let known = [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN, StatusCode::PAYLOAD_TOO_LARGE];
        assert!(
            known.contains(&status) || has_token(bytes, &site.form_token),
            "answered with {status}"
        );
        assert!(
            site.desk.asked().is_none() || has_token(bytes, &site.form_token),
            "a form from elsewhere was acted on"
        );
    });
}

fn has_token(bytes: &[u8], token: &str) -> bool {
    form_urlencoded::parse(bytes).any(|(_, value)| value == token)
}

/// What another reader makes of the form: names as they stand, values as browsers write them.
fn as_browsers_write(form: &[u8]) -> Option<Asked> {
    let field = |name: &str| {
        let mut pairs = form.split(|byte| *byte == b'&');
        let value = pairs.find_map(|pair| match pair.strip_prefix(name.as_bytes())? {
            [b'=', value @ ..] => Some(value),
            [] => Some(&[]),
            _ => None,
        });
        let value = [b"x=", value.unwrap_or_default()].concat();
        form_urlencoded::parse(&value).next().map(|(_, value)| value.into_owned())
    };
    Some(match field("do")?.as_str() {
        "resend" => Asked::Resend,
        _ => Asked::Confirm {
            code: field("code")?,
            password: field("password")?,
            again: field("again")?,
        },
    })
}

/// The page, before its desk.
struct Site {
    runtime: Runtime,
    router: Router,
    desk: Arc<NoDesk>,
    clock: Arc<Ticking>,
    form_token: String,
    /// How many marks the page has when a no stands on it: a typed code adds none.
    marks: usize,
}

impl Site {
    fn new() -> Self {
        let (desk, clock) = (Arc::new(NoDesk::default()), Arc::new(Ticking(Mutex::new(NOW))));
        let health = Health::new(Arc::clone(&clock) as _, Box::new(|| Box::pin(async { Ok(()) })));
        let keys = DeskKeys::new(Arc::new(StoreKey::parse(STORE_KEY).expect("the demo's key")));
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
            router: web::public(health, Some(page)),
            desk,
            clock,
            form_token: String::new(),
            marks: 0,
        };
        let (_, page) = site.asks(
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
        let (_, page) = site.posts(format!("form={}&code=123456", site.form_token).into_bytes());
        site.marks = page.matches(['<', '>', '"']).count();
        assert!(site.desk.asked().is_some(), "the form of the page counts");
        site
    }

    fn posts(&self, body: Vec<u8>) -> (StatusCode, String) {
        let request = Request::post(format!("/recover/{TOKEN}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.asks(request.body(Body::from(body)).expect("a request"))
    }

    fn asks(&self, request: Request<Body>) -> (StatusCode, String) {
        self.clock.ticks();
        self.runtime.block_on(async {
            let (head, body) =
                self.router.clone().oneshot(request).await.expect("it answers").into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("a body");
            (head.status, String::from_utf8(body.to_vec()).expect("a page is text"))
        })
    }
}

/// What the desk was asked.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Resend,
    Confirm { code: String, password: String, again: String },
}

/// Remembers what it was asked last, and says no.
#[derive(Default)]
struct NoDesk(Mutex<Option<Asked>>);

type Answer = Result<Option<(View, Option<FieldMessage>)>, Fault>;

impl NoDesk {
    /// What it was asked since this was last wanted to be known.
    fn asked(&self) -> Option<Asked> {
        self.0.lock().expect("nobody panicked").take()
    }

    fn says_no(&self, asked: Asked) -> (View, Option<FieldMessage>) {
        *self.0.lock().expect("nobody panicked") = Some(asked);
        (view(), Some(FieldMessage { field: Field::Page, sentence: "No.".to_owned() }))
    }
}

fn view() -> View {
    let policy = PasswordPolicy { minimum_length: 8, ..PasswordPolicy::default() };
    View {
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
impl RecoveryDesk for NoDesk {
    async fn look(&self, token: &str) -> Result<Option<View>, Fault> {
        Ok((token == TOKEN).then(view))
    }

    async fn resend(&self, _: &str) -> Answer {
        Ok(Some(self.says_no(Asked::Resend)))
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
        Ok(Some(self.says_no(Asked::Confirm { code: code.to_owned(), password, again })))
    }
}

/// A clock that moves from one request to the next, and that nobody waits for.
struct Ticking(Mutex<Timestamp>);

impl Ticking {
    fn ticks(&self) {
        let mut now = self.0.lock().expect("nobody panicked");
        *now = *now + BETWEEN;
    }
}

#[async_trait]
impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("nobody panicked")
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}
