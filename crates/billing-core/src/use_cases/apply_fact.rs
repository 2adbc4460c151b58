//! Applies a fact of a provider, an operator's request, or the passage of time.

use super::load_billing::load_named;
use super::retry::{Again, retry};
use crate::BillingError;
use crate::account_billing::{Context, FactSource, Outcome, decide};
use crate::billing::Ports;
use crate::changes::Changes;
use crate::ledger::Refusal;
use crate::payments::{Capabilities, Fact};
use crate::ports::{CommitError, PaymentProvider};
use crate::values::{InboxEventId, Timestamp};
use crate::webhooks::{Receipt, ReceiptOutcome};

/// Reads the billing that `fact` is about, decides, and writes the difference; if it came from the inbox, with the
/// receipt of its event. Idempotent, also under concurrency.
///
/// # Errors
///
/// [`BillingError::Store`] if the store failed; safe to retry.
pub(crate) async fn apply_fact(
    ports: &Ports,
    source: &FactSource,
    fact: &Fact,
    event: Option<InboxEventId>,
) -> Result<Outcome, BillingError> {
    retry(ports, || async move {
        let now = ports.clock.now();
        let (outcome, mut changes) = decided(ports, source, fact, now).await?;
        let receipt = event.zip(ReceiptOutcome::of(outcome));
        changes.receipt = receipt.map(|(event, outcome)| Receipt { event, outcome });
        if changes == Changes::default() {
            return Ok(outcome);
        }
        match ports.store.writer.commit(changes, now).await {
            Ok(_) | Err(CommitError::AlreadyHandled) => Ok(outcome),
            // A concurrent statement of the same fact was committed first: the next read finds its effect.
            Err(CommitError::Refused(Refusal::AlreadyGranted { .. })) => Err(Again::Conflict),
            Err(error) => Err(error.into()),
        }
    })
    .await
}

async fn decided(
    ports: &Ports,
    source: &FactSource,
    fact: &Fact,
    now: Timestamp,
) -> Result<(Outcome, Changes), Again> {
    if let Some(why) = fact.ignored() {
        return Ok((Outcome::Nothing(why), Changes::default()));
    }
    let Some((before, mut billing)) = load_named(ports, source.channel, &fact.refs(), now).await? else {
        return Ok((Outcome::Unknown(unknown(fact)), Changes::default()));
    };
    let provider = ports.provider(source.channel).map(PaymentProvider::capabilities);
    let context = Context {
        source,
        policy: ports.policy,
        capabilities: provider.unwrap_or(Capabilities::NONE),
        ids: &*ports.ids,
        now,
    };
    let outcome = decide(&mut billing, fact, &context);
    let changes = if outcome.changes() { billing.changes_since(&before) } else { Changes::default() };
    Ok((outcome, changes))
}

/// The object of a fact that none of our rows has.
const fn unknown(fact: &Fact) -> &'static str {
    match fact {
        Fact::Checkout(_) => "no order has this checkout",
        Fact::Reversal(_) | Fact::PaymentRefs(_) => "the payment is not known",
        _ => "no account has this customer",
    }
}
