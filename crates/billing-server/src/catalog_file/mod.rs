//! The catalogue as a TOML file: plans, packs and rate cards, one block each.
//!
//! `read(write(x))` is `x`. A missing field has its default, and defaults are not written.

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
