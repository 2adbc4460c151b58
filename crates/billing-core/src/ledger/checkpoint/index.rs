//! The compact list of accounts that a checkpoint covers.

use super::CheckpointHead;
use crate::ledger::ChainHash;
use crate::ledger::hash_fields::HashFields;
use crate::values::AccountId;

/// One account of a checkpoint: 16 bytes of its id and the first 8 of its leaf. The root proves; the index identifies
/// which of several thousand heads was changed or is missing if the root does not match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedHead {
    /// The account.
    pub account: AccountId,
    /// The first bytes of its leaf.
    pub leaf: [u8; 8],
}

/// The accounts that a checkpoint covers, in the order of the tree. The checkpoint's hash covers it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckpointIndex(Vec<IndexedHead>);

const ID: usize = 16;
const LEAF: usize = 8;

impl IndexedHead {
    fn of(head: &CheckpointHead) -> Self {
        let mut leaf = [0; LEAF];
        leaf.iter_mut().zip(head.leaf().bytes()).for_each(|(to, from)| *to = *from);
        Self { account: head.account, leaf }
    }

    /// Whether this is the item of `head`.
    pub fn is_of(&self, head: &CheckpointHead) -> bool {
        *self == Self::of(head)
    }
}

impl CheckpointIndex {
    /// The index of `heads`.
    pub fn of(heads: &[CheckpointHead]) -> Self {
        Self(heads.iter().map(IndexedHead::of).collect())
    }

    /// The index with these stored `bytes`; none if they are invalid.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let read = |chunk: &[u8]| {
            let (account, leaf) = chunk.split_at_checked(ID)?;
            let account = AccountId::from_uuid(uuid::Uuid::from_slice(account).ok()?);
            Some(IndexedHead { account, leaf: leaf.try_into().ok()? })
        };
        bytes.chunks(ID + LEAF).map(read).collect::<Option<_>>().map(Self)
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|head| head.account.uuid().into_bytes().into_iter().chain(head.leaf)).collect()
    }

    /// The accounts, in order.
    pub fn heads(&self) -> &[IndexedHead] {
        &self.0
    }

    /// Its hash, which the checkpoint contains.
    pub fn hash(&self) -> ChainHash {
        let mut hash = HashFields::begin(b"billing checkpoint index 1");
        hash.field(&self.to_bytes());
        hash.end()
    }
}
