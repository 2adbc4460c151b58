//! Checking every checkpoint, in order.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checkpoint, CheckpointCopy, CheckpointHead, CheckpointKeys, CheckpointRecord};
use crate::ledger::ChainHash;
use crate::ledger::merkle::root;
use crate::values::AccountId;

/// Something about checkpoints that must hold and does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct CheckpointViolation {
    /// What is wrong, with the numbers.
    pub what: String,
    /// The accounts whose history nothing vouches for because of it.
    pub accounts: BTreeSet<AccountId>,
}

/// Goes through the checkpoints of a database in order, each beside its copy outside if there is one.
///
/// A checkpoint is sound if it follows from the one before, carries the signature of a known key, and its heads make its
/// root. Where there is a copy outside, that is what counts. Where a checkpoint is sound but its heads were changed, its
/// index tells which; where neither it nor a copy can be trusted, no account that it covers can.
#[derive(Debug)]
pub struct CheckpointAuditor<'a> {
    keys: &'a CheckpointKeys,
    last: Option<(i64, ChainHash)>,
    found: Vec<CheckpointViolation>,
}

impl<'a> CheckpointAuditor<'a> {
    /// Goes on behind the checkpoint with this number and hash; `None` begins with the first.
    pub const fn after(keys: &'a CheckpointKeys, last: Option<(i64, ChainHash)>) -> Self {
        Self { keys, last, found: Vec::new() }
    }

    /// What was found, and where to go on.
    pub fn finish(self) -> (Vec<CheckpointViolation>, Option<(i64, ChainHash)>) {
        (self.found, self.last)
    }

    /// Reads the next checkpoint, and its copy outside.
    pub fn read(&mut self, record: &CheckpointRecord, outside: Option<&CheckpointCopy>) {
        let checkpoint = &record.copy.checkpoint;
        let number = checkpoint.number;
        // Where processes get a new key one after the other, those that have the old one name what the new one signed, and
        // cast no doubt on anybody.
        let unsigned = self.keys.problem(checkpoint);
        let (newer, unsigned) =
            if self.keys.may_be_newer(checkpoint) { (unsigned, None) } else { (None, unsigned) };
        let mut problems: Vec<String> = unsigned.into_iter().collect();
        if checkpoint.index != record.copy.index.hash() {
            problems.push("does not fit the list of the accounts that it covers".to_owned());
        }
        if outside.is_some_and(|outside| *outside != record.copy) {
            problems.push("differs from its copy outside".to_owned());
        }
        // One that is signed can be believed about its heads, also where others before it were changed.
        let own = problems.is_empty().then_some(&record.copy);
        problems.extend(newer);
        problems.extend(self.chain_problem(checkpoint));
        let accounts = if let Some(truth) = outside.or(own) {
            changed_heads(truth, &record.heads)
        } else {
            let indexed = record.copy.index.heads().iter().map(|head| head.account);
            indexed.chain(record.heads.iter().map(|head| head.account)).collect()
        };
        let leaves: Vec<_> = record.heads.iter().map(CheckpointHead::leaf).collect();
        if root(&leaves) != checkpoint.root {
            problems.push(format!("covers {} heads that do not make its root", record.heads.len()));
        }
        if !problems.is_empty() || !accounts.is_empty() {
            let what =
                if problems.is_empty() { "covers other heads".to_owned() } else { problems.join(", ") };
            self.found.push(CheckpointViolation { what: format!("checkpoint {number} {what}"), accounts });
        }
        self.last = Some((number, outside.map_or_else(|| checkpoint.hash(), |copy| copy.checkpoint.hash())));
    }

    /// Reads a copy whose checkpoint is not in the database, with what is left there of the heads that it covers.
    pub fn missing(&mut self, outside: &CheckpointCopy, heads: &[CheckpointHead]) {
        let number = outside.checkpoint.number;
        let what = format!("checkpoint {number} is not in the database, its copy is outside");
        self.found.push(CheckpointViolation { what, accounts: changed_heads(outside, heads) });
        self.last = Some((number, outside.checkpoint.hash()));
    }

    fn chain_problem(&self, checkpoint: &Checkpoint) -> Option<String> {
        let (number, hash) = self.last.unwrap_or((0, ChainHash::GENESIS));
        if checkpoint.number == number.saturating_add(1) {
            (checkpoint.previous != hash).then(|| format!("does not follow from checkpoint {number}"))
        } else {
            Some(format!("follows checkpoint {number}: those between them are missing"))
        }
    }
}

/// The accounts whose heads are not those that `truth` covers.
fn changed_heads(truth: &CheckpointCopy, heads: &[CheckpointHead]) -> BTreeSet<AccountId> {
    let kept: BTreeMap<AccountId, &CheckpointHead> = heads.iter().map(|head| (head.account, head)).collect();
    let indexed = truth.index.heads();
    let changed = indexed
        .iter()
        .filter(|head| !kept.get(&head.account).is_some_and(|kept| head.is_of(kept)))
        .map(|head| head.account);
    let covered: BTreeSet<AccountId> = indexed.iter().map(|head| head.account).collect();
    let added = kept.keys().filter(|account| !covered.contains(account)).copied();
    changed.chain(added).collect()
}
