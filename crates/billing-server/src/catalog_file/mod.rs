//! The catalogue as a file: plans, packs and rate cards in TOML, one block for each.
//!
//! What is read is what was written: `read(write(x))` is `x`. A field that is left out has its default, and
//! defaults are left out when writing.

mod entries;
mod lines;
mod number;
mod place;
mod rate_entries;
mod read;
mod write;

pub(crate) use place::line_of;
pub(crate) use read::read;
pub(crate) use write::{pack_lines, plan_lines, rate_card_lines, write};

#[cfg(test)]
mod tests;
