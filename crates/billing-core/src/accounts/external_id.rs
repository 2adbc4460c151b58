//! The host product's own name for a customer.

/// How the host product calls a customer: 1 to 255 characters, no control characters, no space at either
/// end. Everything outside this service names accounts by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct ExternalId(String);

/// The text cannot name an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an account id has 1 to 255 characters, none of them a control character, and no space at either end"
)]
pub struct InvalidExternalId;

impl ExternalId {
    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`InvalidExternalId`] if it is empty, too long, or has characters that do not belong in one.
    pub fn parse(text: &str) -> Result<Self, InvalidExternalId> {
        let fits = (1..=255).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) || text.trim() != text {
            return Err(InvalidExternalId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ExternalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
