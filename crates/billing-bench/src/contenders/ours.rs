//! The ledger, through its port.

use std::sync::Arc;

use anyhow::{Context, Result};
use async_trait::async_trait;
use billing_batch::Batched;
use billing_core::ledger::{
    Actor, Command, EntryType, GrantCredits, Posting, Refusal, Source, SpendCredits, SpendType,
};
use billing_core::ports::{IdSource, LedgerStore};
use billing_core::values::{AccountId, BusinessKey, Credits, Fingerprint, PostingKey, Timestamp};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::contender::{Contender, Spend};

/// Ids as in the service.
pub(crate) struct Ids;

impl IdSource for Ids {
    #[expect(clippy::disallowed_methods, reason = "the benchmark makes ids as the service does")]
    fn next_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// The time as in the service.
#[expect(clippy::disallowed_methods, reason = "the benchmark reads the clock as the service does")]
pub(crate) fn now() -> Timestamp {
    OffsetDateTime::now_utc().into()
}

/// The key of a spend, in the form of a caller's.
pub(crate) fn posting_key_text(unique: u128) -> String {
    format!("request:{unique:032x}")
}

/// The ledger behind its port: with group commit, or one transaction per posting.
pub(crate) struct Ours {
    ledger: Arc<dyn LedgerStore>,
    gathered: Option<Arc<Batched>>,
    accounts: Vec<AccountId>,
}

impl Ours {
    /// With group commit.
    pub(crate) fn gathered(ledger: Arc<Batched>, accounts: &[Uuid]) -> Self {
        let gathered = Some(ledger.clone());
        Self { ledger, gathered, accounts: accounts.iter().copied().map(AccountId::from_uuid).collect() }
    }

    /// Without group commit.
    pub(crate) fn alone(ledger: Arc<dyn LedgerStore>, accounts: &[Uuid]) -> Self {
        let accounts = accounts.iter().copied().map(AccountId::from_uuid).collect();
        Self { ledger, gathered: None, accounts }
    }
}

/// Takes `amount` credits from `account` under a key derived from `unique`.
pub(crate) fn take(account: AccountId, unique: u128, amount: i64) -> Posting {
    let kind = EntryType::Spend(SpendType::default());
    let take = SpendCredits::new(Credits::new(amount), kind, "Usage".to_owned());
    Posting {
        account,
        key: PostingKey::from_stored(posting_key_text(unique)),
        fingerprint: Fingerprint::of([unique.to_be_bytes().as_slice()]),
        actor: Actor::Operator("bench".to_owned()),
        commands: vec![Command::Spend(take)],
    }
}

/// Grants `amount` credits without expiry, as the `number`th grant of `account`.
pub(crate) fn give(account: AccountId, number: usize, amount: i64) -> Posting {
    let key = BusinessKey::from_stored(format!("bench:{account}:{number}"));
    let give = GrantCredits::new(Credits::new(amount), Source::Manual, key.clone(), "Opening".to_owned());
    Posting {
        account,
        key: PostingKey::of_business_key(&key),
        fingerprint: Fingerprint::of([key.as_str().as_bytes()]),
        actor: Actor::Operator("bench".to_owned()),
        commands: vec![Command::Grant(give)],
    }
}

#[async_trait]
impl Contender for Ours {
    async fn spend(&self, spend: Spend) -> Result<bool> {
        let account = *self.accounts.get(spend.account).context("no such account")?;
        let posting = take(account, spend.unique, spend.amount);
        let outcome = self.ledger.post(vec![posting], now()).await?.pop();
        match outcome.context("a posting without an outcome")? {
            Ok(posted) if !posted.replayed => Ok(true),
            Err(Refusal::InsufficientCredits { .. }) => Ok(false),
            other => anyhow::bail!("a spend ended as {other:?}"),
        }
    }

    fn batches(&self) -> (u64, u64) {
        let stats = self.gathered.as_ref().map(|ledger| ledger.stats()).unwrap_or_default();
        (stats.batches, stats.postings)
    }
}
