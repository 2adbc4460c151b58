//! `cargo xtask postgres`: the cluster answers, and nothing of it is left, however its owner ends.
//!
//! Where there are no Postgres programs (a server is given by URL), these tests say so and end: then no cluster is
//! ever started either.
#![expect(clippy::unwrap_used, reason = "a test may stop anywhere")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Prints the URL, where somebody else can read it.
const SAY_URL: &str = "echo \"url $XTASK_POSTGRES_URL\"";

#[test]
fn the_cluster_answers_and_goes_with_its_command() {
    let script = format!(
        "{SAY_URL}; ls \"$(echo \"$XTASK_POSTGRES_URL\" | sed 's/.*host=//; s/&.*//')/.s.PGSQL.5432\""
    );
    let Some(output) = run(&script) else { return };
    assert_eq!(output.code, Some(0), "{}", output.text);
    assert!(output.text.contains("/.s.PGSQL.5432"), "{}", output.text);
    assert_gone(&output.folder());
}

#[test]
fn a_failing_command_is_passed_on_and_cleaned_up_after() {
    let Some(output) = run(&format!("{SAY_URL}; exit 7")) else { return };
    assert_eq!(output.code, Some(7), "{}", output.text);
    assert_gone(&output.folder());
}

#[test]
fn a_given_server_is_used_as_it_is() {
    let given = "postgres://somebody@example.invalid/somewhere";
    let output = xtask(SAY_URL).env("XTASK_POSTGRES_URL", given).output().unwrap();
    assert!(String::from_utf8(output.stdout).unwrap().contains(&format!("url {given}\n")));
}

#[test]
fn a_wrong_folder_is_refused_rather_than_replaced() {
    let output = xtask("true").env("PG_BIN", "/nonexistent").output().unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("PG_BIN is /nonexistent, which has no `initdb` and `postgres`"), "{message}");
}

/// kill -9 leaves nobody to clean up but the guard.
#[test]
fn an_owner_shot_dead_leaves_nothing() {
    if run("true").is_none() {
        return;
    }
    // The command itself ends with its standard input, that is with this test.
    let mut owner = xtask(&format!("{SAY_URL}; exec cat"));
    let mut owner = owner.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let command = owner.stdin.take();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let line = lines.map_while(Result::ok).find(|line| line.starts_with("url ")).unwrap();
    let folder = folder_of(&line);
    assert!(UnixStream::connect(folder.join(".s.PGSQL.5432")).is_ok());
    assert!(!processes_of(&folder).is_empty());

    owner.kill().unwrap();
    owner.wait().unwrap();

    assert_gone(&folder);
    drop(command);
}

struct Output {
    code: Option<i32>,
    text: String,
}

impl Output {
    fn folder(&self) -> PathBuf {
        folder_of(self.text.lines().find(|line| line.starts_with("url ")).unwrap())
    }
}

/// Runs a shell script under a throwaway Postgres; `None`, and a word about it, where there are no programs.
fn run(script: &str) -> Option<Output> {
    let output = xtask(script).output().unwrap();
    if String::from_utf8_lossy(&output.stderr).contains("no Postgres found") {
        eprintln!("not tried: there are no Postgres programs on this machine");
        return None;
    }
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Some(Output { code: output.status.code(), text })
}

fn xtask(script: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["postgres", "--", "sh", "-c", script]);
    command.env_remove("XTASK_POSTGRES_URL").env("XTASK_POSTGRES_INSTALL", "never");
    command
}

fn folder_of(line: &str) -> PathBuf {
    let (_, host) = line.split_once("?host=").unwrap();
    PathBuf::from(host.split('&').next().unwrap())
}

/// Looks again for a while: on a busy machine the dead take their time to leave the table of processes.
fn assert_gone(folder: &Path) {
    let start = Instant::now();
    while !is_gone(folder) && start.elapsed() < Duration::from_secs(20) {
        sleep(Duration::from_millis(50));
    }
    assert!(is_gone(folder), "there: {}, {:?}", folder.exists(), processes_of(folder));
}

fn is_gone(folder: &Path) -> bool {
    !folder.exists() && processes_of(folder).is_empty()
}

/// Processes that have the folder in their command line, guard and server alike; `ps` where there is no `/proc`.
fn processes_of(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    if Path::new("/proc/self").exists() {
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            lines.push(String::from_utf8_lossy(&line).replace('\0', " "));
        }
    } else {
        let found = Command::new("ps").args(["-A", "-ww", "-o", "command="]).output().unwrap();
        lines.extend(String::from_utf8_lossy(&found.stdout).lines().map(str::to_owned));
    }
    lines.retain(|line| line.contains(folder.to_str().unwrap()));
    lines
}
