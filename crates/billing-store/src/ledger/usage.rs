//! Summing up what was spent.

use billing_core::ledger::{OwnType, UsageBy, UsageSum};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, Timestamp, Zone};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{FromQueryResult, QuerySelect, Statement};

use super::moments::first_since;
use crate::entity::entries;
use crate::error::{corrupt, store_error};
use crate::transaction::Transaction;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

#[derive(FromQueryResult)]
struct Sum {
    key: Option<String>,
    spent: i64,
    reversed: i64,
    count: i64,
}

pub(super) async fn usage(
    read: &Transaction,
    account: AccountId,
    by: UsageBy,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<UsageSum>, StoreError> {
    let account = account.uuid();
    let (first, end) = (first_since(read, account, from).await?, first_since(read, account, to).await?);
    if end <= first {
        return Ok(Vec::new());
    }
    let values = [account.into(), first.into(), end.into()];
    let ask = Statement::from_sql_and_values(read.get_database_backend(), sql(read, by), values);
    let rows = Sum::find_by_statement(ask).all(read).await.map_err(store_error)?;
    let sum = |row: Sum| {
        Ok::<_, StoreError>(UsageSum {
            key: row
                .key
                .map(|key| if by == UsageBy::Day { day(account, &key) } else { Ok(key) })
                .transpose()?,
            spent: Credits::new(row.spent),
            reversed: Credits::new(row.reversed),
            count: u64::try_from(row.count).unwrap_or_default(),
        })
    };
    let mut sums = rows.into_iter().map(sum).collect::<Result<Vec<_>, _>>()?;
    // The databases sort texts by rules of their own.
    sums.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    Ok(sums)
}

/// What is neither a spend nor gives one back, as the index of those has it.
const OWN: &str = "kind IN ('grant', 'adjustment', 'expiry', 'clawback', 'void', 'capture', 'repayment', \
    'rollover', 'hold', 'release')";

#[derive(FromQueryResult)]
struct Moved {
    amount: Option<i64>,
}

/// What was spent less what was given back. Each entry says what the account's entries sum to, so that two of them
/// tell what a span of entries moved; what the ledger moved by itself, which has an index, is taken off that.
pub(super) async fn net_usage(
    read: &Transaction,
    account: AccountId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Credits, StoreError> {
    let account = account.uuid();
    let (first, end) = (first_since(read, account, from).await?, first_since(read, account, to).await?);
    if end <= first {
        return Ok(Credits::ZERO);
    }
    let [before, after] = [first, end].map(|next| (account, next.saturating_sub(1)));
    let before = entries::Entity::find_by_id(before).one(read).await.map_err(store_error)?;
    let after = entries::Entity::find_by_id(after).one(read).await.map_err(store_error)?;
    let [before, after] = [before, after].map(|entry| entry.map_or(0, |entry| entry.balance_after));
    let own: Option<Moved> = entries::Entity::find()
        .select_only()
        .column_as(entries::Column::Amount.sum().cast_as("bigint"), "amount")
        .filter(entries::Column::AccountId.eq(account))
        .filter(Expr::cust(OWN))
        .filter(entries::Column::Seq.gte(first))
        .filter(entries::Column::Seq.lt(end))
        .into_model()
        .one(read)
        .await
        .map_err(store_error)?;
    let own = own.and_then(|own| own.amount).unwrap_or_default();
    Ok(Credits::new(own.saturating_add(before).saturating_sub(after)))
}

/// The day of which `number` says how many days it is after 1 January 1970.
fn day(account: Uuid, number: &str) -> Result<String, StoreError> {
    let number: i64 =
        number.parse().map_err(|problem| corrupt("entries", "effective_at", account, problem))?;
    Ok(Zone::UTC.day_of(Timestamp::from_micros(number.saturating_mul(DAY))).to_string())
}

/// What was given back looks up the spend that it gives back, by its number: reversals are few.
fn sql(read: &Transaction, by: UsageBy) -> String {
    let of_spend = |column: &str| {
        format!(
            "CASE WHEN e.reverses IS NULL THEN e.{column} ELSE \
             (SELECT s.{column} FROM entries s WHERE s.account_id = e.account_id AND s.seq = e.reverses) END"
        )
    };
    let key = match by {
        UsageBy::Day => format!("CAST(e.effective_at / {DAY} AS text)"),
        UsageBy::Type => of_spend("kind"),
        UsageBy::Meter if crate::is_postgres(read) => {
            format!("CAST({} AS json) ->> 'meter'", of_spend("usage"))
        }
        UsageBy::Meter => format!("json_extract({}, '$.meter')", of_spend("usage")),
    };
    let own: Vec<_> = OwnType::ALL.iter().map(|own| format!("'{own}'")).collect();
    format!(
        "SELECT key, CAST(sum(CASE WHEN reverses IS NULL THEN -amount ELSE 0 END) AS bigint) AS spent, \
         CAST(sum(CASE WHEN reverses IS NULL THEN 0 ELSE amount END) AS bigint) AS reversed, \
         CAST(sum(CASE WHEN reverses IS NULL THEN 1 ELSE 0 END) AS bigint) AS count FROM (\
         SELECT {key} AS key, e.amount, e.reverses FROM entries e \
         WHERE e.account_id = $1 AND e.seq >= $2 AND e.seq < $3 \
         AND (e.reverses IS NOT NULL OR e.kind NOT IN ({}))) AS moved GROUP BY key",
        own.join(", ")
    )
}
