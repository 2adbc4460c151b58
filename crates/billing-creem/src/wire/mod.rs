//! Creem's JSON, and nothing else.
//!
//! Only what we look at is here, and everything but the essential may be missing. Every reference may be an id or all
//! of the object, and every time milliseconds, seconds or a text.

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

/// What we, or whoever made a payment link, attached to an object.
pub(crate) type Metadata = BTreeMap<String, Value>;
