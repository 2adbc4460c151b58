//! The errors of use cases.

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

/// Why a request failed. All but the last two variants are business refusals: nothing was changed, and the same
/// request is refused until something else changes.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BillingError {
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] Refusal),
    /// The checkout cannot be opened.
    #[error(transparent)]
    Checkout(#[from] CheckoutRefusal),
    /// The change of plan is refused.
    #[error(transparent)]
    Change(#[from] ChangeRefusal),
    /// The refund is refused.
    #[error(transparent)]
    Refund(#[from] RefundRefusal),
    /// The check-in is refused.
    #[error(transparent)]
    CheckIn(#[from] CheckInRefusal),
    /// A coupon cannot be used or published.
    #[error(transparent)]
    Coupon(#[from] CouponRefusal),
    /// A gift cannot be redeemed.
    #[error(transparent)]
    Gift(#[from] GiftRefusal),
    /// A plan, pack, rate card or configuration is invalid.
    #[error(transparent)]
    Catalog(#[from] CatalogRefusal),
    /// Usage cannot be priced.
    #[error(transparent)]
    Rating(#[from] RatingRefusal),
    /// A webhook is refused.
    #[error(transparent)]
    Webhook(#[from] WebhookRefusal),
    /// The account is unknown.
    #[error("there is no account `{0}`")]
    AccountNotFound(ExternalId),
    /// The account cannot have credits.
    #[error("the account `{0}` does not use credits")]
    CreditsDisabled(ExternalId),
    /// Another object is unknown.
    #[error("there is no {kind} `{id}`")]
    NotFound {
        /// The kind of object.
        kind: &'static str,
        /// The id in the request.
        id: String,
    },
    /// A value in the request is invalid.
    #[error("`{field}`: {problem}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// The problem.
        problem: String,
    },
    /// The payment provider failed.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BillingError {
    /// The stable error code of the API.
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
    /// For commits whose retries are exhausted: a remaining conflict means that the store is busy.
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(refusal) => Self::Ledger(refusal),
            CommitError::Store(error) => Self::Store(error),
            CommitError::Conflict | CommitError::AlreadyHandled => Self::Store(StoreError::Busy),
        }
    }
}
