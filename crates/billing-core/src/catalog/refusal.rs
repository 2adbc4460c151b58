//! Why a plan, pack or rate card cannot be published.

use std::borrow::Cow;

use crate::payments::Channel;

/// An error in a plan, pack or rate card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogRefusal {
    /// A field has an invalid value.
    #[error("`{field}` {problem}")]
    Invalid {
        /// The field of the request, such as `meters[2].name`.
        field: Cow<'static, str>,
        /// The problem, as the continuation of the field's name.
        problem: String,
    },
    /// Another plan, pack or rate card has the slug.
    #[error("the slug `{slug}` is taken")]
    SlugTaken {
        /// The slug.
        slug: String,
    },
    /// A provider's price or product stands for another item, now or formerly.
    #[error("`{reference}` of {channel} stands for {item}; a price stands for one item for good")]
    PriceTaken {
        /// The provider.
        channel: Channel,
        /// Its price or product.
        reference: String,
        /// The other item, in words.
        item: String,
    },
}

impl CatalogRefusal {
    /// The stable error code of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid_request",
            Self::SlugTaken { .. } => "slug_taken",
            Self::PriceTaken { .. } => "provider_price_taken",
        }
    }

    /// The same error of an object at `place` of a larger request.
    #[must_use]
    pub(crate) fn within(self, place: &str) -> Self {
        match self {
            Self::Invalid { field, problem } => Self::invalid(format!("{place}.{field}"), problem),
            taken @ (Self::SlugTaken { .. } | Self::PriceTaken { .. }) => taken,
        }
    }

    pub(crate) fn price_taken(channel: Channel, reference: &str, item: String) -> Self {
        Self::PriceTaken { channel, reference: reference.to_owned(), item }
    }

    pub(crate) fn invalid(field: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), problem: problem.into() }
    }
}

/// A slug names a plan for people and in view A: `[a-z0-9_-]{1,64}`.
pub(crate) fn check_slug(slug: &str) -> Result<(), CatalogRefusal> {
    let plain = slug.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
    if plain && (1..=64).contains(&slug.len()) {
        return Ok(());
    }
    Err(CatalogRefusal::invalid("slug", "takes 1 to 64 of a-z, 0-9, - and _"))
}

/// Validates display text: not empty, at most `max` characters.
pub(crate) fn check_text(field: &'static str, text: &str, max: usize) -> Result<(), CatalogRefusal> {
    if text.trim().is_empty() || text.chars().count() > max {
        return Err(CatalogRefusal::invalid(field, format!("takes 1 to {max} characters")));
    }
    Ok(())
}

/// A price in minor units: not negative, at most 99,999,999.99 in a currency of two decimals.
pub(crate) fn check_price(field: &'static str, minor: i64) -> Result<(), CatalogRefusal> {
    if (0..=9_999_999_999).contains(&minor) {
        return Ok(());
    }
    Err(CatalogRefusal::invalid(field, "must be a whole number of minor units from 0 to 9999999999"))
}
