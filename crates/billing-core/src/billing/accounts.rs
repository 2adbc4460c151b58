//! Accounts and keys, as methods of the facade.

use super::Billing;
use crate::BillingError;
use crate::accounts::{Account, ExternalId};
use crate::credentials::{ApiKey, KeyHash};
use crate::use_cases::{self, AccountDraft, CreateKey, NewKey};
use crate::values::ApiKeyId;

/// Accounts and keys.
impl Billing {
    /// The account that the host product calls so.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`] if nobody has seen it.
    pub async fn account(&self, account: &ExternalId) -> Result<Account, BillingError> {
        use_cases::ensure_account::existing_account(&self.ports, account).await
    }

    /// Writes what the host product knows of a customer; makes the account if nobody has seen it.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] names the field that is off.
    pub async fn put_account(
        &self,
        account: &ExternalId,
        draft: &AccountDraft,
    ) -> Result<Account, BillingError> {
        use_cases::put_account::put_account(&self.ports, account, draft).await
    }

    /// Makes an API key; the answer alone carries its text.
    ///
    /// # Errors
    ///
    /// [`BillingError::Invalid`] if it has no usable name.
    pub async fn create_key(&self, key: CreateKey) -> Result<NewKey, BillingError> {
        use_cases::create_key::create_key(&self.ports, key).await
    }

    /// Makes an operator's key, unless one was ever made this way; for a service's very first start.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
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

    /// Makes a new key in place of the one with `id`, which goes on working for `overlap_hours` at most.
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
    /// [`BillingError::Store`]; may be tried again.
    pub async fn keys(&self) -> Result<Vec<ApiKey>, BillingError> {
        Ok(self.ports.store.credentials.api_keys().await?)
    }

    /// The valid key with this hash, and the account that it acts as.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn authenticate(
        &self,
        hash: &KeyHash,
    ) -> Result<Option<(ApiKey, Option<ExternalId>)>, BillingError> {
        use_cases::authenticate_key::authenticate_key(&self.ports, hash).await
    }

    /// Erases personal data of an account: free text in its history, e-mail address, name and metadata. What was
    /// given and taken stays, and still verifies.
    ///
    /// # Errors
    ///
    /// [`BillingError::AccountNotFound`]; [`BillingError::Store`] may be tried again.
    pub async fn erase_account(&self, name: &ExternalId) -> Result<Account, BillingError> {
        use_cases::erase_account::erase_account(&self.ports, name).await
    }

    /// The value of a setting that the service made up for itself; none if it has not.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, BillingError> {
        Ok(self.ports.store.credentials.setting(name).await?)
    }

    /// The value of a setting that the service makes up for itself; `fresh` becomes it if there is none yet.
    ///
    /// # Errors
    ///
    /// [`BillingError::Store`]; may be tried again.
    pub async fn setting_or(&self, name: &str, fresh: &str) -> Result<String, BillingError> {
        use_cases::setting::setting_or(&self.ports, name, fresh).await
    }
}
