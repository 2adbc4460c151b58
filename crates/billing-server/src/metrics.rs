//! The metrics of `/metrics`.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::web::Data;
use billing_batch::{Batched, Histogram as Seen};
use billing_core::Job;
use billing_core::jobs::JobReport;
use billing_core::requests::{HistoryReport, LedgerReport};
use billing_core::values::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::Instant;

/// All metrics.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Route, Histogram>,
    audited_accounts: Counter,
    audited_entries: Counter,
    violations: Counter,
    checkpoint_violations: Counter,
    checkpoint_failures: Counter,
    job_items: Family<JobItems, Counter>,
    job_errors: Family<JobErrors, Counter>,
    /// When the last round of the audit of changes ended, in Unix seconds.
    audited_at: Arc<AtomicI64>,
    /// When the last audit of the whole history ended, in Unix seconds.
    history_audited_at: Arc<AtomicI64>,
}

/// The labels of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: Cow<'static, str>,
    route: String,
    status: u16,
}

/// The labels of a job's items.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobItems {
    job: &'static str,
    outcome: &'static str,
}

/// The label of a failed round of a job.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobErrors {
    job: &'static str,
}

/// The label of a route.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

/// The writers' own counters, read on demand.
struct Writer(Arc<Batched>);

/// When the last audit ended.
struct LastAudit {
    changes: Arc<AtomicI64>,
    history: Arc<AtomicI64>,
}

impl Metrics {
    pub(crate) fn new(ledger: Arc<Batched>) -> Self {
        let mut registry = Registry::with_prefix("billing");
        let requests = Family::<Request, Counter>::default();
        registry.register("http_requests", "HTTP responses", requests.clone());
        let durations = Family::<Route, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        let help = "Time to respond";
        registry.register_with_unit("http_request_duration", help, Unit::Seconds, durations.clone());
        let [audited_accounts, audited_entries, violations] = [(); 3].map(|()| Counter::default());
        let job_items = Family::<JobItems, Counter>::default();
        registry.register("job_items", "Items of background jobs, by outcome", job_items.clone());
        let job_errors = Family::<JobErrors, Counter>::default();
        registry.register("job_errors", "Rounds of background jobs that failed", job_errors.clone());
        let help = "Accounts read by the self-audit";
        registry.register("ledger_audited_accounts", help, audited_accounts.clone());
        let help = "Entries read by the self-audit";
        registry.register("ledger_audited_entries", help, audited_entries.clone());
        let help = "Violated invariants of the ledger: page an operator";
        registry.register("ledger_violations", help, violations.clone());
        let [checkpoint_violations, checkpoint_failures] = [(); 2].map(|()| Counter::default());
        let help = "Violated invariants of checkpoints: page an operator";
        registry.register("ledger_checkpoint_violations", help, checkpoint_violations.clone());
        let help = "Checkpoints that could not be published or copied";
        registry.register("ledger_checkpoint_failures", help, checkpoint_failures.clone());
        let [audited_at, history_audited_at] = [(); 2].map(|()| Arc::new(AtomicI64::new(0)));
        registry.register_collector(Box::new(LastAudit {
            changes: audited_at.clone(),
            history: history_audited_at.clone(),
        }));
        registry.register_collector(Box::new(Writer(ledger)));
        Self {
            registry,
            requests,
            durations,
            audited_accounts,
            audited_entries,
            violations,
            checkpoint_violations,
            checkpoint_failures,
            job_items,
            job_errors,
            audited_at,
            history_audited_at,
        }
    }

    /// Counts the result of a round of a job.
    pub(crate) fn count_job(&self, job: Job, report: &JobReport) {
        for (outcome, count) in [
            // Also counted as done; each item has one outcome here.
            ("done", report.done.saturating_sub(report.needs_operator)),
            ("orphan", report.orphans),
            ("needs_operator", report.needs_operator),
            ("failed", report.failed),
            ("deferred", report.deferred),
        ] {
            if count > 0 {
                let items = JobItems { job: job.as_str(), outcome };
                self.job_items.get_or_create(&items).inc_by(u64::from(count));
            }
        }
    }

    /// Counts a failed round of a job.
    pub(crate) fn count_job_error(&self, job: Job) {
        self.job_errors.get_or_create(&JobErrors { job: job.as_str() }).inc();
    }

