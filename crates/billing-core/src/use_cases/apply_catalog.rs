//! Applies a catalogue file.

use std::collections::{BTreeMap, BTreeSet};

use super::provider_prices::{check_pack_prices, check_plan_prices};
use super::publish_rate_card::version_numbered;
use super::retry::{Again, retry};
use super::{PackDraft, PlanDraft};
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{CatalogRefusal, Pack, Plan, Publication, RateCard, RateCardDraft, RateCardVersion};
use crate::changes::Changes;
use crate::payments::Channel;
use crate::values::{PackId, PlanId, RateCardId, Timestamp};

/// A catalogue as submitted by an operator.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CatalogDraft {
    /// Plans, with unique slugs.
    pub plans: Vec<PlanDraft>,
    /// Packs, with unique slugs.
    pub packs: Vec<PackDraft>,
    /// Rate cards. A card may appear several times, with rates for different times.
    pub rate_cards: Vec<RateCardDraft>,
}

/// One difference between file and catalogue: the current item, if there is one, and the wanted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatalogChange {
    /// A plan.
    Plan {
        /// The current plan.
        before: Option<Box<PlanDraft>>,
        /// The wanted plan.
        after: Box<PlanDraft>,
    },
    /// A pack.
    Pack {
        /// The current pack.
        before: Option<PackDraft>,
        /// The wanted pack.
        after: PackDraft,
    },
    /// A rate card with its rates at one time.
    RateCard {
        /// Its current or scheduled rates at that time.
        before: Option<RateCardDraft>,
        /// The wanted rates.
        after: RateCardDraft,
        /// The number of the new version; none if its rates do not change.
        version: Option<u32>,
    },
}

/// The result of applying a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppliedCatalog {
    /// The changes, in the order of the file; rates of one card by time.
    pub changes: Vec<CatalogChange>,
    /// The number of unchanged items.
    pub unchanged: usize,
    /// The number of outdated rates in the file: it has later ones for the same card that have started.
    pub superseded: usize,
}

/// Creates and changes plans, packs and rate cards by their slugs until they match `wanted`: all or nothing, and
/// nothing if `dry_run`. Items that `wanted` does not contain stay as they are. It is idempotent.
pub(crate) async fn apply_catalog(
    ports: &Ports,
    wanted: &CatalogDraft,
    dry_run: bool,
) -> Result<AppliedCatalog, BillingError> {
    retry(ports, || async move {
        let mut sheet = Sheet {
            now: ports.clock.now(),
            claimed: BTreeMap::new(),
            changes: Changes::default(),
            applied: AppliedCatalog::default(),
        };
        sheet.plans(ports, &wanted.plans).await?;
        sheet.packs(ports, &wanted.packs).await?;
        sheet.rate_cards(ports, &wanted.rate_cards).await?;
        if !dry_run && !sheet.applied.changes.is_empty() {
            ports.store.writer.commit(sheet.changes, sheet.now).await?;
        }
        Ok(sheet.applied)
    })
    .await
}

/// The changes before they are committed.
struct Sheet {
    now: Timestamp,
    /// The provider prices in the file, each with the slug of its item.
    claimed: BTreeMap<(Channel, String), String>,
    changes: Changes,
    applied: AppliedCatalog,
}

impl Sheet {
    async fn plans(&mut self, ports: &Ports, drafts: &[PlanDraft]) -> Result<(), Again> {
        once_each("plans", drafts.iter().map(|draft| draft.slug.as_str()))?;
        let stored = if drafts.is_empty() { Vec::new() } else { ports.store.catalog.plans().await? };
        let (mut plans, mut seen): (Vec<Plan>, Vec<_>) = (Vec::new(), Vec::new());
        for draft in drafts {
            let known = stored.iter().find(|plan| plan.slug == draft.slug);
            plans.push(draft.to_plan(
                known.map_or_else(|| PlanId::new(&*ports.ids), |plan| plan.id),
                known.map_or(self.now, |plan| plan.created_at),
                known.map_or(0, |plan| plan.version),
            ));
            seen.push(known.map(PlanDraft::from));
        }
        for (place, plan) in plans.iter().enumerate() {
            plan.check().map_err(|refusal| refusal.within(&format!("plans[{place}]")))?;
            check_plan_prices(ports, plan).await?;
            self.claim(plan.prices.iter().map(|(channel, _, reference)| (channel, reference)), &plan.slug)?;
        }
        for ((plan, before), draft) in plans.into_iter().zip(seen).zip(drafts) {
            if before.as_ref() == Some(draft) {
                self.applied.unchanged = self.applied.unchanged.saturating_add(1);
                continue;
            }
            let (before, after) = (before.map(Box::new), Box::new(draft.clone()));
            self.applied.changes.push(CatalogChange::Plan { before, after });
            self.changes.plans.push(plan);
        }
        Ok(())
    }

