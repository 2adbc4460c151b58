//! Stripe behind the payment ports of `billing-core`.
//!
//! One [`StripeProvider`] serves one Stripe account: it creates customers, opens checkouts, and translates webhooks
//! about payments and subscriptions into facts. It is stateless and makes no decisions; the effect of a fact is
//! decided by the core.
//!
//! ```
//! use billing_core::payments::{Capability, Channel};
//! use billing_core::ports::PaymentProvider;
//! use billing_stripe::{StripeConfig, StripeProvider};
//!
//! let config = StripeConfig::new("sk_test_example".into(), vec!["whsec_example".into()]);
//! let stripe = StripeProvider::try_new(config)?;
//! assert_eq!(stripe.channel(), billing_stripe::CHANNEL);
//! assert!(stripe.capabilities().can(Capability::IdempotentWrites));
//! # Ok::<(), billing_stripe::ConfigError>(())
//! ```
//!
//! # Shape
//!
//! - `config`, `provider`: the configuration, and the ports.
//! - `client`, `form`, `failure`: HTTP calls, their retries, and the classification of their failures.
//! - `customer`, `checkout`, `subscription`, `amount`: requests to Stripe.
//! - `webhook_signature`, then `webhook_event`: the verification of a request.
//! - `wire`, then `webhook_read`: Stripe's JSON, and the facts in it.
//!
//! # What always holds
//!
//! - Every write has an idempotency key derived from our own row's id, which makes retries safe.
//! - Events have the shape of the endpoint's API version, not of ours. Every shape since 2020-08-27 is supported: a
//!   field is read from its current position first, then from the former one.
//! - Unknown types, fields and enum values are no errors, and never grant anything.
//! - Secrets are never printed: not by `Debug`, not in errors, not in logs.
//!
//! See Stripe's pages on [Checkout](https://docs.stripe.com/api/checkout/sessions),
//! [errors](https://docs.stripe.com/api/errors), [idempotency](https://docs.stripe.com/api/idempotent_requests)
//! and [webhooks](https://docs.stripe.com/webhooks).

mod amount;
mod checkout;
mod client;
mod config;
mod coupon;
mod customer;
mod failure;
mod form;
mod payment;
mod plan_change;
mod provider;
mod refund;
mod schedule;
mod subscription;
mod webhook_event;
mod webhook_read;
mod webhook_signature;
mod wire;

pub use config::{ConfigError, StripeConfig};
pub use provider::StripeProvider;
pub use webhook_signature::{SIGNATURE_HEADER, TOLERANCE_SECONDS, sign};

/// The channel name of this provider.
pub const CHANNEL: billing_core::payments::Channel = billing_core::payments::Channel::named("stripe");
