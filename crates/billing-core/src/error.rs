//! What a use case answers when it does not do what was asked.

use crate::accounts::{ExternalId, InvalidExternalId};
use crate::catalog::{CatalogRefusal, RatingRefusal};
use crate::checkin::CheckInRefusal;
use crate::coupons::CouponRefusal;
use crate::gifts::GiftRefusal;
use crate::ledger::Refusal;
use crate::payments::UrlRefusal;
use crate::ports::{CommitError, ProviderError, StoreError};
use crate::subscriptions::ChangeRefusal;
use crate::use_cases::{CheckoutRefusal, RefundRefusal};
use crate::webhooks::WebhookRefusal;

/// Why something was not done. All but the last two variants are answers of the business: nothing was
/// changed, and the same request will be answered the same until something else changes.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BillingError {
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] Refusal),
    /// The checkout cannot be opened.
    #[error(transparent)]
    Checkout(#[from] CheckoutRefusal),
    /// The subscription is not changed to another plan.
    #[error(transparent)]
    Change(#[from] ChangeRefusal),
    /// The money is not given back.
    #[error(transparent)]
    Refund(#[from] RefundRefusal),
    /// One cannot check in.
    #[error(transparent)]
    CheckIn(#[from] CheckInRefusal),
    /// A coupon cannot be used, or not be written.
    #[error(transparent)]
    Coupon(#[from] CouponRefusal),
    /// A gift cannot be redeemed.
    #[error(transparent)]
    Gift(#[from] GiftRefusal),
    /// A plan, pack, rate card or configuration cannot be used as it is written.
    #[error(transparent)]
    Catalog(#[from] CatalogRefusal),
    /// Usage cannot be priced.
    #[error(transparent)]
    Rating(#[from] RatingRefusal),
    /// A webhook is not taken in.
    #[error(transparent)]
    Webhook(#[from] WebhookRefusal),
    /// The account is not known.
    #[error("there is no account `{0}`")]
    AccountNotFound(ExternalId),
    /// The account is not provisioned for credits, so it has none to spend.
    #[error("the account `{0}` does not use credits")]
    CreditsDisabled(ExternalId),
    /// Something else is not known.
    #[error("there is no {kind} `{id}`")]
    NotFound {
        /// What kind of thing.
        kind: &'static str,
        /// What it was asked for by.
        id: String,
    },
    /// A value in the request is malformed.
    #[error("`{field}`: {problem}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The payment provider did not do it.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BillingError {
    /// The stable code that callers may rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Ledger(refusal) => refusal.code(),
            Self::Checkout(refusal) => refusal.code(),
            Self::Change(refusal) => refusal.code(),
            Self::Refund(refusal) => refusal.code(),
            Self::CheckIn(refusal) => refusal.code(),
            Self::Coupon(refusal) => refusal.code(),
            Self::Gift(refusal) => refusal.code(),
            Self::Catalog(refusal) => refusal.code(),
            Self::Rating(refusal) => refusal.code(),
            Self::Webhook(refusal) => refusal.code(),
            Self::AccountNotFound(_) => "account_not_found",
            Self::CreditsDisabled(_) => "credits_disabled",
            Self::NotFound { .. } => "not_found",
            Self::Invalid { .. } => "invalid_request",
            Self::Provider(ProviderError::Refused { .. } | ProviderError::UnknownCustomer { .. }) => {
                "provider_refused"
            }
            Self::Provider(ProviderError::Unsupported(_)) => "provider_unsupported",
            Self::Provider(_) => "provider_unavailable",
            Self::Store(StoreError::OutcomeUnknown(_)) => "outcome_unknown",
            Self::Store(StoreError::Overloaded) => "overloaded",
            Self::Store(StoreError::LockTimeout { .. }) => "lock_timeout",
            Self::Store(StoreError::StorageFull(_)) => "storage_full",
            Self::Store(StoreError::ReadOnly(_)) => "read_only",
            Self::Store(StoreError::Busy | StoreError::Unavailable(_)) => "unavailable",
            Self::Store(
                StoreError::Corrupt(_) | StoreError::CheckpointCopies(_) | StoreError::Unexpected(_),
            ) => "internal",
        }
    }

    pub(crate) fn not_found(kind: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound { kind, id: id.to_string() }
    }
}

impl From<UrlRefusal> for BillingError {
    fn from(refusal: UrlRefusal) -> Self {
        Self::Checkout(refusal.into())
    }
}

impl From<InvalidExternalId> for BillingError {
    fn from(problem: InvalidExternalId) -> Self {
        Self::Invalid { field: "account_id", problem: problem.to_string() }
    }
}

impl From<CommitError> for BillingError {
    /// For commits that were tried as often as they may be: a conflict that is left is a busy store.
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(refusal) => Self::Ledger(refusal),
            CommitError::Store(error) => Self::Store(error),
            CommitError::Conflict | CommitError::AlreadyHandled => Self::Store(StoreError::Busy),
        }
    }
}
