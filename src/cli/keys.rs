//! `support-desk key` and `support-desk rekey`.

use std::process::ExitCode;

use secrecy::ExposeSecret as _;

use super::{open_store, print};
use crate::store::{LostKeys, Rekeyed, StoreKey};
use crate::trail::TrailKey;

/// Options of `rekey`.
#[derive(Clone, clap::Args)]
pub(super) struct Lost {
    /// Give up what was written under a `STORE_KEY` that nobody has any more: its sessions are
    /// closed, its account links and names are removed
    #[arg(long)]
    lost_store_key: bool,
    /// Replace a `TRAIL_KEY` that nobody has any more, without its signature
    #[arg(long)]
    lost_trail_key: bool,
}

/// Prints a new key of each kind as a line for a file of settings.
pub(super) fn print_new() -> anyhow::Result<()> {
    let (store, trail) = (StoreKey::generate()?, TrailKey::generate()?);
    let public = TrailKey::parse(trail.expose_secret())?.public().to_string();
    print(format_args!("STORE_KEY={}", store.expose_secret()))?;
    print(format_args!("TRAIL_KEY={}", trail.expose_secret()))?;
    print("# The public half of TRAIL_KEY, for trail verify --public-key:")?;
    print(format_args!("# {public}"))
}

/// Writes the store again under the current keys, and prints what was done. Fails if something is
/// left.
pub(super) async fn rekey(lost: Lost) -> anyhow::Result<ExitCode> {
    let lost = LostKeys { store: lost.lost_store_key, trail: lost.lost_trail_key };
    let database = open_store().await?;
    let rekeyed = database.rekey(lost).await;
    database.close().await;
    let Rekeyed { rows, foreign, tampered, left, replaced } = rekeyed?;
    print(format_args!("{rows} values written again under STORE_KEY"))?;
    if foreign > 0 && lost.store {
        print(format_args!("{foreign} values under a lost key given up"))?;
    } else if foreign > 0 {
        print(format_args!(
            "{foreign} values are under a key that is neither STORE_KEY nor in STORE_KEY_OLD; add \
             it there, or use --lost-store-key if nobody has it any more"
        ))?;
    }
    if tampered > 0 {
        print(format_args!("{tampered} values were edited in the database, and left as they are"))?;
    }
    if left > 0 {
        print(format_args!(
            "{left} values can still be under an earlier key, because another process has written \
             them meanwhile or keeps their place; stop the replicas that use that key, and repeat \
             the command"
        ))?;
    }
    for key in replaced {
        print(format_args!("the trail's key {key} is replaced by TRAIL_KEY"))?;
    }
    let is_complete = left == 0 && tampered == 0 && (foreign == 0 || lost.store);
    Ok(if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
