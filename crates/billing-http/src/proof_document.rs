//! Proofs as documents, which can be saved and verified without the service.

use std::collections::BTreeMap;

use billing_core::ledger::audit::{ChainPart, Lines};
use billing_core::ledger::{
    Actor, Allocation, ChainHash, Checkpoint, CheckpointHead, DebtChange, Entry, EntryType, Proof,
    ProofError, Step, TextKey,
};
use billing_core::values::{
    AccountId, Credits, DebtId, EntryId, Fingerprint, GrantId, HoldId, Metadata, PostingKey, Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Proves that a checkpoint covers an account's history up to an entry.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProofDocument {
    /// The account's internal id.
    pub account: String,
    /// The number of the last covered entry.
    pub seq: i64,
    /// The hash of that entry, in hexadecimal, as all hashes here.
    pub head: String,
    /// The number of the last covered usage.
    pub usages: i64,
    /// The hash of that usage.
    pub usage_head: String,
    /// The checkpoint.
    pub checkpoint: CheckpointDocument,
    /// The path from the account's leaf to the root.
    pub path: Vec<StepDocument>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CheckpointDocument {
    /// Its number, from 1.
    pub number: i64,
    /// The hash of the previous checkpoint; zeros for the first.
    pub previous: String,
    /// The root over its heads.
    pub root: String,
    /// The hash of its index of accounts.
    pub index: String,
    /// The number of accounts.
    pub accounts: u32,
    /// When it was created; RFC 3339, UTC.
    pub created_at: String,
    /// The signed hash.
    pub hash: String,
    /// The signature, Ed25519 (RFC 8032).
    pub signature: String,
    /// The public key.
    pub public_key: String,
}

/// One step from a leaf to the root.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StepDocument {
    /// The side of the sibling: `left` or `right`.
    pub side: String,
    /// The sibling's hash.
    pub hash: String,
}

/// One entry with everything that its hash covers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EntryDocument {
    seq: i64,
    id: String,
    r#type: String,
    amount: i64,
    posted_after: i64,
    available_after: i64,
    description: String,
    actor: String,
    posting_key: Option<String>,
    /// The fingerprint of the request behind that key.
    request: Option<String>,
    grant: Option<String>,
    hold: Option<String>,
    reverses: Option<i64>,
    /// The numbers of the first and the last usage that it pays for.
    usages: Option<(i64, i64)>,
    /// RFC 3339 to the microsecond, as all times here.
    occurred_at: Option<String>,
    metadata: BTreeMap<String, String>,
    /// The salt of description and metadata, in hexadecimal; null if they were erased.
    salt: Option<String>,
    /// The salted digest of description and metadata, if they were erased.
    erased: Option<String>,
    effective_at: String,
    recorded_at: String,
    /// Its allocations in order: credits put into (positive) or drawn from (negative) grants.
    parts: Vec<PartDocument>,
    /// Its debt (positive) or repayment (negative).
    owed: Vec<PartDocument>,
    hash: String,
}

/// An amount of an entry.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PartDocument {
    id: String,
    amount: i64,
    /// The hash of the terms of the credited grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<String>,
}

/// Why a document is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A field is invalid.
    #[error("`{0}` cannot be read")]
    Field(&'static str),
    /// The proof is invalid.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// An entry was changed, or one is missing before it.
    #[error("entry {seq} does not follow from what lies before it")]
    Chain {
        /// Its number.
        seq: i64,
    },
    /// The history does not end at the covered head.
    #[error("the history does not lead to the head that is covered")]
    OtherHead,
}

impl ProofDocument {
    /// The document of `proof`.
    pub fn new(proof: &Proof) -> Self {
        let step = |step: &Step| StepDocument {
            side: if step.left { "left" } else { "right" }.to_owned(),
            hash: step.hash.to_string(),
        };
        Self {
            account: proof.head.account.to_string(),
            seq: proof.head.seq,
            head: proof.head.head.to_string(),
            usages: proof.head.usages,
            usage_head: proof.head.usage_head.to_string(),
            checkpoint: CheckpointDocument::new(&proof.checkpoint),
            path: proof.path.iter().map(step).collect(),
        }
    }

