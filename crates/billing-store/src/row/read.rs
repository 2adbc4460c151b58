//! Reading of columns.

use std::fmt::Display;

use billing_core::ledger::ChainHash;
use billing_core::ports::StoreError;
use billing_core::values::Timestamp;

use crate::error::corrupt;

/// Reads columns of one row, and names them in errors.
pub(super) struct Reader<I> {
    table: &'static str,
    id: I,
}

impl<I: Display> Reader<I> {
    pub(super) fn new(table: &'static str, id: I) -> Self {
        Self { table, id }
    }

    /// A parsed text.
    pub(super) fn parse<T>(&self, column: &str, text: &str) -> Result<T, StoreError>
    where
        T: std::str::FromStr,
        T::Err: Display,
    {
        text.parse().map_err(|problem| self.corrupt(column, problem))
    }

    /// JSON in a text column.
    pub(super) fn json<T: serde::de::DeserializeOwned>(
        &self,
        column: &str,
        text: &str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|problem| self.corrupt(column, problem))
    }

    /// A small number, not negative.
    pub(super) fn small(&self, column: &str, number: i64) -> Result<u32, StoreError> {
        u32::try_from(number).map_err(|problem| self.corrupt(column, problem))
    }

    /// 32 bytes.
    pub(super) fn bytes32(&self, column: &str, bytes: &[u8]) -> Result<[u8; 32], StoreError> {
        self.bytes(column, bytes)
    }

    /// `N` bytes.
    pub(super) fn bytes<const N: usize>(&self, column: &str, bytes: &[u8]) -> Result<[u8; N], StoreError> {
        bytes.try_into().map_err(|problem| self.corrupt(column, problem))
    }

    /// A hash.
    pub(super) fn hash(&self, column: &str, bytes: &[u8]) -> Result<ChainHash, StoreError> {
        Ok(ChainHash::from_bytes(self.bytes(column, bytes)?))
    }

    /// A hash, if there is one.
    pub(super) fn hash_or_none(
        &self,
        column: &str,
        bytes: Option<&[u8]>,
    ) -> Result<Option<ChainHash>, StoreError> {
        bytes.map(|bytes| self.hash(column, bytes)).transpose()
    }

    pub(super) fn corrupt(&self, column: &str, problem: impl Display) -> StoreError {
        corrupt(self.table, column, &self.id, problem)
    }
}

/// JSON for a text column. The stored types are texts, numbers and lists of them, which always serialize.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

pub(super) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}
