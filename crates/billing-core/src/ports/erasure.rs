//! Erasing personal data.

use async_trait::async_trait;

use super::StoreError;
use crate::ledger::TextKey;
use crate::values::AccountId;

/// How far an erasure has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ErasedUpTo {
    /// The number of the last entry that was looked at.
    pub entry: i64,
    /// The number of the last usage that was looked at.
    pub usage: i64,
}

/// Erasing personal data of an account.
#[async_trait]
pub trait Erasure: Send + Sync {
    /// Replaces description and metadata of up to `limit` entries and up to `limit` usages behind `after` by their
    /// salted digest, in one transaction in which nothing else is posted to the account. Once there are no more, the same
    /// transaction empties descriptions and metadata of its grants and holds, its e-mail address, name and metadata, and
    /// replaces its salt by `fresh`; the answer then is `None`. What was erased before stays so.
    ///
    /// # Errors
    ///
    /// This part was not done; may be tried again.
    async fn erase(
        &self,
        account: AccountId,
        after: ErasedUpTo,
        fresh: TextKey,
        limit: u32,
    ) -> Result<Option<ErasedUpTo>, StoreError>;
}
