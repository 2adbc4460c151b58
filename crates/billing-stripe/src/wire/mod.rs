//! Stripe's JSON types.
//!
//! Only the fields that we use, and all but the essential ones are optional. If a field was moved, both positions are
//! here, and one method defines their precedence.

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

/// Metadata set by us or others. Values should be text, but may not be.
pub(crate) type Metadata = BTreeMap<String, Value>;

/// A list of objects. Events include the first few; the total is not reported reliably.
#[derive(Debug, Deserialize)]
pub(crate) struct List<T> {
    pub(crate) data: Vec<T>,
    /// Whether there are more than the event includes.
    pub(crate) has_more: Option<bool>,
}
