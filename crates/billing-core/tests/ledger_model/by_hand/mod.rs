//! Histories told by hand.

mod found;
mod scene;
mod stories;
