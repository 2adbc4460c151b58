//! The decision on one command for one account: a file per command.

mod capture;
mod end_sooner;
mod give;
mod give_back;
mod give_back_usage;
mod hold;
mod metering;
mod take;
mod take_back;

use super::draft::{Draft, Links, NewEntry};
use super::{Command, EntryType, Posting, Refusal};
use crate::values::{Credits, Metadata};

pub(super) use hold::release_slices;

/// Executes `command`. After a refusal the draft is inconsistent and has to be undone.
pub(super) fn decide(draft: &mut Draft<'_>, posting: &Posting, command: &Command) -> Result<(), Refusal> {
    if !draft.state.balance.enabled && command.uses_credits() {
        return Err(Refusal::CreditsDisabled);
    }
    match command {
        Command::Grant(grant) => give::give(draft, posting, grant),
        Command::Spend(spend) => take::take(draft, posting, spend),
        Command::Hold(hold) => hold::place(draft, posting, hold),
        Command::Capture(capture) => capture::capture(draft, posting, capture),
        Command::Release { hold } => hold::release(draft, posting, *hold),
        Command::ExtendHold(extend) => hold::extend(draft, extend),
        Command::Reverse(reverse) => give_back::reverse(draft, posting, reverse),
        Command::Clawback(clawback) => take_back::claw_back(draft, posting, clawback),
        Command::Void { grant, description } => take_back::void(draft, posting, *grant, description),
        Command::ExtendGrant { grant, expires_at } => give::extend(draft, *grant, *expires_at),
        Command::EndGrant { grant, at } => end_sooner::end_sooner(draft, *grant, *at),
        Command::Advance => Ok(()),
    }?;
    // Free credits repay debt first, whatever made them free.
    draft.settle()
}

/// An entry requested by a caller.
fn asked_for(
    draft: &Draft<'_>,
    posting: &Posting,
    kind: &EntryType,
    amount: Credits,
    (description, metadata): (&str, &Metadata),
    links: Links,
) -> NewEntry {
    NewEntry {
        kind: kind.clone(),
        amount,
        description: description.to_owned(),
        actor: posting.actor.clone(),
        posting_key: Some(posting.key.clone()),
        metadata: metadata.clone(),
        effective_at: draft.now,
        links,
    }
}
