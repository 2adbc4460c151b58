//! Sums of usage and spends.

use std::collections::BTreeMap;

use billing_core::ledger::{OwnType, UsageBy, UsageSum};
use billing_core::ports::{StoreError, UsageQuery};
use billing_core::values::{AccountId, Credits, Timestamp, Zone, parse_decimal};
use rust_decimal::Decimal;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{FromQueryResult, QuerySelect, Statement, Value};

use super::day_key::day_key;
use super::point_in_time::first_since;
use crate::entity::entries;
use crate::error::{corrupt, store_error};
use crate::transaction::Transaction;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

#[derive(FromQueryResult)]
struct Sum {
    name: Option<String>,
    spent: i64,
    reversed: i64,
    price: i64,
    count: i64,
}

#[derive(FromQueryResult)]
struct Units {
    name: Option<String>,
    quantity: String,
    /// Decimal text, or whole units and millionths: whichever the database sums exactly.
    sum: Option<String>,
    whole: i64,
    fraction: i64,
}

/// One query.
struct Asked<'a> {
    read: &'a Transaction,
    account: Uuid,
    query: &'a UsageQuery,
}

pub(super) async fn usage(
    read: &Transaction,
    account: AccountId,
    query: &UsageQuery,
) -> Result<Vec<UsageSum>, StoreError> {
    if query.to <= query.from {
        return Ok(Vec::new());
    }
    let asked = Asked { read, account: account.uuid(), query };
    let mut sums: BTreeMap<Option<String>, UsageSum> = BTreeMap::new();
    for row in asked.metered().await?.into_iter().chain(asked.plain().await?) {
        let key = asked.key(row.name)?;
        let sum = UsageSum {
            spent: Credits::new(row.spent),
            reversed: Credits::new(row.reversed),
            price: row.price,
            count: u64::try_from(row.count).unwrap_or_default(),
            ..UsageSum::nothing(key.clone())
        };
        sums.entry(key.clone()).or_insert_with(|| UsageSum::nothing(key)).add(&sum);
    }
    for row in asked.quantities().await? {
        let key = asked.key(row.name.clone())?;
        let units = row.units().map_err(|problem| corrupt("usages", "quantities", account, problem))?;
        let sum = UsageSum { quantities: [(row.quantity, units)].into(), ..UsageSum::nothing(key.clone()) };
        sums.entry(key.clone()).or_insert_with(|| UsageSum::nothing(key)).add(&sum);
    }
    // An entry that only added credits for others to spend forms a group of its own, whose sum is zero: it is left out.
    Ok(sums.into_values().filter(|sum| *sum != UsageSum::nothing(sum.key.clone())).collect())
}

impl Units {
    fn units(&self) -> Result<Decimal, String> {
        match &self.sum {
            Some(text) => parse_decimal(text).map_err(|problem| problem.to_string()),
            None => Decimal::new(self.fraction, 6)
                .checked_add(Decimal::from(self.whole))
                .map(|sum| sum.normalize())
                .ok_or_else(|| "more than can be told".to_owned()),
        }
    }
}

