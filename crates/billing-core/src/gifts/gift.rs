//! A gift and its life cycle.

use super::{GiftCode, GiftRefusal, GiftStatus};
use crate::catalog::{Interval, PlanTerms};
use crate::ledger::Actor;
use crate::orders::OrderStatus;
use crate::values::{AccountId, GiftId, IdSource, OrderId, PlanId, RequestKey, Timestamp};

/// The maximum number of months.
pub const MOST_MONTHS: u32 = 36;

/// A plan for a number of months, for the account that redeems it. The agreed terms are frozen on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    /// The gift's id.
    pub id: GiftId,
    /// Its origin.
    pub origin: GiftOrigin,
    /// The plan and months.
    pub plan: GiftPlan,
    /// The status.
    pub status: GiftStatus,
    /// The redemption, if any.
    pub redeemed: Option<Redeemed>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The row's version; 0 if not stored yet.
    pub version: i64,
}

/// The origin of a gift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GiftOrigin {
    /// Bought by an account.
    Bought {
        /// The buyer.
        buyer: AccountId,
        /// The order that pays for it.
        order: OrderId,
        /// The code that redeems it.
        code: GiftCode,
        /// The intended recipient.
        recipient: Recipient,
        /// The host product's page for redeeming it.
        redeem_url: Option<String>,
    },
    /// Given to an account by an operator, free of charge.
    Complimentary {
        /// The operator's reason.
        reason: String,
        /// The operator.
        given_by: Actor,
    },
}

/// The plan of a gift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiftPlan {
    /// The plan.
    pub plan: PlanId,
    /// The months, 1 to 36.
    pub months: u32,
    /// The interval of its price.
    pub interval: Interval,
    /// The plan's credit terms at the time of purchase.
    pub terms: PlanTerms,
}

/// The intended recipient, as entered by the buyer. Any account with the code may redeem it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipient {
    /// The recipient's e-mail address.
    pub email: Option<String>,
    /// The recipient's name.
    pub name: Option<String>,
    /// The buyer's message.
    pub message: Option<String>,
}

/// The redemption of a gift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redeemed {
    /// The account.
    pub by: AccountId,
    /// The time.
    pub at: Timestamp,
    /// The request that redeemed or gave it, so that a retry finds it.
    pub request: Option<RequestKey>,
}

impl Gift {
    /// A gift whose order is not paid yet.
    pub fn bought(origin: GiftOrigin, plan: GiftPlan, ids: &dyn IdSource, now: Timestamp) -> Self {
        Self {
            id: GiftId::new(ids),
            origin,
            plan,
            status: GiftStatus::Pending,
            redeemed: None,
            created_at: now,
            version: 0,
        }
    }

    /// A gift from an operator to an account.
    pub fn complimentary(
        (reason, given_by): (String, Actor),
        plan: GiftPlan,
        redeemed: Redeemed,
        ids: &dyn IdSource,
    ) -> Self {
        Self {
            id: GiftId::new(ids),
            origin: GiftOrigin::Complimentary { reason, given_by },
            plan,
            status: GiftStatus::Redeemed,
            created_at: redeemed.at,
            redeemed: Some(redeemed),
            version: 0,
        }
    }

    /// Its code, if it was bought.
    pub fn code(&self) -> Option<&GiftCode> {
        match &self.origin {
            GiftOrigin::Bought { code, .. } => Some(code),
            GiftOrigin::Complimentary { .. } => None,
        }
    }

    /// Its buyer, if it was bought.
    pub fn buyer(&self) -> Option<AccountId> {
        match &self.origin {
            GiftOrigin::Bought { buyer, .. } => Some(*buyer),
            GiftOrigin::Complimentary { .. } => None,
        }
    }

    /// The order that pays for it, if it was bought.
    pub fn order(&self) -> Option<OrderId> {
        match &self.origin {
            GiftOrigin::Bought { order, .. } => Some(*order),
            GiftOrigin::Complimentary { .. } => None,
        }
    }

    /// The redemption link: the host product's page, with the code as query parameter `code`.
    pub fn link(&self) -> Option<String> {
        let GiftOrigin::Bought { code, redeem_url: Some(url), .. } = &self.origin else { return None };
        let (page, place) =
            url.split_once('#').map_or((url.as_str(), None), |(page, place)| (page, Some(place)));
        let joint = if page.contains('?') { '&' } else { '?' };
        let place = place.map(|place| format!("#{place}")).unwrap_or_default();
        Some(format!("{page}{joint}code={}{place}", code.reveal()))
    }

