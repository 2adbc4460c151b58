//! Stripe's JSON, and nothing else.
//!
//! Only what we look at is here, and everything but the essential may be missing. Where a field moved over
//! the years, both places are here, and one method knows the order in which to look.

mod answer;
mod envelope;
mod expandable;
mod invoice;
mod payment_method;
mod payment_reversal;
mod session;
mod subscription;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

pub(crate) use answer::{Created, CreatedSession, Customer, ErrorBody, Portal, Preview};
pub(crate) use envelope::{Envelope, ThinEvent};
pub(crate) use expandable::Expandable;
pub(crate) use invoice::{Invoice, InvoiceLine};
pub(crate) use payment_method::PaymentMethod;
pub(crate) use payment_reversal::{Charge, Dispute, InvoicePayment, Refund};
pub(crate) use session::Session;
pub(crate) use subscription::{Schedule, Subscription};

/// What we or others attached to an object. Values are text, but whoever writes them may not know that.
pub(crate) type Metadata = BTreeMap<String, Value>;

/// A list of objects. Events carry the first few of it; how many there are in all is not said reliably.
#[derive(Debug, Deserialize)]
pub(crate) struct List<T> {
    pub(crate) data: Vec<T>,
    /// Whether there are more of them than came with the event.
    pub(crate) has_more: Option<bool>,
}
