//! What holds of rate cards and of the prices that they make.
#![expect(clippy::unwrap_used, reason = "what the tests make themselves is known to be there")]

mod cards;
mod limits;
mod made;
mod prices;
mod rates;
mod tiers;
