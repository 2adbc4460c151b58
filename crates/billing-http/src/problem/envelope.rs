//! The envelopes of the documents.

use billing_core::BillingError;
use billing_core::checkin::CheckInRefusal;
use billing_core::ledger::Refusal;
use serde_json::{Value, json};

use super::Problem;

/// Which document's envelope a path has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Document D, and everything that is ours.
    Native,
    /// Document A.
    External,
}

impl Surface {
    /// The surface that `path` belongs to.
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/api/external/") { Self::External } else { Self::Native }
    }

    /// The body that tells `problem` here.
    pub(super) fn body(self, problem: &Problem, request_id: &str) -> Value {
        let mut error = json!({ "code": problem.code, "message": problem.message });
        match self {
            Self::External => json!({ "request_id": request_id, "error": error }),
            Self::Native => {
                if let Some(details) = &problem.details {
                    error["details"] = details.clone();
                }
                json!({ "success": false, "error": error, "request_id": request_id })
            }
        }
    }
}

/// The numbers that a refusal carries.
pub(super) fn details(error: &BillingError) -> Option<Value> {
    match error {
        BillingError::Ledger(Refusal::InsufficientCredits { required, available, held }) => {
            Some(json!({ "required": required, "available": available, "held": held }))
        }
        BillingError::Ledger(Refusal::InvalidAmount { amount }) => {
            let max = billing_core::values::Credits::MAX_AMOUNT;
            Some(json!({ "amount": amount, "min": 1, "max": max }))
        }
        BillingError::CheckIn(CheckInRefusal::AlreadyCheckedIn { next_at }) => {
            Some(json!({ "next_at": next_at }))
        }
        BillingError::Catalog(billing_core::catalog::CatalogRefusal::Invalid { field, .. })
        | BillingError::Invalid { field, .. } => Some(json!({ "field": field })),
        _ => None,
    }
}
