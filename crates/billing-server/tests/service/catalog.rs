//! The catalogue as a file, and what usage costs by it.

use std::path::Path;
use std::process::Output;

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Backend;
use crate::process::{Setup, on_both};

const FILE: &str = r#"
[[plans]]
slug = "pro"
name = "Pro"
price_monthly = 999
currency = "USD"
credits_included = 10000

[[packs]]
slug = "small"
name = "1,000 credits"
price = 500
currency = "USD"
credits = 1000

[[rate_cards]]
slug = "default"
name = "Standard"

[[rate_cards.meters]]
name = "chat"
dimensions = ["model"]
rates = [
    { quantity = "input_tokens", credits = 3, per = 1000 },
    { quantity = "input_tokens", credits = "0.375", per = 1000, when = { model = "small" } },
]

[[rate_cards]]
slug = "default"
name = "Standard"
effective_at = 2999-01-01T00:00:00Z

[[rate_cards.meters]]
name = "chat"
per_call = 1
"#;

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8(output.stderr.clone()).unwrap()
}

/// Runs `billing catalog` with what is put behind it, and answers what it said.
fn catalog(setup: &Setup, arguments: &[&str], works: bool) -> String {
    let output = setup.run(&[&["catalog"], arguments].concat());
    assert_eq!(output.status.success(), works, "{}", said(&output));
    said(&output)
}

fn write(folder: &Path, text: &str) {
    std::fs::write(folder.join("catalog.toml"), text).unwrap();
}

async fn quote(backend: &Backend, model: &str, quote: Option<&str>) -> Value {
    let mut usage = json!({
        "meter": "chat", "dimensions": { "model": model }, "quantities": { "input_tokens": 1000 },
    });
    if let Some(quote) = quote {
        usage["quote"] = json!(quote);
    }
    backend.post("/credits/quote", json!({ "usage": usage })).await.body["data"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_makes_the_catalogue_and_the_catalogue_the_file() {
    on_both(async |setup: Setup| {
        assert!(setup.run(&["migrate"]).status.success());
        write(setup.folder(), FILE);
        let dry = catalog(&setup, &["apply", "catalog.toml", "--dry-run"], true);
        assert!(dry.contains("new plan pro") && dry.contains("nothing was written"), "{dry}");
        let applied = catalog(&setup, &["apply", "catalog.toml"], true);
        assert!(applied.contains("version 2, in force from 2999-01-01T00:00:00Z"), "{applied}");
        let again = catalog(&setup, &["apply", "catalog.toml"], true);
        assert_eq!(again.trim(), "0 new, 0 changed, 4 as they were");

        catalog(&setup, &["export", "--out", "exported.toml"], true);
        let exported = std::fs::read_to_string(setup.folder().join("exported.toml")).unwrap();
        assert_eq!(exported.trim(), catalog(&setup, &["export"], true).trim());
        assert_eq!(catalog(&setup, &["apply", "exported.toml"], true), again);

        write(setup.folder(), &FILE.replace("credits = 1000\n", "credits = 0\n"));
        let refused = catalog(&setup, &["apply", "catalog.toml"], false);
        assert!(refused.contains("catalog.toml:14: `packs[0].credits` must be"), "{refused}");
        write(setup.folder(), &FILE.replace("\"0.375\"", "0.375"));
        let refused = catalog(&setup, &["apply", "catalog.toml"], false);
        assert!(refused.contains("line 25, column") && refused.contains("in quotes"), "{refused}");
        assert!(catalog(&setup, &["apply", "nowhere.toml"], false).contains("cannot read nowhere.toml"));
        assert_eq!(catalog(&setup, &["export"], true).trim(), exported.trim());
    })
    .await;
    assert!(said(&Setup::bare().run(&["catalog", "export"])).contains("no database"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_service_prices_by_what_was_published_last_and_keeps_its_quotes() {
    on_both(async |setup: Setup| {
        let service = setup.start();
        let backend = Backend::of(&service);
        write(setup.folder(), FILE);
        catalog(&setup, &["apply", "catalog.toml"], true);
        let small = quote(&backend, "small", None).await;
        assert_eq!(
            (&small["exact"], &small["amount"], &small["quote"]),
            (&json!("0.375"), &json!(1), &json!("default@1"))
        );
        assert_eq!(quote(&backend, "large", None).await["exact"], "3");

        write(setup.folder(), &FILE.replace("credits = 3,", "credits = 4,"));
        catalog(&setup, &["apply", "catalog.toml"], true);
        let dearer = quote(&backend, "large", None).await;
        assert_eq!((&dearer["exact"], &dearer["version"]), (&json!("4"), &json!(3)));
        assert_eq!(quote(&backend, "large", Some("default@1")).await["exact"], "3");
        assert_eq!(quote(&backend, "large", Some("default@2")).await, Value::Null, "it knows no models");

        let path = "/admin/billing/rate-cards/default";
        let body = json!({ "name": "By hand", "meters": [{ "name": "chat", "minimum": "0.1" }] });
        let put = backend.request(Method::PUT, path).json(&body).send().await.unwrap();
        assert_eq!(put.status().as_u16(), 200);
        let shown = backend.get(path).await.body["data"].take();
        assert_eq!(
            (&shown["version"], &shown["name"], &shown["in_force"]),
            (&json!(4), &json!("By hand"), &json!(4))
        );
        assert!(service.stop());
    })
    .await;
}
