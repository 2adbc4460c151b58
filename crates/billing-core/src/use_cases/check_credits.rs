//! Checks whether a spend would be accepted.

use super::ensure_account::account_id;
use super::ledger_request::Amount;
use super::quote_usage::quote_usage;
use crate::BillingError;
use crate::accounts::ExternalId;
use crate::billing::Ports;
use crate::ledger::{
    Actor, Charge, Command, EntryType, Posting, Refusal, SpendCredits, SpendType, WorkingSet, fold,
    read_as_of,
};
use crate::values::{AccountId, Credits, Fingerprint, PostingKey, RequestKey};

/// Whether an account could cover an amount now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditCheck {
    /// The refusal of a spend of this amount; none if it would be accepted.
    pub refusal: Option<Refusal>,
    /// The most credits that it can take.
    pub required: Credits,
    /// The available balance, without debt.
    pub available: Credits,
    /// The credits reserved by holds.
    pub held: Credits,
    /// How far below zero the account may go.
    pub overdraft_limit: Credits,
}

/// Checks whether the account could cover `how_much` now, by deciding a spend without writing it. It guarantees
/// nothing; a hold does.
///
/// # Errors
///
/// [`BillingError::AccountNotFound`], [`BillingError::Rating`]; [`BillingError::Ledger`] if no account can ever spend
/// this much; [`BillingError::Store`] is safe to retry.
pub(crate) async fn check_credits(
    ports: &Ports,
    account: &ExternalId,
    how_much: &Amount,
) -> Result<CreditCheck, BillingError> {
    let now = ports.clock.now();
    let id = account_id(ports, account).await?;
    let (required, charge) = match how_much {
        Amount::Credits(credits) => (*credits, Charge::Credits(*credits)),
        // The carry may complete a credit; or it costs nothing at all.
        Amount::Usage(usages) => match quote_usage(ports, Some(account), usages).await?.ceiling {
            Credits::ZERO => (Credits::ZERO, Charge::Usage(Vec::new())),
            ceiling => (ceiling, Charge::Credits(ceiling)),
        },
    };
    let unknown = || BillingError::AccountNotFound(account.clone());
    let state = ports.store.balances.state(id).await?.ok_or_else(unknown)?;
    let state = read_as_of(state, now, &*ports.ids);
    let (available, held) = (state.balance.available(), state.balance.held);
    let overdraft_limit = state.balance.overdraft_limit;
    let mut set = WorkingSet { accounts: [(id, state)].into(), ..WorkingSet::default() };
    let (mut outcomes, _) = fold(&mut set, &[spend(ports, id, charge)], now, &*ports.ids);
    let refusal = match outcomes.pop() {
        Some(Err(never @ Refusal::InvalidAmount { .. })) => return Err(never.into()),
        Some(Err(refusal)) => Some(refusal),
        Some(Ok(_)) | None => None,
    };
    Ok(CreditCheck { refusal, required, available, held, overdraft_limit })
}

fn spend(ports: &Ports, account: AccountId, charge: Charge) -> Posting {
    let kind = EntryType::Spend(SpendType::default());
    Posting {
        account,
        key: PostingKey::of_request(&RequestKey::fresh(&*ports.ids)),
        fingerprint: Fingerprint::of([]),
        actor: Actor::Time,
        commands: vec![Command::Spend(SpendCredits {
            charge,
            ..SpendCredits::new(Credits::ZERO, kind, String::new())
        })],
    }
}
