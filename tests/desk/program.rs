//! The real program in a process of its own.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tempfile::TempDir;

/// The program of this version.
pub const BINARY: &str = env!("CARGO_BIN_EXE_support-desk");
/// Time limit for the start or the end of a process, on a busy machine.
pub const PROCESS_TIMEOUT: Duration = Duration::from_mins(1);
/// Time between two checks whether a starting process has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Returns a free address on this machine, for a listener of a program.
pub fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Waits until a program listens at an address.
pub async fn listens(address: &str) {
    let connecting = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    };
    tokio::time::timeout(PROCESS_TIMEOUT, connecting).await.expect("the program listens too late");
}

/// Working folder of one or more programs. Prints their logs if the test fails.
pub struct Folder {
    folder: TempDir,
    programs: AtomicUsize,
}

impl Folder {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), programs: AtomicUsize::new(0) }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the log file of the next program.
    fn next_log(&self, command: &str) -> PathBuf {
        let nth = self.programs.fetch_add(1, Ordering::Relaxed) + 1;
        self.path().join(format!("{nth}-{command}.log"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let mut logs: Vec<_> = fs::read_dir(self.path())
            .into_iter()
            .flatten()
            .flatten()
            .map(|file| file.path())
            .collect();
        logs.retain(|file| file.extension().is_some_and(|extension| extension == "log"));
        logs.sort();
        for log in logs {
            let text = fs::read(&log).unwrap_or_default();
            eprintln!(
                "--- {}\n{}",
                log.file_name().unwrap_or_default().display(),
                String::from_utf8_lossy(&text)
            );
        }
    }
}

/// A running program. Dropping it kills it.
pub struct Program {
    child: Option<Child>,
    log: PathBuf,
}

impl Program {
    /// Starts a command line with these environment variables only.
    pub fn start(folder: &Folder, command: &str, variables: &[(&str, String)]) -> Self {
        Self::start_into(folder, command, variables, Stdio::piped())
    }

    /// Starts a command line with these environment variables only. It writes to `stdout`.
    pub fn start_into(
        folder: &Folder,
        command: &str,
        variables: &[(&str, String)],
        stdout: Stdio,
    ) -> Self {
        Self::start_binary(Path::new(BINARY), folder, command, variables, stdout)
    }

    /// Starts a command line of this version or another one. As in a shell, what follows `<` is its
    /// standard input; unlike there, it is the text itself.
    pub fn start_binary(
        binary: &Path,
        folder: &Folder,
        command: &str,
        variables: &[(&str, String)],
        stdout: Stdio,
    ) -> Self {
        let (command, input) = command.split_once(" < ").unwrap_or((command, ""));
        let mut stdin = tempfile::tempfile().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        stdin.rewind().unwrap();
        let log = folder.next_log(command.split(' ').next().unwrap_or_default());
        let child = Command::new(binary)
            .args(command.split(' '))
            .current_dir(folder.path())
            .env_clear()
            // The AWS SDK looks for files there and must find none.
            .env("HOME", folder.path())
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .stdin(stdin)
            .stdout(stdout)
            // A file, so that a failing test can print it while the program still runs.
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Self { child: Some(child), log }
    }

    /// Sends a signal, such as `-TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits until the program ends.
    pub async fn has_ended(&mut self) {
        while self.child.as_mut().unwrap().try_wait().unwrap().is_none() {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Returns the first line on standard output.
    pub async fn first_line(&mut self) -> String {
        let stdout = self.child.as_mut().unwrap().stdout.take().unwrap();
        let reading = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            BufReader::new(stdout).read_line(&mut line).unwrap();
            line
        });
        tokio::time::timeout(PROCESS_TIMEOUT, reading).await.expect("a first line in time").unwrap()
    }

    /// Waits for the end, and returns exit code and output.
    pub async fn ends(mut self) -> Ended {
        let child = self.child.take().unwrap();
        let id = child.id().to_string();
        let waiting = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
        let Ok(output) = tokio::time::timeout(PROCESS_TIMEOUT, waiting).await else {
            let _ = Command::new("kill").args(["-KILL", &id]).status();
            panic!("the program did not end in time");
        };
        let output = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(fs::read(&self.log).unwrap()),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Result of a program that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit code; `None` if a signal ended the program.
    pub code: Option<i32>,
    pub stdout: String,
    /// Standard error, with the log.
    pub stderr: String,
}

impl Ended {
    /// Returns the error message. Panics unless the exit code is 1.
    pub fn sentence(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        let at = self
            .stderr
            .find("support-desk: ")
            .unwrap_or_else(|| panic!("no error message in {self:?}"));
        &self.stderr[at..]
    }
}
