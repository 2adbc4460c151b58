//! Every rule of `cargo xtask tidy` on a planted violation, through the real command and the real `cargo metadata`.
//!
//! Each test takes a small healthy workspace, breaks exactly one thing, and expects exactly one line about it.
#![expect(clippy::unwrap_used, reason = "a test may stop anywhere")]

mod fixture;

use fixture::Fixture;

#[test]
fn a_healthy_workspace_passes() {
    Fixture::new().passes();
}

mod floors {
    use super::Fixture;

    #[test]
    fn an_arrow_up_is_a_violation() {
        let mut fixture = Fixture::new();
        fixture.depend("billing-core", "dependencies", "billing-store");
        fixture.undo("billing-store", "billing-core");
        fixture.fails("billing-core: floor 2 depends on billing-store, floor 4; arrows point down only");
    }

    #[test]
    fn an_arrow_to_a_neighbour_is_a_violation() {
        let mut fixture = Fixture::new();
        fixture.depend("billing-http", "dependencies", "billing-store");
        fixture.fails("billing-http: floor 4 depends on billing-store, floor 4; arrows point down only");
    }

    #[test]
    fn tests_are_held_to_the_floors_too() {
        let mut fixture = Fixture::new();
        fixture.depend("billing-http", "dev-dependencies", "billing-store");
        fixture.fails("billing-http: floor 4 depends on billing-store, floor 4; arrows point down only");
    }

    #[test]
    fn so_are_build_scripts() {
        let mut fixture = Fixture::new();
        fixture.depend("billing-http", "build-dependencies", "billing-store");
        fixture.fails("billing-http: floor 4 depends on billing-store, floor 4; arrows point down only");
    }

    #[test]
    fn a_dependency_under_another_name_is_seen() {
        let mut fixture = Fixture::new();
        let renamed = "harmless = { package = \"billing-store\", path = \"../billing-store\" }";
        fixture.depend_by("billing-http", "dependencies", renamed);
        fixture.fails("billing-http: floor 4 depends on billing-store, floor 4");
    }

    #[test]
    fn a_crate_on_no_floor_is_a_violation() {
        let mut fixture = Fixture::new();
        fixture.member("billing-magic");
        fixture.fails(
            "billing-magic: this crate stands on no floor; add it to the floors table in xtask/src/floors.rs",
        );
    }

    #[test]
    fn an_adapter_may_test_with_the_testkit() {
        let mut fixture = Fixture::new();
        fixture.depend("billing-store", "dev-dependencies", "billing-testkit");
        fixture.passes();
    }

    #[test]
    fn an_adapter_may_not_ship_the_testkit() {
        let mut fixture = Fixture::new();
        fixture.depend("billing-store", "dependencies", "billing-testkit");
        fixture.fails("billing-store: ships billing-testkit; it is for tests: move it to [dev-dependencies]");
    }

    #[test]
    fn the_server_may_not_ship_the_testkit() {
        let mut fixture = Fixture::new();
        fixture.depend("billing-server", "dependencies", "billing-testkit");
        fixture
            .fails("billing-server: ships billing-testkit; it is for tests: move it to [dev-dependencies]");
    }

    #[test]
    fn xtask_knows_no_other_crate_of_ours() {
        let mut fixture = Fixture::new();
        fixture.depend_by("xtask", "dependencies", "billing-core = { path = \"../crates/billing-core\" }");
        fixture.fails("xtask: depends on billing-core; it stands aside");
    }

    #[test]
    fn benchmarks_see_everything_and_nobody_sees_them() {
        let mut fixture = Fixture::new();
        fixture.member("billing-bench");
        fixture.depend("billing-bench", "dependencies", "billing-server");
        fixture.passes();
        fixture.undo("billing-bench", "billing-server");
        fixture.depend("billing-server", "dev-dependencies", "billing-bench");
        fixture.fails("billing-server: depends on billing-bench; crates that stand aside are no libraries");
    }
}

mod dependencies {
    use super::Fixture;

    #[test]
    fn the_core_depends_on_its_list_only() {
        let mut fixture = Fixture::new();
        fixture.vendor("rand");
        fixture.depend_on_vendored("billing-core", "dependencies", "rand");
        fixture.fails(
            "billing-core: depends on rand; the core takes time, ids, randomness and state as arguments",
        );
    }

    #[test]
    fn the_cores_tests_may_use_more() {
        let mut fixture = Fixture::new();
        fixture.vendor("proptest");
        fixture.depend_on_vendored("billing-core", "dev-dependencies", "proptest");
        fixture.passes();
    }

