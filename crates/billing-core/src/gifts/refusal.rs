//! Why a gift cannot be redeemed.

/// Why a gift cannot be redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GiftRefusal {
    /// No gift has the code. The code is not repeated: it is as good as money to whoever it belongs to.
    #[error("there is no gift with this code")]
    NotFound,
    /// Its buyer has not paid yet.
    #[error("this gift is not paid yet")]
    NotPaid,
    /// Somebody has it.
    #[error("this gift was redeemed before")]
    AlreadyRedeemed,
    /// Its money went back, or is disputed.
    #[error("the money for this gift went back to its buyer")]
    Refunded,
}

impl GiftRefusal {
    /// The stable code that callers may rely on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "gift_not_found",
            Self::NotPaid => "gift_not_paid",
            Self::AlreadyRedeemed => "gift_already_redeemed",
            Self::Refunded => "gift_refunded",
        }
    }
}
