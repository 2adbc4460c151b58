//! Idempotency keys and business keys.
//!
//! The keys of the ledger are shared, not copied: a decision stores them in several places.

use std::sync::Arc;

/// An `Idempotency-Key` header: 1 to 255 visible ASCII characters. A pair of double quotes around it (the
/// structured-field spelling) is removed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey(String);

/// The key under which an account's posting is recorded permanently. Scope: the account.
///
/// Keys of callers and keys of business facts have separate namespaces: a caller that sends `order:…:pack` as its own
/// key cannot occupy the key of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostingKey(Arc<str>);

/// A key under which credits are granted once, over all accounts: a paid order, a paid period, a day's check-in. All
/// of them are created by [`crate::ledger::business_keys`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessKey(Arc<str>);

/// The text is not a valid idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to 255 visible ASCII characters")]
pub struct InvalidKey;

impl RequestKey {
    /// Parses the header's value.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] if it is empty, too long, or has a character outside `!` to `~`.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        let visible = bare.bytes().all(|byte| byte.is_ascii_graphic());
        if bare.is_empty() || bare.len() > 255 || !visible {
            return Err(InvalidKey);
        }
        Ok(Self(bare.to_owned()))
    }

    /// A new, unused key.
    pub fn fresh(ids: &dyn super::IdSource) -> Self {
        Self(format!("auto-{}", ids.next_uuid().simple()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PostingKey {
    /// The key of a request with idempotency key `key`.
    pub fn of_request(key: &RequestKey) -> Self {
        Self(format!("request:{}", key.0).into())
    }

    /// The key of one item of a batch request with idempotency key `key`; `place` is its index.
    pub fn of_batch_item(key: &RequestKey, place: usize) -> Self {
        Self(format!("batch:{place}:{}", key.0).into())
    }

    /// The key of a posting for a business key.
    pub fn of_business_key(fact: &BusinessKey) -> Self {
        Self(format!("fact:{}", fact.0).into())
    }

    /// The key of one row of an import.
    pub fn of_import(row: &RequestKey) -> Self {
        Self(format!("import:{}", row.0).into())
    }

    /// The key of a posting without a request; nothing is ever recorded under it.
    pub fn of_time() -> Self {
        Self("time".into())
    }

    /// The key with this stored `text`.
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BusinessKey {
    /// The key with this `text`; only for [`crate::ledger::business_keys`] and stores.
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_key_is_the_same_key() {
        assert_eq!(RequestKey::parse("\"abc\""), RequestKey::parse("abc"));
    }

    #[test]
    fn keys_are_visible_and_bounded() {
        for text in ["", "\"\"", "a b", "käse", "a\u{7f}", &"x".repeat(256)] {
            assert_eq!(RequestKey::parse(text), Err(InvalidKey), "{text}");
        }
        assert!(RequestKey::parse(&"x".repeat(255)).is_ok());
    }

    #[test]
    fn a_caller_cannot_take_the_key_of_a_business_fact() {
        let fact = BusinessKey::from_stored("order:1:pack".to_owned());
        let asked = RequestKey::parse("order:1:pack").unwrap();
        assert_ne!(PostingKey::of_business_key(&fact), PostingKey::of_request(&asked));
    }
}
