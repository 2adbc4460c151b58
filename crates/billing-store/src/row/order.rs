//! Rows of orders.

use billing_core::orders::{Order, OrderItem, OrderRefs, RequestMark, Trial};
use billing_core::payments::CheckoutSession;
use billing_core::ports::StoreError;
use billing_core::values::{
    AccountId, Credits, Fingerprint, Money, OrderId, PackId, PlanId, RequestKey, Timestamp,
};

use super::read::{Reader, at, to_json};
use crate::entity::orders::Model;

/// The row of `order`, at the next version.
pub(crate) fn order_model(order: &Order) -> Model {
    let item = ItemColumns::of(&order.item);
    let session = order.session.as_ref();
    Model {
        id: order.id.uuid(),
        account_id: order.account.uuid(),
        status: order.status.to_string(),
        pack_id: item.pack.map(PackId::uuid),
        plan_id: item.plan.map(PlanId::uuid),
        plan_interval: item.interval,
        credits: item.credits.get(),
        bonus_credits: item.bonus_credits.get(),
        expires_after_days: item.expires_after_days.map(i64::from),
        trial_days: item.trial.map(|trial| i64::from(trial.days)),
        trial_credits: item.trial.map(|trial| trial.credits.get()),
        gift_months: item.gift_months.map(i64::from),
        description: order.description.clone(),
        price: order.price.minor,
        currency: order.price.currency.code().to_owned(),
        discount: order.discount.as_ref().map(to_json),
        channel: order.channel.to_string(),
        success_url: order.success_url.clone(),
        cancel_url: order.cancel_url.clone(),
        request_key: order.request.key.as_ref().map(|key| key.as_str().to_owned()),
        request_fingerprint: order.request.fingerprint.bytes().to_vec(),
        slot: order.slot().map(|slot| slot.to_string()),
        session_id: session.map(|session| session.id.clone()),
        session_url: session.map(|session| session.url.clone()),
        session_expires_at: session.map(|session| session.expires_at.micros()),
        payment_ref: order.refs.payment.clone(),
        subscription_ref: order.refs.subscription.clone(),
        invoice_ref: order.refs.invoice.clone(),
        created_at: order.created_at.micros(),
        completed_at: order.completed_at.map(Timestamp::micros),
        version: order.version.saturating_add(1),
    }
}

pub(crate) fn read_order(row: Model) -> Result<Order, StoreError> {
    let read = Reader::new("orders", row.id);
    let item = read_item(&read, &row)?;
    let session = match (row.session_id, row.session_url, row.session_expires_at) {
        (Some(id), Some(url), Some(expires_at)) => {
            Some(CheckoutSession { id, url, expires_at: at(expires_at) })
        }
        (None, None, None) => None,
        _ => return Err(read.corrupt("session_id", "half a checkout session")),
    };
    let key = row.request_key.map(|key| RequestKey::parse(&key)).transpose();
    Ok(Order {
        id: OrderId::from_uuid(row.id),
        account: AccountId::from_uuid(row.account_id),
        status: read.parse("status", &row.status)?,
        item,
        description: row.description,
        price: Money::new(row.price, read.parse("currency", &row.currency)?),
        discount: row.discount.as_deref().map(|text| read.json("discount", text)).transpose()?,
        channel: read.parse("channel", &row.channel)?,
        success_url: row.success_url,
        cancel_url: row.cancel_url,
        request: RequestMark {
            key: key.map_err(|problem| read.corrupt("request_key", problem))?,
            fingerprint: Fingerprint::from_bytes(
                read.bytes32("request_fingerprint", &row.request_fingerprint)?,
            ),
        },
        session,
        refs: OrderRefs {
            payment: row.payment_ref,
            subscription: row.subscription_ref,
            invoice: row.invoice_ref,
        },
        created_at: at(row.created_at),
        completed_at: row.completed_at.map(at),
        version: row.version,
    })
}

struct ItemColumns {
    pack: Option<PackId>,
    plan: Option<PlanId>,
    interval: Option<String>,
    credits: Credits,
    bonus_credits: Credits,
    expires_after_days: Option<u32>,
    trial: Option<Trial>,
    gift_months: Option<u32>,
}

impl ItemColumns {
    fn of(item: &OrderItem) -> Self {
        match *item {
            OrderItem::Pack { pack, credits, bonus_credits, expires_after_days } => Self {
                pack: Some(pack),
                plan: None,
                interval: None,
                credits,
                bonus_credits,
                expires_after_days,
                trial: None,
                gift_months: None,
            },
            OrderItem::Gift { plan, months, credits } => Self {
                pack: None,
                plan: Some(plan),
                interval: None,
                credits,
                bonus_credits: Credits::ZERO,
                expires_after_days: None,
                trial: None,
                gift_months: Some(months),
            },
            OrderItem::Plan { plan, interval, credits, trial } => Self {
                pack: None,
                plan: Some(plan),
                interval: Some(interval.to_string()),
                credits,
                bonus_credits: Credits::ZERO,
                expires_after_days: None,
                trial,
                gift_months: None,
            },
        }
    }
}

fn read_trial(read: &Reader<sea_orm::prelude::Uuid>, row: &Model) -> Result<Option<Trial>, StoreError> {
    let Some((days, credits)) = row.trial_days.zip(row.trial_credits) else { return Ok(None) };
    Ok(Some(Trial { days: read.small("trial_days", days)?, credits: Credits::new(credits) }))
}

fn read_item(read: &Reader<sea_orm::prelude::Uuid>, row: &Model) -> Result<OrderItem, StoreError> {
    match (row.pack_id, row.plan_id, &row.plan_interval, row.gift_months) {
        (Some(pack), None, None, None) => Ok(OrderItem::Pack {
            pack: PackId::from_uuid(pack),
            credits: Credits::new(row.credits),
            bonus_credits: Credits::new(row.bonus_credits),
            expires_after_days: row
                .expires_after_days
                .map(|days| read.small("expires_after_days", days))
                .transpose()?,
        }),
        (None, Some(plan), None, Some(months)) => Ok(OrderItem::Gift {
            plan: PlanId::from_uuid(plan),
            months: read.small("gift_months", months)?,
            credits: Credits::new(row.credits),
        }),
        (None, Some(plan), Some(interval), None) => Ok(OrderItem::Plan {
            plan: PlanId::from_uuid(plan),
            interval: read.parse("plan_interval", interval)?,
            credits: Credits::new(row.credits),
            trial: read_trial(read, row)?,
        }),
        _ => Err(read.corrupt("pack_id", "neither a pack nor a plan nor a gift")),
    }
}
