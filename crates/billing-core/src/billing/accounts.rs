//! Accounts and keys: methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::credentials::{ApiKey, KeyHash};
use crate::use_cases::{self, AccountDraft, CreateKey, NewKey};
use crate::values::ApiKeyId;

/// Accounts and keys.
impl Billing {
    /// The account with this external id.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`] if it is unknown.
    pub async fn account(&self, account: &ExternalId) -> Result<Account, BillingError> {
        use_cases::ensure_account::existing_account(&self.ports, account).await
    }

    /// Stores the host product's data of a customer; creates the account if it is unknown.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] names the invalid field.
    pub async fn put_account(
        &self,
        account: &ExternalId,
        draft: &AccountDraft,
    ) -> Result<Account, BillingError> {
        use_cases::put_account::put_account(&self.ports, account, draft).await
    }

    /// Creates an API key; only this answer contains its text.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if its name is invalid.
    pub async fn create_key(&self, key: CreateKey) -> Result<NewKey, BillingError> {
        use_cases::create_key::create_key(&self.ports, key).await
    }

    /// Creates an operator's key, unless one was created in this way before; for the first start of a service.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn create_first_key(
        &self,
        name: &str,
        random: [u8; 20],
    ) -> Result<Option<NewKey>, BillingError> {
        use_cases::create_key::create_first_key(&self.ports, name.to_owned(), random).await
    }

    /// Revokes an API key; from now on it is refused.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`] if there is none with this id.
    pub async fn revoke_key(&self, id: ApiKeyId) -> Result<ApiKey, BillingError> {
        use_cases::create_key::revoke_key(&self.ports, id).await
    }

    /// Creates a new key to replace the one with `id`, which remains valid for `overlap_hours` at most.
    ///
    /// # Errors
    ///
    /// [`BillingError::NotFound`] if there is none with this id, or it is not valid any more.
    pub async fn rotate_key(
        &self,
        id: ApiKeyId,
        overlap_hours: u32,
        random: [u8; 20],
    ) -> Result<NewKey, BillingError> {
        use_cases::create_key::rotate_key(&self.ports, id, overlap_hours, random).await
    }

    /// All API keys, without their texts.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, BillingError> {
        Ok(self.ports.store.credentials.api_keys().await?)
    }

    /// The valid key with this hash, and the account that it acts as.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn authenticate(
        &self,
        hash: &KeyHash,
    ) -> Result<Option<(ApiKey, Option<ExternalId>)>, BillingError> {
        use_cases::authenticate_key::authenticate_key(&self.ports, hash).await
    }

    /// Erases personal data of an account: free text in its history, e-mail address, name and metadata. Its credits
    /// and entries stay, and still verify.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] is safe to retry.
    pub async fn erase_account(&self, name: &ExternalId) -> Result<Account, BillingError> {
        use_cases::erase_account::erase_account(&self.ports, name).await
    }

    /// The value of a setting that the service generated; none if there is none.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, BillingError> {
        Ok(self.ports.store.credentials.setting(name).await?)
    }

    /// The value of a generated setting; `fresh` is stored if there is none yet.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; safe to retry.
    pub async fn setting_or(&self, name: &str, fresh: &str) -> Result<String, BillingError> {
        use_cases::setting::setting_or(&self.ports, name, fresh).await
    }
}
