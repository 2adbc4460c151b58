//! Strict JSON parsing, with errors in the API's terms.

use std::fmt;

use serde::de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::exact::Exact;
use crate::problem::Problem;

/// Parses an object. A duplicate field is refused: parsers differ in which of the two they use.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let value = serde_json::from_slice::<Strict>(bytes)
        .map_err(|problem| Problem::new("invalid_request", format!("the body is not JSON: {problem}")))?
        .0;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Problem::new("invalid_request", "the body must be a JSON object"))
    }
}

/// `value` with the fields of each object sorted: equal bodies have equal bytes.
pub(super) fn canonical(value: &Value) -> Vec<u8> {
    let mut written = Vec::with_capacity(256);
    write_canonical(value, &mut written);
    written
}

fn write_canonical(value: &Value, to: &mut Vec<u8>) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            to.push(b'{');
            for (place, (name, value)) in fields.into_iter().enumerate() {
                if place > 0 {
                    to.push(b',');
                }
                write_leaf(name, to);
                to.push(b':');
                write_canonical(value, to);
            }
            to.push(b'}');
        }
        Value::Array(items) => {
            to.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    to.push(b',');
                }
                write_canonical(item, to);
            }
            to.push(b']');
        }
        leaf => write_leaf(leaf, to),
    }
}

fn write_leaf(leaf: &(impl Serialize + ?Sized), to: &mut Vec<u8>) {
    // Leaf values always serialize, and a buffer accepts everything.
    let _ = serde_json::to_writer(to, leaf);
}

/// Deserializes `value`.
pub(super) fn read<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    // The path of an error is determined only if there is one, because it copies each name on the way.
    if let Ok(read) = T::deserialize(&value) {
        return Ok(read);
    }
    serde_path_to_error::deserialize(value).map_err(|problem| {
        let place = problem.path().to_string();
        let place = if place == "." { "" } else { &place };
        explain(place, &problem.inner().to_string())
    })
}

/// The library's message in the API's terms: it names Rust types, and quotes the caller's value, which may be long.
fn explain(place: &str, message: &str) -> Problem {
    if let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        let field = if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
        return Problem::invalid(&field, "is required");
    }
    let known = ["invalid type", "invalid value", "invalid length"];
    match message.rsplit_once(", expected ").filter(|_| known.iter().any(|it| message.starts_with(it))) {
        Some((_, expected)) => Problem::invalid(place, format!("must be {}", plain(expected))),
        None => Problem::invalid(place, message),
    }
}

fn plain(expected: &str) -> &str {
    match expected {
        "a string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        "a whole number" | "i64" => "a whole number",
        "i16" => "a whole number from -32768 to 32767",
        "u32" => "a whole number from 0 to 4294967295",
        Exact::EXPECTED => Exact::EXPECTED,
        struct_name if struct_name.starts_with("struct ") => "an object",
        _ => "something else",
    }
}

/// Postgres cannot store NUL in text.
fn without_nul<E: Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') { Err(E::custom("a text may not contain NUL")) } else { Ok(()) }
}

struct Strict(Value);

struct StrictVisitor;

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(StrictVisitor).map(Self)
    }
}

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        without_nul(value)?;
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        without_nul(&value)?;
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = fields.next_entry::<String, _>()? {
            without_nul(&name)?;
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("the field `{name}` stands twice")));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_that_say_the_same_are_written_the_same() {
        let written = |json: &str| String::from_utf8(canonical(&parse(json.as_bytes()).unwrap())).unwrap();
        let expected = r#"{"a":-1,"b":[true,{"c":null,"d":"x\"\né"},[]],"e":{},"f":1.5}"#;
        assert_eq!(written(expected), expected);
        let other = r#" {"f": 1.5, "e": {}, "b": [true, {"d": "x\u0022\u000aé", "c": null}, []], "a": -1}"#;
        assert_eq!(written(other), expected);
    }

    #[test]
    fn the_place_of_a_mistake_is_told() {
        let read = read::<std::collections::BTreeMap<String, Vec<u8>>>(serde_json::json!({ "a": [1, "x"] }));
        let problem = read.unwrap_err();
        assert_eq!(problem.details, Some(serde_json::json!({ "field": "a[1]" })));
    }
}
