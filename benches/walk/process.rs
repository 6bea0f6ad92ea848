//! A bot in a process of its own, and what Linux says of it in `/proc`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Clock ticks a second in `/proc`: `USER_HZ`, which is 100 wherever this runs.
const TICKS: f64 = 100.0;
/// How long a bot may take to end once it is asked to.
const FAREWELL: Duration = Duration::from_secs(12);
/// How often it is looked whether it has.
const LOOK: Duration = Duration::from_millis(20);

/// A bot. Ends with this value, however that ends.
#[derive(Debug)]
pub struct Bot {
    child: Child,
    log: PathBuf,
    /// When it was started.
    pub started: Instant,
}

impl Bot {
    /// Starts `command` with an environment of nothing but `variables`; what it logs goes to the
    /// file `log`.
    pub fn start(
        mut command: Command,
        variables: &[(&str, String)],
        log: PathBuf,
    ) -> anyhow::Result<Self> {
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let started = Instant::now();
        let child = command.spawn().context("cannot start the bot")?;
        Ok(Self { child, log, started })
    }

    /// Fails when it has ended, with what it said.
    pub fn lives(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                let said = fs::read_to_string(&self.log).unwrap_or_default();
                let last: Vec<&str> = said.lines().rev().take(5).collect();
                anyhow::bail!("the bot ended ({status}):\n{}", last.join("\n"))
            }
        }
    }

    /// CPU time used so far by all its threads, in seconds.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        cpu(&self.child.id().to_string())
    }

    /// Its memory now.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
            number.with_context(|| format!("/proc says nothing of {name}"))
        };
        Ok(Memory { resident: kib("VmRSS:")? / 1024.0, own: kib("RssAnon:")? / 1024.0 })
    }

    /// Asks it to end and waits until it has.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status()?;
        anyhow::ensure!(asked.success(), "the bot was gone before it was stopped");
        let since = Instant::now();
        while self.child.try_wait()?.is_none() {
            anyhow::ensure!(since.elapsed() < FAREWELL, "the bot does not stop");
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Memory of a process, in MiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident: heap, stacks, and the pages of the program that were touched.
    pub resident: f64,
    /// Of that, what belongs to no file: heap and stacks.
    pub own: f64,
}

/// CPU time of this process so far, in seconds: drivers, sandbox, and everything else on the other
/// side of the wire.
pub fn own_cpu() -> anyhow::Result<f64> {
    cpu("self")
}

fn cpu(process: &str) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may contain anything; what follows it is fields 3 and up, of which 14
    // and 15 are wanted.
    let fields =
        stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
    ticks(fields)
}

/// CPU time of everything on this machine so far, in seconds.
pub fn machine_cpu() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/stat")?;
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    // user nice system idle iowait irq softirq steal; guests are in user already.
    ticks(fields.take(8).enumerate().filter(|(n, _)| !matches!(n, 3 | 4)).map(|(_, field)| field))
}

fn ticks<'a>(mut fields: impl Iterator<Item = &'a str>) -> anyhow::Result<f64> {
    let sum = fields.try_fold(0.0, |sum, field| {
        Ok::<f64, std::num::ParseFloatError>(sum + field.parse::<f64>()?)
    })?;
    Ok(sum / TICKS)
}
