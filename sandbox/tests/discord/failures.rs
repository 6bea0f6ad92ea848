//! Answers of a broken Discord, and follow-ups that are lost.

use sandbox::discord::{ErrorBody, LostFollowUps, RestFault};
use serde_json::{Value, json};

use super::bot::Bot;
use super::{World, buttons, world};

const NO_VIOLATION: [String; 0] = [];

async fn note(world: &World, interaction: &Value, text: &str) -> u16 {
    let body = json!({ "content": text, "flags": 64 });
    world.bot.call("POST", &Bot::webhook(interaction, ""), &body).await.0
}

#[tokio::test]
async fn server_errors_have_foreign_bodies() {
    let world = world().await;
    let faults = world.sandbox.discord.faults();
    for status in [502, 520, 521, 522, 523, 524] {
        let error = |body| RestFault::ServerError { status, body };
        faults.next_calls(1, error(ErrorBody::Html));
        let html = world.bot.full_answer("GET", "/users/@me", &json!(null)).await;
        assert_eq!(
            (html.status, html.header("content-type")),
            (status, "text/html; charset=utf-8")
        );
        assert!(html.body.ends_with("</html>\n"), "{}", html.body);

        faults.next_calls(1, error(ErrorBody::Empty));
        let empty = world.bot.full_answer("GET", "/users/@me", &json!(null)).await;
        assert_eq!((empty.status, empty.body.as_str()), (status, ""));

        faults.next_calls(1, error(ErrorBody::CutShort));
        let cut = world.bot.full_answer("GET", "/users/@me", &json!(null)).await;
        assert_eq!(cut.status, status);
        assert_eq!(cut.header("content-length"), html.header("content-length"));
        assert_eq!(cut.body.len(), html.body.len() / 2);
    }
    assert_eq!(world.violations(), NO_VIOLATION);
}

#[tokio::test]
async fn hanging_call_is_never_processed() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let faults = world.sandbox.discord.faults();
    faults.next_calls_to("POST", 1, RestFault::Hang);
    tokio::select! {
        _ = note(&world, &interaction, "never") => panic!("the call was answered"),
        () = faults.all_met() => {}
    }
    assert_eq!(note(&world, &interaction, "now").await, 200);
    let ana = world.sandbox.discord.person("ana");
    assert_eq!(ana.sees().await, "Panel\n[Go]\n\nnow");
    let lost = LostFollowUps { before_work: 1, after_work: 0 };
    assert_eq!(world.sandbox.discord.lost_follow_ups(), lost);
}

#[tokio::test]
async fn cut_answer_comes_after_the_work() {
    let mut world = world().await;
    let ana = world.sandbox.discord.person("ana");
    let interaction = world.panel(&buttons(&["Go"])).await;
    let faults = world.sandbox.discord.faults();
    faults.next_calls_to("PATCH", 1, RestFault::AnswerCutShort);
    let path = Bot::webhook(&interaction, "/messages/@original");
    let cut = world.bot.full_answer("PATCH", &path, &json!({ "content": "cut" })).await;
    assert_eq!(cut.status, 200);
    assert!(serde_json::from_str::<Value>(&cut.body).is_err(), "{}", cut.body);
    assert_eq!(ana.sees().await, "cut\n[Go]");

    faults.next_calls_to("PATCH", 1, RestFault::ErrorAfterWork(504));
    let error = world.bot.full_answer("PATCH", &path, &json!({ "content": "error" })).await;
    assert_eq!((error.status, error.header("server")), (504, "cloudflare"));
    assert_eq!(ana.sees().await, "error\n[Go]");

    // A first answer has no body to cut short, and may be repeated.
    faults.next_calls_to("/callback", 1, RestFault::AnswerCutShort);
    let bot = &mut world.bot;
    let stubborn = async {
        let interaction = bot.next("INTERACTION_CREATE").await;
        let update = json!({ "type": 7, "data": { "content": "answered" } });
        assert_eq!(bot.answer(&interaction, &update).await.0, 0);
        assert_eq!(bot.answer(&interaction, &update).await.1["code"], 40060);
    };
    tokio::join!(ana.presses("Go"), stubborn);
    assert_eq!(ana.sees().await, "answered\n[Go]");
    assert_eq!(world.violations(), NO_VIOLATION);
}

#[tokio::test]
async fn lost_follow_up_repeated_is_a_violation() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    let discord = world.sandbox.discord.clone();
    let faults = discord.faults();
    let repeated = "two live messages of one follow-up, whose first answer was lost";

    faults.next_calls_to("POST", 1, RestFault::Cut);
    assert_eq!(note(&world, &interaction, "one").await, 0);
    assert_eq!(note(&world, &interaction, "one").await, 200);
    assert_eq!(world.violations(), NO_VIOLATION, "the first one never came");
    assert_eq!(discord.lost_follow_ups(), LostFollowUps { before_work: 1, after_work: 0 });

    world.advance(2);
    for fault in [RestFault::AnswerLost, RestFault::AnswerCutShort, RestFault::ErrorAfterWork(502)]
    {
        world.advance(2);
        let text = format!("{fault:?}");
        faults.next_calls_to("POST", 1, fault);
        note(&world, &interaction, &text).await;
        assert_eq!(note(&world, &interaction, "something else").await, 200);
        assert_eq!(world.violations(), NO_VIOLATION);
        assert_eq!(note(&world, &interaction, &text).await, 200);
        assert_eq!(world.violations(), [repeated]);
    }
    assert_eq!(discord.lost_follow_ups(), LostFollowUps { before_work: 1, after_work: 3 });

    let ana = discord.person("ana");
    let shown = ana.sees().await;
    assert_eq!(shown.matches("AnswerLost").count(), 2, "Discord shows both: {shown}");
}

#[tokio::test]
async fn unknown_keys_are_noted_and_not_refused() {
    let mut world = world().await;
    let interaction = world.panel(&buttons(&["Go"])).await;
    world.sandbox.discord.keep_bodies();
    let body = json!({ "content": "c", "flags": 64, "embed": { "title": "t" }, "embeds": [{ "title": "t", "colour": 1 }] });
    let path = Bot::webhook(&interaction, "");
    assert_eq!(world.bot.call("POST", &path, &body).await.0, 200);
    assert_eq!(world.bot.edit(&interaction, &json!({ "content": "c", "tts": true })).await.0, 200);
    assert_eq!(
        world.sandbox.discord.unknown_keys(),
        ["edit: tts", "follow-up: embed", "follow-up: embeds.colour"]
    );
    let kept = world.sandbox.discord.take_bodies();
    assert_eq!(kept.iter().map(|body| body.call).collect::<Vec<_>>(), ["follow-up", "edit"]);
    assert_eq!(kept[0].body, body);
    assert_eq!(world.violations(), NO_VIOLATION);
}
