//! Rules of the flows: pure `step` and pure screens, without Discord, a database or a real clock.
//!
//! [`session_driver`] moves a session like the desk. [`events`] lists every event. [`fakes`] holds
//! the ports of a desk. Each of the other files tests one subject.

#![expect(
    clippy::unchecked_time_subtraction,
    reason = "the durations are constants, and an overflow must fail the test"
)]
#![expect(unused_must_use, reason = "many tests move a session only for its new state")]
#![expect(clippy::unwrap_used, reason = "an unexpected value must fail the test")]

mod album;
mod alert_row;
mod alerts;
mod codes;
mod corrupted_rows;
mod deliveries;
mod delivery_screens;
mod discord_limits;
mod eligibility;
mod events;
mod fakes;
mod figures;
mod figures_file;
mod lambda_contract;
mod lead;
mod lead_take_over;
mod names;
mod notes;
mod outcomes;
mod panels;
mod people;
mod proofs;
mod random_events;
mod random_walks;
mod reasons;
mod records;
mod recovery;
mod recovery_page;
mod recovery_panels;
mod report_page;
mod reports;
mod requests;
mod screen_text;
mod sends;
mod session_driver;
mod show;
mod state_table;
mod stored_sessions;
mod strategies;
mod succession;
mod sweeps;
mod takeover;
mod timers;
mod trail_topics;
mod trail_views;
mod transitions;
mod verify_only;
mod watch;
mod wrong_codes;
