//! Somebody who can write to the whole database, and knows how everything in it is made.

use std::sync::Arc;

use billing_core::accounts::ExternalId;
use billing_core::ledger::audit::History;
use billing_core::ledger::{ChainHash, CheckpointHead, CheckpointRecord, CheckpointSigner};
use billing_core::ports::{AccountRef, BillingReads, Checkpoints, Credentials, LedgerReads};
use billing_core::values::{AccountId, Credits, GrantId};
use billing_store::SqlStore;
use billing_store::testing::TestDatabase;
use billing_testkit::SequentialIds;

pub(super) struct Forger<'a> {
    database: &'a TestDatabase,
    store: SqlStore,
    postgres: bool,
}

impl<'a> Forger<'a> {
    pub(super) async fn at(database: &'a TestDatabase) -> Self {
        let store = SqlStore::connect(database.url(), 4, Arc::new(SequentialIds::default())).await.unwrap();
        Self { database, store, postgres: database.url().starts_with("postgres") }
    }

    pub(super) async fn leave(self) {
        self.store.close().await;
    }

    pub(super) async fn account(&self, name: &str) -> AccountId {
        let name = ExternalId::parse(name).unwrap();
        self.store.account(AccountRef::External(&name)).await.unwrap().unwrap().id
    }

    pub(super) async fn history(&self, account: AccountId) -> History {
        self.store.history(account).await.unwrap().unwrap()
    }

    pub(super) async fn checkpoints(&self) -> Vec<CheckpointRecord> {
        self.store.checkpoints(0, 1_000).await.unwrap()
    }

    pub(super) async fn setting(&self, name: &str) -> String {
        self.store.setting(name).await.unwrap().unwrap()
    }

    pub(super) fn bytes(&self, bytes: &[u8]) -> String {
        let digits = hex::encode(bytes);
        if self.postgres { format!("decode('{digits}', 'hex')") } else { format!("x'{digits}'") }
    }

    pub(super) fn id(&self, id: uuid::Uuid) -> String {
        if self.postgres { format!("'{id}'::uuid") } else { self.bytes(id.as_bytes()) }
    }

    /// Runs `statement` with `{account}` for the account's id.
    pub(super) async fn run(&self, account: AccountId, statement: &str) {
        self.database.execute(&statement.replace("{account}", &self.id(account.uuid()))).await;
    }

    /// Makes what entry number `seq` took smaller by `credits`, in every place where that shows, with all hashes made anew
    /// and no trace of earlier audits.
    pub(super) async fn undo_part_of_a_spend(&self, account: AccountId, seq: i64, credits: i64) {
        let mut history = self.history(account).await;
        let more = |before: Credits| Credits::new(before.get() + credits);
        let mut refunded: Option<GrantId> = None;
        for part in history.lines.allocations.iter_mut().filter(|part| part.seq == seq).take(1) {
            part.amount = more(part.amount);
            refunded = Some(part.grant);
        }
        for entry in history.lines.entries.iter_mut().filter(|entry| entry.seq >= seq) {
            if entry.seq == seq {
                entry.amount = more(entry.amount);
            }
            entry.balance_after = more(entry.balance_after);
            entry.available_after = more(entry.available_after);
        }
        for grant in history.kept.grants.iter_mut().filter(|grant| Some(grant.id) == refunded) {
            grant.remaining = more(grant.remaining);
        }
        let balance = &mut history.kept.balance;
        balance.posted = more(balance.posted);
        balance.buckets.bonus = more(balance.buckets.bonus);
        self.write_anew(&mut history).await;
    }

    /// Takes the last entry, a spend, out of history, and makes everything look as before it.
    pub(super) async fn cut_off_the_last_spend(&self, account: AccountId) {
        let mut history = self.history(account).await;
        let gone = history.lines.entries.pop().unwrap();
        let (parts, rest) = history.lines.allocations.drain(..).partition(|part| part.seq == gone.seq);
        history.lines.allocations = rest;
        let parts: Vec<billing_core::ledger::Allocation> = parts;
        for part in parts {
            for grant in history.kept.grants.iter_mut().filter(|grant| grant.id == part.grant) {
                grant.remaining = Credits::new(grant.remaining.get() - part.amount.get());
            }
        }
        let balance = &mut history.kept.balance;
        balance.posted = Credits::new(balance.posted.get() - gone.amount.get());
        balance.buckets.bonus = Credits::new(balance.buckets.bonus.get() - gone.amount.get());
        balance.seq -= 1;
        self.run(
            account,
            &format!("DELETE FROM entries WHERE account_id = {{account}} AND seq = {}", gone.seq),
        )
        .await;
        self.write_anew(&mut history).await;
    }

    /// Says that the text of an entry was erased, and puts another in its place.
    pub(super) async fn forge_text(&self, account: AccountId, seq: i64) {
        let history = self.history(account).await;
        let entry = history.lines.entries.iter().find(|entry| entry.seq == seq).unwrap();
        let digest = self.bytes(entry.text(&history.kept.balance.text_key).bytes());
        let set = format!("SET erased = {digest}, description = 'Gift'");
        self.run(account, &format!("UPDATE entries {set} WHERE account_id = {{account}} AND seq = {seq}"))
            .await;
    }

