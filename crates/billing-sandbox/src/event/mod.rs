//! What the sandbox tells.

mod data;

use billing_core::payments::Fact;
use billing_core::values::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{SandboxPurchase, SandboxSession};
pub(crate) use data::{CheckoutData, DisputeData, PeriodData, RefundData, SubscriptionData};

/// One event, as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxEvent {
    /// Its id; telling the same thing again has the same.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub created_at: Timestamp,
    /// To what; its shape follows from the type.
    pub data: Value,
}

pub(crate) const PAID: &str = "checkout.paid";
pub(crate) const FAILED: &str = "checkout.failed";
pub(crate) const SUBSCRIPTION: &str = "subscription.updated";
pub(crate) const PERIOD_PAID: &str = "subscription.paid";
pub(crate) const REFUNDED: &str = "charge.refunded";
pub(crate) const DISPUTED: &str = "charge.disputed";

impl SandboxEvent {
    /// What paying `session` at `now` is told by: for a plan also the subscription and its first period.
    pub fn paid(session: &SandboxSession, now: Timestamp) -> Vec<Self> {
        SandboxPurchase::paid(session, now).beginning()
    }

    /// What a declined payment of `session` at `now` is told by.
    pub fn declined(session: &SandboxSession, now: Timestamp) -> Self {
        Self::new(session, FAILED, 0, now, &CheckoutData::of(session))
    }

    /// The body that is signed and sent.
    pub fn body(&self) -> Vec<u8> {
        // Texts, numbers and options of them always have JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// An event of the checkout's step `step`: its id follows from what it tells.
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

    /// What it states, in the core's words.
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
