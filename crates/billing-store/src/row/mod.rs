//! Conversion of rows to values and back. An unreadable row is reported with table, column and id.

mod account;
mod allocations;
mod audit;
mod catalog;
mod check_in;
mod checkpoint;
mod coupon;
mod credentials;
mod gift;
mod holds;
mod inbox;
mod ledger;
mod order;
mod payment;
mod posting_key;
mod rate_card;
mod read;
mod seen;
mod subscription;
mod subscription_command;
mod usage;

pub(crate) use account::{account_model, read_account};
pub(crate) use allocations::{allocations_bytes, read_allocations, read_parts};
pub(crate) use audit::{WALK, progress_model, read_progress, read_walk, walk_model};
pub(crate) use catalog::{pack_model, plan_model, read_pack, read_plan, read_provider_price};
pub(crate) use check_in::{check_in_model, config_model, read_check_in, read_config};
pub(crate) use checkpoint::{
    checkpoint_head_models, checkpoint_model, read_checkpoint, read_checkpoint_head,
};
pub(crate) use coupon::{coupon_model, read_coupon, read_redemption, redemption_model};
pub(crate) use credentials::{api_key_model, read_api_key};
pub(crate) use gift::{gift_model, read_gift};
pub(crate) use holds::{debt_model, hold_model, read_debt, read_hold, slice_models};
pub(crate) use inbox::{inbox_model, read_inbox_event, read_listed_event};
pub(crate) use ledger::{balance_model, entry_model, grant_model, read_balance, read_entry, read_grant};
pub(crate) use order::{order_model, read_order};
pub(crate) use payment::{payment_method_model, payment_model, read_payment, read_payment_method};
pub(crate) use posting_key::{KeyColumns, key_hash, posting_key_model};
pub(crate) use rate_card::{
    rate_card_model, rate_card_version_model, read_rate_card, read_rate_card_version,
};
pub(crate) use read::to_json;
pub(crate) use seen::{Seen, read_seen};
pub(crate) use subscription::{read_subscription, subscription_model};
pub(crate) use subscription_command::{read_subscription_command, subscription_command_model};
pub(crate) use usage::{read_usage, read_usage_month, usage_model, usage_month_model};
