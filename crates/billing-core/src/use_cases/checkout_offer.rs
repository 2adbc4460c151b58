//! The offered item, and its reference at the provider.

use super::CheckoutRefusal;
use super::provider_prices::provider_price;
use crate::BillingError;
use crate::billing::Ports;
use crate::catalog::{Interval, Pack, Plan};
use crate::gifts::{MOST_MONTHS, gift_price};
use crate::orders::OrderKind;
use crate::payments::{Capability, Purchase};
use crate::ports::PaymentProvider;
use crate::values::{Money, PackId, PlanId};

/// An item to buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurchaseItem {
    /// A plan.
    Plan(PlanId, Interval),
    /// A pack.
    Pack(PackId),
    /// A plan for this many months, as a gift.
    Gift(PlanId, u32),
}

impl PurchaseItem {
    /// The kind of its order.
    pub const fn kind(self) -> OrderKind {
        match self {
            Self::Plan(..) => OrderKind::Subscription,
            Self::Pack(_) => OrderKind::Credits,
            Self::Gift(..) => OrderKind::Gift,
        }
    }
}

/// An item on sale and its reference at the provider.
pub(super) struct Offer {
    pub(super) template: Template,
    pub(super) purchase: Purchase,
}

/// The terms that an order freezes.
pub(super) enum Template {
    Pack(Pack),
    Plan(Plan, Interval, Money),
    Gift(Plan, u32, (Interval, Money)),
}

/// Finds the item, and refuses items that are not on sale or not on this channel.
pub(super) async fn offer(
    ports: &Ports,
    provider: &dyn PaymentProvider,
    wanted: PurchaseItem,
) -> Result<Offer, BillingError> {
    let backed = provider.capabilities().can(Capability::CatalogBacked);
    let packs_backed = provider.capabilities().can(Capability::PacksCatalogBacked);
    let channel = provider.channel();
    let unavailable = |item: &str| CheckoutRefusal::NotAvailableOnChannel { item: item.to_owned(), channel };
    match wanted {
        PurchaseItem::Pack(id) => {
            let found = ports.store.catalog.pack(id).await?;
            let pack = found.ok_or_else(|| BillingError::not_found("pack", id))?;
            if !pack.active {
                return Err(CheckoutRefusal::NotOnSale(pack.slug).into());
            }
            let product = pack.prices.get(channel).map(str::to_owned);
            if product.is_none() && packs_backed {
                return Err(unavailable(&pack.slug).into());
            }
            let purchase = Purchase::Pack { name: pack.name.clone(), product };
            Ok(Offer { template: Template::Pack(pack), purchase })
        }
        PurchaseItem::Gift(id, months) => {
            let (plan, sold) = gift_offer(ports, id, months).await?;
            // Paid once, in an arbitrary amount: a catalogue has no such price.
            if packs_backed {
                return Err(unavailable(&plan.slug).into());
            }
            let purchase = Purchase::Gift { name: plan.name.clone() };
            Ok(Offer { template: Template::Gift(plan, months, sold), purchase })
        }
        PurchaseItem::Plan(id, interval) => {
            let found = ports.store.catalog.plan(id).await?;
            let plan = found.ok_or_else(|| BillingError::not_found("plan", id))?;
            let Some(money) = plan.price(interval).filter(|_| plan.active) else {
                return Err(CheckoutRefusal::NotOnSale(plan.slug).into());
            };
            let price = provider_price(provider, &plan, interval);
            if price.is_none() && backed {
                return Err(unavailable(&plan.slug).into());
            }
            let purchase = Purchase::Plan { name: plan.name.clone(), interval, price, trial_days: 0 };
            Ok(Offer { template: Template::Plan(plan, interval, money), purchase })
        }
    }
}

/// The plan and the price of a gift of this many months.
pub(super) async fn gift_offer(
    ports: &Ports,
    id: PlanId,
    months: u32,
) -> Result<(Plan, (Interval, Money)), BillingError> {
    if !(1..=MOST_MONTHS).contains(&months) {
        return Err(BillingError::Invalid { field: "months", problem: format!("takes 1 to {MOST_MONTHS}") });
    }
    let plan = ports.store.catalog.plan(id).await?.ok_or_else(|| BillingError::not_found("plan", id))?;
    match gift_price(&plan, months).filter(|(_, price)| plan.active && price.minor > 0) {
        Some(sold) => Ok((plan, sold)),
        None => Err(CheckoutRefusal::NotOnSale(plan.slug).into()),
    }
}