    #[test]
    fn the_core_reaches_no_runtime_through_others() {
        let mut fixture = Fixture::new();
        fixture.vendor("tokio");
        fixture.vendor("between");
        fixture.vendor("url");
        fixture.depend_vendored_on_vendored("between", "tokio");
        fixture.depend_vendored_on_vendored("url", "between");
        fixture.depend_on_vendored("billing-core", "dependencies", "url");
        fixture.fails(
            "billing-core: reaches tokio (billing-core -> url -> between -> tokio); the core does no I/O",
        );
    }

    #[test]
    fn the_database_belongs_to_the_store() {
        for name in ["sea-orm", "sea-orm-migration", "sqlx"] {
            let mut fixture = Fixture::new();
            fixture.vendor(name);
            fixture.depend_on_vendored("billing-store", "dependencies", name);
            fixture.passes();
            fixture.depend_on_vendored("billing-http", "dev-dependencies", name);
            fixture.fails(&format!("billing-http: depends on {name}; it is used only by billing-store"));
        }
    }

    #[test]
    fn http_clients_belong_to_adapters_and_to_tests() {
        let mut fixture = Fixture::new();
        fixture.vendor("reqwest");
        fixture.depend_on_vendored("billing-server", "dev-dependencies", "reqwest");
        fixture.depend_on_vendored("billing-http", "dependencies", "reqwest");
        fixture.passes();
        fixture.depend_on_vendored("billing-store", "dependencies", "reqwest");
        fixture.fails("billing-store: depends on reqwest; it is used only by billing-stripe (calls Stripe)");
    }

    #[test]
    fn the_web_framework_belongs_to_those_who_serve() {
        let mut fixture = Fixture::new();
        fixture.vendor("actix-web");
        fixture.depend_on_vendored("billing-server", "dependencies", "actix-web");
        fixture.passes();
        fixture.depend_on_vendored("billing-store", "dev-dependencies", "actix-web");
        fixture.fails("billing-store: depends on actix-web; it is used only by billing-http (it is the API)");
    }

    #[test]
    fn every_crate_inherits_the_lints() {
        let mut fixture = Fixture::new();
        fixture.replace("crates/billing-http/Cargo.toml", "[lints]\nworkspace = true\n", "");
        fixture
            .fails("crates/billing-http/Cargo.toml: does not inherit the workspace's lints; add `[lints]`");
    }
}

mod sources {
    use super::Fixture;

    const CORE: &str = "crates/billing-core/src/ledger/fold.rs";
    const PORT: &str = "crates/billing-core/src/ports/clock.rs";

    #[test]
    fn the_core_asks_nobody_for_time_ids_chance_or_the_world() {
        let calls = [
            ("let now = OffsetDateTime::now_utc();", "now_utc"),
            ("let now = std::time::SystemTime::now();", "SystemTime::now"),
            ("let now = Instant::now();", "Instant::now"),
            ("let now = jiff::Timestamp::now();", "Timestamp::now("),
            ("let now = jiff::Zoned::now();", "Zoned::now("),
            ("let id = uuid::Uuid::new_v4();", "Uuid::new_v4"),
            ("let id = Uuid::now_v7();", "Uuid::now_v7"),
            ("let chance = thread_rng();", "thread_rng"),
            ("let chance = rand::rng();", "rand::"),
            ("let text = std::fs::read_to_string(path);", "std::fs"),
            ("use std::{fmt, fs};", "std::fs"),
            ("use std::net::TcpStream;", "std::net"),
            ("let home = std::env::var(name);", "std::env"),
            ("std::process::exit(1);", "std::process"),
            ("std::thread::sleep(second);", "std::thread::sleep"),
            ("use std::{thread::{sleep, spawn}};", "std::thread::sleep"),
            ("tokio::spawn(work);", "tokio::"),
        ];
        let mut fixture = Fixture::new();
        for (call, text) in calls {
            fixture.write(CORE, &format!("//! Folds.\n\nfn f() {{\n    {call}\n}}\n"));
            fixture.fails(&format!("{CORE}:4: `{text}` in the core; "));
        }
    }

    #[test]
    fn ports_may_wait_but_may_not_ask_either() {
        let mut fixture = Fixture::new();
        fixture.write(PORT, "pub async fn now() -> Timestamp {\n    Timestamp::now().await\n}\n");
        fixture.fails(&format!("{PORT}:2: `Timestamp::now(` in the core; time is an argument"));
    }

