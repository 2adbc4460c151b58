//! A payment provider that needs no account anywhere.
//!
//! It behaves as the real ones do: it opens checkouts on a page of its own, and tells of payments by signed
//! webhooks to our own endpoint, through the same code path as everybody else's. It takes no money, so it
//! must never run beside a live key.
//!
//! It keeps nothing: all that it knows of a checkout is in the checkout's own address, signed. So a page
//! that was opened before a crash works after it, and paying twice tells the same events twice, which
//! changes nothing. The same goes for what comes after a payment: renewals, refunds and disputes can be played on
//! a page whose address says all that has happened so far.
//!
//! ```no_run
//! use std::sync::Arc;
//! use billing_core::ports::Clock;
//! use billing_sandbox::{Sandbox, SandboxConfig, pages};
//! # fn sandbox(clock: Arc<dyn Clock>) -> Result<(), billing_sandbox::SandboxError> {
//! let sandbox = Arc::new(Sandbox::try_new(
//!     SandboxConfig {
//!         secret: "at least 32 bytes that nobody can guess".into(),
//!         public_url: "http://127.0.0.1:8080".to_owned(),
//!         webhook_url: "http://127.0.0.1:8080/payment/webhook/sandbox".to_owned(),
//!     },
//!     clock,
//! )?);
//! let app = actix_web::App::new().configure(pages(sandbox));
//! # Ok(())
//! # }
//! ```

mod delivery;
mod event;
mod pages;
mod provider;
mod purchase;
mod session;
mod signature;

pub use event::SandboxEvent;
pub use pages::pages;
pub use provider::{Sandbox, SandboxConfig, SandboxError};
pub use purchase::{Happening, SandboxPurchase};
pub use session::SandboxSession;

/// What this provider is called.
pub const CHANNEL: billing_core::payments::Channel = billing_core::payments::Channel::named("sandbox");