    async fn packs(&mut self, ports: &Ports, drafts: &[PackDraft]) -> Result<(), Again> {
        once_each("packs", drafts.iter().map(|draft| draft.slug.as_str()))?;
        let stored = if drafts.is_empty() { Vec::new() } else { ports.store.catalog.packs().await? };
        for (place, draft) in drafts.iter().enumerate() {
            let known = stored.iter().find(|pack| pack.slug == draft.slug);
            let pack: Pack = draft.to_pack(
                known.map_or_else(|| PackId::new(&*ports.ids), |pack| pack.id),
                known.map_or(self.now, |pack| pack.created_at),
                known.map_or(0, |pack| pack.version),
            );
            pack.check().map_err(|refusal| refusal.within(&format!("packs[{place}]")))?;
            check_pack_prices(ports, &pack).await?;
            self.claim(pack.prices.iter(), &pack.slug)?;
            let before = known.map(PackDraft::from);
            if before.as_ref() == Some(draft) {
                self.applied.unchanged = self.applied.unchanged.saturating_add(1);
                continue;
            }
            self.applied.changes.push(CatalogChange::Pack { before, after: draft.clone() });
            self.changes.packs.push(pack);
        }
        Ok(())
    }

    /// Claims provider prices for an item of the file; a price belongs to one item.
    fn claim<'a>(
        &mut self,
        prices: impl Iterator<Item = (Channel, &'a str)>,
        slug: &str,
    ) -> Result<(), CatalogRefusal> {
        for (channel, reference) in prices {
            let claimed = self.claimed.insert((channel, reference.to_owned()), slug.to_owned());
            if let Some(other) = claimed.filter(|other| other != slug) {
                return Err(CatalogRefusal::price_taken(channel, reference, format!("`{other}`")));
            }
        }
        Ok(())
    }

    async fn rate_cards(&mut self, ports: &Ports, drafts: &[RateCardDraft]) -> Result<(), Again> {
        let mut timetable = timetable(drafts)?;
        // Of the rates of one card in the file, the last that have started are the wanted current ones.
        let begun = |draft: &RateCardDraft| draft.effective_at.is_none_or(|moment| moment <= self.now);
        let replaced = |(_, draft): &(usize, &RateCardDraft)| {
            let same_card = drafts.iter().filter(|other| other.slug == draft.slug);
            same_card.into_iter().any(|other| begun(other) && other.effective_at > draft.effective_at)
        };
        let all = timetable.len();
        timetable.retain(|entry| !replaced(entry));
        self.applied.superseded = all.saturating_sub(timetable.len());
        for (place, draft) in timetable {
            self.rate_card(ports, draft).await.map_err(|error| match error {
                BillingError::Catalog(refusal) => {
                    Again::from(refusal.within(&format!("rate_cards[{place}]")))
                }
                other => other.into(),
            })?;
        }
        Ok(())
    }

