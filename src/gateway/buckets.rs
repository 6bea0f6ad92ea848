//! Forgets rate limits that are over.
//!
//! serenity's rate limiter keeps what Discord said of each route, for ever, and the callback of each interaction is a route of its
//! own: the process would grow with every click.

use std::time::{Duration, SystemTime};

use serenity::http::Ratelimiter;

/// How often they are forgotten: what a minute of clicks leaves is little.
pub const FORGET_EVERY: Duration = Duration::from_mins(1);

/// Forgets what nobody waits for and what is over at `now`, or was no limit at all.
pub async fn forget(limiter: &Ratelimiter, now: SystemTime) {
    let routes = limiter.routes();
    let mut routes = routes.write().await;
    // Whoever is at it holds it.
    routes.retain(|_, limit| limit.try_lock().map_or(true, |limit| limit.reset().is_some_and(|at| at > now)));
    routes.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serenity::all::{ChannelId, InteractionId};
    use serenity::http::Route;

    use super::*;

    #[tokio::test]
    async fn an_interaction_leaves_nothing_behind() {
        let limiter = Ratelimiter::new(reqwest::Client::new(), "");
        let callback = |id| Route::InteractionResponse { interaction_id: InteractionId::new(id), token: "t" };
        let channel = Route::Channel { channel_id: ChannelId::new(7) };
        let routes = limiter.routes();
        for route in [callback(1), callback(2), channel] {
            routes.write().await.insert(route.ratelimiting_bucket(), Arc::default());
        }
        let busy = Arc::clone(&routes.read().await[&callback(2).ratelimiting_bucket()]);
        let held = busy.lock().await;
        forget(&limiter, SystemTime::now()).await;
        let left: Vec<_> = routes.read().await.keys().copied().collect();
        assert_eq!(left, [callback(2).ratelimiting_bucket()], "somebody is at it");
        drop(held);
        forget(&limiter, SystemTime::now()).await;
        assert!(routes.read().await.is_empty());
    }
}
