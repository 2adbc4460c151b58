//! Check-ins.

use std::sync::Arc;

use billing_core::changes::Changes;
use billing_core::checkin::{CheckIn, CheckInConfig};
use billing_core::ports::{CheckInQuery, CommitError};
use billing_core::values::Credits;

use super::super::world::World;
use crate::Stores;
use crate::builders::{a_check_in, a_full_check_in_config, noon, request_key};

/// The configuration is the default until it is set, and then the set value, in every field.
pub async fn the_check_in_configuration_reads_back(store: Arc<dyn Stores>) {
    let world = World::new(store);
    assert_eq!(world.store.check_in_config().await.unwrap(), CheckInConfig::default());
    let full = a_full_check_in_config();
    for (version, config) in [(1, full), (2, CheckInConfig { version: 1, ..CheckInConfig::default() })] {
        world.write(Changes { check_in_config: Some(config.clone()), ..Changes::default() }).await;
        assert_eq!(world.store.check_in_config().await.unwrap(), CheckInConfig { version, ..config });
    }
}

/// Check-ins are read by day, the latest one or all from a day on, and only the account's own.
pub async fn check_ins_read_back_by_day(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let since = async |account, day: &str| {
        world.store.check_ins(account, CheckInQuery::Since(day.parse().unwrap())).await.unwrap()
    };
    assert_eq!(world.store.check_ins(ada, CheckInQuery::Latest).await.unwrap(), []);
    assert_eq!(since(ada, "2026-01-01").await, []);
    let on = |day: &str, streak: u32| CheckIn {
        streak,
        credits: Credits::new(i64::from(streak) * 10),
        ..a_check_in(ada, day, &world.ids)
    };
    // Written out of order, over the ends of a month and a year.
    let days = [on("2026-04-01", 5), on("2025-12-31", 1), on("2026-03-31", 4), on("2026-01-01", 2)];
    for check_in in &days {
        world.write(Changes { check_ins: vec![check_in.clone()], ..Changes::default() }).await;
    }
    let others = Changes { check_ins: vec![a_check_in(bob, "2026-05-01", &world.ids)], ..Changes::default() };
    world.write(others).await;
    assert_eq!(world.store.check_ins(ada, CheckInQuery::Latest).await.unwrap(), days[..1]);
    let [april, december, march, january] = days;
    assert_eq!(since(ada, "2026-03-31").await, [march.clone(), april.clone()]);
    assert_eq!(since(ada, "2025-01-01").await, [december, january, march, april]);
    assert_eq!(since(ada, "2026-04-02").await, []);
}

/// A check-in is found by its request's key, per account, and a key has one.
pub async fn a_check_in_is_found_by_its_request(store: Arc<dyn Stores>) {
    let world = World::new(store);
    let (ada, bob) = (world.account("ada").await, world.account("bob").await);
    let asked = |account, day: &str, key: Option<&str>| CheckIn {
        request_key: key.map(request_key),
        ..a_check_in(account, day, &world.ids)
    };
    let write = async |check_in: &CheckIn| {
        world.store.commit(Changes { check_ins: vec![check_in.clone()], ..Changes::default() }, noon()).await
    };
    let monday = asked(ada, "2026-01-05", Some("k"));
    for check_in in [&monday, &asked(ada, "2026-01-06", None), &asked(ada, "2026-01-07", None)] {
        write(check_in).await.unwrap();
    }
    let find = async |account| {
        world.store.check_ins(account, CheckInQuery::Request(&request_key("k"))).await.unwrap()
    };
    assert_eq!(find(ada).await, [monday]);
    assert_eq!(find(bob).await, []);
    write(&asked(bob, "2026-01-05", Some("k"))).await.unwrap();
    assert!(matches!(write(&asked(ada, "2026-01-08", Some("k"))).await, Err(CommitError::Conflict)));
}
