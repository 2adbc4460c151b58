//! Keys that keep a thing from being done twice.
//!
//! The keys of the ledger are shared, not copied: a decision keeps them in several places.

use std::sync::Arc;

/// An `Idempotency-Key` as a caller sent it: 1 to 255 visible ASCII characters; one pair of double quotes
/// around it (the structured-field spelling) does not belong to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey(String);

/// The key under which an account's posting is recorded for good. Scope: the account.
///
/// What a caller sends and what the service itself posts for a business fact live in different name spaces:
/// a caller who sends `order:…:pack` as its own key cannot occupy the key of a purchase.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostingKey(Arc<str>);

/// One business fact that may grant credits once, over all accounts: a paid order, a paid period, a day's
/// check-in. All of them are made by [`crate::ledger::facts`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessKey(Arc<str>);

/// The text cannot be an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key has 1 to 255 visible ASCII characters")]
pub struct InvalidKey;

impl RequestKey {
    /// Reads a key as it stands in the header.
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

    /// A key that nobody has used.
    pub fn fresh(ids: &dyn super::IdSource) -> Self {
        Self(format!("auto-{}", ids.next_uuid().simple()))
    }

    /// The key itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PostingKey {
    /// The key of what a caller asked for under `key`.
    pub fn of_request(key: &RequestKey) -> Self {
        Self(format!("request:{}", key.0).into())
    }

    /// The key of one of many things that a caller asked for under `key`; `place` counts them from 0.
    pub fn of_batch_item(key: &RequestKey, place: usize) -> Self {
        Self(format!("batch:{place}:{}", key.0).into())
    }

    /// The key of what the service posts because of a business fact.
    pub fn of_business_key(fact: &BusinessKey) -> Self {
        Self(format!("fact:{}", fact.0).into())
    }

    /// The key of one row of an import.
    pub fn of_import(row: &RequestKey) -> Self {
        Self(format!("import:{}", row.0).into())
    }

    /// The key of what nobody asks for; nothing is ever recorded under it.
    pub fn of_time() -> Self {
        Self("time".into())
    }

    /// The key that was kept as `text`; for stores that read a row.
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The text to keep.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BusinessKey {
    /// The key that says `text`; only [`crate::ledger::facts`] and stores make one.
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// The text to keep.
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
