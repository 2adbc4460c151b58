//! The events that a developer can simulate.

use billing_core::values::Timestamp;
use serde::{Deserialize, Serialize};

use super::{SandboxPurchase, Simulated};

/// An event of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// The next period is paid.
    Renew,
    /// The next period's payment fails.
    FailRenewal,
    /// All retries of the payment fail.
    GiveUp,
    /// The cancellation is scheduled for the period's end.
    EndWithPeriod,
    /// The subscription is paused.
    Pause,
    /// The subscription is resumed.
    GoOn,
    /// The subscription ends.
    End,
    /// Half of the rest of the latest payment is refunded.
    RefundHalf,
    /// The whole rest is refunded.
    Refund,
    /// The buyer's bank opens a dispute.
    Dispute,
    /// The dispute is won.
    Win,
    /// The dispute is lost.
    Lose,
}

impl Happening {
    /// All events.
    pub const ALL: [Self; 12] = [
        Self::Renew,
        Self::FailRenewal,
        Self::GiveUp,
        Self::EndWithPeriod,
        Self::Pause,
        Self::GoOn,
        Self::End,
        Self::RefundHalf,
        Self::Refund,
        Self::Dispute,
        Self::Win,
        Self::Lose,
    ];

    /// The name in URLs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Renew => "renew",
            Self::FailRenewal => "fail_renewal",
            Self::GiveUp => "give_up",
            Self::EndWithPeriod => "end_with_period",
            Self::Pause => "pause",
            Self::GoOn => "go_on",
            Self::End => "end",
            Self::RefundHalf => "refund_half",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Win => "win",
            Self::Lose => "lose",
        }
    }

    /// The label of its button.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Renew => "Renew now",
            Self::FailRenewal => "Fail the renewal",
            Self::GiveUp => "Fail all retries",
            Self::EndWithPeriod => "Cancel at period end",
            Self::Pause => "Pause",
            Self::GoOn => "Resume",
            Self::End => "Cancel now",
            Self::RefundHalf => "Refund half",
            Self::Refund => "Refund all",
            Self::Dispute => "Dispute",
            Self::Win => "Win the dispute",
            Self::Lose => "Lose the dispute",
        }
    }
}

impl SandboxPurchase {
    /// Simulates `this` at `now`; none if it is impossible.
    pub fn then(&self, this: Happening, now: Timestamp) -> Option<Simulated> {
        match this {
            Happening::Renew => self.renewed(now),
            Happening::FailRenewal => self.renewal_failed(now),
            Happening::GiveUp => self.unpaid(now),
            Happening::EndWithPeriod => self.canceling(now),
            Happening::Pause => self.paused(now),
            Happening::GoOn => self.resumed(now),
            Happening::End => self.ended(now),
            Happening::RefundHalf => self.refunded(self.refundable().div_euclid(2), now),
            Happening::Refund => self.refunded(self.refundable(), now),
            Happening::Dispute => self.disputed(now),
            Happening::Win => self.dispute_won(now),
            Happening::Lose => self.dispute_lost(now),
        }
    }
}
