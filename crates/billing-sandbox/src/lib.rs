//! A payment provider for development, without an external account.
//!
//! It behaves like the real ones: it opens checkouts on its own pages, and reports payments by signed webhooks to our
//! own endpoint, through the same code path. It moves no money, so it must never run beside a live key.
//!
//! It is stateless: a checkout is encoded and signed in its own URL. So a page that was opened before a crash works
//! after it, and a repeated payment sends the same events again, which changes nothing. The same is true after the
//! payment: renewals, refunds and disputes are simulated on a page whose URL encodes the history so far.
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

/// The channel name of this provider.
pub const CHANNEL: billing_core::payments::Channel = billing_core::payments::Channel::named("sandbox");
