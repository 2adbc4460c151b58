//! The items of providers' prices and products.

use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{CatalogRefusal, Interval, Pack, Plan, PricedItem};
use crate::payments::{Capability, Channel};
use crate::ports::{PaymentProvider, StoreError};

/// Checks that no current price of `plan` stands for another item, now or formerly.
pub(super) async fn check_plan_prices(ports: &Ports, plan: &Plan) -> Result<(), BillingError> {
    for (channel, interval, reference) in plan.prices.iter() {
        check(ports, (channel, reference), PricedItem::Plan(plan.id, interval)).await?;
    }
    Ok(())
}

/// The same for a pack.
pub(super) async fn check_pack_prices(ports: &Ports, pack: &Pack) -> Result<(), BillingError> {
    for (channel, reference) in pack.prices.iter() {
        check(ports, (channel, reference), PricedItem::Pack(pack.id)).await?;
    }
    Ok(())
}

async fn check(
    ports: &Ports,
    (channel, reference): (Channel, &str),
    item: PricedItem,
) -> Result<(), BillingError> {
    let known = ports.store.catalog.priced_item(channel, reference).await?;
    match known.filter(|known| *known != item) {
        None => Ok(()),
        Some(other) => {
            Err(CatalogRefusal::price_taken(channel, reference, named(ports, other).await?).into())
        }
    }
}

/// `item` in words.
pub(super) async fn named(ports: &Ports, item: PricedItem) -> Result<String, StoreError> {
    Ok(match item {
        PricedItem::Plan(id, interval) => {
            let slug = ports.store.catalog.plan(id).await?.map_or_else(|| id.to_string(), |plan| plan.slug);
            format!("the plan `{slug}`, {interval}")
        }
        PricedItem::Pack(id) => {
            let slug = ports.store.catalog.pack(id).await?.map_or_else(|| id.to_string(), |pack| pack.slug);
            format!("the pack `{slug}`")
        }
    })
}

/// The plan and interval that `reference` stands for at `channel`, even if it is no longer sold.
pub(super) async fn plan_of_price(
    ports: &Ports,
    channel: Channel,
    reference: &str,
) -> Result<Option<(Plan, Interval)>, StoreError> {
    let item = match ports.provider(channel) {
        Some(provider) if !keeps_catalog(provider) => PricedItem::of_own_reference(reference),
        _ => ports.store.catalog.priced_item(channel, reference).await?,
    };
    let Some(PricedItem::Plan(id, interval)) = item else { return Ok(None) };
    Ok(ports.store.catalog.plan(id).await?.map(|plan| (plan, interval)))
}

/// The provider's current price of `plan` for `interval`, if it has one.
pub(super) fn provider_price(
    provider: &dyn PaymentProvider,
    plan: &Plan,
    interval: Interval,
) -> Option<String> {
    if keeps_catalog(provider) {
        plan.prices.get(provider.channel(), interval).map(str::to_owned)
    } else {
        Some(PricedItem::own_reference(plan.id, interval))
    }
}

fn keeps_catalog(provider: &dyn PaymentProvider) -> bool {
    provider.capabilities().can(Capability::CatalogBacked)
}
