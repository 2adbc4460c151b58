//! The batching writer in front of real stores keeps their contract.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod runner;
mod two_processes;

mod memory {
    use crate::runner;

    billing_testkit::ledger_contract!(runner::in_memory);
}

mod sqlite {
    use crate::runner;

    billing_testkit::ledger_contract!(runner::on_sqlite);
    billing_testkit::billing_store_contract!(runner::on_sqlite);
}

mod postgres {
    use crate::runner;

    billing_testkit::ledger_contract!(runner::on_postgres);
    billing_testkit::billing_store_contract!(runner::on_postgres);
}