    /// Verifies the path and the signature; `verify` returns whether a signature (third) by a key (first) over a
    /// message (second) is valid.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] if anything was changed.
    pub fn check(&self, verify: impl FnOnce(&[u8], &[u8], &[u8]) -> bool) -> Result<(), DocumentError> {
        let step = |step: &StepDocument| {
            Ok::<_, DocumentError>(Step { left: step.side == "left", hash: hash("path", &step.hash)? })
        };
        let proof = Proof {
            head: CheckpointHead {
                account: self.account()?,
                seq: self.seq,
                head: hash("head", &self.head)?,
                usages: self.usages,
                usage_head: hash("usage_head", &self.usage_head)?,
            },
            checkpoint: self.checkpoint.read()?,
            path: self.path.iter().map(step).collect::<Result<_, _>>()?,
        };
        Ok(proof.check(verify)?)
    }

    /// Verifies that `entries`, from the first on, lead to the covered head.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] if an entry was changed, removed or inserted.
    pub fn check_history(&self, entries: &[EntryDocument]) -> Result<(), DocumentError> {
        let account = self.account()?;
        let mut head = ChainHash::GENESIS;
        for (document, seq) in entries.iter().zip(1_i64..=self.seq) {
            let ReadEntry { entry, text, request, parts, owed } = document.read(account)?;
            head = head.then(&entry, &text, request.as_ref(), parts, &owed);
            if entry.seq != seq || entry.hash != head {
                return Err(DocumentError::Chain { seq });
            }
        }
        let covered = i64::try_from(entries.len()).is_ok_and(|count| count >= self.seq);
        if covered && head.to_string() == self.head { Ok(()) } else { Err(DocumentError::OtherHead) }
    }

    fn account(&self) -> Result<AccountId, DocumentError> {
        self.account.parse().map_err(|_| DocumentError::Field("account"))
    }
}

impl CheckpointDocument {
    /// The document of `checkpoint`.
    pub fn new(checkpoint: &Checkpoint) -> Self {
        Self {
            number: checkpoint.number,
            previous: checkpoint.previous.to_string(),
            root: checkpoint.root.to_string(),
            index: checkpoint.index.to_string(),
            accounts: checkpoint.heads,
            created_at: checkpoint.created_at.to_string(),
            hash: checkpoint.hash().to_string(),
            signature: hex::encode(&checkpoint.signature),
            public_key: hex::encode(&checkpoint.public_key),
        }
    }

    /// The checkpoint of this document. Its hash is computed, not read.
    ///
    /// # Errors
    ///
    /// [`DocumentError::Field`] names the invalid field.
    pub fn read(&self) -> Result<Checkpoint, DocumentError> {
        let bytes = |name, text: &str| hex::decode(text).map_err(|_| DocumentError::Field(name));
        Ok(Checkpoint {
            number: self.number,
            previous: hash("checkpoint.previous", &self.previous)?,
            root: hash("checkpoint.root", &self.root)?,
            index: hash("checkpoint.index", &self.index)?,
            heads: self.accounts,
            created_at: moment("checkpoint.created_at", &self.created_at)?,
            signature: bytes("checkpoint.signature", &self.signature)?,
            public_key: bytes("checkpoint.public_key", &self.public_key)?,
        })
    }
}

impl EntryDocument {
    /// The documents of the entries in `part`.
    pub fn all(part: ChainPart) -> Vec<Self> {
        let ChainPart { lines, owed, grants, text_key } = part;
        let Lines { entries, allocations, keys } = lines;
        let document = |entry: Entry| {
            let request = entry.posting_key.as_ref().and_then(|key| keys.get(key));
            let request = request.map(|key| hex::encode(key.fingerprint.bytes()));
            let seq = entry.seq;
            let parts = allocations.iter().filter(|part| part.seq == seq);
            let parts = parts.map(|part| PartDocument {
                id: part.grant.to_string(),
                amount: part.amount.get(),
                terms: grants
                    .get(&part.grant)
                    .and_then(|grant| part.terms(grant))
                    .map(|terms| terms.to_string()),
            });
            let owed = owed.iter().filter(|debt| debt.seq == seq);
            let owed = owed.map(|debt| PartDocument {
                id: debt.id.to_string(),
                amount: debt.amount.get(),
                terms: None,
            });
            let (parts, owed) = (parts.collect(), owed.collect());
            Self::of(entry, text_key, request, (parts, owed))
        };
        entries.into_iter().map(document).collect()
    }

