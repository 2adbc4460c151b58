//! Every case still runs, and leaves sound books: the short form of the short form, on the tests' Postgres.

use std::path::Path;
use std::process::Command;

use billing_store::testing::POSTGRES_URL;

/// In `cargo xtask test` everything is built before it is run; elsewhere the service may have to be.
fn service() -> std::path::PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_billing-bench")).with_file_name("billing");
    assert!(beside.is_file(), "`cargo build -p billing-server` makes {}", beside.display());
    beside
}

#[test]
#[expect(clippy::disallowed_methods, reason = "tests are told of the server by this one variable")]
fn every_case_runs_and_leaves_sound_books() {
    let folder = tempfile::tempdir().unwrap();
    let [json, page] = ["measured.json", "BENCHMARKS.md"].map(|name| folder.path().join(name));
    let output = Command::new(env!("CARGO_BIN_EXE_billing-bench"))
        .args(["--tiny", "--server", &std::env::var(POSTGRES_URL).unwrap()])
        .arg("--billing")
        .arg(service())
        .arg("--json")
        .arg(&json)
        .arg("--page")
        .arg(&page)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let cases: Vec<_> =
        told["cases"].as_array().unwrap().iter().map(|case| case["name"].as_str().unwrap()).collect();
    let all = [
        "many",
        "hot",
        "wide",
        "checkpoint",
        "metered",
        "refusals",
        "history",
        "grants",
        "latency",
        "writers",
        "processes",
        "sqlite",
        "http",
        "mix",
        "reads",
    ];
    assert_eq!(cases, all);
    for case in told["cases"].as_array().unwrap() {
        for line in case["lines"].as_array().unwrap() {
            assert!(line["median"].as_f64().unwrap() > 0.0, "{case}");
        }
    }
    assert_eq!(told["verdicts"].as_array().unwrap().len(), 25);
    assert!(told["footprint"]["idle_kib"].as_u64().unwrap() > 0);
    assert!(std::fs::read_to_string(&page).unwrap().contains("## Targets"));
    let drawing = std::fs::read_to_string(page.with_file_name("benchmarks.svg")).unwrap();
    assert!(drawing.starts_with("<svg") && drawing.contains("one statement"));
}
