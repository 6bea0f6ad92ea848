//! Support Desk: the adapters and the program around [`commands`], which makes every decision.
//!
//! Read from the top: the command line, the configuration and the assembled app come first, then
//! Discord's gateway and the HTTP listeners. The adapters follow: the bot's own [`store`], the
//! company's [Core](crate::core_db) database, [Discord's API](discord_api), Cognito and the Lambda
//! functions. The modules that all of them use come last.

pub mod cli;
mod env_file;

pub mod check;
#[cfg(feature = "demo")]
pub mod demo;
pub mod demo_marks;
pub mod trail;

pub mod app;
mod background;
pub mod customer;
pub mod gateway;
pub mod retention;
pub mod web;

pub mod store;

pub mod core_db;

pub mod discord_api;

pub mod aws;
mod aws_http;
pub mod cognito;
pub mod lambda;

mod chart;
mod pictures;
mod qr;

pub mod calls;
pub mod config;
mod gateway_stats;
pub mod health;
mod measured_call;
pub mod metrics;
pub mod telemetry;
mod unreadable_events;

pub mod clock;
mod escape;
mod fields;
pub mod keyring;
pub mod keys;
pub mod server_clocks;
mod sql_codes;
pub mod sql_error;
mod sql_pool;

#[cfg(test)]
mod aws_stub;
#[cfg(test)]
mod pooler_stub;
#[cfg(test)]
mod server_stub;
