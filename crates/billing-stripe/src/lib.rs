//! Stripe behind the payment ports of `billing-core`.
//!
//! One [`StripeProvider`] speaks to one Stripe account: it makes customers, opens checkouts, and understands
//! the webhooks that make an order or a subscription's period paid. It keeps nothing and decides nothing;
//! what a fact changes is the core's business.
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
//! - `config`, `provider`: what an operator sets, and the ports.
//! - `client`, `form`, `failure`: one call over the wire, its retries, and what its failure means.
//! - `customer`, `checkout`, `subscription`, `amount`: what we ask Stripe for.
//! - `webhook_signature`, then `webhook_event`: a request becomes an event that Stripe really sent.
//! - `wire`, then `webhook_read`: Stripe's JSON, and the facts in it.
//!
//! # What always holds
//!
//! - Every write carries an idempotency key made from our own row's id; nothing else makes a retry safe.
//! - Events come in the shape of the endpoint's API version, not of ours. Every shape since 2020-08-27 is
//!   read: first where a field is now, then where it was.
//! - Unknown types, fields and enum values are no errors, and never a reason to grant.
//! - No secret is ever printed: not by `Debug`, not in an error, not in the log.
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

/// What this provider is called.
pub const CHANNEL: billing_core::payments::Channel = billing_core::payments::Channel::named("stripe");
