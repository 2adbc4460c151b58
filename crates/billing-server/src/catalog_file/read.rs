//! Reading the file.

use billing_core::requests::CatalogDraft;

use super::entries::CatalogFile;

/// Parses the catalogue in `text`.
///
/// # Errors
///
/// Reports the problem with line and column.
pub(crate) fn read(text: &str) -> Result<CatalogDraft, toml::de::Error> {
    let file: CatalogFile = toml::from_str(text)?;
    Ok(CatalogDraft {
        plans: file.plans.into_iter().map(Into::into).collect(),
        packs: file.packs.into_iter().map(Into::into).collect(),
        rate_cards: file.rate_cards.into_iter().map(Into::into).collect(),
    })
}
