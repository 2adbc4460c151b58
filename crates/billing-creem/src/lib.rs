//! Creem behind the payment ports of `billing-core`.
//!
//! One [`CreemProvider`] speaks to one Creem store: it opens checkouts, which are backed by products, and understands
//! the webhooks that make an order or a subscription's period paid, or take money back. It keeps nothing and
//! decides nothing; what a fact changes is the core's business.
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
//! - `config`, `provider`: what an operator sets, and the ports.
//! - `client`, `failure`: one call over the wire, and what its failure means.
//! - `checkout`, `subscription`: what we ask Creem for.
//! - `webhook_signature`, then `webhook_event`: a request becomes an event that Creem really sent.
//! - `wire`, then `webhook_read`: Creem's JSON, and the facts in it.
//!
//! # What always holds
//!
//! - Nothing at Creem makes a repeated write safe, so no write is repeated whose outcome is not known. A checkout
//!   that was opened twice is paid once: nobody has the address of the other.
//! - Whatever may be an id, an object or missing is read as any of them.
//! - Metadata is set by whoever makes a payment link, and signed all the same: it is a hint and nothing else.
//! - Unknown types, fields and states are no errors, and never a reason to grant.
//! - No secret is ever printed: not by `Debug`, not in an error, not in the log.
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

/// What this provider is called.
pub const CHANNEL: billing_core::payments::Channel = billing_core::payments::Channel::named("creem");
