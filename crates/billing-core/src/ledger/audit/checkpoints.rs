//! Checkpoints: the history that they cover is still there, unchanged.

use std::collections::BTreeMap;

use super::Auditor;
use crate::ledger::{ChainHash, CheckpointHead};

/// What checkpoints cover of one account, by the number of the entry and of the usage; each with the number of the
/// checkpoint.
#[derive(Debug, Default)]
pub(super) struct Covered {
    entries: BTreeMap<i64, Vec<(i64, ChainHash)>>,
    usages: BTreeMap<i64, Vec<(i64, ChainHash)>>,
}

impl Covered {
    pub(super) fn of(heads: &[(i64, CheckpointHead)]) -> Self {
        let mut covered = Self::default();
        for (checkpoint, head) in heads {
            covered.entries.entry(head.seq).or_default().push((*checkpoint, head.head));
            covered.usages.entry(head.usages).or_default().push((*checkpoint, head.usage_head));
        }
        covered
    }
}

impl Auditor<'_> {
    /// Compares the hash of entry number `seq` with what checkpoints cover there.
    pub(super) fn check_covered_entry(&mut self, seq: i64, hash: ChainHash) {
        let covered = self.covered.entries.remove(&seq).unwrap_or_default();
        self.compare("entry", seq, hash, &covered);
    }

    /// Compares the hash of usage number `number` with what checkpoints cover there.
    pub(super) fn check_covered_usage(&mut self, number: i64, hash: ChainHash) {
        let covered = self.covered.usages.remove(&number).unwrap_or_default();
        self.compare("usage", number, hash, &covered);
    }

    fn compare(&mut self, what: &str, number: i64, hash: ChainHash, covered: &[(i64, ChainHash)]) {
        if let Some((checkpoint, other)) = covered.iter().find(|(_, covered)| *covered != hash) {
            self.expect(false, || {
                format!("{what} {number} carries the hash {hash}, checkpoint {checkpoint} covers {other}")
            });
        }
    }

    /// Anything left over after the last row is covered but missing.
    pub(super) fn end_of_covered(&mut self) {
        let (entries, usages) = (self.last_seq(), self.last_usage());
        let beyond = |covered: &BTreeMap<i64, Vec<(i64, ChainHash)>>, last: i64| {
            let beyond = covered.range(last.saturating_add(1)..).next_back();
            beyond.and_then(|(number, heads)| Some((*number, heads.first()?.0)))
        };
        let missing = [
            ("entries", entries, beyond(&self.covered.entries, entries)),
            ("usages", usages, beyond(&self.covered.usages, usages)),
        ];
        for (what, last, beyond) in missing {
            if let Some((number, checkpoint)) = beyond {
                self.expect(false, || {
                    format!("checkpoint {checkpoint} covers {number} {what}, there are {last}")
                });
            }
        }
    }
}
