//! Metered spends: usage with a rate card instead of amounts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use async_trait::async_trait;
use billing_batch::Batched;
use billing_core::catalog::{
    MarkupPercent, Meter, Rate, RateCardVersion, RatePrice, Rounding, Tariff, UnitPrice, UnitRate,
    VersionTerms,
};
use billing_core::ledger::{Charge, Command, RatedUsage, SpendCredits};
use billing_core::ports::LedgerStore;
use billing_core::values::AccountId;
use uuid::Uuid;

use super::ours::{now, take};
use crate::contender::{Contender, Spend};

/// The maximum tokens of each kind of a call. At the rates below a call costs 0.4 credits on average, so some take a
/// credit and others are carried.
const INPUT_TOKENS: u128 = 4_000;
const OUTPUT_TOKENS: u128 = 1_000;

/// The ledger behind its port with metered usage, through the writer.
pub(crate) struct Metered {
    ledger: Arc<Batched>,
    accounts: Vec<AccountId>,
    tariff: Tariff,
    /// The credits of all acknowledged usage.
    credits: AtomicU64,
}

impl Metered {
    pub(crate) fn gathered(ledger: Arc<Batched>, accounts: &[Uuid]) -> Result<Self> {
        let accounts = accounts.iter().copied().map(AccountId::from_uuid).collect();
        Ok(Self { ledger, accounts, tariff: tariff()?, credits: AtomicU64::new(0) })
    }

    /// The credits of all usage so far, which differ from the number of usages.
    pub(crate) fn credits(&self) -> u64 {
        self.credits.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Contender for Metered {
    async fn spend(&self, spend: Spend) -> Result<bool> {
        let account = *self.accounts.get(spend.account).context("no such account")?;
        let tokens = |most| i64::try_from(spend.unique % most).unwrap_or_default().into();
        let quantities = [("input_tokens", tokens(INPUT_TOKENS)), ("output_tokens", tokens(OUTPUT_TOKENS))];
        let quantities = quantities.map(|(name, units)| (name.to_owned(), units)).into();
        let usage = RatedUsage { tariff: self.tariff.clone(), quantities };
        let mut posting = take(account, spend.unique, spend.amount);
        for command in &mut posting.commands {
            if let Command::Spend(SpendCredits { charge, .. }) = command {
                *charge = Charge::Usage(vec![usage.clone()]);
            }
        }
        let outcome = self.ledger.post(vec![posting], now()).await?.pop();
        match outcome.context("a posting without an outcome")? {
            Ok(posted) if !posted.replayed => {
                let credits = posted.usages.iter().map(|usage| usage.credits.get()).sum::<i64>();
                self.credits.fetch_add(u64::try_from(credits)?, Ordering::Relaxed);
                Ok(true)
            }
            other => anyhow::bail!("a metered spend ended as {other:?}"),
        }
    }

    fn batches(&self) -> (u64, u64) {
        let stats = self.ledger.stats();
        (stats.batches, stats.postings)
    }
}

/// The rates of a card's only meter, which carries fractions.
fn tariff() -> Result<Tariff> {
    let rate = |quantity: &str, credits: &str| {
        let price = RatePrice::PerUnit(UnitRate { credits: credits.parse()?, per: 1_000.try_into()? });
        anyhow::Ok(Rate { quantity: quantity.to_owned(), when: BTreeMap::new(), price })
    };
    let meter = Meter {
        name: "chat".to_owned(),
        dimensions: Vec::new(),
        rates: vec![rate("input_tokens", "0.1")?, rate("output_tokens", "0.4")?],
        per_call: UnitPrice::ZERO,
        minimum: UnitPrice::ZERO,
        markup: None,
        rounding: Rounding::Carry,
    };
    let version = RateCardVersion {
        card: "default".to_owned(),
        edition: VersionTerms { number: 1, effective_at: now(), published_at: now() },
        markup: MarkupPercent::ZERO,
        meters: vec![meter],
    };
    Ok(version.tariff("chat", &BTreeMap::new())?)
}
