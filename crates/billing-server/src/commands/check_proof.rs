//! `billing ledger check-proof`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use billing_http::proof_document::{EntryDocument, ProofDocument};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::terminal::{complain, say};
use crate::signer::is_signed_by;

/// A saved answer: with or without the envelope.
#[derive(Deserialize)]
#[serde(untagged)]
enum Saved<T> {
    Answer { data: T },
    Bare(T),
}

/// A part of the history.
#[derive(Deserialize)]
struct Part {
    entries: Vec<EntryDocument>,
}

pub(super) fn check_proof(
    proof: &Path,
    history: &[PathBuf],
    public_key: Option<&str>,
) -> anyhow::Result<ExitCode> {
    let proof: ProofDocument = read(proof)?;
    if public_key.is_some_and(|known| !known.eq_ignore_ascii_case(&proof.checkpoint.public_key)) {
        complain(&format!("the checkpoint is signed with another key: {}", proof.checkpoint.public_key));
        return Ok(ExitCode::FAILURE);
    }
    if let Err(problem) = proof.check(is_signed_by) {
        complain(&format!("this proves nothing: {problem}"));
        return Ok(ExitCode::FAILURE);
    }
    let (seq, checkpoint) = (proof.seq, &proof.checkpoint);
    say(&format!(
        "checkpoint {} of {} covers the history up to entry {seq}",
        checkpoint.number, checkpoint.created_at
    ));
    if history.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut entries = Vec::new();
    for path in history {
        entries.extend(read::<Part>(path)?.entries);
    }
    match proof.check_history(&entries) {
        Ok(()) => {
            say(&format!("the {seq} entries are those that were covered"));
            Ok(ExitCode::SUCCESS)
        }
        Err(problem) => {
            complain(&format!("the history was changed: {problem}"));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    let saved = serde_json::from_str(&text).with_context(|| format!("{name} is no such answer"))?;
    Ok(match saved {
        Saved::Answer { data } | Saved::Bare(data) => data,
    })
}
