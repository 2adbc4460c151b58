//! Verification of all checkpoints, in order.

use std::collections::{BTreeMap, BTreeSet};

use super::{Checkpoint, CheckpointCopy, CheckpointHead, CheckpointKeys, CheckpointRecord};
use crate::ledger::ChainHash;
use crate::ledger::merkle::root;
use crate::values::AccountId;

/// A violation of the checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct CheckpointViolation {
    /// The problem, with the numbers.
    pub what: String,
    /// The accounts whose history is no longer proven because of it.
    pub accounts: BTreeSet<AccountId>,
}

/// Verifies the checkpoints of a database in order, each with its copy outside if there is one.
///
/// A checkpoint is intact if it follows from the previous one, carries the signature of a known key, and has the root
/// of its heads. A copy outside takes precedence. If a checkpoint is intact but its heads were changed, its index
/// identifies them; if neither it nor a copy can be trusted, none of the accounts that it covers can.
#[derive(Debug)]
pub struct CheckpointAuditor<'a> {
    keys: &'a CheckpointKeys,
    last: Option<(i64, ChainHash)>,
    found: Vec<CheckpointViolation>,
}

impl<'a> CheckpointAuditor<'a> {
    /// Continues after the checkpoint with this number and hash; `None` starts with the first.
    pub const fn after(keys: &'a CheckpointKeys, last: Option<(i64, ChainHash)>) -> Self {
        Self { keys, last, found: Vec::new() }
    }

    /// The violations, and the position to continue from.
    pub fn finish(self) -> (Vec<CheckpointViolation>, Option<(i64, ChainHash)>) {
        (self.found, self.last)
    }

    /// Reads the next checkpoint, and its copy outside.
    pub fn read(&mut self, record: &CheckpointRecord, outside: Option<&CheckpointCopy>) {
        let checkpoint = &record.copy.checkpoint;
        let number = checkpoint.number;
        // While processes get a new key one after the other, those with the old key report the new signatures, but
        // freeze no account.
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
        // A signed checkpoint proves its heads even if earlier ones were changed.
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

    /// Reads a copy whose checkpoint is missing in the database, with the remaining heads that it covers.
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

/// The accounts whose heads differ from those that `truth` covers.
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
