//! What can be done, one file and one public function each. [`Billing`](crate::Billing) offers them all as
//! methods; nothing here knows HTTP, SQL or a provider.

pub(crate) mod adjust_credits;
pub(crate) mod apply_catalog;
pub(crate) mod apply_event;
pub(crate) mod authenticate_key;
pub(crate) mod check_in;
mod checkout_offer;
mod checkout_refusal;
pub(crate) mod create_key;
pub(crate) mod ensure_account;
pub(crate) mod export_catalog;
pub(crate) mod list_entries;
pub(crate) mod price_usage;
pub(crate) mod publish_pack;
pub(crate) mod publish_plan;
pub(crate) mod publish_rate_card;
pub(crate) mod put_account;
pub(crate) mod quote_usage;
pub(crate) mod read_balance;
pub(crate) mod read_rate_cards;
pub(crate) mod read_summary;
pub(crate) mod receive_webhook;
mod retry;
pub(crate) mod run_inbox;
pub(crate) mod set_check_in;
pub(crate) mod setting;
pub(crate) mod spend_credits;
pub(crate) mod start_checkout;

pub use adjust_credits::AdjustCredits;
pub use apply_catalog::{AppliedCatalog, CatalogChange, CatalogDraft};
pub use check_in::{CheckInState, CheckedIn};
pub use checkout_offer::Wanted;
pub use checkout_refusal::CheckoutRefusal;
pub use create_key::{CreateKey, NewKey};
pub use list_entries::ListEntries;
pub use price_usage::{PriceUsage, WhichCard};
pub use publish_pack::PackDraft;
pub use publish_plan::PlanDraft;
pub use publish_rate_card::ShownRateCard;
pub use put_account::AccountDraft;
pub use quote_usage::QuotedUsage;
pub use read_balance::{AccountBalance, Expiring};
pub use read_summary::{BillingSummary, ShownSubscription};
pub use run_inbox::InboxReport;
pub use spend_credits::{Spend, Spent};
pub use start_checkout::{StartCheckout, StartedCheckout};
