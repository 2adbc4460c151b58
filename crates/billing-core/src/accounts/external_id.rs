//! The host product's id of a customer.

/// The host product's id of a customer: 1 to 255 characters, no control characters, no space at either end. All
/// callers refer to accounts by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct ExternalId(String);

/// The text is not a valid external id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "an account id has 1 to 255 characters, none of them a control character, and no space at either end"
)]
pub struct InvalidExternalId;

impl ExternalId {
    /// Parses an external id.
    ///
    /// # Errors
    ///
    /// [`InvalidExternalId`] if it is empty, too long, or has invalid characters.
    pub fn parse(text: &str) -> Result<Self, InvalidExternalId> {
        let fits = (1..=255).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) || text.trim() != text {
            return Err(InvalidExternalId);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ExternalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
