//! `billing doctor`

use std::process::ExitCode;

use billing_core::credentials::Scope;
use billing_store::ConnectError;
use secrecy::ExposeSecret;

use super::terminal::say;
use crate::config::{LedgerSettings, Settings};
use crate::wiring::{self, Addresses};

/// The result of one check.
enum Finding {
    Good(String),
    Doubtful(String),
    Wrong(String),
}

/// Checks settings and database without changing anything; fails if there is a problem.
pub(super) async fn doctor(settings: &Settings, remarks: &[String]) -> anyhow::Result<ExitCode> {
    let mut findings: Vec<_> = remarks.iter().map(|remark| Finding::Doubtful(remark.clone())).collect();
    settings_findings(settings, &mut findings);
    findings.extend(proof_findings(&settings.ledger));
    database_findings(settings, &mut findings).await;
    let mut wrong = 0_u32;
    for finding in &findings {
        match finding {
            Finding::Good(text) => say(&format!("ok     {text}")),
            Finding::Doubtful(text) => say(&format!("warn   {text}")),
            Finding::Wrong(text) => {
                wrong = wrong.saturating_add(1);
                say(&format!("FAIL   {text}"));
            }
        }
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn settings_findings(settings: &Settings, findings: &mut Vec<Finding>) {
    let loopback = settings.listen.starts_with("127.")
        || settings.listen.starts_with("localhost")
        || settings.listen.starts_with("[::1]");
    let public_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
    let addresses = Addresses { own_url: public_url.clone(), public_url, loopback };
    findings.push(match wiring::check(settings, &addresses) {
        Ok(()) => Finding::Good("settings can be used".to_owned()),
        Err(problem) => Finding::Wrong(format!("settings: {problem:#}")),
    });
    if !loopback && !addresses.public_url.starts_with("https://") {
        findings.push(Finding::Doubtful(
            "public_url is not https: buyers and keys would travel in the clear".to_owned(),
        ));
    }
    let live = settings.stripe.secret_key.as_ref().is_some_and(|key| key.expose_secret().contains("_live_"));
    match (&settings.stripe.secret_key, live) {
        (None, _) => findings.push(Finding::Doubtful("Stripe is not set up".to_owned())),
        (Some(_), true) => findings.push(Finding::Good("Stripe is set up with a live key".to_owned())),
        (Some(_), false) => {
            findings.push(Finding::Doubtful("Stripe is set up with a test key: no money moves".to_owned()));
        }
    }
    let creem_live =
        settings.creem.api_key.as_ref().is_some_and(|key| !key.expose_secret().starts_with("creem_test_"));
    match (&settings.creem.api_key, creem_live) {
        (None, _) => {}
        (Some(_), true) => findings.push(Finding::Good("Creem is set up with a live key".to_owned())),
        (Some(_), false) => {
            findings.push(Finding::Doubtful("Creem is set up with a test key: no money moves".to_owned()));
        }
    }
    if settings.sandbox_is_on(loopback) {
        findings.push(if wiring::is_live(settings) {
            Finding::Wrong("the sandbox is on beside a live key".to_owned())
        } else {
            Finding::Doubtful("the sandbox is on: anybody who can buy gets credits for nothing".to_owned())
        });
    }
}

/// The changes of history that an attacker with the service's write access could make without detection.
fn proof_findings(settings: &LedgerSettings) -> Vec<Finding> {
    let copies = settings.checkpoint_file.is_some();
    let key = settings.checkpoint_key.is_some();
    let text = match (copies, key) {
        (true, true) => {
            "checkpoints are signed with a key from outside and copied to a file: a rewritten history is \
                         found, unless the file, too, can be written by whoever rewrites it"
        }
        (true, false) => {
            "checkpoints are copied to a file: a rewritten history is found, unless the file can be written \
                          by whoever rewrites it. A key from outside (BILLING_LEDGER__CHECKPOINT_KEY) would show forged \
                          checkpoints without it"
        }
        (false, true) => {
            "checkpoints are signed with a key from outside, and copied nowhere: a rewritten history is \
                          found, but not a database that was set back as a whole to an earlier checkpoint while the \
                          service was down (BILLING_LEDGER__CHECKPOINT_FILE)"
        }
        (false, false) => {
            "the key that signs checkpoints lies in the database, and they are copied nowhere: whoever can \
                           write to the database can rewrite history from any point on and sign it anew, and nothing \
                           here would find it. Keep the key outside (BILLING_LEDGER__CHECKPOINT_KEY) or copies \
                           (BILLING_LEDGER__CHECKPOINT_FILE)"
        }
    };
    vec![if copies || key { Finding::Good(text.to_owned()) } else { Finding::Doubtful(text.to_owned()) }]
}

async fn database_findings(settings: &Settings, findings: &mut Vec<Finding>) {
    let store = match wiring::open_store(settings, false).await {
        Ok(store) => store,
        Err(problem) => {
            let none_yet = matches!(problem.downcast_ref(), Some(ConnectError::NoDatabase(_)));
            let said = format!("database: {problem:#}");
            return findings.push(if none_yet { Finding::Doubtful(said) } else { Finding::Wrong(said) });
        }
    };
    let billing = wiring::bare(&store);
    match store.schema_problems().await {
        Ok(problems) if problems.is_empty() => {
            findings.push(Finding::Good("the database answers and is up to date".to_owned()));
        }
        Ok(problems) => {
            let wrong = problems.into_iter().map(|problem| Finding::Wrong(format!("schema: {problem}")));
            findings.extend(wrong);
        }
        Err(problem) => return findings.push(Finding::Wrong(format!("database: {problem}"))),
    }
    let now = billing.now();
    let keys = match billing.keys().await {
        Ok(keys) => keys,
        Err(problem) => return findings.push(Finding::Wrong(format!("API keys: {problem}"))),
    };
    let operator = keys.iter().any(|key| key.is_valid(now) && key.scopes.allow(Scope::BillingAdmin));
    findings.push(if operator || settings.bootstrap_admin_key.is_some() {
        Finding::Good("there is an operator key".to_owned())
    } else {
        Finding::Doubtful(
            "there is no operator key: run `billing keys create --name operator --scope billing:admin`"
                .to_owned(),
        )
    });
    store.close().await;
}
