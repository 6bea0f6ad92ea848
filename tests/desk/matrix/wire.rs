//! Strikes on the wire between Discord and the bot: answers and edits that do not get through, and
//! a gateway that goes.

use std::sync::Arc;
use std::time::Duration;

use sandbox::discord::RestFault;

use super::strike::{AGAIN, BUDGET, CALLBACK, LATER_AGAIN, Scene, TOO_LATE};
use crate::store::Engine;
use crate::world::LOOK;

const EDIT: &str = "PATCH /api/v10/webhooks/";
const FOLLOW_UP: &str = "POST /api/v10/webhooks/";

/// Longer than any token lives.
pub(super) const fn busy_for_long() -> RestFault {
    RestFault::TooMany { retry_after: Duration::from_mins(20) }
}

pub(super) fn busy() -> RestFault {
    RestFault::TooMany { retry_after: Duration::from_millis(300) }
}

impl Scene<'_> {
    /// So many calls of the bot's to Discord meet this.
    pub(super) async fn met(
        &mut self,
        route: &str,
        calls: u32,
        fault: RestFault,
        over: Duration,
    ) -> String {
        self.world.sandbox.discord.faults().next_calls_to(route, calls, fault);
        let seen = self.done(over).await;
        self.world.dozing(over, self.world.sandbox.discord.faults().all_met()).await;
        seen
    }

    pub(super) async fn never_answers(&mut self, fault: RestFault) -> String {
        let faults = self.world.sandbox.discord.faults();
        faults.next_calls_to(CALLBACK, 3, fault);
        let doing = self.begins().await;
        self.world.dozing(AGAIN, faults.all_met()).await;
        self.world.clock.advance(TOO_LATE);
        self.ended(doing).await
    }

    /// The answer is deferred, as a function takes its time, and then its edit does not get through
    /// at first.
    pub(super) async fn edits(&mut self, fault: RestFault) -> String {
        let (doing, _) = self.begins_held().await;
        self.world.clock.advance(BUDGET);
        doing.await.unwrap();
        let faults = self.world.sandbox.discord.faults();
        faults.next_calls_to(EDIT, 4, fault);
        self.aws().faults().release(self.of());
        self.world.dozing(LATER_AGAIN, faults.all_met()).await;
        self.world.dozing(LATER_AGAIN, self.who.sees()).await
    }

    /// Likewise, and no edit of this answer ever does.
    pub(super) async fn never_edits(&mut self, fault: RestFault) -> String {
        let (doing, _) = self.begins_held().await;
        self.world.clock.advance(BUDGET);
        doing.await.unwrap();
        self.world.sandbox.discord.faults().fail_newest_edits(fault);
        self.aws().faults().release(self.of());
        self.world.dozing(LATER_AGAIN, self.who.sees()).await
    }

    /// So many attempts to send the message with the link meet this; the first answer is well.
    pub(super) async fn follows_up(&mut self, calls: u32, fault: RestFault) -> String {
        self.world.sandbox.discord.faults().next_calls_to(FOLLOW_UP, calls, fault);
        self.begins().await.await.unwrap();
        self.world.dozing(LATER_AGAIN, self.who.sees()).await
    }

    pub(super) async fn drops_over(&mut self) -> String {
        let discord = Arc::clone(&self.world.sandbox.discord);
        if self.ask.is_some() {
            let (doing, _) = self.begins_held().await;
            discord.faults().drop_sockets();
            discord.connected(0).await;
            self.aws().faults().release(self.of());
            discord.connected(1).await;
            return self.ended(doing).await;
        }
        discord.faults().next_calls_to(CALLBACK, 1, RestFault::AnswerLate(Duration::from_secs(1)));
        let doing = self.begins().await;
        discord.faults().all_met().await;
        discord.faults().drop_sockets();
        discord.connected(0).await;
        self.world.clock.advance(Duration::from_secs(1));
        discord.connected(1).await;
        self.ended(doing).await
    }

    pub(super) async fn replays(&mut self) -> String {
        let discord = Arc::clone(&self.world.sandbox.discord);
        let (mut changed, before) = (discord.changed(), discord.excused_violations().len());
        let doing = self.step.act.prepared(self.world, self.who).await;
        discord.faults().drop_sockets();
        let doing = tokio::spawn(doing.does(self.who.clone()));
        // The click is sent, and nobody is there to hear it in time.
        tokio::task::yield_now().await;
        self.world.clock.advance(TOO_LATE);
        doing.await.unwrap();
        // Whoever resumes hears it, and is refused the answer.
        while discord.excused_violations().len() == before {
            changed.changed().await.unwrap();
        }
        self.who.sees().await
    }

    pub(super) async fn goes_unheard(&mut self) -> String {
        let discord = Arc::clone(&self.world.sandbox.discord);
        let doing = self.step.act.prepared(self.world, self.who).await;
        discord.faults().invalidate_sessions(false);
        discord.connected(0).await;
        doing.does(self.who.clone()).await;
        self.world.clock.advance(TOO_LATE);
        let seen = self.who.sees().await;
        discord.connected(1).await;
        seen
    }

    /// Delivered twice. On PostgreSQL the second waits for what becomes of the first.
    pub(super) async fn comes_twice(&mut self) -> String {
        self.world.sandbox.discord.faults().deliver_twice();
        let doing = self.begins().await;
        let page = doing.await.unwrap();
        if self.engine == Engine::Postgres {
            while self.world.count("select count(*) from claims where outcome is null").await > 0 {}
        }
        let seen = self.world.dozing(LOOK, self.who.sees()).await;
        format!("{page}\n{seen}").trim().to_owned()
    }
}