    fn of(
        entry: Entry,
        text_key: TextKey,
        request: Option<String>,
        (parts, owed): (Vec<PartDocument>, Vec<PartDocument>),
    ) -> Self {
        Self {
            request,
            salt: entry.erased.is_none().then(|| hex::encode(text_key.bytes())),
            erased: entry.erased.map(|digest| digest.to_string()),
            seq: entry.seq,
            id: entry.id.to_string(),
            r#type: entry.kind.as_str().to_owned(),
            amount: entry.amount.get(),
            posted_after: entry.balance_after.get(),
            available_after: entry.available_after.get(),
            actor: entry.actor.to_string(),
            posting_key: entry.posting_key.as_ref().map(|key| key.as_str().to_owned()),
            grant: entry.grant.map(|grant| grant.to_string()),
            hold: entry.hold.map(|hold| hold.to_string()),
            reverses: entry.reverses,
            usages: entry.usages,
            occurred_at: entry.occurred_at.map(|at| at.to_string()),
            metadata: entry.metadata.entries().clone(),
            effective_at: entry.effective_at.to_string(),
            recorded_at: entry.recorded_at.to_string(),
            description: entry.description,
            parts,
            owed,
            hash: entry.hash.to_string(),
        }
    }

    fn read(&self, account: AccountId) -> Result<ReadEntry, DocumentError> {
        let effective_at = moment("effective_at", &self.effective_at)?;
        let entry = Entry {
            id: id::<EntryId>("id", &self.id)?,
            account,
            seq: self.seq,
            kind: self.r#type.parse::<EntryType>().map_err(|_| DocumentError::Field("type"))?,
            amount: Credits::new(self.amount),
            balance_after: Credits::new(self.posted_after),
            available_after: Credits::new(self.available_after),
            description: self.description.clone(),
            actor: self.actor.parse::<Actor>().map_err(|_| DocumentError::Field("actor"))?,
            posting_key: self.posting_key.clone().map(PostingKey::from_stored),
            grant: self.grant.as_deref().map(|text| id::<GrantId>("grant", text)).transpose()?,
            hold: self.hold.as_deref().map(|text| id::<HoldId>("hold", text)).transpose()?,
            reverses: self.reverses,
            usages: self.usages,
            occurred_at: self.occurred_at.as_deref().map(|at| moment("occurred_at", at)).transpose()?,
            metadata: Metadata::try_new(self.metadata.clone())
                .map_err(|_| DocumentError::Field("metadata"))?,
            erased: self.erased.as_deref().map(|digest| hash("erased", digest)).transpose()?,
            effective_at,
            recorded_at: moment("recorded_at", &self.recorded_at)?,
            hash: hash("hash", &self.hash)?,
        };
        let part = |(part, position): (&PartDocument, u16)| {
            let (grant, amount) = (id::<GrantId>("parts", &part.id)?, Credits::new(part.amount));
            let terms = part.terms.as_deref().map(|terms| hash("terms", terms)).transpose()?;
            Ok((Allocation { account, seq: self.seq, position, grant, amount }, terms))
        };
        let owed = |part: &PartDocument| {
            let (id, amount) = (id::<DebtId>("owed", &part.id)?, Credits::new(part.amount));
            Ok(DebtChange { id, account, seq: self.seq, grant: None, amount, at: effective_at })
        };
        if entry.erased.is_some() && !(entry.description.is_empty() && entry.metadata.is_empty()) {
            return Err(DocumentError::Field("erased"));
        }
        let request = self.request.as_deref().map(|text| hash("request", text)).transpose()?;
        Ok(ReadEntry {
            text: entry.text(&self.text_key()?),
            request: request.map(|hash| Fingerprint::from_bytes(*hash.bytes())),
            parts: self.parts.iter().zip(0_u16..).map(part).collect::<Result<_, DocumentError>>()?,
            owed: self.owed.iter().map(owed).collect::<Result<_, DocumentError>>()?,
            entry,
        })
    }

    fn text_key(&self) -> Result<TextKey, DocumentError> {
        let Some(salt) = &self.salt else { return Ok(TextKey::NONE) };
        let bytes = hex::decode(salt).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(TextKey::from_bytes).ok_or(DocumentError::Field("salt"))
    }
}

/// An entry with the other data that its hash covers.
struct ReadEntry {
    entry: Entry,
    text: ChainHash,
    request: Option<Fingerprint>,
    parts: Vec<(Allocation, Option<ChainHash>)>,
    owed: Vec<DebtChange>,
}

fn id<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, DocumentError> {
    text.parse().map_err(|_| DocumentError::Field(field))
}

fn moment(field: &'static str, text: &str) -> Result<Timestamp, DocumentError> {
    text.parse().map_err(|_| DocumentError::Field(field))
}

fn hash(field: &'static str, text: &str) -> Result<ChainHash, DocumentError> {
    let bytes = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(ChainHash::from_bytes).ok_or(DocumentError::Field(field))
}
