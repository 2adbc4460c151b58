//! Telling what was measured.

mod drawing;
mod page;
mod table;

use serde::Serialize;

use crate::bars::Verdict;
use crate::footprint::Footprint;
use crate::machine::Machine;
use crate::measure::CaseReport;

pub(crate) use drawing::draw;
pub(crate) use page::page;
pub(crate) use table::print;

/// Everything that a run has found out.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// The server's settings, by name.
    pub(crate) postgres: Vec<(String, String)>,
    pub(crate) rounds: usize,
    pub(crate) cases: Vec<CaseReport>,
    pub(crate) footprint: Option<Footprint>,
    pub(crate) verdicts: Vec<Verdict>,
    /// What makes the figures say less than they seem to.
    pub(crate) doubts: Vec<String>,
}
