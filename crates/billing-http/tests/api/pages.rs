//! Lists come in pages that stay true while the list grows.

use actix_web::http::Method;
use billing_core::changes::Changes;
use billing_core::credentials::Scope;
use billing_testkit::builders::{a_pack, an_order};
use serde_json::Value;

use crate::common::{BOOTSTRAP, World};

/// A list, who reads it, and how it grows.
#[derive(Debug, Clone, Copy)]
enum List {
    Own,
    Grants,
    Holds,
    Orders,
    All,
    AllOfOne,
}

const LISTS: [List; 6] = [List::Own, List::Grants, List::Holds, List::Orders, List::All, List::AllOfOne];

impl List {
    fn path(self) -> &'static str {
        match self {
            Self::Own => "/credits/transactions?",
            Self::Grants => "/credits/grants?",
            Self::Holds => "/credits/holds?",
            Self::Orders => "/orders?",
            Self::All => "/admin/credits/transactions?",
            Self::AllOfOne => "/admin/credits/transactions?account_id=ada&",
        }
    }

    async fn grow(self, world: &World) {
        if let Self::Holds = self {
            world.give("ada", 1).await;
            let key = format!("hold-{}", billing_core::values::IdSource::next_uuid(&*world.ids));
            let body = serde_json::json!({ "account_id": "ada", "amount": 1 });
            world.send("/credits/holds", &key, &body).await.is_first();
            return;
        }
        if let Self::Orders = self {
            let account = world.account("ada").await;
            let pack = a_pack("small", &*world.ids);
            let order = an_order(account.id, &pack, &*world.ids);
            world.commit(Changes { orders: vec![order], ..Changes::default() }).await;
        } else {
            world.give("ada", 1).await;
        }
    }
}

/// A world whose list has `count` items.
async fn grown(list: List, count: usize) -> (World, String) {
    let world = World::new();
    world.account("ada").await;
    for _ in 0..count {
        list.grow(&world).await;
    }
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    let backend = world.key_of("ada", &[Scope::CreditsWrite]).await;
    let bearer = match list {
        List::Own | List::Grants | List::Orders => key,
        List::Holds => backend,
        List::All | List::AllOfOne => BOOTSTRAP.to_owned(),
    };
    (world, bearer)
}

fn ids(body: &Value) -> Vec<String> {
    let id = |item: &Value| item.get("id").or(item.get("hold_id")).and_then(Value::as_str).map(str::to_owned);
    body["data"].as_array().unwrap().iter().map(|item| id(item).unwrap()).collect()
}

#[actix_web::test]
async fn a_page_has_twenty_items_unless_another_number_is_asked_for() {
    for list in LISTS {
        let (world, bearer) = grown(list, 25).await;
        let page = world.get(&bearer, list.path()).await.json();
        assert_eq!(ids(&page).len(), 20, "{list:?}");
        assert_eq!(page["pagination"]["limit"], 20);
        assert_eq!(page["pagination"]["offset"], 0);
        assert_eq!(page["pagination"]["has_more"], true);
        let page = world.get(&bearer, &format!("{}limit=100", list.path())).await.json();
        assert_eq!(ids(&page).len(), 25, "{list:?}");
        assert_eq!(page["pagination"]["has_more"], false);
        assert_eq!(page["pagination"]["next_cursor"], Value::Null);
    }
}

#[actix_web::test]
async fn offsets_and_cursors_reach_every_item_once_newest_first() {
    for list in LISTS {
        let (world, bearer) = grown(list, 7).await;
        let all = ids(&world.get(&bearer, &format!("{}limit=100", list.path())).await.json());
        assert!(all.is_sorted_by(|newer, older| newer > older), "{list:?}: {all:?}");

        let mut by_offset = Vec::new();
        for offset in [0, 3, 6, 9] {
            let page = world.get(&bearer, &format!("{}limit=3&offset={offset}", list.path())).await.json();
            assert_eq!(page["pagination"]["offset"], offset);
            assert_eq!(page["pagination"]["has_more"], offset < 4, "{list:?} {offset}");
            by_offset.extend(ids(&page));
        }
        assert_eq!(by_offset, all, "{list:?}");

        let mut by_cursor = Vec::new();
        let mut query = "limit=3".to_owned();
        loop {
            let page = world.get(&bearer, &format!("{}{query}", list.path())).await.json();
            by_cursor.extend(ids(&page));
            let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break };
            query = format!("limit=3&cursor={cursor}");
        }
        assert_eq!(by_cursor, all, "{list:?}");
    }
}