    /// Counts the result of a round of the audit of changes.
    pub(crate) fn audited(&self, report: &LedgerReport, now: Timestamp) {
        self.audited_accounts.inc_by(report.accounts);
        self.audited_entries.inc_by(report.entries);
        self.violations.inc_by(u64::try_from(report.violations.len()).unwrap_or(u64::MAX));
        self.audited_at.store(now.unix_seconds(), Ordering::Relaxed);
    }

    /// Counts the result of a piece of the audit of the whole history.
    pub(crate) fn audited_history(&self, report: &HistoryReport, now: Timestamp) {
        self.audited(&report.accounts, now);
        let found = &report.checkpoints;
        self.checkpoint_violations.inc_by(u64::try_from(found.violations.len()).unwrap_or(u64::MAX));
        self.violations.inc_by(u64::try_from(found.accounts.violations.len()).unwrap_or(u64::MAX));
        if report.whole {
            self.history_audited_at.store(now.unix_seconds(), Ordering::Relaxed);
        }
    }

    /// Counts a checkpoint that could not be published or copied.
    pub(crate) fn count_checkpoint_failure(&self) {
        self.checkpoint_failures.inc();
    }
}

impl billing_http::Metrics for Metrics {
    fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Counts a request under its route's pattern, so that ids do not become labels.
pub(crate) async fn count_request(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let metrics = request.app_data::<Data<Metrics>>().cloned();
    let begun = Instant::now();
    let answer = next.call(request).await?;
    if let Some(metrics) = metrics {
        let request = answer.request();
        let route = Route { route: request.match_pattern().unwrap_or_else(|| "none".to_owned()) };
        metrics.durations.get_or_create(&route).observe(begun.elapsed().as_secs_f64());
        let (method, route) = (method(request.method()), route.route);
        let status = answer.status().as_u16();
        metrics.requests.get_or_create(&Request { method, route, status }).inc();
    }
    Ok(answer)
}

/// A method's name, without a copy for the usual ones.
fn method(method: &Method) -> Cow<'static, str> {
    match *method {
        Method::GET => "GET".into(),
        Method::POST => "POST".into(),
        Method::PUT => "PUT".into(),
        ref other => other.as_str().to_owned().into(),
    }
}

const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Writer")
    }
}

impl std::fmt::Debug for LastAudit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LastAudit")
    }
}

impl Collector for LastAudit {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        for (name, help, seconds) in [
            ("ledger_audited_at", "When the last round of the self-audit ended, in Unix time", &self.changes),
            (
                "ledger_history_audited_at",
                "When the self-audit last completed the whole history, in Unix time",
                &self.history,
            ),
        ] {
            let metric = ConstGauge::new(seconds.load(Ordering::Relaxed));
            let into = encoder.encode_descriptor(name, help, Some(&Unit::Seconds), metric.metric_type())?;
            metric.encode(into)?;
        }
        Ok(())
    }
}

impl Collector for Writer {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let stats = self.0.stats();
        let waiting = ConstGauge::new(i64::try_from(stats.waiting).unwrap_or(i64::MAX));
        let help = "Queued postings";
        waiting.encode(encoder.encode_descriptor("ledger_waiting", help, None, waiting.metric_type())?)?;
        for (name, help, count) in [
            ("ledger_batches", "Committed batches", stats.batches),
            ("ledger_postings", "Postings in committed batches", stats.postings),
            ("ledger_retries", "Retried batches", stats.retries),
            ("ledger_second_looks", "Commits whose response was lost", stats.second_looks),
            ("ledger_bisects", "Batches split to isolate a failing call", stats.bisects),
            ("ledger_overloads", "Calls refused because the queue was full", stats.overloads),
            ("ledger_batch_size_sum", "Postings in all batches", stats.batch_size.sum),
            ("ledger_answer_micros_sum", "Microseconds until responses, summed", stats.answer_micros.sum),
            ("ledger_answers", "Responses", stats.answer_micros.count()),
            ("ledger_slow_answers", "Responses slower than 25 ms", above(&stats.answer_micros, 25_000)),
        ] {
            let counter = ConstCounter::new(count);
            counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
        }
        Ok(())
    }
}

/// The number of values above `bound`.
fn above(seen: &Seen, bound: u64) -> u64 {
    let below = seen.buckets.iter().filter(|(upper, _)| *upper <= bound);
    let below = below.fold(0_u64, |count, (_, seen)| count.saturating_add(*seen));
    seen.count().saturating_sub(below)
}
