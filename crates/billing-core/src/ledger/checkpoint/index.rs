//! Which accounts a checkpoint covers, in few bytes.

use super::CheckpointHead;
use crate::ledger::ChainHash;
use crate::ledger::hash_fields::HashFields;
use crate::values::AccountId;

/// One account of a checkpoint: 16 bytes of its id and the first 8 of its leaf in the tree. The root proves; this tells
/// which of several thousand heads was changed or is missing where the root no longer fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedHead {
    /// Which account.
    pub account: AccountId,
    /// How its leaf begins.
    pub leaf: [u8; 8],
}

/// Which accounts a checkpoint covers, in the order of the tree. The checkpoint's hash covers it.
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

    /// Whether this stands for `head`.
    pub fn is_of(&self, head: &CheckpointHead) -> bool {
        *self == Self::of(head)
    }
}

impl CheckpointIndex {
    /// The index of `heads`.
    pub fn of(heads: &[CheckpointHead]) -> Self {
        Self(heads.iter().map(IndexedHead::of).collect())
    }

    /// The index that is kept as `bytes`; none if they are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let read = |chunk: &[u8]| {
            let (account, leaf) = chunk.split_at_checked(ID)?;
            let account = AccountId::from_uuid(uuid::Uuid::from_slice(account).ok()?);
            Some(IndexedHead { account, leaf: leaf.try_into().ok()? })
        };
        bytes.chunks(ID + LEAF).map(read).collect::<Option<_>>().map(Self)
    }

    /// The bytes to keep.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|head| head.account.uuid().into_bytes().into_iter().chain(head.leaf)).collect()
    }

    /// The accounts, in order.
    pub fn heads(&self) -> &[IndexedHead] {
        &self.0
    }

    /// Its hash, which the checkpoint names.
    pub fn hash(&self) -> ChainHash {
        let mut hash = HashFields::begin(b"billing checkpoint index 1");
        hash.field(&self.to_bytes());
        hash.end()
    }
}
