//! The documents' shapes, in JSON Schema.

use serde_json::{Value, json};

pub(crate) fn closed(properties: Value) -> Value {
    let names: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
    json!({ "type": "object", "properties": properties, "required": names, "additionalProperties": false })
}

pub(crate) fn text() -> Value {
    json!({ "type": "string" })
}

pub(crate) fn text_or_null() -> Value {
    json!({ "type": ["string", "null"] })
}

pub(crate) fn whole() -> Value {
    json!({ "type": "integer" })
}

pub(crate) fn whole_or_null() -> Value {
    json!({ "type": ["integer", "null"] })
}

pub(crate) fn yes_or_no() -> Value {
    json!({ "type": "boolean" })
}

pub(crate) fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub(crate) fn list_of(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// The document's envelope around `data`.
pub(crate) fn success(data: Value) -> Value {
    closed(json!({ "success": { "const": true }, "data": data }))
}

/// The document's envelope around a list, with what we add to it.
pub(crate) fn listing(item: Value) -> Value {
    let pagination = closed(json!({
        "limit": whole(), "offset": whole_or_null(), "has_more": yes_or_no(), "next_cursor": text_or_null(),
    }));
    closed(json!({ "success": { "const": true }, "data": list_of(item), "pagination": pagination }))
}