impl Asked<'_> {
    /// The sums of usage that a rate card priced.
    async fn metered(&self) -> Result<Vec<Sum>, StoreError> {
        let sql = format!(
            "SELECT name, CAST(sum(CASE WHEN returns IS NULL THEN credits ELSE 0 END) AS bigint) AS spent, \
             CAST(sum(CASE WHEN returns IS NULL THEN 0 ELSE -credits END) AS bigint) AS reversed, \
             CAST(sum(price) AS bigint) AS price, CAST(sum(CASE WHEN returns IS NOT NULL \
             OR (hold_id IS NOT NULL AND price = 0 AND quantities = '{{}}') THEN 0 ELSE 1 END) AS bigint) AS count \
             FROM (SELECT {} AS name, u.* FROM usages u WHERE {}) AS used GROUP BY name",
            self.name_of_usage(),
            self.usage_in_span(),
        );
        Sum::find_by_statement(self.statement(sql, self.span())).all(self.read).await.map_err(store_error)
    }

    /// The quantities used, less those reversed.
    async fn quantities(&self) -> Result<Vec<Units>, StoreError> {
        let name = self.name_of_usage();
        let span = self.usage_in_span();
        let sql = if crate::is_postgres(self.read) {
            format!(
                "SELECT name, quantity, CAST(sum(units) AS text) AS sum, CAST(0 AS bigint) AS whole, \
                 CAST(0 AS bigint) AS fraction FROM (SELECT {name} AS name, q.key AS quantity, \
                 CASE WHEN u.returns IS NULL THEN CAST(q.value AS numeric) ELSE -CAST(q.value AS numeric) END AS units \
                 FROM usages u CROSS JOIN LATERAL json_each_text(CAST(u.quantities AS json)) q WHERE {span}) AS used \
                 GROUP BY name, quantity"
            )
        } else {
            // SQLite has no decimals, so whole units and millionths are summed separately.
            format!(
                "SELECT name, quantity, CAST(NULL AS text) AS sum, sum(sign * whole) AS whole, \
                 sum(sign * fraction) AS fraction FROM (SELECT {name} AS name, q.key AS quantity, \
                 CASE WHEN u.returns IS NULL THEN 1 ELSE -1 END AS sign, CAST(q.value AS INTEGER) AS whole, \
                 CASE WHEN instr(q.value, '.') = 0 THEN 0 \
                 ELSE CAST(substr(q.value || '000000', instr(q.value, '.') + 1, 6) AS INTEGER) END AS fraction \
                 FROM usages u, json_each(u.quantities) q WHERE {span}) AS used GROUP BY name, quantity"
            )
        };
        Units::find_by_statement(self.statement(sql, self.span())).all(self.read).await.map_err(store_error)
    }

    /// The sums of spends by amount. Entries that pay for usage are left out, except for what was captured by amount
    /// from a hold for usage. A reversal looks up its spend by number: reversals are few.
    async fn plain(&self) -> Result<Vec<Sum>, StoreError> {
        let query = self.query;
        if query.meter.is_some() {
            return Ok(Vec::new());
        }
        let first = first_since(self.read, self.account, query.from).await?;
        let end = first_since(self.read, self.account, query.to).await?;
        let name = match query.by {
            UsageBy::Day => format!("CAST({} AS text)", self.day("e.moment")),
            UsageBy::Type => "CASE WHEN e.reverses IS NULL THEN e.kind ELSE (SELECT s.kind FROM entries s \
                WHERE s.account_id = e.account_id AND s.seq = e.reverses) END"
                .to_owned(),
            UsageBy::Meter | UsageBy::Dimension(_) => "CAST(NULL AS text)".to_owned(),
        };
        let own: Vec<_> = OwnType::ALL.iter().map(|own| format!("'{own}'")).collect();
        let columns = "account_id, seq, kind, amount, reverses, hold_id, first_usage, last_usage";
        let sql = format!(
            "SELECT name, CAST(sum(CASE WHEN reverses IS NULL THEN taken ELSE 0 END) AS bigint) AS spent, \
             CAST(sum(CASE WHEN reverses IS NULL THEN 0 ELSE -taken END) AS bigint) AS reversed, \
             CAST(0 AS bigint) AS price, \
             CAST(sum(CASE WHEN reverses IS NULL AND taken <> 0 THEN 1 ELSE 0 END) AS bigint) AS count \
             FROM (SELECT {name} AS name, e.reverses, CASE WHEN e.first_usage IS NULL THEN -e.amount ELSE -e.amount - \
             (SELECT coalesce(sum(u.credits), 0) FROM usages u WHERE u.account_id = e.account_id \
             AND u.number BETWEEN e.first_usage AND e.last_usage) END AS taken FROM (\
             SELECT {columns}, effective_at AS moment FROM entries \
             WHERE account_id = $1 AND seq >= $2 AND seq < $3 AND occurred_at IS NULL UNION ALL \
             SELECT {columns}, occurred_at AS moment FROM entries \
             WHERE account_id = $1 AND occurred_at >= $4 AND occurred_at < $5) AS e \
             WHERE (e.first_usage IS NULL OR e.hold_id IS NOT NULL) \
             AND (e.reverses IS NOT NULL OR e.kind NOT IN ({}))) AS spent GROUP BY name",
            own.join(", ")
        );
        let values: Vec<Value> = vec![
            self.account.into(),
            first.into(),
            end.into(),
            query.from.micros().into(),
            query.to.micros().into(),
        ];
        Sum::find_by_statement(self.statement(sql, values)).all(self.read).await.map_err(store_error)
    }

    /// The SQL expression that usage is grouped by.
    fn name_of_usage(&self) -> String {
        match &self.query.by {
            UsageBy::Day => format!("CAST({} AS text)", self.day("u.occurred_at")),
            UsageBy::Type => "u.kind".to_owned(),
            UsageBy::Meter => "u.meter".to_owned(),
            UsageBy::Dimension(_) if crate::is_postgres(self.read) => {
                "CAST(u.dimensions AS json) ->> CAST($4 AS text)".to_owned()
            }
            UsageBy::Dimension(_) => "json_extract(u.dimensions, '$.' || $4)".to_owned(),
        }
    }

    /// The SQL condition on usage.
    fn usage_in_span(&self) -> String {
        let meter = match (&self.query.meter, &self.query.by) {
            (None, _) => "",
            (Some(_), UsageBy::Dimension(_)) => " AND u.meter = $5",
            (Some(_), _) => " AND u.meter = $4",
        };
        format!("u.account_id = $1 AND u.occurred_at >= $2 AND u.occurred_at < $3{meter}")
    }

    fn span(&self) -> Vec<Value> {
        let UsageQuery { by, from, to, meter, .. } = self.query;
        let mut values: Vec<Value> = vec![self.account.into(), from.micros().into(), to.micros().into()];
        if let UsageBy::Dimension(name) = by {
            values.push(name.as_str().into());
        }
        values.extend(meter.as_ref().map(|meter| Value::from(meter.as_str())));
        values
    }

    fn day(&self, column: &str) -> String {
        day_key(column, &self.query.zone, self.query.from, self.query.to)
    }

    fn statement(&self, sql: String, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.read.get_database_backend(), sql, values)
    }

    /// The key of a group as it is reported.
    fn key(&self, name: Option<String>) -> Result<Option<String>, StoreError> {
        match self.query.by {
            UsageBy::Day => name.map(|number| day(self.account, &number)).transpose(),
            _ => Ok(name),
        }
    }
}

/// The types that are neither a spend nor a reversal, as in their index.
const OWN: &str = "kind IN ('grant', 'adjustment', 'expiry', 'clawback', 'void', 'capture', 'repayment', \
    'rollover', 'hold', 'release')";

#[derive(FromQueryResult)]
struct Moved {
    amount: Option<i64>,
}

/// Spends less reversals. Each entry has the balance after it, so two of them give the sum of a range of entries; the
/// ledger's own movements, which have an index, are subtracted.
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

/// The day that is `number` days after 1 January 1970.
fn day(account: Uuid, number: &str) -> Result<String, StoreError> {
    let number: i64 = number.parse().map_err(|problem| corrupt("usages", "occurred_at", account, problem))?;
    Ok(Zone::UTC.day_of(Timestamp::from_micros(number.saturating_mul(DAY))).to_string())
}
