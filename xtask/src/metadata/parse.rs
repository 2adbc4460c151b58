//! From cargo's JSON to [`Metadata`].

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Dependency, Kind, Member, Metadata};

/// Package ids and the normal dependencies between them.
pub(crate) struct Graph {
    names: BTreeMap<String, String>,
    normal: BTreeMap<String, Vec<String>>,
}

impl Graph {
    /// Breadth first, which finds a shortest path.
    pub(crate) fn path(&self, from: &str, target: &str) -> Option<Vec<&str>> {
        let start = self.names.iter().find(|(_, name)| *name == from)?.0.as_str();
        let mut came_from: BTreeMap<&str, Option<&str>> = BTreeMap::from([(start, None)]);
        let mut queue = VecDeque::from([start]);
        while let Some(id) = queue.pop_front() {
            if self.names.get(id)? == target {
                let mut way: Vec<&str> =
                    std::iter::successors(Some(id), |&step| came_from.get(step).copied().flatten())
                        .filter_map(|step| self.names.get(step).map(String::as_str))
                        .collect();
                way.reverse();
                return Some(way);
            }
            for next in self.normal.get(id).into_iter().flatten() {
                if !came_from.contains_key(next.as_str()) {
                    came_from.insert(next, Some(id));
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

/// Parses the output of `cargo metadata --format-version 1`.
pub(crate) fn metadata(value: &Value) -> Result<Metadata> {
    let ours = strings(value, "workspace_members")?;
    let mut members = Vec::new();
    let mut names = BTreeMap::new();
    for package in array(value, "packages")? {
        let id = text(package, "id")?;
        names.insert(id.clone(), text(package, "name")?);
        if ours.contains(&id) {
            members.push(member(package)?);
        }
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    let mut normal = BTreeMap::new();
    for node in array(value.get("resolve").context("cargo metadata has no `resolve`")?, "nodes")? {
        let mut below = Vec::new();
        for edge in array(node, "deps")? {
            if array(edge, "dep_kinds")?.iter().any(|kind| kind.get("kind").is_some_and(Value::is_null)) {
                below.push(text(edge, "pkg")?);
            }
        }
        normal.insert(text(node, "id")?, below);
    }
    let target = PathBuf::from(text(value, "target_directory")?);
    Ok(Metadata { members, target, graph: Graph { names, normal } })
}

fn member(package: &Value) -> Result<Member> {
    let mut dependencies = Vec::new();
    for dependency in array(package, "dependencies")? {
        let kind = match dependency.get("kind").and_then(Value::as_str) {
            None => Kind::Normal,
            Some("build") => Kind::Build,
            Some("dev") => Kind::Dev,
            Some(other) => bail!("cargo metadata knows a dependency kind `{other}` that tidy does not"),
        };
        dependencies.push(Dependency { name: text(dependency, "name")?, kind });
    }
    Ok(Member {
        name: text(package, "name")?,
        manifest: PathBuf::from(text(package, "manifest_path")?),
        dependencies,
    })
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>> {
    value.get(key).and_then(Value::as_array).with_context(|| format!("cargo metadata has no list `{key}`"))
}

fn text(value: &Value, key: &str) -> Result<String> {
    let text = value.get(key).and_then(Value::as_str);
    text.map(str::to_owned).with_context(|| format!("cargo metadata has no text `{key}`"))
}

fn strings(value: &Value, key: &str) -> Result<Vec<String>> {
    Ok(array(value, key)?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}
