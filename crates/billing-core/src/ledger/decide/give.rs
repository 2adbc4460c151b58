//! Granting credits, and extending grants.

use super::asked_for;
use crate::ledger::draft::{Draft, Links, Moved};
use crate::ledger::{Grant, GrantCredits, Posting, Refusal, Stage};
use crate::values::{Credits, GrantId, Timestamp};

pub(super) fn give(draft: &mut Draft<'_>, posting: &Posting, asked: &GrantCredits) -> Result<(), Refusal> {
    let now = draft.now;
    asked.check(now)?;
    let effective_at = asked.begins_at(now);
    fits(draft, asked.amount)?;
    let late_until = asked.expires_at.filter(|_| asked.late_seconds > 0);
    let mut grant = Grant {
        id: GrantId::new(draft.ids),
        account: posting.account,
        amount: asked.amount,
        remaining: asked.amount,
        pinned: Credits::ZERO,
        forfeited: Credits::ZERO,
        clawed: Credits::ZERO,
        source: asked.source,
        priority: asked.priority,
        effective_at,
        expires_at: asked.expires_at,
        late_until: late_until.map(|end| end.plus_seconds(i64::from(asked.late_seconds))),
        rollover: asked.rollover,
        stage: Stage::Upcoming,
        business_key: asked.business_key.clone(),
        posting_key: Some(posting.key.clone()),
        origin: asked.origin,
        kind: asked.kind.clone(),
        actor: posting.actor.clone(),
        description: asked.description.clone(),
        metadata: asked.metadata.clone(),
        created_at: now,
    };
    if effective_at > now {
        return draft.put_grant(grant);
    }
    grant.stage = Stage::Active;
    let links = Links { grant: Some(grant.id), ..Links::default() };
    let words = (asked.description.as_str(), &asked.metadata);
    let entry = asked_for(draft, posting, &asked.kind, asked.amount, words, links);
    draft.post(entry, Moved::one(grant, asked.amount))
}

impl GrantCredits {
    /// Refuses invalid grants at `now`.
    pub(crate) fn check(&self, now: Timestamp) -> Result<(), Refusal> {
        if !self.amount.is_amount() {
            return Err(Refusal::InvalidAmount { amount: self.amount });
        }
        let begin = self.begins_at(now);
        if let Some(expires_at) = self.expires_at.filter(|at| *at <= begin) {
            return Err(Refusal::ExpiresTooEarly { expires_at });
        }
        match self.rollover {
            Some(rollover) if self.expires_at.is_none_or(|end| rollover.until <= end) => {
                Err(Refusal::RolloverTooEarly { until: rollover.until })
            }
            Some(rollover) if rollover.cap < Credits::ZERO => {
                Err(Refusal::InvalidAmount { amount: rollover.cap })
            }
            _ => Ok(()),
        }
    }

    fn begins_at(&self, now: Timestamp) -> Timestamp {
        self.effective_at.map_or(now, |at| at.max(now))
    }
}

/// Refuses an amount that would overflow together with all existing and upcoming credits: due changes must never fail.
pub(super) fn fits(draft: &Draft<'_>, amount: Credits) -> Result<(), Refusal> {
    let balance = &draft.state.balance;
    // The posted balance and the debt can each be large while their sum is small.
    let there = [balance.posted, balance.debt, balance.upcoming, amount];
    let sum = there.iter().fold(0_i128, |sum, part| sum.saturating_add(i128::from(part.get())));
    if sum > i128::from(i64::MAX) { Err(Refusal::BalanceOutOfRange) } else { Ok(()) }
}

pub(super) fn extend(
    draft: &mut Draft<'_>,
    id: GrantId,
    expires_at: Option<Timestamp>,
) -> Result<(), Refusal> {
    let grant = draft.state.grant(id).ok_or(Refusal::UnknownGrant { grant: id })?;
    let stage = grant.stage_at(draft.now);
    if matches!(stage, Stage::Expired | Stage::Voided) {
        return Err(Refusal::GrantOver { grant: id, stage, remaining: grant.remaining });
    }
    let mut grant = grant.clone();
    if let Some(expires_at) = expires_at {
        let too_early = expires_at <= draft.now.max(grant.effective_at)
            || grant.expires_at.is_none_or(|before| expires_at < before);
        if too_early {
            return Err(Refusal::ExpiresTooEarly { expires_at });
        }
    }
    let later = |moment: Timestamp| {
        let (before, after) = (grant.expires_at?, expires_at?);
        Some(Timestamp::from_micros(after.micros().saturating_add(moment.micros() - before.micros())))
    };
    let late_until = grant.late_until.and_then(later);
    let rollover = grant.rollover.and_then(|rollover| Some((rollover, later(rollover.until)?)));
    grant.late_until = late_until;
    grant.rollover = rollover.map(|(rollover, until)| crate::ledger::Rollover { until, ..rollover });
    grant.expires_at = expires_at;
    grant.stage = if stage == Stage::Late { Stage::Active } else { stage };
    draft.put_grant(grant)
}
