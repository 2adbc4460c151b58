//! Settings with which the service does not start, and that it then leaves nothing behind.

use crate::process::Setup;

#[test]
fn settings_that_would_be_dangerous_are_refused_before_anything_is_touched() {
    let cases: [(&[(&str, &str)], &str); 11] = [
        (
            &[("BILLING_STRIPE__SECRET_KEY", "sk_test_1"), ("BILLING_STRIPE__WEBHOOK_SECRETS", "")],
            "webhook secret",
        ),
        (
            &[("BILLING_STRIPE__SECRET_KEY", "sk_test_1"), ("BILLING_STRIPE__WEBHOOK_SECRETS", "whsec_1, ")],
            "webhook secret",
        ),
        (&[("BILLING_STRIPE__SECRET_KEY", "sk_test_1")], "webhook secret"),
        (&[("BILLING_STRIPE__WEBHOOK_SECRETS", "whsec_1")], "stripe.secret_key"),
        (&[("BILLING_STRIPE__SECRET_KEY", ""), ("BILLING_STRIPE__WEBHOOK_SECRETS", "whsec_1")], "API key"),
        (&[("BILLING_SANDBOX__SECRET", "short")], "32 bytes"),
        (&[("BILLING_JWT__HS256_SECRET", "short")], "32 bytes"),
        (&[("BILLING_JWT__ISSUER", "https://issuer.example")], "jwt.hs256_secret"),
        (&[("BILLING_BOOTSTRAP_ADMIN_KEY", " ")], "bootstrap_admin_key is empty"),
        (&[("BILLING_ALLOWED_ORIGINS", "https://app.example.com/path")], "origin"),
        (&[("BILLING_DATABASE_URL", "mysql://localhost/x")], "sqlite://"),
    ];
    for (settings, says) in cases {
        let setup = settings.iter().fold(Setup::bare(), |setup, (name, value)| setup.with(name, value));
        let ended = setup.run(&["serve"]);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success(), "{settings:?}");
        assert!(said.contains(says), "{settings:?}: {said}");
        let left: Vec<_> = std::fs::read_dir(setup.folder()).unwrap().collect();
        let bare = left.is_empty() || settings[0].0 == "BILLING_SANDBOX__SECRET";
        assert!(bare, "{settings:?} left {left:?}");
    }
}

#[test]
fn the_sandbox_does_not_run_beside_a_live_key() {
    let setup = Setup::bare()
        .with("BILLING_STRIPE__SECRET_KEY", "sk_live_1")
        .with("BILLING_STRIPE__WEBHOOK_SECRETS", "whsec_1");
    let ended = setup.run(&["serve"]);
    assert!(!ended.status.success());
    assert!(String::from_utf8_lossy(&ended.stderr).contains("must not run beside a live key"));
}

#[test]
fn unknown_flags_and_unknown_names_in_the_file_are_refused() {
    let setup = Setup::bare();
    assert!(!setup.run(&["serve", "--colour"]).status.success());
    std::fs::write(setup.folder().join("billing.toml"), "colour = \"blue\"\n").unwrap();
    let ended = setup.run(&["serve"]);
    assert!(!ended.status.success());
    assert!(String::from_utf8_lossy(&ended.stderr).contains("colour"));
}
