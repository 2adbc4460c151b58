//! File lengths: about 300 lines by habit, 400 by rule. Tests beside the sources (`tests/`) may be longer.

use super::Violation;
use super::sources::Source;

const LIMIT: usize = 400;

/// Checks every file below a `src` folder.
pub(crate) fn check(sources: &[Source]) -> Vec<Violation> {
    let shipped = sources.iter().filter(|source| source.is_below_src());
    shipped
        .filter_map(|source| {
            let lines = source.text.lines().count();
            (lines > LIMIT).then(|| {
                Violation::new(
                    &source.path,
                    format!("has {lines} lines, {LIMIT} are allowed"),
                    "split it by noun or verb; tests can move to a file of their own",
                )
            })
        })
        .collect()
}
