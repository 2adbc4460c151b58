//! Gifts.

use billing_core::accounts::ExternalId;
use billing_core::gifts::{Gift, GiftOrigin, Recipient};
use billing_core::requests::{GiftDetails, RedeemedGift};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CreateSessionBody, SubscriptionView};

/// A gift, for its buyer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GiftView {
    id: String,
    /// `pending`, `paid`, `redeemed` or `refunded`.
    status: String,
    order_id: Option<String>,
    plan_id: String,
    months: u32,
    /// The code that redeems it.
    code: Option<String>,
    /// The redemption link; null if no page was named.
    url: Option<String>,
    recipient_email: Option<String>,
    recipient_name: Option<String>,
    message: Option<String>,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC; null until it is redeemed.
    redeemed_at: Option<String>,
}

/// A gift for operators: without its code, which belongs to the buyer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnedGiftView {
    id: String,
    /// `bought` or `complimentary`.
    origin: String,
    /// `pending`, `paid`, `redeemed` or `refunded`.
    status: String,
    /// The buyer, if it was bought.
    account_id: Option<String>,
    order_id: Option<String>,
    plan_id: String,
    months: u32,
    /// The code's last four digits.
    code_last4: Option<String>,
    recipient_email: Option<String>,
    recipient_name: Option<String>,
    /// For complimentary ones: the reason.
    reason: Option<String>,
    /// For complimentary ones: the operator.
    given_by: Option<String>,
    /// The account that redeemed it.
    redeemed_by: Option<String>,
    /// RFC 3339, UTC.
    created_at: String,
    /// RFC 3339, UTC; null until it is redeemed.
    redeemed_at: Option<String>,
}

/// The gift of a checkout.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionGiftView {
    id: String,
    /// The code that redeems it, once it is paid.
    code: Option<String>,
    /// The redemption link; null if no page was named.
    url: Option<String>,
}

/// A gift to redeem.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RedeemGiftBody {
    /// The account; optional for users and for keys that are bound to an account.
    pub(crate) account_id: Option<String>,
    /// Case-insensitive, with or without hyphens.
    pub(crate) code: String,
}

/// A redeemed gift, and its subscription.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RedeemedGiftView {
    gift_id: String,
    months: u32,
    /// The buyer's message.
    message: Option<String>,
    subscription: SubscriptionView,
}

/// A plan to give free of charge.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveSubscriptionBody {
    pub(crate) account_id: String,
    /// The plan, on sale or not.
    pub(crate) plan_id: String,
    /// 1 to 36.
    pub(crate) months: u32,
    /// The reason.
    pub(crate) reason: String,
}

/// The end of a subscription.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndSubscriptionBody {
    /// `now` (the default) or `period_end`.
    pub(crate) when: Option<String>,
}

impl CreateSessionBody {
    /// The buyer's details of the gift.
    pub(crate) fn wrapping(&self) -> GiftDetails {
        GiftDetails {
            recipient: Recipient {
                email: self.recipient_email.clone(),
                name: self.recipient_name.clone(),
                message: self.message.clone(),
            },
            redeem_url: self.redeem_url.clone(),
        }
    }
}

fn code(gift: &Gift) -> Option<String> {
    gift.code().map(|code| code.reveal().to_owned())
}

fn recipient(gift: &Gift) -> Recipient {
    match &gift.origin {
        GiftOrigin::Bought { recipient, .. } => recipient.clone(),
        GiftOrigin::Complimentary { .. } => Recipient::default(),
    }
}

fn redeemed_at(gift: &Gift) -> Option<String> {
    gift.redeemed.as_ref().map(|redeemed| redeemed.at.to_string())
}

impl From<Gift> for GiftView {
    fn from(gift: Gift) -> Self {
        let recipient = recipient(&gift);
        Self {
            id: gift.id.to_string(),
            status: gift.status.to_string(),
            order_id: gift.order().map(|order| order.to_string()),
            plan_id: gift.plan.plan.to_string(),
            months: gift.plan.months,
            code: code(&gift),
            url: gift.link(),
            recipient_email: recipient.email,
            recipient_name: recipient.name,
            message: recipient.message,
            created_at: gift.created_at.to_string(),
            redeemed_at: redeemed_at(&gift),
        }
    }
}

impl From<(Option<ExternalId>, Option<ExternalId>, Gift)> for OwnedGiftView {
    fn from((buyer, owner, gift): (Option<ExternalId>, Option<ExternalId>, Gift)) -> Self {
        let recipient = recipient(&gift);
        let (origin, reason, given_by) = match &gift.origin {
            GiftOrigin::Bought { .. } => ("bought", None, None),
            GiftOrigin::Complimentary { reason, given_by } => {
                ("complimentary", Some(reason.clone()), Some(given_by.to_string()))
            }
        };
        Self {
            id: gift.id.to_string(),
            origin: origin.to_owned(),
            status: gift.status.to_string(),
            account_id: buyer.map(|buyer| buyer.to_string()),
            order_id: gift.order().map(|order| order.to_string()),
            plan_id: gift.plan.plan.to_string(),
            months: gift.plan.months,
            code_last4: gift.code().map(|code| code.last4().to_owned()),
            recipient_email: recipient.email,
            recipient_name: recipient.name,
            reason,
            given_by,
            redeemed_by: owner.map(|owner| owner.to_string()),
            created_at: gift.created_at.to_string(),
            redeemed_at: redeemed_at(&gift),
        }
    }
}

impl From<Gift> for SessionGiftView {
    fn from(gift: Gift) -> Self {
        Self { id: gift.id.to_string(), code: code(&gift), url: gift.link() }
    }
}

impl From<RedeemedGift> for RedeemedGiftView {
    fn from(done: RedeemedGift) -> Self {
        Self {
            gift_id: done.gift.id.to_string(),
            months: done.gift.plan.months,
            message: recipient(&done.gift).message,
            subscription: done.shown.into(),
        }
    }
}