#[actix_web::test]
async fn what_is_added_while_one_reads_moves_no_page_after_a_cursor() {
    for list in LISTS {
        let (world, bearer) = grown(list, 5).await;
        let all = ids(&world.get(&bearer, list.path()).await.json());
        let first = world.get(&bearer, &format!("{}limit=2", list.path())).await.json();
        let cursor = first["pagination"]["next_cursor"].as_str().unwrap().to_owned();
        list.grow(&world).await;
        list.grow(&world).await;
        let rest = world.get(&bearer, &format!("{}limit=10&cursor={cursor}", list.path())).await.json();
        assert_eq!([ids(&first), ids(&rest)].concat(), all, "{list:?}");
        assert_eq!(rest["pagination"]["offset"], Value::Null);
        assert_eq!(rest["pagination"]["has_more"], false);
    }
}

#[actix_web::test]
async fn a_page_that_ends_the_list_exactly_promises_no_more() {
    for list in LISTS {
        let (world, bearer) = grown(list, 4).await;
        let page = world.get(&bearer, &format!("{}limit=4", list.path())).await.json();
        assert_eq!(page["pagination"]["has_more"], false, "{list:?}");
        let beyond = world.get(&bearer, &format!("{}offset=4", list.path())).await.json();
        assert_eq!((ids(&beyond).len(), &beyond["pagination"]["has_more"]), (0, &Value::Bool(false)));
    }
}

#[actix_web::test]
async fn a_cursor_belongs_to_its_list() {
    let (world, _) = grown(List::Own, 3).await;
    let key = world.key_of("ada", &[Scope::BillingRead]).await;
    List::Orders.grow(&world).await;
    List::Orders.grow(&world).await;
    let cursor = async |bearer: &str, list: List| -> String {
        let page = world.get(bearer, &format!("{}limit=1", list.path())).await.json();
        page["pagination"]["next_cursor"].as_str().unwrap().to_owned()
    };
    let own = cursor(&key, List::Own).await;
    let orders = cursor(&key, List::Orders).await;
    let all = cursor(BOOTSTRAP, List::All).await;
    for (bearer, list, foreign) in [
        (key.as_str(), List::Own, &orders),
        (&key, List::Own, &all),
        (&key, List::Orders, &own),
        (&key, List::Grants, &own),
        (&key, List::Grants, &orders),
        (&key, List::Orders, &all),
        (BOOTSTRAP, List::All, &own),
        (BOOTSTRAP, List::AllOfOne, &all),
    ] {
        let answer = world.get(bearer, &format!("{}cursor={foreign}", list.path())).await;
        answer.is(400, "invalid_request");
        assert_eq!(answer.json()["error"]["details"]["field"], "cursor", "{list:?}");
    }
}

#[actix_web::test]
async fn one_account_sees_its_own_history_alone_and_an_operator_sees_all() {
    let world = World::new();
    for (name, amount) in [("ada", 1), ("eve", 2), ("ada", 3)] {
        world.give(name, amount).await;
    }
    let amounts = async |bearer: &str, path: &str| -> Vec<i64> {
        let entries = world.get(bearer, path).await.data();
        entries.as_array().unwrap().iter().map(|entry| entry["amount"].as_i64().unwrap()).collect()
    };
    let ada = world.key_of("ada", &[Scope::BillingRead]).await;
    assert_eq!(amounts(&ada, "/credits/transactions").await, [3, 1]);
    assert_eq!(amounts(BOOTSTRAP, "/admin/credits/transactions").await, [3, 2, 1]);
    assert_eq!(amounts(BOOTSTRAP, "/admin/credits/transactions?account_id=eve").await, [2]);
    assert_eq!(amounts(BOOTSTRAP, "/admin/credits/transactions?account_id=nobody").await, [0; 0]);
    let stranger = world.operator(Method::GET, "/orders?account_id=nobody").send().await;
    assert_eq!(ids(&stranger.json()).len(), 0);
}
