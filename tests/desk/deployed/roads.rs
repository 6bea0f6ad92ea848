//! Every road of an agent, through Discord, bot, IAM, functions, table, key and mail.

use std::time::{Duration, Instant};

use functions::contract::{RedeemRequest, Target};
use sandbox::discord::Person;
use serde_json::json;

use super::{Deployment, LINK_HOST};

/// Time until another code can be mailed, with a second for the clocks.
const RESEND: Duration = Duration::from_secs(61);

pub(super) async fn walk(deployment: &mut Deployment) {
    for name in ["ana", "ben", "eva", "olga"] {
        deployment.links(name).await;
    }
    let asked = deployment.asks_for_a_code("olga", "lena@example.com", None).await;
    deployment.owner().await;
    deployment.member().await;
    deployment.successor().await;
    deployment.wrong_codes_lock().await;
    deployment.failed_mail_costs_no_wait().await;
    deployment.resends(asked).await;
    for mail in deployment.mails.to("julia@example.com").await {
        let body = mail["BodyText"].as_str().unwrap();
        assert!(body.contains("https://desk.example/report/"), "{body}");
    }
}

impl Deployment {
    fn person(&self, name: &str) -> Person {
        self.installation.sandbox.discord.person(name)
    }

    /// Types the newest code that was mailed to this address.
    async fn types_code(&self, who: &Person, address: &str) {
        who.presses("Enter code").await;
        who.submits([self.mails.code(address).await.as_str()]).await;
    }

    /// Links an account: a code is mailed, then a notice.
    async fn links(&self, name: &str) {
        let (who, address) = (self.person(name), format!("{name}@waizant.example"));
        who.locale("en-US");
        who.types(&format!("/account link email:{address}")).await;
        who.sees_at_last("[Enter code]").await;
        // The panel says nothing about the mail, because the account may not exist.
        self.mails.arrive(&address, 1).await;
        self.links_with_code(&who, &address).await;
        self.mails.arrive(&address, 2).await;
    }

    /// Types the code until the bot knows that it was mailed.
    async fn links_with_code(&self, who: &Person, address: &str) {
        loop {
            self.types_code(who, address).await;
            let mut seen = who.sees_at_last("").await;
            while seen.contains("Checking the code") || seen.is_empty() {
                seen = who.sees_at_last("").await;
            }
            if seen.contains("Your account is linked") {
                return;
            }
            assert!(seen.contains("still being sent"), "{seen}");
        }
    }

    /// Starts a session, up to the mailed code of the agent. Returns the time.
    async fn asks_for_a_code(
        &self,
        name: &str,
        customer: &str,
        ecosystem: Option<&str>,
    ) -> Instant {
        let who = self.person(name);
        who.types(&format!("/support technical email:{customer}")).await;
        who.presses("Start").await;
        if let Some(ecosystem) = ecosystem {
            who.selects(ecosystem).await;
        }
        who.sees_at_last("[Enter code]").await;
        Instant::now()
    }

    /// Verifies agent and customer, from the agent's mailed code on.
    async fn verifies(&self, who: &Person, customer: &str) {
        let address = format!("{}@waizant.example", who.profile().name);
        self.types_code(who, &address).await;
        who.sees_at_last("[Send code]").await;
        who.presses("Send code").await;
        who.sees_at_last("[Enter code]").await;
        self.types_code(who, customer).await;
        who.sees_at_last("4 of 4").await;
    }

    /// Redeems the link behind this button, as the company's backend.
    async fn redeems(&self, who: &Person, label: &str, target: Target) -> String {
        let url = who.link_of(label);
        let token = url.strip_prefix(&format!("https://{LINK_HOST}/support#")).expect("our page");
        let token = || RedeemRequest::Redeem { token: token.to_owned().into() };
        let redeemed = self.calls.redeem(token()).await.unwrap();
        assert_eq!(
            (&redeemed["target"], &redeemed["ecosystem_id"]),
            (&json!(target), &json!("eco-casa-luz"))
        );
        assert_eq!(self.calls.redeem(token()).await.unwrap_err(), "NOT_FOUND", "a link works once");
        redeemed["session_id"].as_str().unwrap().to_owned()
    }

    async fn is_alive(&self, session_id: &str) -> bool {
        let request = RedeemRequest::Alive { session_id: session_id.to_owned() };
        self.calls.redeem(request).await.unwrap()["alive"] == true
    }

