//! Whether a paid period's subscription is the one that counts.

use super::PeriodContext;
use crate::accounts::Account;
use crate::changes::Changes;
use crate::payments::PaidPeriod;
use crate::subscriptions::{Seat, Standing, Subscription, SubscriptionName};

/// What a paid period's subscription may do.
pub(super) enum Claim {
    /// It is the account's own, and grants.
    Grants,
    /// It was begun beside a live one: its money goes back.
    Superfluous,
    /// Another one counts, and nobody knows yet what this one is: its own news says it.
    Waits,
}

/// Who may grant; the first one takes the account's seat.
pub(super) fn claim(
    fact: &PaidPeriod,
    context: &PeriodContext,
    account: &Account,
    changes: &mut Changes,
) -> Claim {
    let name = SubscriptionName::new(context.channel, fact.subscription.clone());
    let known = context.subscription.as_ref();
    if let Some(known) = known.filter(|known| !known.standing.counts()) {
        if matches!(known.standing, Standing::Returned | Standing::Superfluous) {
            // More money came after what there was had gone back, or while it goes back: whoever gives it back has to
            // look again, so the row is written also where nothing in it is new.
            changes.subscriptions.push(Subscription { standing: Standing::Superfluous, ..known.clone() });
        }
        return Claim::Superfluous;
    }
    let over = known.is_some_and(|known| known.status.is_final());
    match name.seat(account.subscribed.as_ref()) {
        Seat::Own => Claim::Grants,
        // It had the seat while it lived.
        _ if over => Claim::Grants,
        Seat::Free => {
            changes.accounts.push(Account { subscribed: Some(name), ..account.clone() });
            Claim::Grants
        }
        Seat::Taken => Claim::Waits,
    }
}
