//! Dependencies point down: a crate depends only on crates of lower floors, for tests and build scripts too.

use super::Violation;
use crate::floors::{ADAPTERS, Floor, floor_of};
use crate::metadata::{Dependency, Kind, Member};

const TESTKIT: &str = "billing-testkit";

/// Checks every dependency between our crates.
pub(crate) fn check(members: &[Member]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in members {
        let Some(floor) = floor_of(&member.name) else {
            violations.push(Violation::new(
                &member.name,
                "this crate stands on no floor",
                "add it to the floors table in xtask/src/floors.rs",
            ));
            continue;
        };
        let ours = |dependency: &&Dependency| members.iter().any(|member| member.name == dependency.name);
        for dependency in member.dependencies.iter().filter(ours) {
            violations.extend(arrow(&member.name, floor, dependency));
        }
    }
    violations
}

fn arrow(from: &str, floor: Floor, dependency: &Dependency) -> Option<Violation> {
    let to = dependency.name.as_str();
    // An unknown target is reported once, as a crate of its own.
    let below = floor_of(to)?;
    let remedy = "arrows point down only: move what is needed to a lower floor, or meet it behind a port of billing-core";
    match (floor, below) {
        // A crate may enable its own features for its own tests.
        _ if from == to && dependency.kind == Kind::Dev => None,
        (Floor::AsideSeesAll, _) => None,
        (Floor::Aside, _) => Some(Violation::new(
            from,
            format!("depends on {to}"),
            "it stands aside and must know no other crate of ours",
        )),
        (_, Floor::Aside | Floor::AsideSeesAll) => {
            Some(Violation::new(from, format!("depends on {to}"), "crates that stand aside are no libraries"))
        }
        (Floor::Number(from_floor), Floor::Number(to_floor)) if from_floor <= to_floor => Some(
            Violation::new(from, format!("floor {from_floor} depends on {to}, floor {to_floor}"), remedy),
        ),
        (Floor::Number(from_floor), _)
            if from_floor >= ADAPTERS && to == TESTKIT && dependency.kind != Kind::Dev =>
        {
            Some(Violation::new(
                from,
                format!("ships {to}"),
                "it is for tests: move it to [dev-dependencies]",
            ))
        }
        _ => None,
    }
}
