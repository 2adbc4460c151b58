//! Basic values.

use billing_core::values::{Cursor, Fingerprint, Metadata, PageRequest, Position, RequestKey, Timestamp};

/// The time of `text` in RFC 3339.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Noon of 15 April 2026 in UTC: the start of most tests.
pub fn noon() -> Timestamp {
    at("2026-04-15T12:00:00Z")
}

/// A caller's idempotency key.
pub fn request_key(text: &str) -> RequestKey {
    RequestKey::parse(text).unwrap()
}

/// The fingerprint of a request with the content `text`.
pub fn fingerprint(text: &str) -> Fingerprint {
    Fingerprint::of([text.as_bytes()])
}

/// Metadata with these names and texts.
pub fn metadata<const N: usize>(notes: [(&str, &str); N]) -> Metadata {
    let notes = notes.map(|(name, text)| (name.to_owned(), text.to_owned()));
    Metadata::try_new(notes.into()).unwrap()
}

/// A page of `limit` items after the first `offset`.
pub fn page(limit: u32, offset: u32) -> PageRequest {
    PageRequest { limit, position: Position::Offset(offset) }
}

/// A page of `limit` items after `cursor`.
pub fn page_after(limit: u32, cursor: Cursor) -> PageRequest {
    PageRequest { limit, position: Position::After(cursor) }
}
