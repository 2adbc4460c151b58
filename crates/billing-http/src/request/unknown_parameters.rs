//! Unknown query parameters.
//!
//! A misspelt filter that is ignored would make a list answer another question. The known parameters are those of the
//! OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use actix_web::web::Query;
use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterIn};

use crate::openapi::document;
use crate::problem::Problem;

/// The handling of unknown parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strictness {
    /// Refuses it.
    Strict,
    /// Refuses likely misspellings of known ones. Its document does not exclude others, and its clients may send them.
    Misspelt,
    /// Ignores it.
    Lenient,
}

/// The paths that document D describes.
const DOCUMENTED: [&str; 11] = [
    "/credits/balance",
    "/credits/transactions",
    "/orders",
    "/orders/{id}",
    "/subscription/plans",
    "/subscription/portal",
    "/checkin",
    "/payment/create-session",
    "/admin/billing/plans",
    "/admin/billing/coupons",
    "/admin/credits/transactions",
];

/// The number of letters in which a misspelling may differ.
const SLIPS: usize = 2;

/// The parameters of each method of each path.
type Known = BTreeMap<String, BTreeMap<&'static str, BTreeSet<String>>>;

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let paths = document().paths.paths.into_iter();
    let path = paths.map(|(path, item)| {
        let operations = [("GET", item.get), ("POST", item.post), ("PUT", item.put)].into_iter();
        let described = operations.filter_map(|(method, operation)| Some((method, names(&operation?))));
        (path, described.collect())
    });
    path.collect()
});

/// Checks that the route at `path` knows every parameter of `query`.
///
/// # Errors
///
/// [`Problem`] names the first unknown one, and the probably intended one.
pub(crate) fn check_parameters(method: &str, path: &'static str, query: &str) -> Result<(), Problem> {
    if query.is_empty() {
        return Ok(());
    }
    let strictness = strictness(path);
    let method = if method == "HEAD" { "GET" } else { method };
    let known = KNOWN.get(path).and_then(|methods| methods.get(method));
    let Some(known) = known.filter(|_| strictness != Strictness::Lenient) else { return Ok(()) };
    // An invalid query string is reported by its parser.
    let Ok(sent) = Query::<Vec<(String, String)>>::from_query(query) else { return Ok(()) };
    for (name, _) in sent.into_inner() {
        if known.contains(&name) {
            continue;
        }
        let meant = meant(&name, known);
        if meant.is_none() && strictness == Strictness::Misspelt {
            continue;
        }
        let hint = meant.map(|meant| format!("; `{meant}` was probably meant")).unwrap_or_default();
        let message = format!("there is no query parameter `{name}` here{hint}");
        let details = json!({ "field": name, "known": known });
        return Err(Problem::new("invalid_request", message).with(details));
    }
    Ok(())
}

/// The one of `known` that was probably intended by `name`: the closest one, if it is close enough.
fn meant<'a>(name: &str, known: &'a BTreeSet<String>) -> Option<&'a String> {
    let sent = spelt(name);
    let slips = |other: &&String| strsim::damerau_levenshtein(&spelt(other), &sent);
    let nearest = known.iter().min_by_key(slips)?;
    let count = slips(&nearest);
    let letters = spelt(nearest).len().max(sent.len());
    (count <= SLIPS && count.saturating_mul(2) < letters).then_some(nearest)
}

/// A name without separators.
fn spelt(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

fn strictness(path: &str) -> Strictness {
    if path.starts_with("/v1/") || path.starts_with("/api/") {
        Strictness::Lenient
    } else if DOCUMENTED.contains(&path) {
        Strictness::Misspelt
    } else {
        Strictness::Strict
    }
}

fn names(operation: &Operation) -> BTreeSet<String> {
    let own = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query => Some(parameter.name.clone()),
        _ => None,
    });
    own.collect()
}
