//! The read of a batch of spends, in one statement.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use billing_core::ledger::{Actor, EntryType, Grant, Loaded, Origin, Posting, Rollover};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, BusinessKey, Credits, GrantId, Metadata, Timestamp};
use sea_orm::prelude::Uuid;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::{Decode, Row as _, Type};

use super::super::load_live::FIRST;
use super::Versions;
use super::columns::Native;
use crate::entity::balances;
use crate::error::corrupt;
use crate::ledger::account_cache::Version;
use crate::ledger::burning_grant::BurningGrant;
use crate::row::{key_hash, read_balance};

/// One row for each of the first grants of each account, or one row for an account without grants. It is one statement,
/// so all rows are of one moment. The subqueries are limited to their first rows, so that a plan made on empty tables
/// uses an index, too.
const LOOK: &str = "
SELECT b.version::text::bigint,
    b.account_id, b.posted, b.held, b.open_holds, b.debt, b.late, b.upcoming, b.bucket_plan, b.bucket_purchased,
    b.bucket_bonus, b.overdraft_limit, b.enabled, b.frozen, b.seq, b.last_at, b.next_change_at, b.head,
    b.usages, b.usage_head, b.text_key, b.burning_grant, b.burning_left,
    g.id, g.amount, g.remaining, g.pinned, g.forfeited, g.clawed, g.source, g.priority, g.effective_at,
    g.expires_at, g.late_until, g.rollover_cap, g.rollover_until, g.stage
FROM unnest($1::uuid[]) AS asked(account_id)
CROSS JOIN LATERAL (
    SELECT *, xmin AS version FROM balances WHERE balances.account_id = asked.account_id LIMIT 1
) b
LEFT JOIN LATERAL (
    SELECT * FROM grants WHERE grants.account_id = asked.account_id AND live
    ORDER BY priority, coalesce(expires_at, 9223372036854775807), burn_rank, effective_at, id LIMIT $2
) g ON true";

const SEEN: &str = "
SELECT EXISTS (
    SELECT FROM unnest($1::uuid[], $2::uuid[]) AS asked(account_id, key_hash)
    CROSS JOIN LATERAL (
        SELECT FROM recorded_keys
        WHERE recorded_keys.account_id = asked.account_id AND recorded_keys.key_hash = asked.key_hash
        LIMIT 1
    ) k
)";

/// The result of the read.
#[derive(Default)]
pub(in crate::ledger) struct Look {
    pub(in crate::ledger) versions: Versions,
    pub(in crate::ledger) loaded: BTreeMap<AccountId, Loaded>,
}

/// The statement that reads `accounts` and their first grants, with its `values`.
pub(in crate::ledger) fn look(values: &mut Native, accounts: &BTreeSet<AccountId>) -> &'static str {
    values.column(accounts.iter().map(|account| account.uuid()));
    values.value(i64::try_from(FIRST).unwrap_or(i64::MAX));
    LOOK
}

/// The statement that checks whether one of the keys of `postings` was used before, with its `values`.
pub(in crate::ledger) fn seen(values: &mut Native, postings: &[&Posting]) -> &'static str {
    values.column(postings.iter().map(|posting| posting.account.uuid()));
    values.column(postings.iter().map(|posting| key_hash(&posting.key)));
    SEEN
}

impl Look {
    /// Adds one row of [`look`].
    pub(in crate::ledger) fn add(&mut self, row: &PgRow) -> Result<(), StoreError> {
        let mut row = Row { row, next: 0 };
        let written_by = row.next()?;
        let balance = row.balance()?;
        let burning = BurningGrant::read(&balance);
        let account = AccountId::from_uuid(balance.account_id);
        if !self.loaded.contains_key(&account) {
            let balance = read_balance(&balance)?;
            self.versions.insert(account, Version { written_by, head: balance.head, burning });
            self.loaded.insert(account, Loaded::new(balance));
        }
        if let Some((loaded, mut grant)) = self.loaded.get_mut(&account).zip(row.grant(account)?) {
            if let Some(burning) = burning.filter(|burning| burning.grant == grant.id) {
                grant.remaining = burning.left;
            }
            loaded.grants.push(grant);
        }
        Ok(())
    }
}

/// One row's columns, in the order of the selection.
struct Row<'a> {
    row: &'a PgRow,
    next: usize,
}

impl<'a> Row<'a> {
    fn next<T: Decode<'a, Postgres> + Type<Postgres>>(&mut self) -> Result<T, StoreError> {
        let place = self.next;
        self.next = place.saturating_add(1);
        self.row.try_get(place).map_err(|problem| StoreError::Unexpected(Arc::new(problem)))
    }

    fn balance(&mut self) -> Result<balances::Model, StoreError> {
        Ok(balances::Model {
            account_id: self.next()?,
            posted: self.next()?,
            held: self.next()?,
            open_holds: self.next()?,
            debt: self.next()?,
            late: self.next()?,
            upcoming: self.next()?,
            bucket_plan: self.next()?,
            bucket_purchased: self.next()?,
            bucket_bonus: self.next()?,
            overdraft_limit: self.next()?,
            enabled: self.next()?,
            frozen: self.next()?,
            seq: self.next()?,
            last_at: self.next()?,
            next_change_at: self.next()?,
            head: self.next()?,
            usages: self.next()?,
            usage_head: self.next()?,
            text_key: self.next()?,
            burning_grant: self.next()?,
            burning_left: self.next()?,
        })
    }

    /// A live grant without its texts and origin: no spend reads them, and [`write_plain`](super::write_plain) does not
    /// write them.
    fn grant(&mut self, account: AccountId) -> Result<Option<Grant>, StoreError> {
        let Some(id) = self.next::<Option<Uuid>>()? else { return Ok(None) };
        let [amount, remaining, pinned, forfeited, clawed] =
            [self.credits()?, self.credits()?, self.credits()?, self.credits()?, self.credits()?];
        let source = self.word(id, "source")?;
        let priority = self.next()?;
        let effective_at = Timestamp::from_micros(self.next()?);
        let [expires_at, late_until] = [self.moment()?, self.moment()?];
        let (cap, until): (Option<i64>, Option<i64>) = (self.next()?, self.next()?);
        let rollover = cap
            .zip(until)
            .map(|(cap, until)| Rollover { cap: Credits::new(cap), until: Timestamp::from_micros(until) });
        Ok(Some(Grant {
            id: GrantId::from_uuid(id),
            account,
            amount,
            remaining,
            pinned,
            forfeited,
            clawed,
            source,
            priority,
            effective_at,
            expires_at,
            late_until,
            rollover,
            stage: self.word(id, "stage")?,
            business_key: BusinessKey::from_stored(String::new()),
            posting_key: None,
            origin: Origin::default(),
            kind: EntryType::GRANT,
            actor: Actor::Time,
            description: String::new(),
            metadata: Metadata::default(),
            created_at: Timestamp::EPOCH,
        }))
    }

    fn credits(&mut self) -> Result<Credits, StoreError> {
        self.next().map(Credits::new)
    }

    fn moment(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.next::<Option<i64>>()?.map(Timestamp::from_micros))
    }

    fn word<T>(&mut self, grant: Uuid, column: &str) -> Result<T, StoreError>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text: &str = self.next()?;
        text.parse().map_err(|problem| corrupt("grants", column, grant, problem))
    }
}
