//! A minimal web server as a baseline, run as a child process of this binary.

use actix_web::web::{Data, Json, Query};
use actix_web::{App, HttpServer, error, web};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::child::SERVING;

/// The connections of each worker.
const CONNECTIONS: u32 = 8;

/// The data of our own balance answer, in one statement.
const BALANCE: &str = "
    SELECT b.posted - b.held, b.held, b.bucket_plan, b.bucket_purchased, b.bucket_bonus
    FROM accounts a JOIN balances b ON b.account_id = a.id WHERE a.external_id = $1";

#[derive(Deserialize)]
struct PurchaseItem {
    account_id: String,
}

/// The shape of our own answer.
#[derive(Serialize)]
struct Answer {
    success: bool,
    data: Credits,
}

#[derive(Serialize)]
struct Credits {
    balance: i64,
    held: i64,
    buckets: Buckets,
    expiring: Vec<()>,
}

#[derive(Serialize)]
struct Buckets {
    plan: i64,
    purchased: i64,
    bonus: i64,
}

/// Serves `/select`, which reads a balance with one statement, and `/nothing`.
pub(crate) async fn run(url: &str) -> Result<()> {
    let options: PgConnectOptions = url.parse()?;
    let server = HttpServer::new(move || {
        // One pool per worker, so that answers do not cross threads.
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .test_before_acquire(false)
            .connect_lazy_with(options.clone());
        App::new()
            .app_data(Data::new(pool))
            .route("/select", web::get().to(select))
            .route("/nothing", web::get().to(nothing))
    });
    let server = server.bind("127.0.0.1:0")?;
    let address = server.addrs().first().copied().context("no address")?;
    println!("{SERVING}http://{address}");
    Ok(server.run().await?)
}

async fn select(pool: Data<PgPool>, wanted: Query<PurchaseItem>) -> actix_web::Result<Json<Answer>> {
    let row = sqlx::query(BALANCE).bind(&wanted.account_id).fetch_optional(&**pool).await;
    let row = row.map_err(error::ErrorInternalServerError)?.ok_or_else(|| error::ErrorNotFound("nobody"))?;
    let column = |place: usize| row.try_get::<i64, _>(place).map_err(error::ErrorInternalServerError);
    let buckets = Buckets { plan: column(2)?, purchased: column(3)?, bonus: column(4)? };
    let data = Credits { balance: column(0)?, held: column(1)?, buckets, expiring: Vec::new() };
    Ok(Json(Answer { success: true, data }))
}

async fn nothing() -> &'static str {
    "{}"
}
