//! Proofs, and the verification of all checkpoints.

use super::*;
use crate::values::AccountId;

/// Signs by repeating the message, which shows what is signed.
struct Parrot;

impl CheckpointSigner for Parrot {
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        message.to_vec()
    }

    fn public_key(&self) -> Vec<u8> {
        b"parrot".to_vec()
    }
}

fn heads() -> Vec<CheckpointHead> {
    let head = |number: u8| CheckpointHead {
        account: AccountId::from_uuid(uuid::Uuid::from_u128(u128::from(number))),
        seq: i64::from(number),
        head: ChainHash::from_bytes([number; 32]),
        usages: 0,
        usage_head: ChainHash::GENESIS,
    };
    (1..6).map(head).collect()
}

fn repeats(_: &[u8], message: &[u8], signature: &[u8]) -> bool {
    message == signature
}

#[test]
fn a_proof_holds_until_anything_in_it_is_changed() {
    let checkpoint = record(None, heads()).copy.checkpoint;
    let proof = Proof::of(checkpoint, &heads(), 2).unwrap();
    assert_eq!(proof.check(repeats), Ok(()));
    let changes: [fn(&mut Proof); 10] = [
        |proof| proof.head.usages += 1,
        |proof| proof.head.usage_head = ChainHash::from_bytes([7; 32]),
        |proof| proof.head.seq += 1,
        |proof| proof.head.head = ChainHash::GENESIS,
        |proof| proof.head.account = AccountId::from_uuid(uuid::Uuid::from_u128(9)),
        |proof| proof.path.truncate(1),
        |proof| proof.checkpoint.previous = ChainHash::from_bytes([7; 32]),
        |proof| proof.checkpoint.number = 2,
        |proof| proof.checkpoint.created_at = Timestamp::from_micros(1),
        |proof| proof.checkpoint.root = ChainHash::GENESIS,
    ];
    for change in changes {
        let mut other = proof.clone();
        change(&mut other);
        assert!(other.check(repeats).is_err());
    }
}

fn record(last: Option<&CheckpointRecord>, heads: Vec<CheckpointHead>) -> CheckpointRecord {
    CheckpointRecord::after(last.map(|last| &last.copy.checkpoint), heads, Timestamp::EPOCH, &Parrot)
}

/// Three checkpoints, each over all five accounts.
fn chain() -> Vec<CheckpointRecord> {
    let mut chain: Vec<CheckpointRecord> = Vec::new();
    for number in 1..4 {
        let heads = heads().into_iter().map(|head| CheckpointHead { usages: number, ..head }).collect();
        chain.push(record(chain.last(), heads));
    }
    chain
}

fn keys() -> CheckpointKeys {
    CheckpointKeys::new(vec![KnownKey { public_key: b"parrot".to_vec(), until: None }], repeats)
}

/// The violations in `records`, with copies of all of them if `outside`.
fn found(records: &[CheckpointRecord], outside: bool) -> Vec<(String, Vec<u128>)> {
    let copies = chain();
    let keys = keys();
    let mut auditor = CheckpointAuditor::after(&keys, None);
    for copy in &copies {
        let copy = &copy.copy;
        match records.iter().find(|record| record.copy.checkpoint.number == copy.checkpoint.number) {
            Some(record) => auditor.read(record, outside.then_some(copy)),
            None if outside => auditor.missing(copy, &[]),
            None => {}
        }
    }
    let number = |account: AccountId| account.uuid().as_u128();
    let (found, _) = auditor.finish();
    found.into_iter().map(|one| (one.what, one.accounts.into_iter().map(number).collect())).collect()
}

const EVERYBODY: [u128; 5] = [1, 2, 3, 4, 5];

#[test]
fn each_checkpoint_names_the_one_before() {
    let chain = chain();
    let second = &chain[1].copy.checkpoint;
    assert_eq!((second.number, second.previous), (2, chain[0].copy.checkpoint.hash()));
    assert_eq!(found(&chain, false), []);
    assert_eq!(found(&chain, true), []);
}

#[test]
fn a_changed_head_casts_doubt_on_its_own_account_only() {
    let mut chain = chain();
    chain[1].heads[2].seq = 9;
    for outside in [false, true] {
        let found = found(&chain, outside);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0.contains("checkpoint 2 covers 5 heads that do not make its root"), "{found:?}");
        assert_eq!(found[0].1, [3]);
    }
}

