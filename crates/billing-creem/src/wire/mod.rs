//! Creem's JSON types.
//!
//! Only the fields that we use, and all but the essential ones are optional. A reference is an id or an object, and a
//! time is milliseconds, seconds or a text.

mod answer;
mod checkout;
mod envelope;
mod expandable;
mod moment;
mod payment_reversal;
mod subscription;
mod transaction;

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use answer::{CreatedCheckout, CreatedDiscount, ErrorBody, Portal, Refunded};
pub(crate) use checkout::{Checkout, Order};
pub(crate) use envelope::Envelope;
pub(crate) use expandable::{Expandable, Named};
pub(crate) use moment::Moment;
pub(crate) use payment_reversal::{Dispute, Refund};
pub(crate) use subscription::Subscription;
pub(crate) use transaction::Transaction;

/// Metadata set by us, or by the creator of a payment link.
pub(crate) type Metadata = BTreeMap<String, Value>;
