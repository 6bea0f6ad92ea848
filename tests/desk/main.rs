//! Conversations: the real bot over a real websocket and real HTTP, with the sandbox as Discord,
//! AWS and people.
//!
//! A test states what a person types, presses and sees. [`world::World`] holds both sides and the
//! clock. Unread messages and invalid requests of the bot fail the test.

#![expect(unreachable_pub, reason = "a test binary exports nothing")]
#![expect(
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a failed precondition ends the test"
)]

mod absolute_timeout;
mod access;
mod access_faults;
mod adapters;
mod addresses;
mod alerts;
mod at_once;
mod attended;
mod authorization;
mod browser;
mod brute_force;
mod buttons;
mod cancel;
mod close_one;
mod codes;
mod core_example;
mod crashes;
mod customer;
mod daily_work;
mod deliveries;
mod demo_page;
mod deployed;
mod discord_faults;
mod ecosystems;
mod eligibility;
mod forged_ids;
mod fuzzed;
mod gateway;
mod guide;
mod history;
mod idle_timeout;
mod installation;
mod key_procedures;
mod lambda_faults;
mod layers;
mod lead;
mod leaks;
mod link_sends;
mod linking;
mod lockouts;
mod log;
mod lookup;
mod matrix;
mod member;
mod names;
mod neutral;
mod observed;
mod operator;
mod outdated_commands;
mod owner;
mod packaged;
mod page;
mod person;
mod presses;
mod process;
mod program;
mod progress;
mod promises;
mod recover;
mod refused_panels;
mod replicas;
mod report;
mod restore;
mod resume;
mod revocation;
mod sealed;
mod sends;
mod show;
mod spanish;
mod stale_eligibility;
mod store;
mod store_roles;
mod stored_text;
mod successor;
mod successor_choice;
mod successor_faults;
mod tampering;
mod threads;
mod ticket;
mod traces;
mod trail_commands;
mod twice;
mod unlock;
mod unreadable_eligibility;
mod verify_only;
mod versions;
mod views;
mod violations;
mod watch;
mod world;
mod wrong_clock;
