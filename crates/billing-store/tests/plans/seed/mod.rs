//! A database in which reading too much shows.
//!
//! One account has half of everything. What a filter is after is rare and old, so that whoever walks through the
//! newest walks through all; what a job is after lies behind, and among, much that is not due.

mod accounts;
mod audits;
mod ledger;
mod rest;
mod sales;

use billing_store::testing::TestDatabase;

/// How many rows a table has.
pub(crate) const ROWS: u32 = 100_000;
/// How many rows a table has that is read in few ways: enough to show what reads all of it.
const FEW: u32 = 20_000;

/// The account that has half of everything, as a number.
pub(crate) const WHALE: u128 = 2;

/// How a database writes what the two write differently.
struct Words {
    postgres: bool,
}

impl Words {
    /// The UUID of a number.
    fn id(&self, number: &str) -> String {
        if self.postgres {
            format!("(lpad(to_hex({number}), 32, '0'))::uuid")
        } else {
            format!("unhex(printf('%032x', {number}))")
        }
    }

    /// 32 bytes that a number is.
    fn hash(&self, number: &str) -> String {
        if self.postgres {
            format!("decode(lpad(to_hex({number}), 64, '0'), 'hex')")
        } else {
            format!("unhex(printf('%064x', {number}))")
        }
    }

    /// 16 bytes that a number is.
    fn salt(&self, number: &str) -> String {
        if self.postgres {
            format!("decode(lpad(to_hex({number}), 32, '0'), 'hex')")
        } else {
            format!("unhex(printf('%032x', {number}))")
        }
    }

    /// The day with this number.
    fn day(&self, number: &str) -> String {
        if self.postgres {
            format!("to_char(date '1900-01-01' + ({number})::int, 'YYYY-MM-DD')")
        } else {
            format!("date('1900-01-01', '+' || ({number}) || ' days')")
        }
    }

    /// A statement that fills `table`'s `columns` from `values`, in which `i` counts the rows.
    fn fill(&self, table: &str, rows: u32, columns: &[(&str, &str)]) -> String {
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let values: Vec<_> = columns.iter().map(|(_, value)| self.words(value)).collect();
        format!(
            "INSERT INTO {table} ({}) WITH RECURSIVE counted(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM counted \
             WHERE i < {rows}) SELECT {} FROM counted;",
            names.join(", "),
            values.join(", "),
        )
    }

    /// `value` with `id(…)`, `hash(…)`, `salt(…)` and `day(…)` around a number, and the names below, written out.
    fn words(&self, value: &str) -> String {
        let owner = format!("CASE WHEN i % 2 = 0 THEN {WHALE} ELSE i END");
        match value.split_once(':') {
            Some(("id", number)) => self.id(number),
            Some(("hash", number)) => self.hash(number),
            Some(("salt", number)) => self.salt(number),
            Some(("day", number)) => self.day(number),
            Some(("redeemer", number)) => format!("CASE WHEN i > 60 THEN {} END", self.id(number)),
            _ if value == "owner" => self.id(&owner),
            _ if value == "no bytes" => if self.postgres { "''::bytea" } else { "x''" }.to_owned(),
            _ if value == "number" => "CASE WHEN i % 2 = 0 THEN i / 2 ELSE 1 END".to_owned(),
            _ => value.to_owned(),
        }
    }
}

const NEVER: &str = "4102444800000000";

/// Fills a database that has every table and no row.
pub(crate) async fn fill(database: &TestDatabase, postgres: bool) {
    let words = Words { postgres };
    // Nothing refers to what is not there, and checking that for each row takes most of the time.
    let unchecked =
        if postgres { "SET session_replication_role = replica;" } else { "PRAGMA foreign_keys = OFF;" };
    let mut script = vec![unchecked.to_owned(), "BEGIN;".to_owned()];
    let mut table = |name: &str, rows: u32, columns: &[(&str, &str)]| {
        script.push(words.fill(name, rows, columns));
    };
    accounts::fill(&mut table);
    sales::fill(&mut table);
    ledger::fill(&mut table);
    audits::fill(&mut table);
    rest::fill(&mut table);
    script.push("COMMIT;".to_owned());
    database.execute(&script.join("\n")).await;
    if postgres {
        database.execute("VACUUM ANALYZE").await;
    }
}

type Table<'a> = dyn FnMut(&str, u32, &[(&str, &str)]) + 'a;
