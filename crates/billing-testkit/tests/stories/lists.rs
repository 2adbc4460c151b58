//! Lists of entries and orders, page by page.

use billing_core::ports::EntryFilter;
use billing_core::requests::ListEntries;
use billing_core::values::{Cursor, PageRequest};
use billing_testkit::builders::{a_spend_request, an_adjustment, an_external_id, page, page_after};

use super::shop::Shop;

fn wanted(account: Option<&str>, page: PageRequest) -> ListEntries {
    ListEntries { account: account.map(an_external_id), filter: EntryFilter::default(), page }
}

#[tokio::test]
async fn a_history_is_read_to_its_end_by_cursor() {
    let shop = Shop::open().await;
    shop.billing.adjust(an_adjustment("ada", 100, "a")).await.unwrap();
    for number in 0..6 {
        shop.billing.spend(a_spend_request("ada", 1, &format!("s{number}"))).await.unwrap();
    }
    for account in [Some("ada"), None] {
        let (mut seen, mut next) = (Vec::new(), page(3, 0));
        loop {
            let found = shop.billing.entries(wanted(account, next)).await.unwrap();
            assert!(found.items.iter().all(|(name, _)| name.as_str() == "ada"));
            seen.extend(found.items.iter().map(|(_, entry)| entry.seq));
            let Some(cursor) = found.next else { break };
            next = page_after(3, cursor);
        }
        assert_eq!(seen, [7, 6, 5, 4, 3, 2, 1], "{account:?}");
    }
}

#[tokio::test]
async fn a_cursor_that_is_not_of_the_list_is_the_callers_mistake() {
    let shop = Shop::open().await;
    shop.billing.adjust(an_adjustment("ada", 100, "a")).await.unwrap();
    shop.orders_pack("ada").await;
    let after = |text: &str| page_after(3, Cursor::new(text));
    let moment = "1.00000000000000000000000000000007";
    for (account, cursor) in [(Some("ada"), moment), (Some("nobody"), "x"), (None, "7"), (None, "")] {
        let refused = shop.billing.entries(wanted(account, after(cursor))).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_request", "{account:?} {cursor}");
    }
    for account in ["ada", "nobody"] {
        let refused = shop.billing.orders(&an_external_id(account), &after("7")).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_request");
    }
}

#[tokio::test]
async fn a_stranger_has_no_history_and_no_orders() {
    let shop = Shop::open().await;
    shop.orders_pack("ada").await;
    assert_eq!(shop.billing.entries(wanted(Some("bob"), page(10, 0))).await.unwrap().items, []);
    assert_eq!(shop.orders("bob").await, 0);
}
