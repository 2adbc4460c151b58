//! Payments in words that every provider can be put into.

mod capability;
mod channel;
mod checkout;
mod covered;
mod event;
mod money_back;
mod names;
mod origins;
mod payment;
mod payment_method;
mod plan_call;
mod refund_call;
mod subscription_call;

pub use capability::{Capabilities, Capability};
pub use channel::Channel;
pub use checkout::{
    CheckoutDiscount, CheckoutRequest, CheckoutSession, CustomerRequest, DiscountLength, Purchase,
    WebhookEvent, WebhookHeaders,
};
pub use covered::{Covered, MidPeriodChange, MonthlyNet};
pub use event::{
    CheckoutFact, CheckoutOutcome, PaidLine, PaidPeriod, PaymentFact, PeriodReason, SubscriptionFact,
};
pub use money_back::{Dispute, DisputeState, MoneyBack, MoneyBackNews, Refund, RefundState};
pub use names::PaymentNames;
pub use origins::{AllowedOrigins, InvalidOrigin, UrlRefusal};
pub use payment::{Gone, NewPayment, Payment};
pub use payment_method::{Card, PaymentMethod, PaymentMethodFact};
pub use plan_call::{ChangeMoney, PlanCall, PlanChanged};
pub use refund_call::RefundRequest;
pub use subscription_call::{ChangeRequest, PortalFlow, PortalRequest, SubscriptionChange};
