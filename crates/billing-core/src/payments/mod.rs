//! Payments in provider-neutral terms.

mod capability;
mod change_plan_request;
mod channel;
mod checkout;
mod covered;
mod fact;
mod origins;
mod paid_periods;
mod payment;
mod payment_method;
mod payment_reversal;
mod refs;
mod refund_request;
mod subscription_request;

pub use capability::{Capabilities, Capability};
pub use change_plan_request::{ChangePlanRequest, ProrationBehavior, ProviderPlanChange};
pub use channel::Channel;
pub use checkout::{
    CheckoutDiscount, CheckoutRequest, CheckoutSession, CustomerRequest, DiscountLength, Purchase,
    WebhookEvent, WebhookHeaders,
};
pub use covered::{Covered, MidPeriodChange, PeriodTerms, ProratedPart};
pub use fact::{
    CheckoutFact, CheckoutOutcome, Fact, PaidLine, PaidPeriod, PartialFact, PeriodReason, SubscriptionFact,
    SubscriptionItem,
};
pub use origins::{AllowedOrigins, InvalidOrigin, UrlRefusal};
pub use paid_periods::{PaidPeriods, WholePeriod};
pub use payment::{NewPayment, Payment, ReversedAmount};
pub use payment_method::{Card, PaymentMethod, PaymentMethodFact};
pub use payment_reversal::{
    Dispute, DisputeState, PaymentReversal, PaymentReversalUpdate, Refund, RefundState,
};
pub use refs::PaymentRefs;
pub use refund_request::RefundRequest;
pub use subscription_request::{ChangeRequest, PortalFlow, PortalRequest, SubscriptionChange};
