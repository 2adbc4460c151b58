//! Every contract suite, on SQLite and on Postgres.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod runner;

mod sqlite {
    use crate::runner;

    billing_testkit::store_contract!(runner::on_sqlite);
}

mod postgres {
    use crate::runner;

    billing_testkit::store_contract!(runner::on_postgres);
}
