//! A gateway between callers and a language model.
//!
//! 1. A **hold** sets the highest price of the call aside before the model is asked: an account that cannot pay it, or a
//!    model without a rate, is refused while refusing is free.
//! 2. While the answer streams, every [`PART`] tokens are **captured** under a key of their own. A process that dies loses
//!    the usage of at most one part; the hold lapses by itself.
//! 3. The last capture is **final**: what is left of the hold is free again. All captures together cost what one would.
//!
//! Work that was done is always billed: `overrun: debt` books what neither hold nor balance covers, and `or_spend` books
//! usage of a hold that lapsed meanwhile. A gateway that must not lose the last part either writes each request down
//! before it is sent, and repeats it after a crash: the key makes repeating safe.

mod billing;

use std::ops::ControlFlow;

use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};

pub(crate) use billing::{Billing, Failure};

/// The rate card that prices the models.
const RATE_CARD: &str = "gateway";
/// After how many output tokens a part is captured.
pub(crate) const PART: u64 = 64;

/// What a caller asks of a model.
pub(crate) struct Prompt {
    pub(crate) account: String,
    pub(crate) model: String,
    /// Input tokens, cached ones not included.
    pub(crate) input: u64,
    pub(crate) cached: u64,
    /// The caller's limit of output tokens.
    pub(crate) most: u64,
}

/// What a call cost.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// Output tokens.
    pub(crate) output: u64,
    /// Credits taken, of the hold and beyond it.
    pub(crate) credits: i64,
    /// Credits that were set aside before.
    pub(crate) held: i64,
    /// What the account can spend after it.
    pub(crate) balance: i64,
}

/// Tokens that are not billed yet.
struct Unbilled {
    input: u64,
    cached: u64,
    output: u64,
}

/// The gateway.
pub(crate) struct Gateway {
    billing: Billing,
}

impl Gateway {
    pub(crate) const fn new(billing: Billing) -> Self {
        Self { billing }
    }

    /// Streams `model`'s answer to `show` and bills it. `show` ends the call early by breaking, as a caller does who
    /// hangs up. Called again with the same `job`, it bills nothing twice.
    ///
    /// # Errors
    /// [`Failure::Refused`] before the model is read from, if the account cannot pay or no rate names the model.
    pub(crate) async fn answer(
        &self,
        job: &str,
        prompt: &Prompt,
        model: impl Stream<Item = String>,
        mut show: impl FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Receipt, Failure> {
        let placed = self.hold(job, prompt).await?;
        let hold = placed["hold_id"].as_str().unwrap_or_default();
        let mut unbilled = Unbilled { input: prompt.input, cached: prompt.cached, output: 0 };
        let (mut output, mut credits, mut part) = (0, 0, 0);

        let mut model = std::pin::pin!(model);
        while let Some(token) = model.next().await {
            unbilled.output += 1;
            output += 1;
            if show(&token).is_break() {
                break;
            }
            if unbilled.output == PART {
                let captured = self.capture(job, part, prompt, hold, &unbilled, false).await?;
                credits += captured["spent"].as_i64().unwrap_or_default();
                part += 1;
                unbilled = Unbilled { input: 0, cached: 0, output: 0 };
            }
        }
        let captured = self.capture(job, part, prompt, hold, &unbilled, true).await?;
        credits += captured["spent"].as_i64().unwrap_or_default();
        Ok(Receipt {
            output,
            credits,
            held: placed["amount"].as_i64().unwrap_or_default(),
            balance: captured["balance"].as_i64().unwrap_or_default(),
        })
    }

    async fn hold(&self, job: &str, prompt: &Prompt) -> Result<Value, Failure> {
        let most = Unbilled { input: prompt.input, cached: prompt.cached, output: prompt.most };
        let body = json!({
            "account_id": prompt.account, "usage": usage(prompt, &most),
            "description": format!("A call of {}", prompt.model), "metadata": { "job": job },
        });
        self.billing.post("/credits/holds", Some(&format!("{job}-hold")), &body).await
    }

    async fn capture(
        &self,
        job: &str,
        part: u64,
        prompt: &Prompt,
        hold: &str,
        used: &Unbilled,
        last: bool,
    ) -> Result<Value, Failure> {
        let body = json!({
            "account_id": prompt.account, "usage": usage(prompt, used), "type": "chat",
            "description": format!("A call of {}", prompt.model), "metadata": { "job": job },
            "final": last, "overrun": "debt", "or_spend": true,
        });
        let path = format!("/credits/holds/{hold}/capture");
        self.billing.post(&path, Some(&format!("{job}-{part}")), &body).await
    }
}

fn usage(prompt: &Prompt, tokens: &Unbilled) -> Value {
    json!({
        "rate_card": RATE_CARD, "meter": "chat", "dimensions": { "model": prompt.model },
        "quantities": {
            "input_tokens": tokens.input, "cached_tokens": tokens.cached, "output_tokens": tokens.output,
        },
    })
}

/// Publishes what the gateway's models cost: a price for each family, none for what is not named.
///
/// # Errors
/// [`Failure`] if the card cannot be published; one that is there already is left as it is.
pub(crate) async fn publish_prices(billing: &Billing) -> Result<(), Failure> {
    let card = json!({
        "slug": RATE_CARD, "name": "Models",
        "meters": [{ "name": "chat", "dimensions": ["model"], "rates": [
            { "quantity": "input_tokens", "credits": 2, "per": 1000, "when": { "model": "small*" } },
            { "quantity": "cached_tokens", "credits": "0.5", "per": 1000, "when": { "model": "small*" } },
            { "quantity": "output_tokens", "credits": 10, "per": 1000, "when": { "model": "small*" } },
            { "quantity": "input_tokens", "credits": 20, "per": 1000, "when": { "model": "large*" } },
            { "quantity": "cached_tokens", "credits": 5, "per": 1000, "when": { "model": "large*" } },
            { "quantity": "output_tokens", "credits": 100, "per": 1000, "when": { "model": "large*" } },
        ] }],
    });
    match billing.post("/admin/billing/rate-cards", None, &card).await {
        Ok(_) | Err(Failure::Refused { status: 409, .. }) => Ok(()),
        Err(failure) => Err(failure),
    }
}
