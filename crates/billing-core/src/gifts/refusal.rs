//! Why a gift cannot be redeemed.

/// Why a gift cannot be redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GiftRefusal {
    /// No gift has the code. The error does not repeat the code: it is a bearer secret.
    #[error("there is no gift with this code")]
    NotFound,
    /// Its order is not paid yet.
    #[error("this gift is not paid yet")]
    NotPaid,
    /// It has been redeemed.
    #[error("this gift was redeemed before")]
    AlreadyRedeemed,
    /// Its payment was refunded or is disputed.
    #[error("the payment of this gift was refunded or is disputed")]
    Refunded,
}

impl GiftRefusal {
    /// The stable error code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "gift_not_found",
            Self::NotPaid => "gift_not_paid",
            Self::AlreadyRedeemed => "gift_already_redeemed",
            Self::Refunded => "gift_refunded",
        }
    }
}
