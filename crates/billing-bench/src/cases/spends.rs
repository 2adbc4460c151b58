//! Ours beside its peers.

use std::sync::Arc;

use anyhow::Result;

use crate::books::Books;
use crate::cli::CaseName;
use crate::contender::Contender;
use crate::contenders::{BareRows, Gathering, Naive, OneStatement, SameRows, make_bare_tables};
use crate::load::{Workload, closed_loop};
use crate::measure::CaseReport;
use crate::rounds::{Rounds, Turn, take_turns};
use crate::stage::{OpenLedger, Stage};

/// How many connections the peers have that give each spend a transaction of its own. More gain them nothing on
/// few processors, and fewer leave syncs unshared.
const PEER_CONNECTIONS: u32 = 64;

const OURS: &str = "ours";
const NAIVE: &str = "naive";
const ONE: &str = "one statement";
const BARE: &str = "gathered, bare rows";
const SAME: &str = "gathered, same rows";

/// Everybody who spends, each on a database of its own.
struct Field {
    ledger: OpenLedger,
    everybody: Vec<(&'static str, Arc<dyn Contender>)>,
}

/// Many accounts, one account, and more callers.
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
        let ledger = OpenLedger::at(&stage.ledger("ours").await?).await?;
        let naive = Naive::connect(&bare("naive").await?, PEER_CONNECTIONS).await?;
        let one = OneStatement::connect(&bare("one").await?, PEER_CONNECTIONS).await?;
        let bare = BareRows::connect(&bare("bare").await?, writer_connections).await?;
        let same = SameRows::connect(&stage.ledger("same").await?, writer_connections).await?;
        let everybody: Vec<(&'static str, Arc<dyn Contender>)> = vec![
            (OURS, ledger.gathered()),
            (NAIVE, Arc::new(naive)),
            (ONE, Arc::new(one)),
            (BARE, Arc::new(Gathering::start(bare, writers))),
            (SAME, Arc::new(Gathering::start(same, writers))),
        ];
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
        let some = self.everybody.iter().filter(|(name, _)| who.contains(name));
        let turns = some.map(|(name, contender)| {
            let workload = workload.clone();
            let turn: Turn<'_> = Box::new(move |round| {
                let workload = workload(name, round);
                Box::pin(async move { closed_loop(contender.clone(), &workload).await })
            });
            (*name, turn)
        });
        take_turns(stage, name, title, turns.collect()).await
    }
}
