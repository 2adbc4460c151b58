//! Providers' events, as they wait in the inbox.

mod inbox;

pub use inbox::{Attempt, InboxEvent, InboxState, Receipt, ReceiptOutcome, RetryPolicy, WebhookRefusal};
