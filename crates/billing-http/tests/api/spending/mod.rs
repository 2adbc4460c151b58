//! What a backend does with credits: spending, one by one and many at once, asking beforehand, giving, and
//! giving back.

mod batch;
mod check;
mod consume;
mod debt;
mod give;
mod reverse;

use serde_json::{Value, json};

const CONSUME: &str = "/credits/consume";
const BATCH: &str = "/credits/consume/batch";
const CHECK: &str = "/credits/check";
const GRANTS: &str = "/credits/grants";

/// Tokens at 3 credits for 1,000, the fraction carried; images at 2.5 each, rounded up; calls for nothing.
fn meters() -> Value {
    json!([
        { "name": "chat", "rates": [{ "quantity": "tokens", "credits": 3, "per": 1000 }], "rounding": "carry" },
        { "name": "image", "per_call": "2.5", "rounding": "up" },
        { "name": "free", "rates": [{ "quantity": "calls", "credits": 0 }] },
    ])
}

/// So many tokens.
fn tokens(count: u32) -> Value {
    json!({ "meter": "chat", "quantities": { "tokens": count } })
}

/// Something that costs nothing.
fn free() -> Value {
    json!({ "meter": "free", "quantities": { "calls": 1 } })
}
