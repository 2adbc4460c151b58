//! The cost of the statements that a store sends.

use std::sync::{Arc, Mutex, PoisonError};

use billing_core::ports::CommitError;
use sea_orm::sea_query::ArrayType;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use sqlx::AssertSqlSafe;

use crate::SqlStore;
use crate::transaction::Transaction;
use crate::unit_of_work::write;

/// The statements that a store has sent, with their values, as handed to the driver.
#[derive(Clone, Default)]
pub struct Recorder(Arc<Mutex<Vec<Statement>>>);

/// The cost of one statement.
#[derive(Debug)]
pub struct Cost {
    /// The statement.
    pub sql: String,
    /// Its query plan.
    pub plan: String,
    /// The tables that are scanned without an index.
    pub scanned: Vec<String>,
    /// The most rows that one step sorts; for SQLite see `steps`.
    pub sorted: u64,
    /// The number of rows read, needed or not; for SQLite see `steps`.
    pub rows: u64,
    /// The number of pages touched; for SQLite see `steps`.
    pub pages: u64,
    /// The number of instructions of SQLite's virtual machine; a row takes about ten.
    pub steps: u64,
    /// Whether Postgres JIT-compiled the statement, which takes longer than any of our statements.
    pub compiled: bool,
}

impl SqlStore {
    /// The same store, with its statements recorded.
    #[must_use]
    pub fn recorded(mut self) -> (Self, Recorder) {
        let recorder = Recorder::default();
        let connections = &mut self.connections;
        for pool in [
            &mut connections.writer,
            &mut connections.reader,
            &mut connections.ledger,
            &mut connections.balances,
            &mut connections.probe,
        ] {
            let sent = recorder.0.clone();
            pool.connection_mut().set_metric_callback(move |info| {
                sent.lock().unwrap_or_else(PoisonError::into_inner).push(info.statement.clone());
            });
        }
        (self, recorder)
    }
}

impl Recorder {
    /// The statements since the last call.
    fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The statements since the last call.
    pub fn sent(&self) -> Vec<String> {
        self.take().into_iter().map(|statement| statement.sql).collect()
    }

    /// The cost of each statement since the last call: each is planned and executed again, in the store's own
    /// sessions, and rolled back.
    ///
    /// # Panics
    ///
    /// If the database does not respond.
    pub async fn costs(&self, store: &SqlStore) -> Vec<Cost> {
        let statements = self.take();
        let costs = if crate::is_postgres(store.reader()) {
            on_postgres(store, statements).await
        } else {
            on_sqlite(store.reader().connection(), statements).await
        };
        drop(self.take());
        costs
    }
}

async fn on_postgres(store: &SqlStore, statements: Vec<Statement>) -> Vec<Cost> {
    let (found, wanted) = (Arc::new(Mutex::new(Vec::new())), statements.len());
    let costs = found.clone();
    let undone = write::<()>(
        store.writer(),
        Box::new(move |transaction| {
            Box::pin(async move {
                for statement in statements {
                    let cost = explain(transaction, &statement).await;
                    costs.lock().unwrap_or_else(PoisonError::into_inner).push(cost);
                }
                // The measured execution is rolled back.
                Err(CommitError::Conflict)
            })
        }),
    )
    .await;
    let costs = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
    assert!(costs.len() == wanted, "{} of {wanted} statements were explained: {undone:?}", costs.len());
    costs
}

/// Prepares the statement and explains its execution: with a plan that does not know the values.
#[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
async fn explain(transaction: &Transaction, statement: &Statement) -> Cost {
    let sql = &statement.sql;
    transaction.execute_unprepared(&format!("PREPARE explained AS {sql}")).await.expect("it can be prepared");
    let values: Vec<String> = statement
        .values
        .iter()
        .flat_map(|values| &values.0)
        .map(|value| literal(transaction, value))
        .collect();
    let given = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
    let ask = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE explained{given}");
    let ask = Statement::from_string(transaction.get_database_backend(), ask);
    let row = transaction.query_one_raw(ask).await.expect("it can be explained").expect("a plan");
    let plan: serde_json::Value = row.try_get_by_index(0).expect("a plan is JSON");
    transaction.execute_unprepared("DEALLOCATE explained").await.expect("it can be forgotten");
    let mut cost = Cost::of(sql, serde_json::to_string_pretty(&plan).unwrap_or_default());
    let root = &plan[0];
    cost.compiled = root.get("JIT").is_some();
    cost.pages = number(&root["Plan"], "Shared Hit Blocks") + number(&root["Plan"], "Shared Read Blocks");
    cost.add(&root["Plan"]);
    cost
}

