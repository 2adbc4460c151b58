//! Starting and ending the binary.

use std::io::{BufRead, BufReader};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use billing_store::testing::TestDatabase;
use futures_util::FutureExt;
use tempfile::TempDir;

/// The operator's key that tests bring along.
pub(crate) const OPERATOR: &str = "operator-key-of-the-tests";
/// The sandbox's secret, so that tests can sign as it does.
pub(crate) const SANDBOX_SECRET: &str = "a sandbox secret of the tests, long enough";

/// A running service; ends with it.
pub(crate) struct Service {
    child: Child,
    pub(crate) url: String,
    /// What it said until it was running, line by line.
    pub(crate) said: Vec<String>,
    log: Arc<Mutex<Vec<String>>>,
}

/// A folder of its own, and the settings to start with.
pub(crate) struct Setup {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Setup {
    /// Nothing is set: what a newcomer starts with, but on a free port.
    pub(crate) fn bare() -> Self {
        let setup = Self { folder: tempfile::tempdir().unwrap(), settings: Vec::new() };
        setup.with("BILLING_LISTEN", "127.0.0.1:0")
    }

    /// The sandbox on `database`, with a known operator.
    pub(crate) fn on(database: &TestDatabase) -> Self {
        Self::bare()
            .with("BILLING_DATABASE_URL", database.url())
            .with("BILLING_BOOTSTRAP_ADMIN_KEY", OPERATOR)
            .with("BILLING_SANDBOX__ENABLED", "true")
            .with("BILLING_SANDBOX__SECRET", SANDBOX_SECRET)
            .with("BILLING_ALLOWED_ORIGINS", "https://app.example.com")
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a newcomer's database would be.
    pub(crate) fn default_database(&self) -> PathBuf {
        self.folder().join("billing.db")
    }

    /// Starts the service and waits until it says where it is.
    pub(crate) fn start(&self) -> Service {
        let mut child =
            self.command(&["serve"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // What it says has to be read to the end, or it would wait for somebody to listen.
        let log = Arc::new(Mutex::new(Vec::new()));
        let (heard, told) = (log.clone(), BufReader::new(child.stderr.take().unwrap()));
        std::thread::spawn(move || {
            told.lines().map_while(Result::ok).for_each(|line| heard.lock().unwrap().push(line));
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        let url = loop {
            let Some(line) = lines.next() else {
                panic!("the service ended before it was running: {said:?}")
            };
            let line = line.unwrap();
            said.push(line.clone());
            if let Some(url) = line.strip_prefix("billing is running at ") {
                break url.to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Service { child, url, said, log }
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_billing"));
        command
            .args(arguments)
            .current_dir(self.folder())
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .env("RUST_BACKTRACE", "0");
        command
    }
}

impl Service {
    /// What it has logged so far. Lines may come a little after what they tell of.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a power cut would: no signal that it could act on.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, waits until it has, and shows what it logged.
    pub(crate) fn stop_and_read(self, read: impl FnOnce(&str)) {
        let log = self.log.clone();
        assert!(self.stop());
        read(&log.lock().unwrap().join("\n"));
    }

    /// Asks it to stop, and waits until it has. Says whether it ended well.
    pub(crate) fn stop(self) -> bool {
        self.ask_to_stop();
        self.ended()
    }

    /// Asks it to stop.
    pub(crate) fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    }

    /// Waits until it has ended. Says whether it ended well.
    pub(crate) fn ended(mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Already ended, or ends now; nothing of a test stays behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `test` on SQLite, and on Postgres.
pub(crate) async fn on_both(test: impl AsyncFn(Setup)) {
    for database in [TestDatabase::sqlite().await, TestDatabase::postgres().await] {
        cleaning_up(database, async |database| test(Setup::on(database)).await).await;
    }
}

/// Runs `test` on `database`, which goes away also where the test fails.
pub(crate) async fn cleaning_up(database: TestDatabase, test: impl AsyncFnOnce(&TestDatabase)) {
    let outcome = AssertUnwindSafe(test(&database)).catch_unwind().await;
    database.remove().await;
    if let Err(failure) = outcome {
        std::panic::resume_unwind(failure);
    }
}
