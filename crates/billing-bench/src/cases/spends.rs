//! The ledger beside the contenders.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::books::Books;
use crate::cli::CaseName;
use crate::contender::Contender;
use crate::contenders::{BareRows, Gathering, Naive, OneStatement, SameRows, make_bare_tables};
use crate::load::{Workload, closed_loop};
use crate::measure::{CaseReport, Measured, Written};
use crate::rounds::{Rounds, Turn, take_turns};
use crate::stage::{OpenLedger, Stage};

/// The connections of contenders with one transaction per spend. More gain nothing on few processors, and fewer leave
/// syncs unshared.
const PEER_CONNECTIONS: u32 = 64;

const OURS: &str = "ours";
const NAIVE: &str = "naive";
const ONE: &str = "one statement";
const BARE: &str = "gathered, bare rows";
const SAME: &str = "gathered, same rows";

/// All contenders for spends, each on its own database.
struct Field {
    ledger: OpenLedger,
    everybody: Vec<Entrant>,
}

/// One of them.
struct Entrant {
    name: &'static str,
    url: String,
    contender: Arc<dyn Contender>,
}

/// Many accounts, one account, more callers, and many accounts right after a checkpoint.
pub(crate) async fn run(stage: &Stage, wanted: &[CaseName]) -> Result<Vec<CaseReport>> {
    let field = Field::open(stage).await?;
    let books = Books::open(&field.ledger.store, &field.ledger.accounts).await?;
    let size = &stage.size;
    let mut spent = 0;
    let mut reports = Vec::new();
    for case in wanted {
        let rounds = match case {
            CaseName::Hot => {
                let title = format!("spends, one account, {} callers", size.callers);
                let all = [OURS, NAIVE, ONE, BARE, SAME];
                field.turns(stage, "hot", title, &all, |_, round| size.hot(round)).await?
            }
            CaseName::Wide => {
                let title = format!(
                    "spends, {} accounts, {} callers (one statement: {})",
                    size.accounts, size.many_callers, size.callers
                );
                let workload = |who: &'static str, _| {
                    size.many(if who == ONE { size.callers } else { size.many_callers })
                };
                field.turns(stage, "wide", title, &[OURS, ONE, BARE, SAME], workload).await?
            }
            CaseName::Checkpoint => {
                let title = format!("spends, {} callers, right after a checkpoint", size.callers);
                let workload = |_, _| Workload {
                    warm_up: Duration::ZERO,
                    after_checkpoint: true,
                    ..size.many(size.callers)
                };
                field.turns(stage, "checkpoint", title, &[OURS, BARE, SAME], workload).await?
            }
            _ => {
                let title = format!("spends, {} accounts, {} callers", size.accounts, size.callers);
                let all = [OURS, NAIVE, ONE, BARE, SAME];
                field.turns(stage, "many", title, &all, |_, _| size.many(size.callers)).await?
            }
        };
        spent += rounds.ever_done(&[OURS]);
        reports.push(rounds.report()?);
    }
    books.close(spent).await?;
    field.ledger.close().await;
    Ok(reports)
}

impl Field {
    async fn open(stage: &Stage) -> Result<Self> {
        let (size, server) = (&stage.size, &stage.server);
        let writers = Stage::writers();
        let writer_connections = u32::try_from(writers)?;
        let bare = async |purpose| {
            let url = server.create(purpose).await?;
            make_bare_tables(&url, size.accounts + size.hot_accounts()).await?;
            anyhow::Ok(url)
        };
        let url = stage.ledger("ours").await?;
        let ledger = OpenLedger::at(&url).await?;
        let mut everybody = vec![Entrant { name: OURS, url, contender: ledger.gathered() }];
        let mut enter = |name, url, contender| everybody.push(Entrant { name, url, contender });
        let url = bare("naive").await?;
        let naive = Naive::connect(&url, PEER_CONNECTIONS).await?;
        enter(NAIVE, url, Arc::new(naive));
        let url = bare("one").await?;
        let one = OneStatement::connect(&url, PEER_CONNECTIONS).await?;
        enter(ONE, url, Arc::new(one));
        let url = bare("bare").await?;
        let rows = BareRows::connect(&url, writer_connections).await?;
        enter(BARE, url, Arc::new(Gathering::start(rows, writers)));
        let url = stage.ledger("same").await?;
        let rows = SameRows::connect(&url, writer_connections).await?;
        enter(SAME, url, Arc::new(Gathering::start(rows, writers)));
        Ok(Self { ledger, everybody })
    }

    async fn turns(
        &self,
        stage: &Stage,
        name: &'static str,
        title: String,
        who: &[&str],
        workload: impl Fn(&'static str, usize) -> Workload + Clone + Send + Sync,
    ) -> Result<Rounds> {
        let some = self.everybody.iter().filter(|entrant| who.contains(&entrant.name));
        let turns = some.map(|entrant| {
            let workload = workload.clone();
            let turn: Turn<'_> = Box::new(move |round| {
                let workload = workload(entrant.name, round);
                Box::pin(async move {
                    if workload.after_checkpoint {
                        stage.server.checkpoint().await?;
                    }
                    entrant.spend(stage, &workload).await
                })
            });
            (entrant.name, turn)
        });
        take_turns(stage, name, title, turns.collect()).await
    }
}

impl Entrant {
    /// Its turn, and the bytes that its database wrote.
    async fn spend(&self, stage: &Stage, workload: &Workload) -> Result<Measured> {
        let before = stage.server.written(&self.url).await?;
        let measured = closed_loop(self.contender.clone(), workload).await?;
        let after = stage.server.written(&self.url).await?;
        let written = Written { disk: after.disk - before.disk, wal: after.wal - before.wal };
        Ok(Measured { written: Some(written), ..measured })
    }
}
