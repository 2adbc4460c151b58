//! What callers ask for.

use billing_core::ledger::{Actor, SpendType};
use billing_core::orders::RequestMark;
use billing_core::payments::Channel;
use billing_core::requests::{AdjustCredits, Spend, StartCheckout, Wanted};
use billing_core::values::{Credits, Metadata};

use super::{an_external_id, fingerprint, request_key};

/// Takes `amount` credits of `account` under `key`. Another amount under the same key is another request.
pub fn a_spend_request(account: &str, amount: i64, key: &str) -> Spend {
    Spend {
        account: an_external_id(account),
        amount: Credits::new(amount),
        kind: SpendType::default(),
        description: "Used".to_owned(),
        metadata: Metadata::default(),
        key: request_key(key),
        fingerprint: fingerprint(&format!("spend {amount}")),
        actor: Actor::Operator("test".to_owned()),
    }
}

/// Gives `amount` credits to `account` under `key`, or takes them where it is negative.
pub fn an_adjustment(account: &str, amount: i64, key: &str) -> AdjustCredits {
    AdjustCredits {
        account: an_external_id(account),
        amount: Credits::new(amount),
        reason: "By hand".to_owned(),
        expires_at: None,
        key: request_key(key),
        fingerprint: fingerprint(&format!("adjust {amount}")),
        actor: Actor::Operator("test".to_owned()),
    }
}

/// Asks for a checkout on [`ALLOWED_ORIGIN`]; what is `wanted` is the request's fingerprint.
pub fn a_checkout(account: &str, channel: Channel, wanted: Wanted, key: Option<&str>) -> StartCheckout {
    StartCheckout {
        account: an_external_id(account),
        channel,
        wanted,
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
