//! Support Desk: how the flows of [`commands`] reach the world.
//!
//! In reading order: what the operator types ([`cli`]) and decides ([`config`]), how the parts are
//! put together ([`app`]) and connected to Discord ([`gateway`]), how they are looked over before
//! ([`check`]) and their work afterwards ([`trail`]), and then one part after the other: the bot's
//! own [`store`], the company's [Core](crate::core_db) database, its accounts ([`cognito`]) and
//! functions ([`lambda`]), pictures ([`qr`]), and the two HTTP listeners ([`web`]). What all of
//! them use stands at the end.

pub mod cli;
pub mod config;
pub mod demo_marks;

pub mod app;
#[cfg(feature = "demo")]
pub mod demo;
pub mod gateway;

pub mod check;
pub mod trail;

pub mod store;

pub mod core_db;

pub mod aws;
pub mod cognito;
pub mod lambda;

pub mod clock;
pub mod keys;
pub mod qr;
pub mod sql_error;

pub mod metrics;
pub mod telemetry;
pub mod web;

#[cfg(test)]
mod aws_stub;
