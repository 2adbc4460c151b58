//! The webhook inbox.

mod inbox;

pub use inbox::{
    Attempt, InboxEvent, InboxState, ListedEvent, Receipt, ReceiptOutcome, RetryPolicy, WebhookRefusal,
};
