//! Rows of gifts.

use billing_core::catalog::{PlanTerms, RolloverPolicy};
use billing_core::gifts::{Gift, GiftCode, GiftOrigin, GiftPlan, Recipient, Redeemed};
use billing_core::ports::StoreError;
use billing_core::values::{AccountId, Credits, GiftId, OrderId, PlanId, RequestKey};

use super::read::{Reader, at};
use crate::entity::gifts::Model;

/// The row of `gift`, at the next version.
pub(crate) fn gift_model(gift: &Gift) -> Model {
    let (recipient, redeem_url, reason, given_by) = match &gift.origin {
        GiftOrigin::Bought { recipient, redeem_url, .. } => {
            (recipient.clone(), redeem_url.clone(), None, None)
        }
        GiftOrigin::Complimentary { reason, given_by } => {
            (Recipient::default(), None, Some(reason.clone()), Some(given_by.to_string()))
        }
    };
    let redeemed = gift.redeemed.as_ref();
    let terms = &gift.plan.terms;
    Model {
        id: gift.id.uuid(),
        buyer_id: gift.buyer().map(AccountId::uuid),
        order_id: gift.order().map(OrderId::uuid),
        code: gift.code().map(|code| code.reveal().to_owned()),
        recipient_email: recipient.email,
        recipient_name: recipient.name,
        message: recipient.message,
        redeem_url,
        reason,
        given_by,
        plan_id: gift.plan.plan.uuid(),
        months: i64::from(gift.plan.months),
        plan_interval: gift.plan.interval.to_string(),
        terms_credits: terms.credits.get(),
        terms_credits_interval: terms.credits_interval.to_string(),
        terms_rollover_mode: terms.rollover.mode.to_string(),
        terms_rollover_cap: terms.rollover.cap.map(Credits::get),
        terms_change_policy: terms.change_policy.to_string(),
        status: gift.status.to_string(),
        redeemed_by: redeemed.map(|redeemed| redeemed.by.uuid()),
        redeemed_at: redeemed.map(|redeemed| redeemed.at.micros()),
        request_key: redeemed.and_then(|one| one.request.as_ref()).map(|key| key.as_str().to_owned()),
        created_at: gift.created_at.micros(),
        version: gift.version.saturating_add(1),
    }
}

pub(crate) fn read_gift(row: Model) -> Result<Gift, StoreError> {
    let read = Reader::new("gifts", row.id);
    let key = row.request_key.as_deref().map(RequestKey::parse).transpose();
    let request = key.map_err(|problem| read.corrupt("request_key", problem))?;
    let redeemed = match (row.redeemed_by, row.redeemed_at) {
        (Some(by), Some(moment)) => Some(Redeemed { by: AccountId::from_uuid(by), at: at(moment), request }),
        (None, None) => None,
        _ => return Err(read.corrupt("redeemed_by", "half a redemption")),
    };
    let origin = match (row.buyer_id, row.order_id, row.code, row.reason, row.given_by) {
        (Some(buyer), Some(order), Some(code), None, None) => GiftOrigin::Bought {
            buyer: AccountId::from_uuid(buyer),
            order: OrderId::from_uuid(order),
            // Not quoted: the code is a bearer secret.
            code: GiftCode::parse(&code).ok_or_else(|| read.corrupt("code", "no code of a gift"))?,
            recipient: Recipient {
                email: row.recipient_email,
                name: row.recipient_name,
                message: row.message,
            },
            redeem_url: row.redeem_url,
        },
        (None, None, None, Some(reason), Some(given_by)) => {
            GiftOrigin::Complimentary { reason, given_by: read.parse("given_by", &given_by)? }
        }
        _ => return Err(read.corrupt("order_id", "neither bought nor given")),
    };
    Ok(Gift {
        id: GiftId::from_uuid(row.id),
        origin,
        plan: GiftPlan {
            plan: PlanId::from_uuid(row.plan_id),
            months: read.small("months", row.months)?,
            interval: read.parse("plan_interval", &row.plan_interval)?,
            terms: PlanTerms {
                credits: Credits::new(row.terms_credits),
                credits_interval: read.parse("terms_credits_interval", &row.terms_credits_interval)?,
                rollover: RolloverPolicy {
                    mode: read.parse("terms_rollover_mode", &row.terms_rollover_mode)?,
                    cap: row.terms_rollover_cap.map(Credits::new),
                },
                change_policy: read.parse("terms_change_policy", &row.terms_change_policy)?,
            },
        },
        status: read.parse("status", &row.status)?,
        redeemed,
        created_at: at(row.created_at),
        version: row.version,
    })
}
