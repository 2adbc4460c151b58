//! An AI gateway that bills by usage: it quotes a call, holds its highest price, streams the answer and captures what
//! was used. Start the service, then:
//!
//! ```sh
//! BILLING_URL=http://127.0.0.1:8080 BILLING_KEY=… cargo run --example ai_gateway
//! ```
//!
//! The key needs `billing:admin` only for the rate card and the credits that this demonstration begins with; a gateway
//! itself needs `credits:write`.

#![expect(clippy::print_stdout, reason = "a demonstration prints")]

mod gateway;

use std::ops::ControlFlow;

use clap::Parser;
use futures_util::stream;
use serde_json::json;

use gateway::{Billing, Gateway, Prompt};

/// Bills one call of a model that is not asked.
#[derive(Parser)]
struct Arguments {
    /// Where the service is.
    #[arg(long, env = "BILLING_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A key of the service.
    #[arg(long, env = "BILLING_KEY", hide_env_values = true)]
    key: String,
    /// The call's id: a second run with the same id bills nothing.
    #[arg(long, default_value = "job-1")]
    job: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { url, key, job } = Arguments::parse();
    let billing = Billing::new(url, key)?;

    gateway::publish_prices(&billing).await?;
    let start = json!({ "account_id": "gateway-demo", "amount": 100, "reason": "A demonstration" });
    billing.post("/admin/credits/manual", Some("gateway-start"), &start).await?;

    let gateway = Gateway::new(billing);
    let prompt = Prompt {
        account: "gateway-demo".to_owned(),
        model: "small".to_owned(),
        input: 1_200,
        cached: 400,
        most: 500,
    };
    let words = ["Credits ", "are ", "counted ", "exactly", ".\n"];
    let answer = stream::iter(words.map(str::to_owned));
    let show = |token: &str| {
        print!("{token}");
        ControlFlow::Continue(())
    };
    let receipt = gateway.answer(&job, &prompt, answer, show).await?;
    println!(
        "{} output tokens, {} credits; {} had been held, {} can be spent now",
        receipt.output, receipt.credits, receipt.held, receipt.balance
    );
    Ok(())
}
