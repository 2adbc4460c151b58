//! What a redeemed gift starts.

use super::Gift;
use crate::catalog::{CreditsInterval, MonthlyShare, RolloverMode, period_grants};
use crate::ledger::{Actor, Command, GrantCredits, Origin, Posting, Rollover, Source, business_keys};
use crate::payments::Channel;
use crate::subscriptions::{Subscription, SubscriptionRole, SubscriptionStatus};
use crate::values::{
    AccountId, BusinessKey, Fingerprint, IdSource, Period, PostingKey, SubscriptionId, Timestamp, Zone,
};

/// The subscription and credits of a redeemed gift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The subscription for all its months; it does not renew and is never charged.
    pub subscription: Subscription,
    /// Each month's credits; none for a plan without credits.
    pub posting: Option<Posting>,
}

impl Gift {
    /// The subscription and credits for `account` at `now`: a subscription that ends with the gift's months, and the
    /// plan's credits month by month, whatever its credits interval, because there is only one paid period.
    pub fn begin(
        &self,
        account: AccountId,
        plan: &str,
        actor: Actor,
        ids: &dyn IdSource,
        now: Timestamp,
    ) -> Begun {
        let months = i32::try_from(self.plan.months).unwrap_or(i32::MAX);
        let period = Period { start: now, end: Zone::UTC.plus_months(now, months) };
        let subscription = Subscription {
            id: SubscriptionId::new(ids),
            account,
            channel: Channel::GIFT,
            provider_id: self.id.to_string(),
            provider_customer: String::new(),
            plan: self.plan.plan,
            interval: self.plan.interval,
            item: None,
            terms: self.plan.terms,
            role: SubscriptionRole::Active,
            status: SubscriptionStatus::Active,
            period: Some(period),
            cancel_at_period_end: true,
            cancel_at: None,
            canceled_at: None,
            ended_at: None,
            cancel_reason: None,
            trial_end: None,
            started_at: now,
            provider_updated_at: now,
            version: 0,
        };
        let shares = period_grants(period, CreditsInterval::Monthly);
        let next_ends = shares.iter().skip(1).map(|share| Some(share.ends_at)).chain([None]);
        let grants = shares.iter().zip(next_ends).map(|(share, next)| {
            let description = format!("Gift: {plan}");
            let grant = self.grant(share, next, description);
            let origin = Origin { order: None, subscription: Some(subscription.id) };
            Command::Grant(GrantCredits { origin, ..grant })
        });
        let commands: Vec<_> = grants.filter(|_| !self.plan.terms.credits.is_zero()).collect();
        let key = PostingKey::of_business_key(&business_keys::gift(self.id, 0));
        let fingerprint = Fingerprint::of([key.as_str().as_bytes()]);
        let is_any = !commands.is_empty();
        let posting = is_any.then_some(Posting { account, key, fingerprint, actor, commands });
        Begun { subscription, posting }
    }

    /// A month's credits. Credits that the plan keeps are kept; credits that roll over do so into the `next` month,
    /// but not after the last one.
    fn grant(&self, share: &MonthlyShare, next: Option<Timestamp>, description: String) -> GrantCredits {
        let terms = &self.plan.terms;
        let keeps = terms.rollover.mode == RolloverMode::Keep;
        let cap = terms.rollover.cap.filter(|_| terms.rollover.mode == RolloverMode::RollOver);
        GrantCredits {
            effective_at: Some(share.effective_at),
            expires_at: (!keeps).then_some(share.ends_at),
            rollover: cap.zip(next).map(|(cap, until)| Rollover { cap, until }),
            ..GrantCredits::new(
                terms.credits,
                Source::Gift,
                business_keys::gift(self.id, share.month),
                description,
            )
        }
    }

    /// The business keys of all its months.
    pub fn facts(&self) -> Vec<BusinessKey> {
        (0..self.plan.months).map(|month| business_keys::gift(self.id, month)).collect()
    }
}
