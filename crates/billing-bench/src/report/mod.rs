//! Reports.

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

/// The result of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    /// The server's settings, by name.
    pub(crate) postgres: Vec<(String, String)>,
    pub(crate) rounds: usize,
    pub(crate) cases: Vec<CaseReport>,
    pub(crate) footprint: Option<Footprint>,
    pub(crate) verdicts: Vec<Verdict>,
    /// Reasons to doubt the figures.
    pub(crate) doubts: Vec<String>,
}
