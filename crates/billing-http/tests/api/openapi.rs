//! The description is of the service that answers.

use actix_web::http::Method;
use billing_http::access::{Access, RULES};
use serde_json::{Value, json};

use crate::common::World;

async fn document() -> Value {
    World::new().ask(Method::GET, "/openapi.json").send().await.json()
}

/// Every operation of the document with its method and path.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    let all = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    });
    all.collect()
}

#[actix_web::test]
async fn what_is_described_is_what_the_access_table_lists() {
    let document = document().await;
    let mut described: Vec<_> =
        operations(&document).iter().map(|(method, path, _)| (method.clone(), path.clone())).collect();
    let mut listed: Vec<_> =
        RULES.iter().map(|rule| (rule.method.to_owned(), rule.path.to_owned())).collect();
    described.sort();
    listed.sort();
    assert_eq!(described, listed);
}

#[actix_web::test]
async fn each_operation_names_the_scope_that_it_needs() {
    let document = document().await;
    for (method, path, operation) in operations(&document) {
        let rule = RULES.iter().find(|rule| rule.method == method && rule.path == path).unwrap();
        let expected = match rule.access {
            Access::Public => Value::Null,
            Access::Scope(scope) => json!([{ "bearer": [scope.as_str()] }]),
        };
        assert_eq!(operation["security"], expected, "{method} {path}");
    }
    let scheme = &document["components"]["securitySchemes"]["bearer"];
    assert_eq!((&scheme["type"], &scheme["scheme"]), (&json!("http"), &json!("bearer")));
}

#[actix_web::test]
async fn each_operation_says_how_it_can_end() {
    let document = document().await;
    for (method, path, operation) in operations(&document) {
        let rule = RULES.iter().find(|rule| rule.method == method && rule.path == path).unwrap();
        let answers = operation["responses"].as_object().unwrap();
        let mut expected = vec!["200"];
        if matches!(rule.access, Access::Scope(_)) {
            expected.extend(["400", "401", "403", "503"]);
        }
        // An unknown account is made by PUT.
        if path.contains('{') && method != "PUT" || path.starts_with("/admin/") && path.contains('{') {
            expected.push("404");
        }
        if operation.get("requestBody").is_some() {
            expected.extend(["408", "413"]);
            if path != "/payment/webhook/{provider}" {
                expected.push("415");
            }
        }
        for status in expected {
            assert!(answers.contains_key(status), "{method} {path} does not tell {status}");
        }
        assert!(operation["tags"].as_array().is_some_and(|tags| !tags.is_empty()), "{method} {path}");
        let told = operation["summary"].as_str().or(operation["description"].as_str());
        assert!(told.is_some_and(|text| !text.is_empty()), "{method} {path} is not described");
    }
}

#[actix_web::test]
async fn every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own() {
    let document = document().await;
    let mut names: Vec<_> =
        operations(&document).iter().map(|(_, _, operation)| operation["operationId"].to_string()).collect();
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");

    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    // A generated client shows these names to people.
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'), "{name}");
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                found.push(reference.to_owned());
            }
            fields.values().for_each(|inner| collect_references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect_references(inner, found)),
        _ => {}
    }
}
