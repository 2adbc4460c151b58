//! Requests of callers.

use billing_core::ledger::{Actor, Shortfall, SpendType};
use billing_core::orders::RequestMark;
use billing_core::payments::Channel;
use billing_core::requests::{AdjustCredits, GiftDetails, LedgerRequest, PurchaseItem, Spend, StartCheckout};
use billing_core::values::{Credits, Metadata};

use super::{an_external_id, fingerprint, request_key};

/// Spends `amount` credits of `account` under `key`. Another amount under the same key is another request.
pub fn a_spend_request(account: &str, amount: i64, key: &str) -> Spend {
    Spend {
        request: a_ledger_request(account, key, &format!("spend {amount}")),
        amount: Credits::new(amount).into(),
        shortfall: Shortfall::Refuse,
        occurred_at: None,
        kind: SpendType::default(),
        description: "Used".to_owned(),
        metadata: Metadata::default(),
    }
}

/// Grants `amount` credits to `account` under `key`, or takes them if it is negative.
pub fn an_adjustment(account: &str, amount: i64, key: &str) -> AdjustCredits {
    AdjustCredits {
        request: a_ledger_request(account, key, &format!("adjust {amount}")),
        amount: Credits::new(amount),
        reason: "By hand".to_owned(),
        expires_at: None,
    }
}

/// A request on `account` under `key` with the content `what`.
pub fn a_ledger_request(account: &str, key: &str, what: &str) -> LedgerRequest {
    LedgerRequest {
        account: an_external_id(account),
        key: request_key(key),
        fingerprint: fingerprint(what),
        actor: Actor::Operator("test".to_owned()),
    }
}

/// A checkout request on [`ALLOWED_ORIGIN`]; its fingerprint is derived from `wanted`.
pub fn a_checkout(account: &str, channel: Channel, wanted: PurchaseItem, key: Option<&str>) -> StartCheckout {
    StartCheckout {
        account: an_external_id(account),
        channel,
        wanted,
        coupon: None,
        gift: GiftDetails::default(),
        success_url: format!("{ALLOWED_ORIGIN}/paid"),
        cancel_url: format!("{ALLOWED_ORIGIN}/pricing"),
        request: RequestMark {
            key: key.map(request_key),
            fingerprint: fingerprint(&format!("{channel} {wanted:?}")),
        },
    }
}

/// The origin of [`a_checkout`]'s URLs.
pub const ALLOWED_ORIGIN: &str = "https://app.example.com";
