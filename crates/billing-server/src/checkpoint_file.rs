//! Copies of checkpoints in a file: one line of JSON each.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use async_trait::async_trait;
use billing_core::ledger::{CheckpointCopy, CheckpointIndex};
use billing_core::ports::{CheckpointCopies, StoreError};
use billing_http::proof_document::CheckpointDocument;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// The limit of file operations: the file may be on another machine.
const BOUND: Duration = Duration::from_secs(10);

/// A file of copies. It is append-only; several processes may append, each the copies that it finds missing.
#[derive(Clone)]
pub(crate) struct CheckpointFile(Arc<Mutex<Reading>>);

/// The position up to which the file was read.
struct Reading {
    path: PathBuf,
    /// The end of the read lines, and the last copy.
    end: u64,
    last: Option<CheckpointCopy>,
    /// The number and position at the end of a page, where the next page usually continues.
    page: (i64, u64),
    /// The identity of the file, to detect a replacement.
    file: Option<u64>,
}

/// One line.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    checkpoint: CheckpointDocument,
    /// The covered accounts: 16 bytes of the id and 8 of the leaf each, in hexadecimal.
    covers: String,
}

impl CheckpointFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(Arc::new(Mutex::new(Reading { path, end: 0, last: None, page: (0, 0), file: None })))
    }

    /// Runs file operations on a blocking thread, with a limit.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Reading) -> anyhow::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reading = self.0.clone();
        let work = spawn_blocking(move || {
            let mut reading = reading.lock().unwrap_or_else(PoisonError::into_inner);
            let path = reading.path.display().to_string();
            work(&mut reading).with_context(|| format!("the checkpoint file {path}"))
        });
        let done = match timeout(BOUND, work).await {
            Ok(Ok(done)) => done,
            Ok(Err(ended)) => Err(ended.into()),
            Err(_) => Err(anyhow!("the checkpoint file does not answer")),
        };
        done.map_err(|problem| StoreError::CheckpointCopies(format!("{problem:#}")))
    }
}

#[async_trait]
impl CheckpointCopies for CheckpointFile {
    async fn last(&self) -> Result<Option<CheckpointCopy>, StoreError> {
        self.with(Reading::read_on).await
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<CheckpointCopy>, StoreError> {
        self.with(move |reading| reading.page(number, usize::try_from(limit)?)).await
    }

    async fn append(&self, copy: CheckpointCopy) -> Result<(), StoreError> {
        self.with(move |reading| reading.append(&copy)).await
    }
}

impl Reading {
    /// Reads the lines appended since, by any process, and returns the last copy.
    fn read_on(&mut self) -> anyhow::Result<Option<CheckpointCopy>> {
        self.begin_anew_if_replaced()?;
        let (mut end, mut last) = (self.end, self.last.take());
        self.lines(end, |copy, behind| {
            (last, end) = (Some(copy), behind);
            Ok(true)
        })?;
        (self.end, self.last) = (end, last.clone());
        Ok(last)
    }

    fn page(&mut self, number: i64, limit: usize) -> anyhow::Result<Vec<CheckpointCopy>> {
        self.begin_anew_if_replaced()?;
        let begin = if self.page.0 == number { self.page.1 } else { 0 };
        let (mut copies, mut page) = (Vec::<CheckpointCopy>::new(), (number, begin));
        self.lines(begin, |copy, behind| {
            let (own, last) = (copy.checkpoint.number, copies.last());
            if last.is_some_and(|last| last.checkpoint.number == own && *last != copy) {
                bail!("has two different copies of checkpoint {own}");
            }
            // A slower process appended it again.
            let again = own <= last.map_or(number, |last| last.checkpoint.number);
            page.1 = behind;
            if !again {
                page.0 = own;
                copies.push(copy);
            }
            Ok(copies.len() < limit)
        })?;
        self.page = page;
        Ok(copies)
    }

    /// Starts again if the file was moved away, deleted or truncated.
    fn begin_anew_if_replaced(&mut self) -> anyhow::Result<()> {
        let now = match std::fs::metadata(&self.path) {
            Ok(file) => Some((identity(&file), file.len())),
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => None,
            Err(problem) => return Err(problem.into()),
        };
        let same =
            now.is_some_and(|(file, length)| self.file == Some(file) && length >= self.end.max(self.page.1));
        if !same {
            (self.end, self.last, self.page) = (0, None, (0, 0));
        }
        self.file = now.map(|(file, _)| file);
        Ok(())
    }

