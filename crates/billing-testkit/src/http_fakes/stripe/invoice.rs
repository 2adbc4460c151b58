//! Invoices, once a test has put them in.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::api_error::ApiError;
use super::params::Params;

/// How many lines an invoice includes. See <https://docs.stripe.com/api/invoices/object#invoice_object-lines>.
const INCLUDED: usize = 10;

/// The invoice at `path`, or a page of its lines. See <https://docs.stripe.com/api/invoice-line-item/retrieve>.
pub(super) fn read(
    invoices: &BTreeMap<String, Value>,
    path: &str,
    query: &Params,
) -> Result<Value, ApiError> {
    let (id, lines) = path.strip_suffix("/lines").map_or((path, false), |id| (id, true));
    let invoice = invoices.get(id).ok_or_else(|| {
        let message = format!("No such invoice: '{id}'");
        ApiError { status: 404, ..ApiError::invalid("resource_missing", "invoice", message) }
    })?;
    let all = invoice["lines"]["data"].as_array().cloned().unwrap_or_default();
    if !lines {
        let mut invoice = invoice.clone();
        invoice["lines"] = page(&all, 0, INCLUDED);
        return Ok(invoice);
    }
    query.check_names(&["limit", "starting_after"])?;
    let limit = query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(INCLUDED);
    let after = query.get("starting_after");
    let start = after.and_then(|after| all.iter().position(|line| line["id"] == after));
    Ok(page(&all, start.map_or(0, |place| place.saturating_add(1)), limit.min(100)))
}

fn page(all: &[Value], start: usize, limit: usize) -> Value {
    let page: Vec<&Value> = all.iter().skip(start).take(limit).collect();
    let has_more = start.saturating_add(page.len()) < all.len();
    json!({ "object": "list", "data": page, "has_more": has_more })
}