    #[test]
    fn the_cores_own_tests_are_checked() {
        let mut fixture = Fixture::new();
        fixture.write(CORE, "#[cfg(test)]\nmod tests {\n    fn f() { Uuid::new_v4(); }\n}\n");
        fixture.fails(&format!("{CORE}:3: `Uuid::new_v4` in the core; ids are arguments"));
    }

    #[test]
    fn only_ports_use_cases_and_the_facade_wait() {
        let waits = ["async fn", "async move", ".await"];
        for (code, text) in
            ["async fn f() {}", "fn f() { g(async move { 1 }) }", "fn f() { g.await }"].into_iter().zip(waits)
        {
            let mut fixture = Fixture::new();
            for place in ["ports/a.rs", "use_cases/a.rs", "billing.rs", "billing/a.rs"] {
                fixture.write(&format!("crates/billing-core/src/{place}"), code);
            }
            fixture.passes();
            fixture.write(CORE, code);
            fixture.fails(&format!("{CORE}:1: `{text}` in the core; only ports, use_cases"));
        }
    }

    #[test]
    fn words_in_comments_and_messages_are_no_calls() {
        let mut fixture = Fixture::new();
        let text = "/// Unlike `SystemTime::now`, no async fn.\nfn f() { g(\"todo! std::fs #[allow(x)]\", r#\"rand::\"#) }\n";
        fixture.write(CORE, text);
        fixture.passes();
    }

    #[test]
    fn other_crates_may_ask_for_the_time() {
        let mut fixture = Fixture::new();
        fixture.write("crates/billing-server/src/clock.rs", "async fn now() { SystemTime::now() }");
        fixture.passes();
    }

    #[test]
    fn files_end_at_four_hundred_lines() {
        let mut fixture = Fixture::new();
        for path in ["crates/billing-store/src/long.rs", "xtask/src/long.rs"] {
            fixture.write(path, &"// Line.\n".repeat(400));
            fixture.passes();
            fixture.write(path, &"// Line.\n".repeat(401));
            fixture.fails(&format!("{path}: has 401 lines, 400 are allowed; split it"));
            fixture.write(path, "");
        }
    }

    #[test]
    fn tests_may_be_longer() {
        let mut fixture = Fixture::new();
        fixture.write("crates/billing-store/tests/long.rs", &"// Line.\n".repeat(500));
        fixture.passes();
    }

    #[test]
    fn there_is_no_way_around_the_checks() {
        let escapes = [
            ("#[allow(dead_code)]\nfn f() {}", "#[allow(", "use `#[expect("),
            ("#![allow(dead_code)]", "#![allow(", "use `#[expect("),
            (
                "#[cfg_attr(feature = \"a\", allow(dead_code))]\nfn f() {}",
                "cfg_attr(…, allow)",
                "use `#[expect(",
            ),
            ("fn f() { todo!() }", "todo!", "finish it"),
            ("fn f() { unimplemented!() }", "unimplemented!", "finish it"),
            ("#[ignore]\nfn f() {}", "#[ignore", "make the test run"),
            ("#[ignore = \"slow\"]\nfn f() {}", "#[ignore", "make the test run"),
            ("#[cfg_attr(not(unix), ignore)]\nfn f() {}", "cfg_attr(…, ignore)", "make the test run"),
        ];
        let mut fixture = Fixture::new();
        for path in ["crates/billing-http/src/a.rs", "crates/billing-http/tests/a.rs"] {
            for (code, text, remedy) in escapes {
                fixture.write(path, code);
                fixture.fails(&format!("{path}:1: `{text}`; {remedy}"));
            }
            fixture.write(path, "");
        }
    }

    #[test]
    fn expectations_with_a_reason_are_welcome() {
        let mut fixture = Fixture::new();
        let text = "#[expect(dead_code, reason = \"soon\")]\n#[cfg_attr(test, derive(Debug))]\nfn f() { let ignore = allow(x); }\n";
        fixture.write("crates/billing-http/src/a.rs", text);
        fixture.passes();
    }
}

mod docs {
    use super::Fixture;

    #[test]
    fn a_page_that_names_a_file_which_is_not_there_is_a_violation() {
        let mut fixture = Fixture::new();
        fixture.write(
            "docs/ARCHITECTURE.md",
            "The core is `billing-core/src/lib.rs`.\n\nSee `ledger/gone.rs`.\n",
        );
        fixture
            .fails("docs/ARCHITECTURE.md:3: names ledger/gone.rs, which is not there; say where it is now");
    }

    #[test]
    fn a_page_may_name_several_at_once() {
        let mut fixture = Fixture::new();
        fixture.write("docs/adr/1.md", "`load*.rs` read, `{one,other}.rs` write.\n");
        fixture.passes();
    }
}