    fn append(&mut self, copy: &CheckpointCopy) -> anyhow::Result<()> {
        self.read_on()?;
        let covers = hex::encode(copy.index.to_bytes());
        let line = Line { checkpoint: CheckpointDocument::new(&copy.checkpoint), covers };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        let mut file = options().read(true).append(true).create(true).open(&self.path)?;
        // A line torn by a crash is not a copy.
        if file.metadata()?.len() > self.end && self.is_torn(&mut file)? {
            file.set_len(self.end)?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(())
    }

    fn is_torn(&self, file: &mut File) -> anyhow::Result<bool> {
        let mut rest = Vec::new();
        file.seek(SeekFrom::Start(self.end))?;
        file.read_to_end(&mut rest)?;
        Ok(!rest.contains(&b'\n'))
    }

    /// Calls `take` with each copy from `begin` on, and the end of its line, until it returns false.
    fn lines(
        &self,
        begin: u64,
        mut take: impl FnMut(CheckpointCopy, u64) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(problem) => return Err(problem.into()),
        };
        let mut file = BufReader::new(file);
        file.seek(SeekFrom::Start(begin))?;
        let (mut end, mut text) = (begin, String::new());
        loop {
            text.clear();
            let length = file.read_line(&mut text)?;
            if !text.ends_with('\n') {
                return Ok(());
            }
            end = end.saturating_add(u64::try_from(length)?);
            let copy =
                read(&text).with_context(|| format!("the line that ends at byte {end} cannot be read"))?;
            if !take(copy, end)? {
                return Ok(());
            }
        }
    }
}

fn read(text: &str) -> anyhow::Result<CheckpointCopy> {
    let line: Line = serde_json::from_str(text)?;
    let index = CheckpointIndex::from_bytes(&hex::decode(&line.covers)?).context("`covers` is cut off")?;
    Ok(CheckpointCopy { checkpoint: line.checkpoint.read()?, index })
}

/// The identity of a file at a path.
#[cfg(unix)]
fn identity(file: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

/// Not available on this system.
#[cfg(not(unix))]
fn identity(_file: &std::fs::Metadata) -> u64 {
    0
}

/// Accessible to the service's own user only, because it lists the accounts.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use billing_core::ledger::{ChainHash, CheckpointHead, CheckpointRecord};
    use billing_core::values::{AccountId, Timestamp};

    use super::*;
    use crate::signer::Signer;

    fn copies(count: usize) -> Vec<CheckpointCopy> {
        let signer = Signer::try_new(&"07".repeat(32)).unwrap();
        let mut copies: Vec<CheckpointCopy> = Vec::new();
        for number in 0..count {
            let head = CheckpointHead {
                account: AccountId::from_uuid(uuid::Uuid::from_u128(7)),
                seq: i64::try_from(number).unwrap(),
                head: ChainHash::GENESIS,
                usages: 0,
                usage_head: ChainHash::GENESIS,
            };
            let last = copies.last().map(|copy| &copy.checkpoint);
            copies.push(CheckpointRecord::after(last, vec![head], Timestamp::EPOCH, &signer).copy);
        }
        copies
    }

    #[tokio::test]
    async fn copies_read_back_in_order_and_in_pages_whoever_appended_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.jsonl");
        let (one, other) = (CheckpointFile::new(path.clone()), CheckpointFile::new(path.clone()));
        assert_eq!(one.last().await.unwrap(), None);
        assert_eq!(one.after(0, 10).await.unwrap(), []);
        let copies = copies(5);
        for copy in &copies {
            one.append(copy.clone()).await.unwrap();
            other.append(copy.clone()).await.unwrap();
        }
        assert_eq!(other.last().await.unwrap().as_ref(), copies.last());
        assert_eq!(one.after(0, 2).await.unwrap(), copies[..2]);
        assert_eq!(one.after(2, 2).await.unwrap(), copies[2..4]);
        assert_eq!(one.after(4, 2).await.unwrap(), copies[4..]);
        assert_eq!(one.after(1, 10).await.unwrap(), copies[1..]);
        // A crash truncated the last line: it does not count, and the next one does not continue it.
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 9]).unwrap();
        let late = CheckpointFile::new(path.clone());
        assert_eq!(late.after(0, 10).await.unwrap(), copies);
        late.append(copies[4].clone()).await.unwrap();
        assert_eq!(CheckpointFile::new(path).after(0, 10).await.unwrap(), copies);
    }

    #[tokio::test]
    async fn a_file_that_was_replaced_or_cut_off_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.jsonl");
        let file = CheckpointFile::new(path.clone());
        let copies = copies(3);
        for copy in &copies {
            file.append(copy.clone()).await.unwrap();
        }
        assert_eq!(file.last().await.unwrap().as_ref(), copies.last());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(file.last().await.unwrap(), None);
        file.append(copies[2].clone()).await.unwrap();
        assert_eq!(file.after(0, 10).await.unwrap(), copies[2..]);
        std::fs::write(&path, "").unwrap();
        file.append(copies[1].clone()).await.unwrap();
        assert_eq!(file.last().await.unwrap().as_ref(), Some(&copies[1]));
        assert_eq!(file.after(0, 10).await.unwrap(), copies[1..2]);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_told_and_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoints.jsonl");
        let file = CheckpointFile::new(path.clone());
        let copies = copies(2);
        let forged = CheckpointCopy { index: CheckpointIndex::default(), ..copies[1].clone() };
        for copy in [copies[0].clone(), copies[1].clone(), forged] {
            file.append(copy).await.unwrap();
        }
        assert!(file.after(0, 10).await.unwrap_err().to_string().contains("checkpoint"));
        std::fs::write(&path, "{}\n").unwrap();
        assert!(CheckpointFile::new(path).last().await.is_err());
    }
}
