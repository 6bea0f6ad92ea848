//! Process of a bot, and its CPU time and memory as Linux reports them in `/proc`.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// Clock ticks per second in `/proc` (`USER_HZ`), which is 100 on all common platforms.
const TICKS_PER_SECOND: f64 = 100.0;
/// Time that a bot gets to stop after SIGTERM.
const STOP_TIMEOUT: Duration = Duration::from_secs(12);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A running bot. Dropping the value kills the process.
#[derive(Debug)]
pub struct BotProcess {
    child: Child,
    log: PathBuf,
    pub started: Instant,
}

impl BotProcess {
    /// Starts `command` with an environment of `settings` only, one `NAME=value` in each line. Its
    /// log goes to the file `log`.
    pub fn start(mut command: Command, settings: &str, log: PathBuf) -> anyhow::Result<Self> {
        let file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        command.env_clear().envs(settings.lines().filter_map(|line| line.split_once('=')));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let started = Instant::now();
        let child = command.spawn().context("cannot start the bot")?;
        Ok(Self { child, log, started })
    }

    /// Fails with the end of the log if the process has ended.
    pub fn check_alive(&mut self) -> anyhow::Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        anyhow::bail!(
            "the bot ended ({status}):\n{}",
            lines[lines.len().saturating_sub(5)..].join("\n")
        )
    }

    /// Reads the CPU time used so far.
    pub fn cpu_time(&self) -> anyhow::Result<CpuTime> {
        let bot = process_cpu(&self.child.id().to_string())?;
        let harness = process_cpu("self")?;
        Ok(CpuTime { bot, harness, rest: machine_cpu()? - bot - harness })
    }

    /// Reads the resident memory in MiB.
    pub fn resident_memory(&self) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0).context("VmRSS is missing in /proc")
    }

    /// Sends SIGTERM and waits until the process has ended.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status()?;
        anyhow::ensure!(sent.success(), "the bot ended before it was stopped");
        let since = Instant::now();
        while self.child.try_wait()?.is_none() {
            anyhow::ensure!(since.elapsed() < STOP_TIMEOUT, "the bot does not stop");
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }
}

impl Drop for BotProcess {
    fn drop(&mut self) {
        // Both calls fail if the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// CPU time in seconds.
#[derive(Clone, Copy, Debug)]
pub struct CpuTime {
    pub bot: f64,
    /// CPU time of this process: clients and sandbox.
    pub harness: f64,
    /// CPU time of all other processes, such as the database server.
    pub rest: f64,
}

impl CpuTime {
    pub fn since(self, earlier: Self) -> Self {
        Self {
            bot: self.bot - earlier.bot,
            harness: self.harness - earlier.harness,
            rest: (self.rest - earlier.rest).max(0.0),
        }
    }
}

fn process_cpu(process: &str) -> anyhow::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may contain spaces. Field 3 follows it; 14 and 15 are the CPU time.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    sum_ticks(fields.skip(11).take(2))
}

fn machine_cpu() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/stat")?;
    // The fields are user, nice, system, idle, iowait, irq, softirq, steal. User includes guests.
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8);
    sum_ticks(fields.enumerate().filter(|(n, _)| !matches!(n, 3 | 4)).map(|(_, field)| field))
}

/// Adds clock ticks and returns them in seconds.
fn sum_ticks<'a>(fields: impl Iterator<Item = &'a str>) -> anyhow::Result<f64> {
    let ticks: f64 = fields.map(str::parse::<f64>).sum::<Result<_, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}
