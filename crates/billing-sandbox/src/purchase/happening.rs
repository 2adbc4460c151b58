//! What a developer can let happen to a purchase.

use billing_core::values::Timestamp;
use serde::{Deserialize, Serialize};

use super::{SandboxPurchase, Told};

/// One thing that can happen to a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// The next period is paid.
    Renew,
    /// The next period's payment fails.
    FailRenewal,
    /// The tries to collect it are used up.
    GiveUp,
    /// The subscription is to end with its period.
    EndWithPeriod,
    /// It is set aside.
    Pause,
    /// It goes on after all.
    GoOn,
    /// It ends.
    End,
    /// Half of what is left of the latest payment is given back.
    RefundHalf,
    /// All that is left of it is.
    Refund,
    /// The buyer's bank takes it back.
    Dispute,
    /// The dispute is won.
    Win,
    /// The dispute is lost.
    Lose,
}

impl Happening {
    /// Everything that can happen.
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

    /// How an address calls it.
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

    /// What its button says.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Renew => "Renew now",
            Self::FailRenewal => "Let the renewal fail",
            Self::GiveUp => "Give up collecting",
            Self::EndWithPeriod => "End with the period",
            Self::Pause => "Set aside",
            Self::GoOn => "Let it go on",
            Self::End => "End now",
            Self::RefundHalf => "Refund half",
            Self::Refund => "Refund all",
            Self::Dispute => "Dispute",
            Self::Win => "Win the dispute",
            Self::Lose => "Lose the dispute",
        }
    }
}

impl SandboxPurchase {
    /// Lets `this` happen at `now`; none where it cannot.
    pub fn then(&self, this: Happening, now: Timestamp) -> Option<Told> {
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