#[test]
fn a_head_that_is_gone_is_known_by_its_account() {
    let mut chain = chain();
    chain[0].heads.remove(4);
    assert_eq!(found(&chain, false)[0].1, [5]);
}

#[test]
fn where_a_checkpoint_cannot_be_believed_nobody_that_it_covers_can_unless_there_is_a_copy() {
    let mut chain = chain();
    chain[1].copy.checkpoint.created_at = Timestamp::from_micros(1);
    let alone = found(&chain, false);
    assert!(alone[0].0.contains("does not carry the signature of its key"), "{alone:?}");
    assert_eq!((alone[0].1.as_slice(), alone.len()), (&EVERYBODY[..], 2));
    assert_eq!(alone[1], ("checkpoint 3 does not follow from checkpoint 2".to_owned(), vec![]));
    let beside = found(&chain, true);
    assert!(beside[0].0.contains("differs from its copy outside"), "{beside:?}");
    assert_eq!((beside[0].1.as_slice(), beside.len()), (&[][..], 1));
}

#[test]
fn a_forgery_that_is_signed_with_another_key_is_found() {
    struct Stranger;
    impl CheckpointSigner for Stranger {
        fn sign(&self, message: &[u8]) -> Vec<u8> {
            message.to_vec()
        }

        fn public_key(&self) -> Vec<u8> {
            b"stranger".to_vec()
        }
    }
    let mut chain = chain();
    let mut heads = chain[2].heads.clone();
    heads[0].seq = 9;
    let last = Some(&chain[1].copy.checkpoint);
    chain[2] = CheckpointRecord::after(last, heads, Timestamp::EPOCH, &Stranger);
    let alone = found(&chain, false);
    assert!(alone[0].0.contains("is no known key"), "{alone:?}");
    assert_eq!(alone[0].1, EVERYBODY);
    assert_eq!(found(&chain, true)[0].1, [1]);
}

#[test]
fn a_key_that_came_later_is_named_and_casts_doubt_on_nobody() {
    let stranger = KnownKey { public_key: b"stranger".to_vec(), until: None };
    let keys = CheckpointKeys::new(vec![stranger], repeats);
    for (as_of, doubtful) in [(2, 0), (3, 5)] {
        let keys = keys.clone().as_of(as_of);
        let mut auditor = CheckpointAuditor::after(&keys, Some((2, chain()[1].copy.checkpoint.hash())));
        auditor.read(&chain()[2], None);
        let (found, _) = auditor.finish();
        assert!(found[0].what.contains("is no known key"), "{found:?}");
        assert_eq!((found[0].accounts.len(), found.len()), (doubtful, 1));
    }
}

#[test]
fn checkpoints_that_are_missing_are_named() {
    let mut chain = chain();
    chain.remove(1);
    let alone = found(&chain, false);
    assert!(alone[0].0.contains("checkpoint 3 follows checkpoint 1"), "{alone:?}");
    let beside = found(&chain, true);
    assert!(beside[0].0.contains("checkpoint 2 is not in the database"), "{beside:?}");
    assert_eq!((beside[0].1.as_slice(), beside.len()), (&EVERYBODY[..], 1));
}

#[test]
fn a_replaced_key_counts_up_to_its_last_checkpoint() {
    let text = format!("{}:2", "ab".repeat(32));
    assert_eq!(text.parse::<KnownKey>().unwrap().until, Some(2));
    for text in ["", "ab", "ab:1", &format!("{}:x", "ab".repeat(32))] {
        assert_eq!(text.parse::<KnownKey>(), Err(InvalidKnownKey), "{text}");
    }
    let replaced = KnownKey { public_key: b"parrot".to_vec(), until: Some(2) };
    let keys = CheckpointKeys::new(vec![replaced], repeats);
    let problems: Vec<_> = chain().iter().map(|record| keys.problem(&record.copy.checkpoint)).collect();
    assert_eq!(problems[..2], [None, None]);
    assert!(problems[2].as_deref().is_some_and(|problem| problem.contains("replaced after checkpoint 2")));
}

#[test]
fn an_index_reads_back_from_its_bytes() {
    let index = CheckpointIndex::of(&heads());
    assert_eq!(CheckpointIndex::from_bytes(&index.to_bytes()), Some(index.clone()));
    assert_eq!(CheckpointIndex::from_bytes(&index.to_bytes()[1..]), None);
    assert_eq!(CheckpointIndex::from_bytes(&[]), Some(CheckpointIndex::default()));
}
