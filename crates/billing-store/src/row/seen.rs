//! The parts of a posting's answer that can change later, as stored with the posting's key.

use billing_core::ledger::{Grant, HoldSeen, RecordedPosting};
use billing_core::ports::StoreError;
use billing_core::values::{Credits, HoldId, Timestamp};
use serde::{Deserialize, Serialize};

use super::read::{Reader, at, to_json};

/// These parts; most postings have none.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    holds: Vec<SeenHold>,
    /// The numbers of the first and the last usage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) usages: Option<(i64, i64)>,
    /// The original end of each grant, in the order of the grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ends: Vec<Option<i64>>,
}

#[derive(Serialize, Deserialize)]
struct SeenHold {
    id: uuid::Uuid,
    amount: i64,
    captured: i64,
    #[serde(default)]
    overrun: i64,
    left: i64,
    state: String,
    expires_at: i64,
}

/// The stored form for `posting`, if there is any such part.
pub(super) fn seen_json(posting: &RecordedPosting) -> Option<String> {
    let hold = |hold: &HoldSeen| SeenHold {
        id: hold.id.uuid(),
        amount: hold.amount.get(),
        captured: hold.captured.get(),
        overrun: hold.overrun.get(),
        left: hold.left.get(),
        state: hold.state.to_string(),
        expires_at: hold.expires_at.micros(),
    };
    let first = posting.usages.first().map(|usage| usage.number);
    let ends = posting.grants.iter().map(|grant| grant.expires_at.map(Timestamp::micros));
    let seen = Seen {
        holds: posting.holds.iter().map(hold).collect(),
        usages: first.zip(posting.usages.last().map(|usage| usage.number)),
        ends: ends.collect(),
    };
    let nothing = seen.holds.is_empty() && seen.usages.is_none() && seen.ends.is_empty();
    (!nothing).then(|| to_json(&seen))
}

/// Reads the stored form of `key`.
pub(crate) fn read_seen(key: &str, text: Option<&str>) -> Result<Seen, StoreError> {
    text.map_or(Ok(Seen::default()), |text| Reader::new("posting_keys", key).json("seen", text))
}

impl Seen {
    /// The holds, as they were then.
    pub(crate) fn holds(&self, key: &str) -> Result<Vec<HoldSeen>, StoreError> {
        let read = Reader::new("posting_keys", key);
        let hold = |seen: &SeenHold| {
            Ok(HoldSeen {
                id: HoldId::from_uuid(seen.id),
                amount: Credits::new(seen.amount),
                captured: Credits::new(seen.captured),
                overrun: Credits::new(seen.overrun),
                left: Credits::new(seen.left),
                state: read.parse("seen", &seen.state)?,
                expires_at: at(seen.expires_at),
            })
        };
        self.holds.iter().map(hold).collect()
    }

    /// Restores the original ends of the grants.
    pub(crate) fn restore_ends(&self, grants: &mut [Grant]) {
        for (grant, end) in grants.iter_mut().zip(&self.ends) {
            grant.expires_at = end.map(at);
        }
    }
}
