//! `billing serve`

use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Condition, from_fn};
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::Context;
use billing_core::Billing;
use billing_core::credentials::KeyText;
use billing_http::{Readiness, routes};
use billing_sandbox::pages;
use tracing_actix_web::TracingLogger;

use super::terminal::say;
use crate::background::{Background, Bell, Pace};
use crate::config::Settings;
use crate::first_run;
use crate::metrics::{Metrics, count_request};
use crate::page_deadline::{PageDeadline, end_page_in_time};
use crate::root_span::RootSpan;
use crate::shutdown::{self, DRAIN_SECONDS, STEP, step};
use crate::wiring::{self, Addresses, Parts};

pub(super) async fn serve(settings: &Settings) -> anyhow::Result<ExitCode> {
    let (listener, addresses) = wiring::bind(settings)?;
    // Before the database is touched: a service that cannot start changes nothing.
    wiring::check(settings, &addresses)?;
    let store = wiring::open_store(settings, true).await?;
    let bell = Arc::new(Bell::default());
    let Parts { billing, sandbox, ledger } =
        wiring::assemble(settings, &store, &addresses, bell.clone()).await?;
    let key = first_run::operator_key(&billing, settings.bootstrap_admin_key.is_some()).await?;
    if sandbox.is_some() {
        first_run::sandbox_catalogue(&billing).await?;
    }

    let readiness = Data::new(Readiness::default());
    let metrics = Data::new(Metrics::new(ledger.clone()));
    let api = wiring::api(settings, &addresses, billing.clone(), readiness.clone(), metrics.clone())?;
    let counted = metrics.clone();
    let deadline = Data::new(PageDeadline::after(Duration::from_secs(settings.request_timeout.into())));
    let mut server = HttpServer::new(move || {
        let app = App::new()
            .app_data(counted.clone())
            .app_data(deadline.clone())
            // The API has its own deadline; only the pages need this one.
            .wrap(Condition::new(sandbox.is_some(), from_fn(end_page_in_time)))
            .wrap(TracingLogger::<RootSpan>::new())
            .wrap(from_fn(count_request));
        let app = match &sandbox {
            Some(sandbox) => app.configure(pages(sandbox.clone())),
            None => app,
        };
        app.configure(routes(api.clone()))
    })
    .shutdown_timeout(DRAIN_SECONDS)
    .disable_signals();
    if let Some(workers) = settings.workers {
        server = server.workers(workers);
    }
    let server = server.listen(listener).context("the listener cannot be used")?.run();

    let pace = Pace {
        checkpoint_every: Duration::from_secs(settings.ledger.checkpoint_seconds.unwrap_or(60).max(1).into()),
        audit_days: settings.ledger.audit_days.unwrap_or(7),
    };
    let background = Background::start(&billing, &bell, &readiness, &metrics, pace);
    let signal = shutdown::signals().context("signals cannot be waited for")?;
    greet(&billing, &addresses, key.as_ref()).await?;

    run_until(signal, server, &readiness, shutdown_delay(settings, &addresses)).await?;
    // No request is waiting any more; background work stops between two items.
    step("background jobs", STEP, background.stop()).await;
    // Postings of requests whose callers are gone.
    step("the ledger's writers", STEP, ledger.drain()).await;
    step("the database's connections", STEP, store.close()).await;
    Ok(ExitCode::SUCCESS)
}

/// Serves until the signal arrives and the requests in flight are answered. After the signal `/readyz` answers 503;
/// the listener accepts requests for `delay` longer, until the load balancer has noticed.
async fn run_until(
    signal: impl Future<Output = ()>,
    server: Server,
    readiness: &Readiness,
    delay: Duration,
) -> anyhow::Result<()> {
    let handle = server.handle();
    let mut server = pin!(server);
    tokio::select! {
        ended = &mut server => return ended.context("the server failed"),
        () = signal => {}
    }
    shutdown::start_watchdog(delay);
    readiness.drain();
    tokio::select! {
        ended = &mut server => return ended.context("the server failed"),
        () = tokio::time::sleep(delay) => {}
    }
    let stopped = async {
        let ((), ended) = tokio::join!(handle.stop(true), &mut server);
        if let Err(error) = ended {
            tracing::error!(%error, "the server failed while it stopped");
        }
    };
    step("requests in flight", shutdown::server_bound(), stopped).await;
    Ok(())
}

/// On a loopback address there is no load balancer to wait for.
fn shutdown_delay(settings: &Settings, addresses: &Addresses) -> Duration {
    let default = if addresses.loopback { 0 } else { 5 };
    Duration::from_secs(settings.shutdown_delay.map_or(default, u64::from))
}

/// Prints the instructions of a first start, and always the address.
async fn greet(billing: &Billing, addresses: &Addresses, key: Option<&KeyText>) -> anyhow::Result<()> {
    let url = &addresses.public_url;
    if let Some(key) = key {
        let key = key.reveal();
        say(&format!("operator key (shown this once):\n  {key}\n"));
        if let Some(pack) = billing.packs().await?.first() {
            let id = pack.id;
            say(&format!(
                "try:\n\
                 curl -s {url}/credits/packs -H 'Authorization: Bearer {key}'\n\
                 curl -s {url}/payment/create-session -H 'Authorization: Bearer {key}' \
                 -H 'Content-Type: application/json' \
                 -d '{{\"account_id\":\"alice\",\"channel\":\"sandbox\",\"type\":\"credits\",\"pack_id\":\"{id}\",\
                 \"success_url\":\"{url}/\",\"cancel_url\":\"{url}/\"}}'\n\
                 curl -s '{url}/credits/balance?account_id=alice' -H 'Authorization: Bearer {key}'\n\n\
                 The second answers a `url`: open it and pay. No card is asked for, and no money moves.\n"
            ));
        } else if billing.channels().is_empty() {
            say(
                "Nothing can be bought yet: Stripe is not set up, and the sandbox is off. It is on by itself only\n\
                 with the default database on a loopback address; BILLING_SANDBOX__ENABLED=true turns it on.\n",
            );
        }
    }
    // The last line: programs may wait for it.
    say(&format!("billing is running at {url}"));
    Ok(())
}
