//! Whether a paid period's subscription is the one that counts.

use super::PeriodContext;
use crate::accounts::Account;
use crate::changes::Changes;
use crate::payments::PaidPeriod;
use crate::subscriptions::{Subscription, SubscriptionRef, SubscriptionRole, SubscriptionSlot};

/// What a paid period's subscription may do.
pub(super) enum Claim {
    /// It is the account's own, and grants.
    Grants,
    /// It was begun beside a live one: its money goes back.
    Duplicate,
    /// Another one counts, and nobody knows yet what this one is: its own news says it.
    Waits,
}

/// Who may grant; the first one takes the account's slot.
pub(super) fn claim(
    fact: &PaidPeriod,
    context: &PeriodContext,
    account: &Account,
    changes: &mut Changes,
) -> Claim {
    let name = SubscriptionRef::new(context.channel, fact.subscription.clone());
    let known = context.subscription.as_ref();
    if let Some(known) = known.filter(|known| !known.role.is_active()) {
        if matches!(known.role, SubscriptionRole::DuplicateRefunded | SubscriptionRole::Duplicate) {
            // More money came after what there was had gone back, or while it goes back: whoever gives it back has to
            // look again, so the row is written also where nothing in it is new.
            changes.subscriptions.push(Subscription { role: SubscriptionRole::Duplicate, ..known.clone() });
        }
        return Claim::Duplicate;
    }
    let over = known.is_some_and(|known| known.status.is_final());
    match name.slot(account.active_subscription.as_ref()) {
        SubscriptionSlot::Own => Claim::Grants,
        // It had the slot while it lived.
        _ if over => Claim::Grants,
        SubscriptionSlot::Free => {
            changes.accounts.push(Account { active_subscription: Some(name), ..account.clone() });
            Claim::Grants
        }
        SubscriptionSlot::Taken => Claim::Waits,
    }
}
