//! Refunds and disputes in events.

use serde::Deserialize;

use super::{Expandable, Transaction};

/// One refund.
#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    /// `pending`, `requiresAction`, `succeeded`, `failed` or `canceled`.
    pub(crate) status: Option<String>,
    #[serde(rename = "refund_amount")]
    pub(crate) amount: i64,
    #[serde(rename = "refund_currency")]
    pub(crate) currency: String,
    pub(crate) transaction: Option<Expandable<Transaction>>,
}

/// One dispute. There is no event of its end.
#[derive(Debug, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) transaction: Option<Expandable<Transaction>>,
}

impl Expandable<Transaction> {
    /// The id.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(transaction) => &transaction.id,
        }
    }
}
