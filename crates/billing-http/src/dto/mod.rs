//! The wire types. Names are those of the documents; our own follow their style.

mod accounts;
mod admin_coupons;
mod catalog;
mod checkin;
mod coupons;
mod credits;
mod envelope;
mod external;
mod gifts;
mod holds;
mod import;
mod invoices;
mod ledger;
mod orders;
mod overview;
mod rate_cards;
mod rates;
mod reports;
mod sales;
mod spending;
mod subscription;
mod summary;
mod usage;
mod usage_records;
mod webhooks;

pub(crate) use accounts::{AccountBody, AccountView};
pub(crate) use admin_coupons::{CouponBody, CouponView};
pub(crate) use catalog::{OfferedPlan, PackBody, PackView, PlanBody, PlanView};
pub(crate) use checkin::{CheckInBody, CheckInConfigBody, CheckInConfigView, CheckInStateView, CheckInView};
pub(crate) use coupons::{RedeemCouponBody, RedeemedCouponView, ValidCouponView, ValidateCouponBody};
pub(crate) use credits::{BalanceAnswer, EntryView, ManualBody, ManualView, OwnedEntryView};
pub(crate) use envelope::{ErrorBody, Listing, Success};
pub(crate) use external::{External, ExternalCredits, ExternalErrorBody, ExternalSummary};
pub(crate) use gifts::{
    EndSubscriptionBody, GiftView, GiveSubscriptionBody, OwnedGiftView, RedeemGiftBody, RedeemedGiftView,
    SessionGiftView,
};
pub(crate) use holds::{CaptureBody, ExtendHoldBody, HoldBody, HoldChangedView, HoldView, ReleaseBody};
pub(crate) use import::ImportView;
pub(crate) use invoices::{InvoiceView, UpcomingInvoiceView};
pub(crate) use ledger::{LedgerReportView, VerifyBody};
pub(crate) use orders::{CreateSessionBody, OrderView, ReceivedView, SessionView};
pub(crate) use overview::{OverviewCredits, OverviewView};
pub(crate) use rate_cards::{RateCardBody, RateCardView, VersionView};
pub(crate) use reports::{BalanceThenView, ExplainedView, ForecastView, UsageView};
pub(crate) use sales::{OwnedOrderView, OwnedPaymentView, OwnedSubscriptionView, RefundBody};
pub(crate) use spending::{
    CheckBody, CheckView, ConsumeBody, ConsumeManyBody, ConsumedManyView, ConsumedView, ExtendGrantBody,
    GivenView, GrantBody, GrantView, ReverseBody, ReversedView, VoidBody,
};
pub(crate) use subscription::{
    CancelBody, ChangeBody, ChangeView, PortalBody, PortalView, ResumeBody, SubscriptionView,
};
pub(crate) use summary::{InvoicesView, SummaryErrorBody, SummaryView};
pub(crate) use usage::{QuoteBody, QuoteView, UsageBody};
pub(crate) use usage_records::{CaptureView, UsageRecordView};
pub(crate) use webhooks::WebhookEventView;
