//! Builders of test data. Fields that a test depends on are set with struct update syntax; all others have ordinary
//! values.
#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "what they are made of is written here")]

mod accounts;
mod catalog;
mod check_ins;
mod coupons;
mod events;
mod gifts;
mod keys;
mod orders;
mod payments;
mod postings;
mod rate_cards;
mod requests;
mod subscriptions;
mod values;

pub use accounts::{a_full_account, an_account, an_external_id};
pub use catalog::{
    a_full_pack, a_full_plan, a_pack, a_pack_draft, a_plan, a_plan_draft, creem_product, monthly_price,
    stripe_prices,
};
pub use check_ins::{a_check_in, a_full_check_in_config};
pub use coupons::{
    a_code, a_coupon, a_coupon_draft, a_credits_coupon, a_discount, a_full_coupon, a_redemption,
};
pub use events::an_event;
pub use gifts::{a_complimentary_gift, a_full_gift, a_gift, a_given_subscription, an_order_for_a_gift};
pub use keys::{a_full_key, a_key};
pub use orders::{a_full_order, a_session, an_order, an_order_for_a_plan};
pub use payments::{a_full_payment, a_payment, a_payment_method};
pub use postings::{a_grant, a_posting, a_spend, give, take, take_usage, tariff, usage};
pub use rate_cards::{
    a_meter, a_rate, a_rate_card, a_rate_card_draft, a_rate_card_version, a_tier, a_unit_rate, a_usage,
    full_meters, tiers,
};
pub use requests::{ALLOWED_ORIGIN, a_checkout, a_ledger_request, a_spend_request, an_adjustment};
pub use subscriptions::{a_full_subscription, a_subscription, a_subscription_command};
pub use values::{at, fingerprint, metadata, noon, page, page_after, request_key};
