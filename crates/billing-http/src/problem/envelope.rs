//! The error envelopes of the documents.

use billing_core::BillingError;
use billing_core::catalog::{CatalogRefusal, RatingRefusal};
use billing_core::checkin::CheckInRefusal;
use billing_core::coupons::CouponRefusal;
use billing_core::ledger::Refusal;
use billing_core::requests::RefundRefusal;
use billing_core::values::Credits;
use serde_json::{Value, json};

use super::Problem;

/// The document whose envelope a path has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Document D, and our own routes.
    Native,
    /// Document A.
    External,
    /// Document B and related routes.
    Summary,
}

impl Surface {
    /// The document of `path`.
    pub(crate) fn of(path: &str) -> Self {
        // Document C shares its folder with B but has D's envelope.
        let native = matches!(path, "/v1/billing/overview" | "/v1/billing/credits");
        if path.starts_with("/api/external/") {
            Self::External
        } else if path.starts_with("/v1/billing/") && !native {
            Self::Summary
        } else {
            Self::Native
        }
    }

    /// The body of `problem` in this envelope.
    pub(super) fn body(self, problem: &Problem, request_id: &str) -> Value {
        let mut error = json!({ "code": problem.code, "message": problem.message });
        match self {
            Self::External => json!({ "request_id": request_id, "error": error }),
            Self::Summary => json!({ "error": problem.code, "message": problem.message }),
            Self::Native => {
                if let Some(details) = &problem.details {
                    error["details"] = details.clone();
                }
                json!({ "success": false, "error": error, "request_id": request_id })
            }
        }
    }
}

/// The numbers of a refusal.
pub(super) fn details(error: &BillingError) -> Option<Value> {
    match error {
        BillingError::Ledger(Refusal::InsufficientCredits { required, available, held }) => {
            Some(json!({ "required": required, "available": available, "held": held }))
        }
        BillingError::Ledger(Refusal::HoldExpired { expired_at, .. }) => {
            Some(json!({ "expired_at": expired_at }))
        }
        BillingError::Ledger(Refusal::HoldClosed { state, .. }) => Some(json!({ "status": state })),
        BillingError::Ledger(Refusal::ReversedBefore { required, left }) => {
            Some(json!({ "required": required, "remaining": left }))
        }
        BillingError::Ledger(Refusal::GrantOver { stage, remaining, .. }) => {
            Some(json!({ "status": stage, "remaining": remaining }))
        }
        BillingError::Ledger(Refusal::HoldShrinks { amount, .. }) => Some(json!({ "amount": amount })),
        BillingError::Ledger(Refusal::UsageOutOfRange { meter, .. }) => Some(json!({ "meter": meter })),
        BillingError::Ledger(Refusal::InvalidAmount { amount }) => Some(amounts(*amount)),
        BillingError::CheckIn(CheckInRefusal::AlreadyCheckedIn { next_at }) => {
            Some(json!({ "next_at": next_at }))
        }
        BillingError::Refund(RefundRefusal::TooMuch { asked, left }) => {
            Some(json!({ "amount": asked, "left": left }))
        }
        BillingError::Coupon(refusal) => Some(coupon(refusal)),
        BillingError::Rating(refusal) => rating(refusal),
        BillingError::Catalog(CatalogRefusal::Invalid { field, .. }) => Some(json!({ "field": field })),
        BillingError::Invalid { field, .. } => Some(json!({ "field": field })),
        _ => None,
    }
}

/// The details of a coupon's refusal.
fn coupon(refusal: &CouponRefusal) -> Value {
    match refusal {
        CouponRefusal::Unknown { code } => json!({ "coupon_code": code }),
        CouponRefusal::Inactive { code }
        | CouponRefusal::FirstPurchaseOnly { code }
        | CouponRefusal::CodeTaken { code } => json!({ "coupon_code": code }),
        CouponRefusal::NotStarted { code, starts_at } => {
            json!({ "coupon_code": code, "starts_at": starts_at })
        }
        CouponRefusal::Expired { code, ended_at } => {
            json!({ "coupon_code": code, "ended_at": ended_at })
        }
        CouponRefusal::Exhausted { code, limit } => json!({ "coupon_code": code, "limit": limit }),
        CouponRefusal::UsedUp { code, limit, used } => {
            json!({ "coupon_code": code, "limit": limit, "used": used })
        }
        CouponRefusal::NotApplicable { code, why } => json!({ "coupon_code": code, "reason": why }),
        CouponRefusal::InUse { code, uses } => json!({ "coupon_code": code, "redemptions": uses }),
    }
}

/// The requested amount and the allowed range.
fn amounts(amount: Credits) -> Value {
    json!({ "amount": amount, "min": 1, "max": Credits::MAX_AMOUNT })
}

/// What the rate card knows instead, or the invalid number.
fn rating(refusal: &RatingRefusal) -> Option<Value> {
    match refusal {
        RatingRefusal::NoRateCard(_) => None,
        RatingRefusal::UnknownMeter { card, version, meter } => {
            Some(json!({ "rate_card": card, "version": version, "meter": meter }))
        }
        RatingRefusal::UnknownQuantity { meter, quantity, takes } => {
            Some(json!({ "meter": meter, "quantity": quantity, "takes": takes }))
        }
        RatingRefusal::NoQuantity { meter, takes } => Some(json!({ "meter": meter, "takes": takes })),
        RatingRefusal::UnknownDimension { meter, dimension, takes } => {
            Some(json!({ "meter": meter, "dimension": dimension, "takes": takes }))
        }
        RatingRefusal::InvalidDimension { dimension, max } => {
            Some(json!({ "dimension": dimension, "max": max }))
        }
        RatingRefusal::NoRate { meter, quantity, dimensions } => {
            Some(json!({ "meter": meter, "quantity": quantity, "dimensions": dimensions }))
        }
        RatingRefusal::InvalidQuantity { quantity, units, max } => {
            let [units, max] = [units, max].map(ToString::to_string);
            Some(json!({ "quantity": quantity, "units": units, "max": max }))
        }
        RatingRefusal::PriceTooLarge { max } => Some(json!({ "max": max })),
    }
}