fn literal(transaction: &Transaction, value: &Value) -> String {
    let backend = transaction.get_database_backend();
    let text = Statement::from_sql_and_values(backend, "$1", [value.clone()]).to_string();
    match value {
        Value::Array(ArrayType::Uuid, _) => format!("{text}::uuid[]"),
        _ => text,
    }
}

/// As an integer, in any of the server's formats.
fn number(node: &serde_json::Value, name: &str) -> u64 {
    let text = node[name].to_string();
    text.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or_default()
}

impl Cost {
    fn of(sql: &str, plan: String) -> Self {
        let sql = sql.to_owned();
        Self { sql, plan, scanned: vec![], sorted: 0, rows: 0, pages: 0, steps: 0, compiled: false }
    }

    fn add(&mut self, node: &serde_json::Value) {
        let loops = number(node, "Actual Loops");
        let total = |node: &serde_json::Value, name| number(node, name).saturating_mul(loops);
        let kind = node["Node Type"].as_str().unwrap_or_default();
        if let Some(table) = node["Relation Name"].as_str().filter(|_| !kind.starts_with("Modify")) {
            let dropped = ["Rows Removed by Filter", "Rows Removed by Index Recheck"];
            let dropped: u64 = dropped.iter().map(|name| total(node, name)).sum();
            self.rows = self.rows.saturating_add(total(node, "Actual Rows")).saturating_add(dropped);
            if kind == "Seq Scan" && loops > 0 {
                self.scanned.push(table.to_owned());
            }
        }
        for child in node["Plans"].as_array().into_iter().flatten() {
            if kind.ends_with("Sort") {
                let rows = number(child, "Actual Rows").saturating_mul(number(child, "Actual Loops"));
                self.sorted = self.sorted.max(rows);
            }
            self.add(child);
        }
    }
}

/// The statement with its values. The mapper writes a UUID as text, but passes it as bytes.
fn written_out(statement: &Statement) -> String {
    let as_stored = |value: &Value| match value {
        Value::Uuid(Some(id)) => Value::Bytes(Some(id.as_bytes().to_vec())),
        other => other.clone(),
    };
    let values = statement.values.iter().flat_map(|values| &values.0).map(as_stored);
    // Hand-written statements number their parameters; the mapper only fills in those without numbers.
    if !statement.sql.contains("$1") {
        let values: Vec<Value> = values.collect();
        return Statement::from_sql_and_values(statement.db_backend, &statement.sql, values).to_string();
    }
    let values: Vec<(usize, Value)> = (1..).zip(values).collect();
    values.into_iter().rev().fold(statement.sql.clone(), |sql, (number, value)| {
        let value = Statement::from_sql_and_values(statement.db_backend, "?", [value]).to_string();
        sql.replace(&format!("${number}"), &value)
    })
}

/// SQLite counts no rows; the instructions of its virtual machine replace them.
const STEPS: i32 = 50;

#[expect(clippy::expect_used, reason = "a test without its database has to fail loudly")]
async fn on_sqlite(reader: &DatabaseConnection, statements: Vec<Statement>) -> Vec<Cost> {
    let mut connection = reader.get_sqlite_connection_pool().acquire().await.expect("SQLite answers");
    let mut costs = Vec::with_capacity(statements.len());
    for statement in statements {
        let text = written_out(&statement);
        let ask = Statement::from_string(reader.get_database_backend(), format!("EXPLAIN QUERY PLAN {text}"));
        let lines = reader.query_all_raw(ask).await.expect("it can be explained");
        let lines: Vec<String> =
            lines.iter().map(|line| line.try_get("", "detail").expect("a plan is text")).collect();
        let mut cost = Cost::of(&statement.sql, lines.join("\n"));
        // The reading connection can execute reads only. For other statements the plan has to do.
        let reads = text.starts_with("SELECT") || text.trim_start().starts_with("WITH");
        if !reads {
            let scans = lines.iter().filter(|line| !line.contains(" USING "));
            cost.scanned = scans.filter_map(|line| line.strip_prefix("SCAN ")).map(str::to_owned).collect();
        }
        if reads {
            let counted = Arc::new(Mutex::new(0_u64));
            let count = counted.clone();
            connection.lock_handle().await.expect("SQLite answers").set_progress_handler(STEPS, move || {
                let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
                *count = count.saturating_add(STEPS.unsigned_abs().into());
                true
            });
            sqlx::query(AssertSqlSafe(text))
                .fetch_all(&mut *connection)
                .await
                .expect("it can be carried out");
            connection.lock_handle().await.expect("SQLite answers").remove_progress_handler();
            cost.steps = *counted.lock().unwrap_or_else(PoisonError::into_inner);
        }
        costs.push(cost);
    }
    costs
}
