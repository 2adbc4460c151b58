//! Setting credits aside, and settling what was set aside.

mod life;
mod owners;
mod repeats;
mod settling;
mod usage;

use serde_json::{Value, json};

use crate::common::World;

const HOLDS: &str = "/credits/holds";

/// Sets so many of ada's credits aside and answers the hold's address.
async fn held(world: &World, key: &str, amount: i64) -> String {
    placed(world, key, &json!({ "account_id": "ada", "amount": amount })).await
}

/// Places a hold and answers its address.
async fn placed(world: &World, key: &str, body: &Value) -> String {
    let data = world.send(HOLDS, key, body).await.is_first();
    format!("{HOLDS}/{}", data["hold_id"].as_str().unwrap())
}
