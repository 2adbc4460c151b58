//! Years of spends, generated in the database.

use anyhow::{Context, Result};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Row};

use crate::database::execute;

/// The spends of each account that one statement writes.
const STEP: usize = 50;

/// Adds spends of one credit to each of the `accounts` accounts at `url`, `entries` in total, after its existing one.
/// Every row is a copy of that spend's with other numbers, so that a new column needs no change here unless it has to
/// differ between rows.
pub(crate) async fn write_history(url: &str, entries: usize, accounts: usize) -> Result<()> {
    let spends = entries.div_ceil(accounts);
    let mut connection = PgConnection::connect(url).await?;
    let key = "'request:' || md5(e.account_id::text || s)";
    let id = "gen_random_uuid()";
    let entry = columns(
        &mut connection,
        "entries",
        &[
            ("seq", "e.seq + s"),
            ("id", id),
            ("balance_after", "e.balance_after - s"),
            ("available_after", "e.available_after - s"),
            ("posting_key", key),
            ("key_hash", "md5(e.account_id::text || s)::uuid"),
        ],
    )
    .await?;
    let mut first = 1;
    while first <= spends {
        let last = spends.min(first + STEP - 1);
        let numbers = format!("generate_series({first}, {last}) AS s");
        let statement =
            format!("INSERT INTO entries SELECT {entry} FROM entries e CROSS JOIN {numbers} WHERE e.seq = 2");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
        eprintln!("  history  {} of {} entries", last * accounts, spends * accounts);
        first = last + 1;
    }
    for statement in [
        format!("UPDATE grants SET remaining = remaining - {spends} WHERE live"),
        format!(
            "UPDATE balances SET posted = posted - {spends}, bucket_bonus = bucket_bonus - {spends}, \
             seq = seq + {spends}, burning_left = burning_left - {spends}"
        ),
        // These entries have no valid hashes. Audits start after them.
        "INSERT INTO audit_progress (account_id, seq, posted, owed_before, head, usages, usage_head, last_at) \
             SELECT account_id, seq, posted, debt, head, usages, usage_head, last_at FROM balances"
            .to_owned(),
        "UPDATE balances SET audit_due = false".to_owned(),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    }
    connection.close().await?;
    execute(url, "VACUUM ANALYZE").await?;
    execute(url, "CHECKPOINT").await
}

/// The columns to select from a row `e` of `table` and a number `s`: the row's own, except for `changed`.
async fn columns(connection: &mut PgConnection, table: &str, changed: &[(&str, &str)]) -> Result<String> {
    let names = "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position";
    let rows = sqlx::query(names).bind(table).fetch_all(&mut *connection).await?;
    let mut selected = Vec::new();
    for row in rows {
        let name: String = row.try_get(0)?;
        let other = changed.iter().find(|(changed, _)| *changed == name);
        selected.push(other.map_or_else(|| format!("e.{name}"), |(_, other)| (*other).to_owned()));
    }
    (!selected.is_empty()).then(|| selected.join(", ")).with_context(|| format!("there is no table {table}"))
}
