//! Publishes packs.

use super::provider_prices::check_pack_prices;
use super::retry::retry;
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{CatalogRefusal, Pack, PackPrices};
use crate::changes::Changes;
use crate::values::{Credits, Currency, PackId, Timestamp};

/// A pack as submitted by an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the pack's own of the same name, documented there")]
pub struct PackDraft {
    pub slug: String,
    pub name: String,
    pub price: i64,
    pub currency: Currency,
    pub credits: Credits,
    pub bonus_credits: Credits,
    pub expires_after_days: Option<u32>,
    pub prices: PackPrices,
    pub active: bool,
}

/// Publishes a new pack, or replaces the one with `id`.
pub(crate) async fn publish_pack(
    ports: &Ports,
    id: Option<PackId>,
    draft: &PackDraft,
) -> Result<Pack, BillingError> {
    retry(ports, || async move {
        let now = ports.clock.now();
        let packs = ports.store.catalog.packs().await?;
        let known = match id {
            Some(id) => {
                let found = packs.iter().find(|pack| pack.id == id);
                Some(found.ok_or_else(|| BillingError::not_found("pack", id))?)
            }
            None => None,
        };
        let mut pack = draft.to_pack(
            known.map_or_else(|| PackId::new(&*ports.ids), |pack| pack.id),
            known.map_or(now, |pack| pack.created_at),
            known.map_or(0, |pack| pack.version),
        );
        pack.check()?;
        if packs.iter().any(|other| other.id != pack.id && other.slug == pack.slug) {
            return Err(CatalogRefusal::SlugTaken { slug: pack.slug }.into());
        }
        check_pack_prices(ports, &pack).await?;
        let changes = Changes { packs: vec![pack.clone()], ..Changes::default() };
        ports.store.writer.commit(changes, now).await?;
        pack.version = pack.version.saturating_add(1);
        Ok(pack)
    })
    .await
}

impl PackDraft {
    pub(super) fn to_pack(&self, id: PackId, created_at: Timestamp, version: i64) -> Pack {
        let draft = self.clone();
        Pack {
            id,
            slug: draft.slug,
            name: draft.name,
            price: draft.price,
            currency: draft.currency,
            credits: draft.credits,
            bonus_credits: draft.bonus_credits,
            expires_after_days: draft.expires_after_days,
            prices: draft.prices,
            active: draft.active,
            created_at,
            version,
        }
    }
}

impl From<&Pack> for PackDraft {
    fn from(pack: &Pack) -> Self {
        let pack = pack.clone();
        Self {
            slug: pack.slug,
            name: pack.name,
            price: pack.price,
            currency: pack.currency,
            credits: pack.credits,
            bonus_credits: pack.bonus_credits,
            expires_after_days: pack.expires_after_days,
            prices: pack.prices,
            active: pack.active,
        }
    }
}