    /// Gives a usage another price per quantity, with all hashes made anew.
    pub(super) async fn rewrite_usage(&self, account: AccountId) {
        let mut history = self.history(account).await;
        for usage in &mut history.usages {
            "other".clone_into(&mut usage.meter);
        }
        self.run(account, "UPDATE usages SET meter = 'other' WHERE account_id = {account}").await;
        self.run(account, "UPDATE usage_carries SET meter = 'other' WHERE account_id = {account}").await;
        self.write_anew(&mut history).await;
    }

    /// Has the checkpoints say of the account what its rewritten history says, without signing them anew.
    pub(super) async fn rewrite_heads(&self, account: AccountId) {
        let history = self.history(account).await;
        for (checkpoint, head) in &history.kept.covered {
            let now = head_at(&history, head);
            let statement = format!(
                "UPDATE checkpoint_heads SET head = {}, usage_head = {} WHERE account_id = {{account}} AND checkpoint = {checkpoint}",
                self.bytes(now.head.bytes()),
                self.bytes(now.usage_head.bytes())
            );
            self.run(account, &statement).await;
        }
    }

    /// Makes all checkpoints anew over what history says now, signed by `signer`.
    pub(super) async fn sign_anew(&self, signer: &dyn CheckpointSigner) {
        let mut last = None;
        for record in self.checkpoints().await {
            let (number, made) = (record.copy.checkpoint.number, record.copy.checkpoint.created_at);
            let forged = CheckpointRecord::after(last.as_ref(), record.heads, made, signer);
            let checkpoint = forged.copy.checkpoint.clone();
            let statement = format!(
                "UPDATE checkpoints SET previous = {}, root = {}, covers = {}, index_hash = {}, signature = {}, public_key = {} \
                 WHERE number = {number}",
                self.bytes(checkpoint.previous.bytes()),
                self.bytes(checkpoint.root.bytes()),
                self.bytes(&forged.copy.index.to_bytes()),
                self.bytes(checkpoint.index.bytes()),
                self.bytes(&checkpoint.signature),
                self.bytes(&checkpoint.public_key),
            );
            self.database.execute(&statement).await;
            last = Some(checkpoint);
        }
    }

    /// Writes `history` down with all hashes made anew.
    async fn write_anew(&self, history: &mut History) {
        let balance = &mut history.kept.balance;
        let account = balance.account;
        let mut head = ChainHash::GENESIS;
        for usage in &mut history.usages {
            head = head.then_usage(usage, &usage.text(&balance.text_key));
            usage.hash = head;
            let hash = self.bytes(head.bytes());
            let number = usage.number;
            self.run(
                account,
                &format!(
                    "UPDATE usages SET hash = {hash} WHERE account_id = {{account}} AND number = {number}"
                ),
            )
            .await;
        }
        balance.usage_head = head;
        head = ChainHash::GENESIS;
        for entry in &mut history.lines.entries {
            let seq = entry.seq;
            let parts: Vec<_> =
                history.lines.allocations.iter().filter(|part| part.seq == seq).copied().collect();
            let given = parts.iter().map(|part| {
                let grant = history.kept.grants.iter().find(|grant| grant.id == part.grant).unwrap();
                (*part, part.terms(grant))
            });
            let key = entry.posting_key.as_ref().map(|key| history.lines.keys[key].fingerprint);
            let debts = history.kept.debts.iter().filter(|debt| debt.seq == seq && debt.grant.is_none());
            head = head.then(entry, &entry.text(&balance.text_key), key.as_ref(), given, debts);
            entry.hash = head;
            let drawn: Vec<u8> = parts
                .iter()
                .flat_map(|part| {
                    part.grant.uuid().into_bytes().into_iter().chain(part.amount.get().to_be_bytes())
                })
                .collect();
            let statement = format!(
                "UPDATE entries SET amount = {}, balance_after = {}, available_after = {}, allocations = {}, hash = {} \
                 WHERE account_id = {{account}} AND seq = {seq}",
                entry.amount,
                entry.balance_after,
                entry.available_after,
                self.bytes(&drawn),
                self.bytes(head.bytes()),
            );
            self.run(account, &statement).await;
        }
        balance.head = head;
        for grant in &history.kept.grants {
            let (id, left) = (self.id(grant.id.uuid()), grant.remaining);
            self.database
                .execute(&format!("UPDATE grants SET remaining = {left}, live = {left} > 0 WHERE id = {id}"))
                .await;
        }
        let statement = format!(
            "UPDATE balances SET posted = {}, bucket_bonus = {}, seq = {}, head = {}, usage_head = {}, \
             burning_grant = NULL, burning_left = NULL WHERE account_id = {{account}}",
            balance.posted,
            balance.buckets.bonus,
            balance.seq,
            self.bytes(balance.head.bytes()),
            self.bytes(balance.usage_head.bytes()),
        );
        self.run(account, &statement).await;
        self.run(account, "DELETE FROM audit_progress WHERE account_id = {account}").await;
    }
}

/// What `history` says where `head` stood.
fn head_at(history: &History, head: &CheckpointHead) -> CheckpointHead {
    let entry = history.lines.entries.iter().find(|entry| entry.seq == head.seq);
    let usage = history.usages.iter().find(|usage| usage.number == head.usages);
    CheckpointHead {
        head: entry.map_or(ChainHash::GENESIS, |entry| entry.hash),
        usage_head: usage.map_or(ChainHash::GENESIS, |usage| usage.hash),
        ..*head
    }
}
