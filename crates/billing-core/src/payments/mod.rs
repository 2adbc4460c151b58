//! Payments in words that every provider can be put into.

mod channel;
mod checkout;
mod event;
mod origins;

pub use channel::Channel;
pub use checkout::{
    Capabilities, CheckoutRequest, CheckoutSession, CustomerRequest, Purchase, WebhookEvent, WebhookHeaders,
};
pub use event::{
    CheckoutFact, CheckoutOutcome, PaidLine, PaidPeriod, PaymentFact, PeriodReason, SubscriptionFact,
};
pub use origins::{AllowedOrigins, InvalidOrigin, UrlRefusal};
