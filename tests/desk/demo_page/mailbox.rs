//! The mailbox of the page decides what becomes of a mail with a code.

use std::time::Duration;

use functions::contract::DeliveryReason;
use sandbox::mail_outcome::MailOutcome;

use super::{DESKTOP, DemoPage};
use crate::world::World;

const JULIA: &str = "julia@example.com";

#[tokio::test]
async fn menu_of_a_mail_returns_it_and_the_next_one() {
    World::run(async |world| {
        let ben = world.person("ben");
        world.proves_agent(&ben, JULIA, "Casa Luz").await;
        ben.presses("Send code").await;
        ben.sees().await;
        let page = DemoPage::start(world, DESKTOP).await;
        page.opens(&ben).await;
        page.browser.clicks(".mail-line").await;
        page.browser.until("document.querySelector('.mail-choice select')").await;
        let choose = "const menu = document.querySelector('.mail-choice select');
            menu.value = 'mailbox_full';
            menu.dispatchEvent(new Event('change'));";
        page.browser.runs(choose).await;
        let shown =
            "document.querySelector('.mail-outcome').textContent === 'returned: mailbox full'";
        page.browser.until(shown).await;
        world.passes(Duration::from_secs(5)).await;
        assert!(ben.sees().await.contains("does not take the code (mailbox full)"));
        world.passes(Duration::from_mins(1)).await;
        ben.presses("Resend").await;
        ben.sees().await;
        let mails = world.sandbox.mail.for_address(JULIA);
        let full = Some(MailOutcome::Bounced(DeliveryReason::MailboxFull));
        assert_eq!(mails.iter().map(|mail| mail.outcome).collect::<Vec<_>>(), [full, full]);
    })
    .await;
}
