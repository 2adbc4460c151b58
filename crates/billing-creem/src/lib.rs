//! Creem behind the payment ports of `billing-core`.
//!
//! One [`CreemProvider`] serves one Creem store: it opens checkouts, which are backed by products, and translates
//! webhooks about payments, subscriptions and refunds into facts. It is stateless and makes no decisions; the effect
//! of a fact is decided by the core.
//!
//! ```
//! use billing_core::payments::{Capability, Channel};
//! use billing_core::ports::PaymentProvider;
//! use billing_creem::{CreemConfig, CreemProvider};
//!
//! let config = CreemConfig::new("creem_test_example".into(), vec!["whsec_example".into()]);
//! let creem = CreemProvider::try_new(config)?;
//! assert_eq!(creem.channel(), billing_creem::CHANNEL);
//! assert!(!creem.capabilities().can(Capability::IdempotentWrites));
//! # Ok::<(), billing_creem::ConfigError>(())
//! ```
//!
//! # Shape
//!
//! - `config`, `provider`: the configuration, and the ports.
//! - `client`, `failure`: HTTP calls, and the classification of their failures.
//! - `checkout`, `subscription`: requests to Creem.
//! - `webhook_signature`, then `webhook_event`: the verification of a request.
//! - `wire`, then `webhook_read`: Creem's JSON, and the facts in it.
//!
//! # What always holds
//!
//! - Creem has no idempotency keys, so a write with an unknown outcome is never repeated. A checkout that was opened
//!   twice is paid once: the URL of the other was never returned.
//! - A reference is parsed as an id, an object, or missing.
//! - Metadata is set by the creator of a payment link, and is signed nevertheless: it is only a hint.
//! - Unknown types, fields and states are no errors, and never grant anything.
//! - Secrets are never printed: not by `Debug`, not in errors, not in logs.
//!
//! See Creem's pages on [checkouts](https://docs.creem.io/api-reference/endpoint/create-checkout) and
//! [webhooks](https://docs.creem.io/code/webhooks).

mod checkout;
mod client;
mod config;
mod discount;
mod failure;
mod provider;
mod refund;
mod subscription;
mod webhook_event;
mod webhook_read;
mod webhook_signature;
mod wire;

pub use config::{ConfigError, CreemConfig};
pub use provider::CreemProvider;
pub use webhook_signature::{SIGNATURE_HEADER, sign};

/// The channel name of this provider.
pub const CHANNEL: billing_core::payments::Channel = billing_core::payments::Channel::named("creem");
