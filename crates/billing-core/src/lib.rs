//! The domain of billing: credits, plans, orders, subscriptions and check-in.
//!
//! Rules are pure and synchronous; they reach the outside through [`ports`]. A host builds one [`Billing`] from a
//! store, a clock and providers, and calls its methods.

pub mod account_billing;
pub mod accounts;
mod billing;
pub mod catalog;
pub mod changes;
pub mod checkin;
pub mod coupons;
pub mod credentials;
mod error;
pub mod gifts;
pub mod jobs;
pub mod ledger;
pub mod orders;
pub mod payments;
pub mod ports;
pub mod subscriptions;
mod use_cases;
pub mod values;
pub mod webhooks;

pub use billing::{Billing, BillingBuilder};
pub use error::BillingError;
pub use jobs::Job;

/// Requests and responses of the use cases.
pub mod requests {
    pub use crate::catalog::RateCardDraft;
    pub use crate::jobs::JobReport;
    pub use crate::use_cases::{
        AccountBalance, AccountDraft, AdjustCredits, Amount, AppliedCatalog, BalanceThen, BillingOverview,
        BillingSummary, CatalogChange, CatalogDraft, ChangeGrant, ChangePlan, ChangeSubscription,
        ChangedSubscription, CheckInState, CheckedIn, CheckoutRefusal, CheckpointReport, CouponDraft,
        CreateKey, CreditCheck, CreditForecast, Expiring, ExplainedEntry, GiftDetails, GiveCredits,
        GiveSubscription, Given, GrantChange, HistoryReport, HoldChanged, HoldCredits, ImportCredits,
        ImportReport, ImportRow, Imported, LedgerReport, LedgerRequest, ListEntries, NewKey, PackDraft,
        PlanChangeResult, PlanDraft, PriceUsage, PurchaseItem, QuotedUsage, RaiseHold, RateCardRef,
        ReadUsage, RedeemedCoupon, RedeemedGift, RefundPayment, RefundRefusal, Refunded, Reverse, Reversed,
        SettleHold, ShownRateCard, Spend, Spent, StartCheckout, StartedCheckout, UsageSeries, ValidCoupon,
        VerifyCheckpoints, VerifyLedger,
    };
}