    async fn owner(&mut self) {
        let ben = self.person("ben");
        self.asks_for_a_code("ben", "julia@example.com", Some("Casa Luz")).await;
        self.verifies(&ben, "julia@example.com").await;
        ben.presses("Waizant Store").await;
        ben.sees_at_last("[Open Waizant Store ↗]").await;
        let session = self.redeems(&ben, "Open Waizant Store", Target::Store).await;
        ben.presses("Waizant App").await;
        ben.sees_at_last("(image qr.png)").await;
        assert!(self.is_alive(&session).await);
        ben.presses("Finish").await;
        ben.sees_at_last("no longer work").await;
        // The function announces the end after it has saved it.
        self.stack.does(&json!({"do": "ended", "session_id": session}));
        assert!(!self.is_alive(&session).await);
    }

    async fn member(&self) {
        let ana = self.person("ana");
        self.asks_for_a_code("ana", "tom@example.com", Some("Casa Luz")).await;
        self.verifies(&ana, "tom@example.com").await;
        assert!(ana.try_presses(None, "Waizant Store").await.is_err(), "a member gets no store");
        ana.presses("Waizant Web").await;
        ana.sees_at_last("[Open Waizant Web ↗]").await;
        self.redeems(&ana, "Open Waizant Web", Target::Web).await;
        ana.presses("Finish").await;
        ana.sees_at_last("no longer work").await;
    }

    async fn successor(&self) {
        let eva = self.person("eva");
        eva.types("/support successor email:sofia@example.com").await;
        eva.presses("Start").await;
        eva.sees_at_last("[Enter code]").await;
        self.verifies(&eva, "sofia@example.com").await;
        eva.presses("Send QR").await;
        eva.sees_at_last("A QR code was mailed to the successor").await;
        let mail = self.mails.to("sofia@example.com").await.pop().unwrap();
        let text = mail["BodyText"].as_str().unwrap();
        assert!(text.contains(&format!("https://{LINK_HOST}/support#")), "{text}");
        assert!(mail["BodyHtml"].as_str().unwrap().contains("cid:qr.png"));
        eva.presses("Finish").await;
        eva.sees_at_last("no longer work").await;
    }

    async fn wrong_codes_lock(&self) {
        let ana = self.person("ana");
        self.asks_for_a_code("ana", "tom@example.com", Some("Casa Luz")).await;
        let right: u32 = self.mails.code("ana@waizant.example").await.parse().unwrap();
        let wrong = format!("{:06}", (right + 1) % 1_000_000);
        for left in (0..5).rev() {
            ana.presses("Enter code").await;
            ana.submits([wrong.as_str()]).await;
            let expected =
                if left == 0 { "Session closed".to_owned() } else { format!("{left} attempt") };
            ana.sees_at_last(&expected).await;
        }
    }

    /// SES refuses the sender. After it accepts the sender again, the next code goes out at once.
    async fn failed_mail_costs_no_wait(&mut self) {
        self.stack.does(&json!({"do": "identity", "exists": false}));
        let ben = self.person("ben");
        ben.types("/support technical email:julia@example.com").await;
        ben.presses("Start").await;
        ben.selects("Taller Sol").await;
        ben.sees_at_last("could not be delivered").await;
        self.stack.does(&json!({"do": "identity", "exists": true}));
        ben.presses("Resend").await;
        ben.sees_at_last("[Enter code]").await;
        ben.presses("Cancel").await;
        ben.submits(["The customer hung up."]).await;
        ben.sees_at_last("Session closed").await;
    }

    /// Another code after a minute voids the first.
    async fn resends(&self, asked: Instant) {
        tokio::time::sleep_until((asked + RESEND).into()).await;
        let olga = self.person("olga");
        let first = self.mails.code("olga@waizant.example").await;
        let mails = self.mails.to("olga@waizant.example").await.len();
        olga.presses("Resend").await;
        self.mails.arrive("olga@waizant.example", mails + 1).await;
        olga.sees_at_last("[Enter code]").await;
        olga.presses("Enter code").await;
        olga.submits([first.as_str()]).await;
        olga.sees_at_last("4 attempts left").await;
        self.verifies(&olga, "lena@example.com").await;
        olga.presses("Finish").await;
        olga.sees_at_last("Done with").await;
    }
}
