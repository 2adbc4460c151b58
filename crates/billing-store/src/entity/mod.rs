//! The tables in the mapper's types, private to this crate.

#![expect(unreachable_pub, reason = "the derives make items that are public inside these private modules")]

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod audit_progress;
pub(crate) mod audit_walk;
pub(crate) mod balances;
pub(crate) mod checkin_config;
pub(crate) mod checkins;
pub(crate) mod checkpoint_heads;
pub(crate) mod checkpoints;
pub(crate) mod coupon_redemptions;
pub(crate) mod coupons;
pub(crate) mod debts;
pub(crate) mod entries;
pub(crate) mod gifts;
pub(crate) mod grants;
pub(crate) mod hold_slices;
pub(crate) mod holds;
pub(crate) mod orders;
pub(crate) mod packs;
pub(crate) mod payment_methods;
pub(crate) mod payments;
pub(crate) mod plans;
pub(crate) mod posting_keys;
pub(crate) mod provider_customers;
pub(crate) mod provider_prices;
pub(crate) mod rate_card_versions;
pub(crate) mod rate_cards;
pub(crate) mod recorded_keys;
pub(crate) mod settings;
pub(crate) mod subscription_commands;
pub(crate) mod subscriptions;
pub(crate) mod usage_carries;
pub(crate) mod usage_months;
pub(crate) mod usages;
pub(crate) mod webhook_inbox;
