//! The height of each panel on a phone: what to press next must be visible without scrolling.

use std::collections::HashMap;
use std::time::Duration;

use commands::model::words::Locale;
use sandbox::discord::Person;
use serde::Deserialize;

use super::{DemoPage, PHONE, VISIBLE};
use crate::guide::catalog::Catalog;
use crate::world::World;

/// Measures the message `id`: its height, and where its most important control ends, from the top
/// of the message and in the channel. That is a QR code, else the primary button, else the first
/// row of controls.
const MEASURE: &str = r"((id) => {
    const channel = document.querySelector('#scroll').getBoundingClientRect();
    const message = document.querySelector(`[data-message='${id}']`);
    const control = message.querySelector('.embed-image') ?? message.querySelector('.button.primary') ?? message.querySelector('.rows > *');
    const { top, height } = message.getBoundingClientRect();
    const box = control?.getBoundingClientRect();
    return {
        height: Math.ceil(height),
        control: box ? Math.ceil(box.bottom - top) : null,
        visible: !box || (box.top >= channel.top && box.bottom <= channel.bottom),
    };
})";

/// A message on the phone, in CSS pixels.
#[derive(Deserialize)]
struct Measured {
    height: u32,
    /// Distance from the top of the message to the end of its most important control.
    control: Option<u32>,
    /// The control is in the visible part of the channel, without scrolling.
    visible: bool,
}

/// An agent whose panels are measured.
struct Measurer<'a> {
    page: DemoPage,
    world: &'a World,
    agent: &'a Person,
    texts: Catalog,
    /// The kind of support, for the name of each result.
    kind: &'static str,
    /// The last measured revision of each message.
    revisions: HashMap<String, u64>,
    results: Vec<(String, Measured)>,
}

impl<'a> Measurer<'a> {
    async fn start(world: &'a World, agent: &'a Person, locale: Locale) -> Self {
        let page = DemoPage::start(world, PHONE).await;
        page.opens(agent).await;
        // The channel's own head and the message box take the rest of the window.
        let channel = page.value("document.querySelector('#scroll').clientHeight").await;
        let window = page.value("innerHeight").await;
        let around = window.as_u64().unwrap() - channel.as_u64().unwrap();
        page.resizes(PHONE, VISIBLE + u32::try_from(around).unwrap()).await;
        let channel = page.value("document.querySelector('#scroll').clientHeight").await;
        assert_eq!(channel, VISIBLE);
        Self {
            page,
            world,
            agent,
            texts: Catalog::of(locale),
            kind: "",
            revisions: HashMap::new(),
            results: Vec::new(),
        }
    }

    /// Measures the messages that are new or have changed.
    async fn measure(&mut self, panel: &str) {
        self.agent.sees().await;
        self.page.shows_all(self.agent).await;
        let before_all = self.results.len();
        for message in self.agent.messages() {
            let before = self.revisions.insert(message.id.clone(), message.revision);
            if before != Some(message.revision) {
                let measured = self.page.value(&format!("{MEASURE}('{}')", message.id)).await;
                let measured = serde_json::from_value(measured).unwrap();
                self.results.push((format!("{}, {panel}", self.kind), measured));
            }
        }
        assert!(self.results.len() > before_all, "{panel}: nothing changed");
    }

    /// Presses the button with the text `id`, then measures.
    async fn press(&mut self, id: &str, panel: &str) {
        self.agent.presses(self.texts.text(id)).await;
        self.measure(panel).await;
    }

    /// Enters the newest code that was mailed to `address`, then measures.
    async fn enter_code_of(&mut self, address: &str, panel: &str) {
        self.agent.presses(self.texts.text("button-enter-code")).await;
        self.agent.submits([self.world.code_for(address).as_str()]).await;
        self.measure(panel).await;
    }

    /// Verifies agent and customer, from the panel with the agent's code to the panel `last`.
    async fn verify(&mut self, customer: &str, last: &str) {
        self.enter_code_of(&self.world.mailbox_of(self.agent), "announcement").await;
        self.press("button-send", "customer's code").await;
        self.enter_code_of(customer, last).await;
    }

    async fn technical(&mut self) {
        self.kind = "technical";
        self.agent.types("/support technical email:julia@example.com").await;
        self.measure("look-up").await;
        self.press("button-start", "choice of the ecosystem").await;
        self.agent.selects("Casa Luz").await;
        self.measure("agent's code").await;
        self.verify("julia@example.com", "verified").await;
        self.press("button-web", "link").await;
        self.press("button-app", "QR code").await;
        self.press("button-plan", "plan").await;
        self.press("button-back", "verified, after the plan").await;
        self.world.passes(Duration::from_mins(12)).await;
        self.measure("warning").await;
        self.press("button-stay", "verified, after the warning").await;
        self.press("button-finish", "closed").await;
        self.clear().await;
    }

    async fn successor(&mut self) {
        self.kind = "successor";
        self.agent.types("/support successor email:sofia@example.com").await;
        self.measure("look-up").await;
        let start = self.texts.text("button-start-named");
        self.agent.presses(&start.replace("{ $ecosystem }", "Casa Herencia")).await;
        self.measure("agent's code").await;
        self.verify("sofia@example.com", "steps").await;
        self.agent.selects("2. Validation").await;
        self.measure("rejected step").await;
        self.press("button-back", "steps, after the details").await;
        self.press("button-send-qr", "mailed QR code").await;
        self.press("button-show-qr", "QR code").await;
        self.press("button-finish", "closed").await;
        self.clear().await;
    }

    /// Removes all messages of the agent, so that the next flow begins at the top.
    async fn clear(&self) {
        self.agent.reloads();
        self.page.shows_all(self.agent).await;
    }

    /// Prints all panels, and fails if the control of one is not visible.
    fn end(self, locale: Locale) {
        let mut lines = vec![format!("{:>38}  height  control  (of {VISIBLE})", locale.tag())];
        let mut hidden = Vec::new();
        for (panel, measured) in &self.results {
            let fault = match measured.control {
                Some(end) if end > VISIBLE => "too low",
                Some(_) if !measured.visible => "scrolled away",
                Some(_) => "",
                None => "without a control",
            };
            let control = measured.control.map_or_else(|| "-".to_owned(), |end| end.to_string());
            lines.push(format!("{panel:>38}  {:>6}  {control:>7}  {fault}", measured.height));
            if !fault.is_empty() {
                hidden.push(format!("{panel} ({fault})"));
            }
        }
        let table = lines.join("\n");
        println!("{table}");
        assert!(hidden.is_empty(), "not visible: {}\n{table}", hidden.join(", "));
    }
}

/// Walks both kinds of support as `name`.
async fn measure_all(name: &str, locale: Locale) {
    World::run(async |world| {
        let person = world.person(name);
        let mut measurer = Measurer::start(world, &person, locale).await;
        measurer.technical().await;
        measurer.successor().await;
        measurer.end(locale);
    })
    .await;
}

#[tokio::test]
async fn english_controls_are_visible_on_phone() {
    measure_all("ben", Locale::En).await;
}

#[tokio::test]
async fn spanish_controls_are_visible_on_phone() {
    measure_all("ana", Locale::Es).await;
}