    /// Follows the status of its order, until it is redeemed. Returns whether it changed.
    pub fn follow(&mut self, order: OrderStatus) -> bool {
        let status = match (self.status, order) {
            (GiftStatus::Redeemed, _) => GiftStatus::Redeemed,
            (_, OrderStatus::Completed | OrderStatus::PartiallyRefunded) => GiftStatus::Paid,
            (_, OrderStatus::Refunded) => GiftStatus::Refunded,
            (status, OrderStatus::Pending | OrderStatus::Failed | OrderStatus::Expired) => status,
        };
        let changed = status != self.status;
        self.status = status;
        changed
    }

    /// Whether it can be redeemed.
    ///
    /// # Errors
    ///
    /// [`GiftRefusal`] says why not.
    pub const fn redeemable(&self) -> Result<(), GiftRefusal> {
        match self.status {
            GiftStatus::Paid => Ok(()),
            GiftStatus::Pending => Err(GiftRefusal::NotPaid),
            GiftStatus::Redeemed => Err(GiftRefusal::AlreadyRedeemed),
            GiftStatus::Refunded => Err(GiftRefusal::Refunded),
        }
    }

    /// Redeems it, permanently.
    ///
    /// # Errors
    ///
    /// As [`redeemable`](Self::redeemable).
    pub fn redeem(&mut self, redeemed: Redeemed) -> Result<(), GiftRefusal> {
        self.redeemable()?;
        self.status = GiftStatus::Redeemed;
        self.redeemed = Some(redeemed);
        Ok(())
    }
}

impl Recipient {
    /// The first invalid field and its problem.
    pub fn problem(&self) -> Option<(&'static str, &'static str)> {
        let off = |text: &Option<String>, most: usize| {
            text.as_ref().is_some_and(|text| text.trim().is_empty() || text.chars().count() > most)
        };
        if off(&self.email, 320) || self.email.as_ref().is_some_and(|email| !email.contains('@')) {
            return Some(("recipient_email", "is not an e-mail address"));
        }
        if off(&self.name, 320) {
            return Some(("recipient_name", "takes 1 to 320 characters"));
        }
        off(&self.message, 1000).then_some(("message", "takes 1 to 1000 characters"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gift_follows_its_order_until_somebody_has_it() {
        use GiftStatus::{Paid, Pending, Redeemed, Refunded};
        for (from, order, to) in [
            (Pending, OrderStatus::Pending, Pending),
            (Pending, OrderStatus::Expired, Pending),
            (Pending, OrderStatus::Failed, Pending),
            (Pending, OrderStatus::Completed, Paid),
            (Paid, OrderStatus::Completed, Paid),
            (Paid, OrderStatus::PartiallyRefunded, Paid),
            (Paid, OrderStatus::Refunded, Refunded),
            (Refunded, OrderStatus::Completed, Paid),
            (Redeemed, OrderStatus::Refunded, Redeemed),
        ] {
            let mut gift = a_gift("https://app.example.com/redeem");
            gift.status = from;
            assert_eq!((gift.follow(order), gift.status), (from != to, to), "{from} {order}");
        }
    }

    #[test]
    fn a_link_carries_the_code_in_its_query() {
        let code = GiftCode::new([7; 16]);
        for (page, link) in [
            ("https://app.example.com/redeem", "https://app.example.com/redeem?code=C"),
            ("https://app.example.com/?a=1", "https://app.example.com/?a=1&code=C"),
            ("https://app.example.com/#/redeem", "https://app.example.com/?code=C#/redeem"),
        ] {
            assert_eq!(a_gift(page).link(), Some(link.replace("=C", &format!("={}", code.reveal()))));
        }
    }

    fn a_gift(page: &str) -> Gift {
        let uuid = uuid::Uuid::from_u128(1);
        let terms = PlanTerms {
            credits: crate::values::Credits::new(1),
            credits_interval: crate::catalog::CreditsInterval::Monthly,
            rollover: crate::catalog::RolloverPolicy {
                mode: crate::catalog::RolloverMode::Expire,
                cap: None,
            },
            change_policy: crate::catalog::ChangePolicy::None,
        };
        Gift {
            id: GiftId::from_uuid(uuid),
            origin: GiftOrigin::Bought {
                buyer: AccountId::from_uuid(uuid),
                order: OrderId::from_uuid(uuid),
                code: GiftCode::new([7; 16]),
                recipient: Recipient::default(),
                redeem_url: Some(page.to_owned()),
            },
            plan: GiftPlan { plan: PlanId::from_uuid(uuid), months: 3, interval: Interval::Monthly, terms },
            status: GiftStatus::Pending,
            redeemed: None,
            created_at: Timestamp::EPOCH,
            version: 0,
        }
    }
}
