//! Exports the catalogue in the form of a file.

use super::CatalogDraft;
use super::apply_catalog::draft_of;
use super::publish_rate_card::{version_at, version_numbered};
use super::{PackDraft, PlanDraft};
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::VersionTerms;

/// The catalogue: everything on sale, and the current and scheduled rates of rate cards. Applied again, it changes
/// nothing.
pub(crate) async fn export_catalog(ports: &Ports) -> Result<CatalogDraft, BillingError> {
    let now = ports.clock.now();
    let mut rate_cards = Vec::new();
    for card in ports.store.catalog.rate_cards().await? {
        if let Some(version) = version_at(ports, &card, now).await? {
            rate_cards.push(draft_of(&card, &version, None));
        }
        for VersionTerms { number, effective_at, .. } in card.coming(now) {
            let version = version_numbered(ports, &card, number).await?;
            rate_cards.push(draft_of(&card, &version, Some(effective_at)));
        }
    }
    Ok(CatalogDraft {
        plans: ports.store.catalog.plans().await?.iter().map(PlanDraft::from).collect(),
        packs: ports.store.catalog.packs().await?.iter().map(PackDraft::from).collect(),
        rate_cards,
    })
}
