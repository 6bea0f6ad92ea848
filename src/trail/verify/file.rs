//! `trail verify --file`: the verification of an export, without the database.
//!
//! The file is read line by line. Memory holds the names of the chains, what checkpoints name and
//! what was pruned.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, Write};

use anyhow::{Context as _, bail, ensure};

use super::chain::{ChainCheck, Report, RowState, Trust};
use super::checkpoints::{CheckpointAudit, LoggedCheckpoint};
use super::file_line::{EventLine, ExportHead, Line, RotationLine};
use super::finding::Finding;
use super::named_heads;
use super::report::verdict;
use super::rotations;
use crate::trail::event::Head;
use crate::trail::export::{FORMAT, Span, parse_time};
use crate::trail::keys::PublicKeys;
use crate::trail::newest_checkpoint::CheckpointRow;
use crate::trail::pruned::{self, PrunedRow};
use crate::trail::rotation::{self, Rotation};

/// What a verification says when it takes the keys from the file.
const WARNING: &str = "the public keys came from the file, where its writer can have put them: to \
     rule that out, use --public-key with the keys that `support-desk key` printed";
const NO_CHECKPOINT: &str = "the file has no checkpoint that counts, so a chain that was removed, \
     or its end, does not show";

/// Verifies an export in JSON lines and writes one line for each finding, then a summary. Returns
/// true if there are no findings.
///
/// Without `keys` it trusts the keys in the file, and says so.
pub(crate) fn verify_file(
    file: impl BufRead,
    keys: Option<PublicKeys>,
    logged: Option<&LoggedCheckpoint>,
    out: &mut impl Write,
) -> anyhow::Result<bool> {
    let mut findings = 0_usize;
    let is_from_file = keys.is_none();
    let mut report = |finding: Finding| {
        findings += 1;
        Ok(writeln!(out, "{finding}")?)
    };
    let mut lines = file.lines().zip(1_u64..).map(|(line, n)| {
        let line = line.with_context(|| format!("line {n} cannot be read"))?;
        let line = serde_json::from_str::<Line>(&line);
        let line = line.map_err(|_| anyhow::anyhow!("line {n} is no line of an export"))?;
        anyhow::Ok((n, line))
    });
    let Some((_, Line::Head { export })) = lines.next().transpose()? else {
        bail!("the file does not begin as an export in JSON lines does");
    };
    let ExportHead { format, public_keys, from, to } = export;
    ensure!(format == FORMAT, "the file has format {format}, and this program reads {FORMAT}");
    let part = part_of(from.as_deref(), to.as_deref())?;
    ensure!(
        part.is_none() || logged.is_none(),
        "--checkpoint needs an export of the whole trail, and the file is a part"
    );
    let keys = keys.unwrap_or_else(|| {
        PublicKeys(public_keys.iter().filter_map(|key| key.parse().ok()).collect())
    });
    let mut audit = FileAudit::new(keys, part, logged.cloned());
    let (mut end, mut section) = (None, 0);
    for line in lines {
        let (n, line) = line?;
        ensure!(end.is_none(), "the file goes on after its end");
        ensure!(line.section() >= section, "line {n} does not belong there: an export is in order");
        section = line.section();
        match line {
            Line::Head { .. } => bail!("the file has two beginnings"),
            Line::Rotation { rotation: RotationLine { seq, replaces } } => {
                audit.announced.push((seq, replaces));
            }
            Line::Pruned { pruned } => audit.add_pruned(&pruned),
            Line::Checkpoint { checkpoint } => audit.checkpoint(&checkpoint, &mut report)?,
            Line::Event(event) => audit.event(*event, &mut report)?,
            Line::End { end: its } => end = Some(its.events),
        }
    }
    let events = audit.events;
    let (newest, is_counted) = audit.finish(&mut report)?;
    match end {
        None => report(Finding::FileCutOff)?,
        Some(expected) if expected != events => {
            report(Finding::FileEvents { expected, actual: events })?;
        }
        Some(_) => {}
    }
    writeln!(out, "{events} events: {}", verdict(findings))?;
    if part.is_some() {
        let [from, to] = [from, to].map(|time| time.unwrap_or_else(|| "…".to_owned()));
        writeln!(out, "the file is a part of the trail, from {from} to {to}")?;
    }
    if !is_counted {
        writeln!(out, "{NO_CHECKPOINT}")?;
    }
    if is_from_file {
        writeln!(out, "{WARNING}")?;
    }
    if let Some(Head { seq, signature }) = newest {
        let signature = signature.encode();
        writeln!(out, "the newest checkpoint is {seq}:{signature}; compare it with the log")?;
    }
    Ok(findings == 0)
}

/// Returns the span of time that the file holds; `None` if it holds the whole trail.
fn part_of(from: Option<&str>, to: Option<&str>) -> anyhow::Result<Option<Span>> {
    let parse = |time: Option<&str>| time.map(parse_time).transpose().map_err(anyhow::Error::msg);
    let times = parse(from).and_then(|from| Ok(Span { from, to: parse(to)? }));
    let span = times.context("the first line has a time that cannot be read")?;
    Ok(Some(span).filter(|span| *span != Span::default()))
}

/// What was read of the file.
struct FileAudit {
    trust: Trust,
    /// The replacements of keys that the beginning of the file names, with their event's number.
    announced: Vec<(i64, Rotation)>,
    /// Keys that were not replaced: they alone say what was pruned. `None` until they are needed.
    current_keys: Option<PublicKeys>,
    /// `None` before the first checkpoint.
    checkpoints: Option<CheckpointAudit>,
    /// The last removed event of each pruned chain.
    pruned: HashMap<String, Head>,
    /// The span of the file; `None` if it holds the whole trail.
    part: Option<Span>,
    /// Checkpoint from the log that must exist.
    logged: Option<LoggedCheckpoint>,
    current: Option<ChainCheck>,
    /// Names of the chains before the current one.
    finished: HashSet<String>,
    events: u64,
}