    async fn rate_card(&mut self, ports: &Ports, draft: &RateCardDraft) -> Result<(), BillingError> {
        let sheet = self.changes.rate_cards.iter().position(|card| card.slug == draft.slug);
        let known = match sheet.and_then(|place| self.changes.rate_cards.get(place)) {
            Some(card) => Some(card.clone()),
            None => ports.store.catalog.rate_card(&draft.slug).await?,
        };
        // Rates that have started apply from now on; the past does not change. A new card has no past.
        let now = known.as_ref().map_or(self.now, |known| known.moment(self.now));
        let late = known.is_some() && draft.effective_at.is_some_and(|moment| moment < now);
        let effective_at = draft.effective_at.filter(|_| !late);
        let draft = &RateCardDraft { effective_at, ..draft.clone() };
        let moment = effective_at.unwrap_or(now);
        let replaced = self.in_force(ports, known.as_ref(), moment).await?;
        let before = match (&known, &replaced) {
            (Some(card), Some(replaced)) => Some(draft_of(card, replaced, draft.effective_at)),
            _ => None,
        };
        if before.as_ref() == Some(draft) {
            self.applied.unchanged = self.applied.unchanged.saturating_add(1);
            return Ok(());
        }
        let Publication { card, version } =
            draft.publish(known.as_ref(), replaced.as_ref(), RateCardId::new(&*ports.ids), now)?;
        match sheet.and_then(|place| self.changes.rate_cards.get_mut(place)) {
            Some(written) => *written = card,
            None => self.changes.rate_cards.push(card),
        }
        let number = version.as_ref().map(|version| version.edition.number);
        self.changes.rate_card_versions.extend(version);
        let change = CatalogChange::RateCard { before, after: draft.clone(), version: number };
        self.applied.changes.push(change);
        Ok(())
    }

    /// The version of `card` in force at `moment`, including new versions of this sheet.
    async fn in_force(
        &self,
        ports: &Ports,
        card: Option<&RateCard>,
        moment: Timestamp,
    ) -> Result<Option<RateCardVersion>, BillingError> {
        let Some(card) = card else { return Ok(None) };
        let Some(edition) = card.in_force(moment) else { return Ok(None) };
        let mut new = self.changes.rate_card_versions.iter();
        if let Some(version) = new.find(|new| new.card == card.slug && new.edition == edition) {
            return Ok(Some(version.clone()));
        }
        let stored = version_numbered(ports, card, edition.number).await?;
        Ok(Some((*stored).clone()))
    }
}

/// `card` as a draft, with the rates of `version`.
pub(super) fn draft_of(
    card: &RateCard,
    version: &RateCardVersion,
    effective_at: Option<Timestamp>,
) -> RateCardDraft {
    RateCardDraft {
        slug: card.slug.clone(),
        name: card.name.clone(),
        description: card.description.clone(),
        active: card.active,
        effective_at,
        markup: version.markup,
        meters: version.meters.clone(),
    }
}

/// The drafts with their positions in the file: a card at its first position, its rates by time.
fn timetable(drafts: &[RateCardDraft]) -> Result<Vec<(usize, &RateCardDraft)>, CatalogRefusal> {
    let mut table = Vec::new();
    for (place, draft) in drafts.iter().enumerate() {
        let refused = |refusal: CatalogRefusal| refusal.within(&format!("rate_cards[{place}]"));
        draft.check().map_err(refused)?;
        let mut first = place;
        for (earlier, other) in drafts.iter().enumerate().take(place) {
            if other.slug != draft.slug {
                continue;
            }
            first = first.min(earlier);
            let problem = if other.effective_at == draft.effective_at {
                "stands twice for the same moment"
            } else if (&other.name, &other.description, other.active)
                != (&draft.name, &draft.description, draft.active)
            {
                "stands twice, with another name, description or activity"
            } else {
                continue;
            };
            return Err(refused(CatalogRefusal::invalid("slug", problem)));
        }
        table.push((first, place, draft));
    }
    table.sort_by_key(|(first, _, draft)| (*first, draft.effective_at));
    Ok(table.into_iter().map(|(_, place, draft)| (place, draft)).collect())
}

/// A duplicate item would be changed twice with each application of the file.
fn once_each<'a>(list: &str, slugs: impl Iterator<Item = &'a str>) -> Result<(), CatalogRefusal> {
    let mut seen = BTreeSet::new();
    for (place, slug) in slugs.enumerate() {
        if !seen.insert(slug) {
            return Err(CatalogRefusal::invalid(
                format!("{list}[{place}].slug"),
                format!("`{slug}` stands twice"),
            ));
        }
    }
    Ok(())
}
