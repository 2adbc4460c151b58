//! The sandbox's events.

mod data;

use billing_core::payments::Fact;
use billing_core::values::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{SandboxPurchase, SandboxSession};
pub(crate) use data::{CheckoutData, DisputeData, PeriodData, RefundData, SubscriptionData};

/// One event, as delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxEvent {
    /// The id; the same event always has the same.
    pub id: String,
    /// The type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The time.
    pub created_at: Timestamp,
    /// The data, by type.
    pub data: Value,
}

pub(crate) const PAID: &str = "checkout.paid";
pub(crate) const FAILED: &str = "checkout.failed";
pub(crate) const SUBSCRIPTION: &str = "subscription.updated";
pub(crate) const PERIOD_PAID: &str = "subscription.paid";
pub(crate) const REFUNDED: &str = "charge.refunded";
pub(crate) const DISPUTED: &str = "charge.disputed";

impl SandboxEvent {
    /// The events of a payment of `session` at `now`: for a plan also the subscription and its first period.
    pub fn paid(session: &SandboxSession, now: Timestamp) -> Vec<Self> {
        SandboxPurchase::paid(session, now).beginning()
    }

    /// The event of a declined payment of `session` at `now`.
    pub fn declined(session: &SandboxSession, now: Timestamp) -> Self {
        Self::new(session, FAILED, 0, now, &CheckoutData::of(session))
    }

    /// The signed body.
    pub fn body(&self) -> Vec<u8> {
        // Texts, numbers and options of them always serialize.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// An event of the checkout's step `step`, with a deterministic id.
    pub(crate) fn new(
        session: &SandboxSession,
        kind: &str,
        step: u32,
        now: Timestamp,
        data: &impl Serialize,
    ) -> Self {
        let id = match step {
            0 => format!("evt_{}_{kind}", session.id()),
            step => format!("evt_{}_{kind}_{step}", session.id()),
        };
        let data = serde_json::to_value(data).unwrap_or_default();
        Self { id, kind: kind.to_owned(), created_at: now.whole_seconds(), data }
    }

    /// Its fact.
    pub(crate) fn into_fact(self) -> Result<Fact, String> {
        match self.kind.as_str() {
            PAID => Ok(self.data::<CheckoutData>()?.paid()),
            FAILED => Ok(self.data::<CheckoutData>()?.failed()),
            SUBSCRIPTION => Ok(self.data::<SubscriptionData>()?.stated(self.created_at)),
            PERIOD_PAID => Ok(self.data::<PeriodData>()?.paid()),
            REFUNDED => Ok(self.data::<RefundData>()?.stated()),
            DISPUTED => Ok(self.data::<DisputeData>()?.stated()),
            _ => Ok(Fact::Ignored("an event type that nobody acts on")),
        }
    }

    fn data<T: DeserializeOwned>(&self) -> Result<T, String> {
        T::deserialize(&self.data).map_err(|problem| format!("{}: {problem}", self.kind))
    }
}
