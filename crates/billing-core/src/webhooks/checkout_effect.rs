//! What a checkout's news changes.

use super::Effect;
use crate::changes::Changes;
use crate::ledger::{Actor, Command, GrantCredits, Origin, Posting, Source, business_keys};
use crate::orders::{Order, OrderItem};
use crate::payments::{Channel, CheckoutFact, CheckoutOutcome, NewPayment, Payment, PaymentRefs};
use crate::values::{Credits, Fingerprint, IdSource, PostingKey, Timestamp};

/// What is known where a checkout's news is applied.
#[derive(Debug, Clone)]
pub struct CheckoutContext {
    /// The order that the checkout pays, found by the checkout's id or by a confirmed hint.
    pub order: Option<Order>,
    /// Which provider says so.
    pub channel: Channel,
    /// The event, for the history.
    pub actor: Actor,
    /// Now.
    pub now: Timestamp,
}

/// What a checkout's news changes.
///
/// Credits come from the order, which froze what was agreed; never from what the event says. A checkout for
/// a subscription grants nothing: its paid period does.
pub fn checkout_effect(fact: &CheckoutFact, context: CheckoutContext, ids: &dyn IdSource) -> Effect {
    let CheckoutContext { order, channel, actor, now } = context;
    let Some(mut order) = order else {
        return Effect::Orphan("no order has this checkout");
    };
    let plan = matches!(order.item, OrderItem::Plan { .. });
    if plan != fact.subscription_mode {
        return Effect::Ignore("the checkout is not of the order's kind");
    }
    let mut changes = Changes::default();
    let news = match fact.outcome {
        CheckoutOutcome::Paid => {
            let first = order.completed_at.is_none();
            let news = order.complete(&fact.refs, now);
            if first {
                let posting = pack_posting(&order, actor, now);
                changes.payments.extend(payment(fact, &order, channel, posting.as_ref(), ids, now));
                changes.postings.extend(posting);
            }
            news
        }
        CheckoutOutcome::Processing => order.learn(&fact.refs),
        CheckoutOutcome::Failed => order.fail(),
        CheckoutOutcome::Expired => order.expire(),
    };
    if news {
        changes.orders.push(order);
    }
    Effect::apply(changes)
}

/// Whether an order that only the checkout's metadata names is really the one that it pays. Metadata can be
/// set by whoever makes a payment link, so everything that we know ourselves has to agree: the checkout is
/// not another one, the customer is the account's own, and the sum is the agreed one.
pub fn confirms_hint(fact: &CheckoutFact, order: &Order, customer: Option<&str>) -> bool {
    let session_free = order.session.as_ref().is_none_or(|session| session.id == fact.session);
    let own_customer = customer.is_some() && customer == fact.customer.as_deref();
    session_free && own_customer && fact.total == Some(order.price)
}

/// The money that paid a pack or a gift; none where nothing was due.
fn payment(
    fact: &CheckoutFact,
    order: &Order,
    channel: Channel,
    posting: Option<&Posting>,
    ids: &dyn IdSource,
    now: Timestamp,
) -> Option<Payment> {
    if matches!(order.item, OrderItem::Plan { .. }) {
        return None;
    }
    let refs = PaymentRefs { payment: fact.refs.payment.clone(), invoice: fact.refs.invoice.clone() };
    let paid = fact.total.filter(|total| total.minor > 0)?;
    if refs.is_empty() {
        return None;
    }
    let mut payment = Payment::new(NewPayment { account: order.account, channel, refs, paid }, ids, now);
    payment.order = Some(order.id);
    // A gift's are those of its months, once somebody redeems it.
    payment.grants_for(posting.into_iter().flat_map(|one| &one.commands).filter_map(Command::fact).cloned());
    Some(payment)
}

/// The posting that gives what a paid pack brings; none for other orders.
pub(crate) fn pack_posting(order: &Order, actor: Actor, now: Timestamp) -> Option<Posting> {
    let OrderItem::Pack { credits, bonus_credits, expires_after_days, .. } = order.item else {
        return None;
    };
    let grant = |amount: Credits, source, business_key, description: String| {
        Command::Grant(GrantCredits {
            expires_at: expires_after_days.map(|days| now.plus_days(i64::from(days))),
            origin: Origin { order: Some(order.id), subscription: None },
            ..GrantCredits::new(amount, source, business_key, description)
        })
    };
    let fact = business_keys::order_pack(order.id);
    let key = PostingKey::of_business_key(&fact);
    let mut commands =
        vec![grant(credits, Source::Purchase, fact, format!("Purchase: {}", order.description))];
    if !bonus_credits.is_zero() {
        let description = format!("Bonus: {}", order.description);
        commands.push(grant(bonus_credits, Source::Bonus, business_keys::order_bonus(order.id), description));
    }
    let fingerprint = Fingerprint::of([key.as_str().as_bytes()]);
    Some(Posting { account: order.account, key, fingerprint, actor, commands })
}
