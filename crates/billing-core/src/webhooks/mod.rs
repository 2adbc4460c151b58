//! The webhook inbox.

mod inbox;

pub use inbox::{Attempt, InboxEvent, InboxState, Receipt, ReceiptOutcome, RetryPolicy, WebhookRefusal};