impl FileAudit {
    fn new(keys: PublicKeys, part: Option<Span>, logged: Option<LoggedCheckpoint>) -> Self {
        Self {
            trust: Trust { keys, ..Trust::default() },
            announced: Vec::new(),
            current_keys: None,
            checkpoints: None,
            pruned: HashMap::new(),
            part,
            logged,
            current: None,
            finished: HashSet::new(),
            events: 0,
        }
    }

    /// Returns the replacements that hold.
    fn rotations(&self) -> Vec<(i64, Rotation)> {
        rotation::believed(self.announced.clone(), &self.trust.keys)
    }

    /// Returns the keys that were not replaced. The beginning of the file must have been read.
    fn current_keys(&mut self) -> PublicKeys {
        if self.current_keys.is_none() {
            let replaced = rotation::replaced(&self.rotations());
            self.current_keys = Some(self.trust.keys.without(&replaced));
        }
        self.current_keys.clone().unwrap_or_default()
    }

    fn add_pruned(&mut self, row: &PrunedRow) {
        if let Some((chain, head)) = row.verified(&self.current_keys()) {
            let known = self.pruned.entry(chain).or_insert(head);
            if head.seq > known.seq {
                *known = head;
            }
        }
    }

    /// Returns the audit of the checkpoints; `first` is the first one.
    fn audit_checkpoints(&self, first: Option<&CheckpointRow>) -> CheckpointAudit {
        let pruned = self.pruned.get(pruned::CHECKPOINTS).copied().unwrap_or_default();
        let start = match (self.part, first) {
            (Some(_), Some(first)) => first.before().unwrap_or_default(),
            _ => pruned,
        };
        let mut checkpoints =
            CheckpointAudit::after(start, self.logged.as_ref()).of_part(self.part);
        let kept = self.pruned.iter().filter_map(|(name, head)| pruned::kept_head(name, *head));
        kept.for_each(|(checkpoint, heads)| checkpoints.named.add_all(&heads, checkpoint));
        checkpoints
    }

    fn checkpoint(&mut self, row: &CheckpointRow, report: Report<'_>) -> anyhow::Result<()> {
        let audit = self.checkpoints.take();
        let mut checkpoints = audit.unwrap_or_else(|| self.audit_checkpoints(Some(row)));
        let current = self.current_keys();
        checkpoints.push(row, (&self.trust.keys, &current), report)?;
        self.checkpoints = Some(checkpoints);
        Ok(())
    }

    fn event(&mut self, line: EventLine, report: Report<'_>) -> anyhow::Result<()> {
        self.events += 1;
        if self.events == 1
            && let Some(mut checkpoints) = self.checkpoints.take()
        {
            checkpoints.end_chain();
            let rotations = self.rotations();
            let (keys, named) = (&self.trust.keys, &checkpoints.named);
            self.trust.retired = rotations::retired(&rotations, keys, named, report)?;
            self.trust.named_between = checkpoints.named_between();
            checkpoints.check_keys(&self.trust.retired, report)?;
            self.checkpoints = Some(checkpoints);
        }
        let (Some(chain), Some(seq)) = (line.chain.clone(), line.seq) else {
            return report(line.unplaced());
        };
        if line.is_unannounced_rotation(&self.announced) {
            report(Finding::FileRotation { seq })?;
        }
        if self.current.as_ref().is_none_or(|current| current.name != chain) {
            self.finish_chain(report)?;
            if self.finished.contains(&chain) {
                report(Finding::FileChainTwice { chain: chain.clone() })?;
            }
            let named = self.checkpoints.as_mut().map(|all| all.named.take(&chain));
            let pruned = self.pruned.get(&chain).copied().unwrap_or_default();
            let start = if self.part.is_none() { pruned } else { line.before(seq) };
            self.current = Some(ChainCheck::new(chain.clone(), named.unwrap_or_default(), start));
        }
        if let Some(current) = &mut self.current {
            current.push(&line.into_stored(chain, seq), &self.trust, report)?;
        }
        Ok(())
    }

    fn finish_chain(&mut self, report: Report<'_>) -> anyhow::Result<()> {
        let Some(chain) = self.current.take() else { return Ok(()) };
        self.finished.insert(chain.name.clone());
        chain.finish(RowState::NotRead, report)
    }

    /// Ends the audit. Returns the newest checkpoint, and true if a checkpoint counted.
    fn finish(mut self, report: Report<'_>) -> anyhow::Result<(Option<Head>, bool)> {
        self.finish_chain(report)?;
        let checkpoints = self.checkpoints.take();
        let mut checkpoints = checkpoints.unwrap_or_else(|| self.audit_checkpoints(None));
        checkpoints.end_chain();
        let pruned = self.pruned.get(pruned::CHECKPOINTS).copied().unwrap_or_default();
        checkpoints.finish(pruned, report)?;
        let (newest, is_counted) = (checkpoints.last(), checkpoints.named_between().is_some());
        for (chain, named) in checkpoints.named.into_rest() {
            let pruned = self.pruned.get(&chain).copied();
            if let Some(finding) = named_heads::missing(chain, &named, pruned) {
                report(finding)?;
            }
        }
        Ok((newest, is_counted))
    }
}
