//! As much of JSON Schema as the documents' tables need.

use serde_json::Value;

/// Checks `value` against `schema`.
#[track_caller]
pub(crate) fn matches_schema(value: &Value, schema: &Value) {
    let found = violations(value, schema, "$");
    assert!(found.is_empty(), "{found:#?} in {value:#}");
}

/// Where `value` breaks `schema`. Knows `type`, `const`, `enum`, `format` (uuid, date, date-time in whole
/// seconds), `required`, `properties`, `additionalProperties: false` and `items`; anything else is a mistake in
/// the schema.
pub(crate) fn violations(value: &Value, schema: &Value, place: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (rule, wanted) in schema.as_object().unwrap() {
        let holds = match rule.as_str() {
            "type" => types(wanted).iter().any(|name| is_a(value, name)),
            "const" => value == wanted,
            "enum" => wanted.as_array().unwrap().contains(value),
            "format" => value.as_str().is_none_or(|text| has_format(text, wanted.as_str().unwrap())),
            "required" => {
                // Of anything but an object it says nothing.
                let names = || wanted.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                value.as_object().is_none_or(|object| names().all(|name| object.contains_key(name)))
            }
            "additionalProperties" => {
                let allowed = schema["properties"].as_object().unwrap();
                value.as_object().is_none_or(|object| object.keys().all(|name| allowed.contains_key(name)))
            }
            "properties" => {
                for (name, schema) in wanted.as_object().unwrap() {
                    if let Some(inner) = value.get(name) {
                        found.extend(violations(inner, schema, &format!("{place}.{name}")));
                    }
                }
                true
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(violations(item, wanted, &format!("{place}[{index}]")));
                }
                true
            }
            other => panic!("the schema has `{other}`, which is not known here"),
        };
        if !holds {
            found.push(format!("{place}: {value} breaks {rule} {wanted}"));
        }
    }
    found
}

fn types(wanted: &Value) -> Vec<&str> {
    match wanted {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().map(|name| name.as_str().unwrap()).collect(),
        other => panic!("{other} is no type"),
    }
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("`{other}` is no type"),
    }
}

fn has_format(text: &str, format: &str) -> bool {
    let shape = match format {
        "uuid" => "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh",
        "date" => "dddd-dd-dd",
        "date-time" => "dddd-dd-ddTdd:dd:ddZ",
        other => panic!("the format `{other}` is not known here"),
    };
    let fits = |(byte, wanted): (u8, u8)| match wanted {
        b'h' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        b'd' => byte.is_ascii_digit(),
        exact => byte == exact,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}
