//! Wrapped crates: one adapter each uses the database, the network and HTTP clients, so that the rest can be tested
//! without them and a major version affects one crate.
//!
//! `deny.toml` has the same rules for the whole graph; the messages here name the crate and the remedy.

use super::Violation;
use crate::metadata::{Kind, Member};

/// A wrapped crate and its users.
struct Wrapped {
    /// Crates called this, or this with a suffix (`sea-orm-migration`).
    name: &'static str,
    /// Our crates that may use it, each with the reason.
    users: &'static [(&'static str, &'static str)],
    /// Whether any crate may use it in its tests.
    free_in_tests: bool,
}

const WRAPPED: &[Wrapped] = &[
    Wrapped { name: "sea-orm", users: &[("billing-store", "it is the store")], free_in_tests: false },
    Wrapped {
        name: "sqlx",
        users: &[("billing-store", "chooses the TLS below sea-orm")],
        free_in_tests: false,
    },
    Wrapped {
        name: "reqwest",
        users: &[
            ("billing-stripe", "calls Stripe"),
            ("billing-creem", "calls Creem"),
            ("billing-sandbox", "delivers its webhooks over the network, as a provider does"),
            ("billing-http", "fetches signing keys (JWKS)"),
        ],
        free_in_tests: true,
    },
    Wrapped {
        name: "actix-web",
        users: &[
            ("billing-http", "it is the API"),
            ("billing-sandbox", "serves the checkout page"),
            ("billing-server", "runs the server"),
            ("billing-testkit", "fakes of the providers' HTTP"),
        ],
        free_in_tests: false,
    },
];

/// Benchmarks may use any crate.
const EXEMPT: &str = "billing-bench";

/// Checks every direct dependency on a wrapped crate.
pub(crate) fn check(members: &[Member]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in members.iter().filter(|member| member.name != EXEMPT) {
        for dependency in &member.dependencies {
            let Some(wrapped) = WRAPPED.iter().find(|wrapped| wrapped.covers(&dependency.name)) else {
                continue;
            };
            let is_user = wrapped.users.iter().any(|(user, _)| *user == member.name);
            let is_test = wrapped.free_in_tests && dependency.kind == Kind::Dev;
            if !is_user && !is_test {
                violations.push(Violation::new(
                    &member.name,
                    format!("depends on {}", dependency.name),
                    wrapped.remedy(),
                ));
            }
        }
    }
    violations
}

impl Wrapped {
    fn covers(&self, name: &str) -> bool {
        name.strip_prefix(self.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }

    fn remedy(&self) -> String {
        let users: Vec<String> =
            self.users.iter().map(|(user, reason)| format!("{user} ({reason})")).collect();
        let tests = if self.free_in_tests { ", and by tests" } else { "" };
        format!("it is used only by {}{tests}: go through their ports", users.join(", "))
    }
}
