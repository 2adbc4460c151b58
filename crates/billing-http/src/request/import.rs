//! Imports of credits as a CSV file.

use std::collections::BTreeMap;

use billing_core::accounts::ExternalId;
use billing_core::ledger::Source;
use billing_core::requests::ImportRow;
use billing_core::values::{Credits, RequestKey};
use csv::{ReaderBuilder, StringRecord, Trim};
use serde_json::json;

use crate::problem::Problem;
use crate::request::words;

/// A row, and the line of the file on which it begins.
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) row: ImportRow,
}

/// The columns; the first three are required.
const COLUMNS: [&str; 7] =
    ["row_key", "account_id", "amount", "source", "priority", "expires_at", "description"];
const REQUIRED: usize = 3;
/// The maximum number of reported errors.
const MISTAKES: usize = 100;

/// An error in the file.
struct Mistake {
    line: u64,
    field: String,
    message: String,
}

/// Parses the whole file first: a single error refuses it.
pub(crate) fn import_lines(bytes: &[u8]) -> Result<Vec<Line>, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // The reader miscounts lines that end in two characters.
    let bytes = with_plain_ends(bytes);
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes.as_slice());
    let header = reader.headers().map_err(|problem| refused(&[unreadable(&problem)]))?.clone();
    let columns = columns(&header).map_err(|mistakes| refused(&mistakes))?;
    let (mut lines, mut mistakes) = (Vec::new(), Vec::new());
    let mut keys: BTreeMap<String, u64> = BTreeMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(problem) => {
                mistakes.push(unreadable(&problem));
                continue;
            }
        };
        let number = record.position().map_or(0, csv::Position::line);
        let fields = Fields { columns: &columns, record: &record, line: number };
        match fields.row() {
            Ok(row) => {
                let first = *keys.entry(row.key.as_str().to_owned()).or_insert(number);
                if first != number {
                    mistakes.push(fields.mistake("row_key", &format!("stands on line {first}, too")));
                }
                lines.push(Line { number, row });
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() { Ok(lines) } else { Err(refused(&mistakes)) }
}

/// `bytes` with every `\r\n` replaced by `\n`.
fn with_plain_ends(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\r' || rest.peek() != Some(&b'\n') {
            plain.push(byte);
        }
    }
    plain
}

/// The index of each column.
fn columns(header: &StringRecord) -> Result<BTreeMap<&'static str, usize>, Vec<Mistake>> {
    let (mut columns, mut mistakes) = (BTreeMap::new(), Vec::new());
    let mut wrong = |name: &str, message: &str| {
        mistakes.push(Mistake { line: 1, field: name.to_owned(), message: message.to_owned() });
    };
    for (place, name) in header.iter().enumerate() {
        match COLUMNS.iter().find(|known| **known == name) {
            None => wrong(name, &format!("is no column; there are {}", COLUMNS.join(", "))),
            Some(known) if columns.insert(*known, place).is_some() => wrong(name, "stands twice"),
            Some(_) => {}
        }
    }
    for name in COLUMNS.iter().take(REQUIRED).filter(|name| !columns.contains_key(**name)) {
        wrong(name, "is missing in the first line");
    }
    if mistakes.is_empty() { Ok(columns) } else { Err(mistakes) }
}

struct Fields<'a> {
    columns: &'a BTreeMap<&'static str, usize>,
    record: &'a StringRecord,
    line: u64,
}

impl Fields<'_> {
    fn row(&self) -> Result<ImportRow, Mistake> {
        let amount = self.read("amount", |text| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = text.parse().ok().filter(|_| digits);
            number
                .and_then(|number| Credits::amount(number).ok())
                .ok_or("must be a whole number from 1 to 2^53 − 1")
        })?;
        let source = self.read("source", |text| {
            if text.is_empty() {
                Ok(Source::Manual)
            } else {
                text.parse::<Source>().map_err(|problem| problem.to_string())
            }
        })?;
        let priority = self.read("priority", |text| {
            if text.is_empty() {
                Ok(0)
            } else {
                text.parse().map_err(|_| "must be a whole number from -32768 to 32767")
            }
        })?;
        let expires_at = self.read("expires_at", |text| {
            let text = (!text.is_empty()).then_some(text);
            text.map(str::parse)
                .transpose()
                .map_err(|problem: billing_core::values::ParseTimestampError| problem)
        })?;
        let description = self.read("description", |text| {
            let text = (!text.is_empty()).then(|| text.to_owned());
            words::description(text, "Credits").map_err(|problem| problem.message)
        })?;
        Ok(ImportRow {
            key: self.read("row_key", RequestKey::parse)?,
            account: self.read("account_id", ExternalId::parse)?,
            amount,
            source,
            priority,
            expires_at,
            description,
        })
    }

    /// The value of a column; empty if the column is missing.
    fn read<'a, T, E: ToString>(
        &'a self,
        column: &str,
        read: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Result<T, Mistake> {
        let text = self.columns.get(column).and_then(|place| self.record.get(*place)).unwrap_or_default();
        if text.contains('\0') {
            return Err(self.mistake(column, &"a text may not contain NUL"));
        }
        read(text).map_err(|problem| self.mistake(column, &problem))
    }

    fn mistake(&self, column: &str, problem: &impl ToString) -> Mistake {
        Mistake { line: self.line, field: column.to_owned(), message: problem.to_string() }
    }
}

fn unreadable(problem: &csv::Error) -> Mistake {
    let line = problem.position().map_or(1, csv::Position::line);
    let message = match problem.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("has {len} fields, and the first line has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
        _ => "is not CSV".to_owned(),
    };
    Mistake { line, field: String::new(), message }
}

fn refused(mistakes: &[Mistake]) -> Problem {
    let count = mistakes.len();
    let errors = mistakes
        .iter()
        .take(MISTAKES)
        .map(|mistake| json!({ "line": mistake.line, "field": mistake.field, "message": mistake.message }));
    let errors: Vec<_> = errors.collect();
    let first = mistakes.first().map(|mistake| {
        let field = if mistake.field.is_empty() { String::new() } else { format!(" `{}`", mistake.field) };
        format!("line {}:{field} {}", mistake.line, mistake.message)
    });
    let message = format!("nothing was imported; {}", first.unwrap_or_default());
    Problem::new("invalid_import", message).with(json!({ "errors": errors, "count": count }))
}
