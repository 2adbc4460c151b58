//! A small workspace on disk: some of our crates, in their places, with nothing in them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const MEMBERS: &[&str] =
    &["billing-core", "billing-testkit", "billing-store", "billing-http", "billing-server"];

/// The workspace; it goes when this is dropped.
pub(crate) struct Fixture {
    root: TempDir,
}

impl Fixture {
    /// A workspace without a violation.
    pub(crate) fn new() -> Self {
        let mut fixture = Self { root: tempfile::tempdir().unwrap() };
        let workspace =
            "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\", \"xtask\"]\nexclude = [\"vendor\"]\n";
        fixture.write("Cargo.toml", &format!("{workspace}\n[workspace.lints]\n"));
        for name in MEMBERS {
            fixture.member(name);
        }
        fixture.package("xtask", "xtask");
        for name in &MEMBERS[1..] {
            fixture.depend(name, "dependencies", "billing-core");
        }
        fixture.depend("billing-server", "dependencies", "billing-store");
        fixture
    }

    /// Adds an empty crate of ours.
    pub(crate) fn member(&mut self, name: &str) {
        self.package(&format!("crates/{name}"), name);
    }

    /// Adds an empty crate that is not ours, in place of one from the registry.
    pub(crate) fn vendor(&mut self, name: &str) {
        self.package(&format!("vendor/{name}"), name);
    }

    /// Makes one of our crates depend on another.
    pub(crate) fn depend(&mut self, from: &str, table: &str, to: &str) {
        self.depend_by(from, table, &format!("{to} = {{ path = \"../{to}\" }}"));
    }

    /// Makes one of our crates depend on a vendored one.
    pub(crate) fn depend_on_vendored(&mut self, from: &str, table: &str, to: &str) {
        self.depend_by(from, table, &format!("{to} = {{ path = \"../../vendor/{to}\" }}"));
    }

    /// Makes a vendored crate depend on another.
    pub(crate) fn depend_vendored_on_vendored(&mut self, from: &str, to: &str) {
        self.add_line(
            &format!("vendor/{from}/Cargo.toml"),
            "dependencies",
            &format!("{to} = {{ path = \"../{to}\" }}"),
        );
    }

    /// Adds a line to a dependency table of one of our crates.
    pub(crate) fn depend_by(&mut self, from: &str, table: &str, line: &str) {
        let folder = if from == "xtask" { from.to_owned() } else { format!("crates/{from}") };
        self.add_line(&format!("{folder}/Cargo.toml"), table, line);
    }

    /// Takes the dependency away again.
    pub(crate) fn undo(&mut self, from: &str, to: &str) {
        self.replace(&format!("crates/{from}/Cargo.toml"), &format!("{to} = {{ path = \"../{to}\" }}\n"), "");
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&mut self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Replaces a part of a file, which must be there.
    pub(crate) fn replace(&mut self, path: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(old), "{path} has no {old:?}");
        self.write(path, &text.replace(old, new));
    }

    /// Expects success.
    #[track_caller]
    pub(crate) fn passes(&self) {
        let (code, output) = self.tidy();
        assert_eq!((code, output.as_str()), (Some(0), "tidy: ok\n"));
    }

    /// Expects exit code 1 and exactly one violation, which starts like this.
    #[track_caller]
    pub(crate) fn fails(&self, expected: &str) {
        let (code, output) = self.tidy();
        let lines: Vec<&str> = output.lines().collect();
        assert!(lines.len() == 1 && lines[0].starts_with(expected), "expected\n{expected}\nfound\n{output}");
        assert_eq!(code, Some(1));
    }

    fn tidy(&self) -> (Option<i32>, String) {
        let lock = Command::new("cargo")
            .args(["generate-lockfile", "--offline"])
            .current_dir(self.root.path())
            .output()
            .unwrap();
        assert!(lock.status.success(), "{}", String::from_utf8_lossy(&lock.stderr));
        let tidy = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("tidy")
            .current_dir(self.root.path())
            .output()
            .unwrap();
        (tidy.status.code(), String::from_utf8(tidy.stdout).unwrap())
    }

    fn package(&mut self, folder: &str, name: &str) {
        let package = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        self.write(&format!("{folder}/Cargo.toml"), &format!("{package}\n[lints]\nworkspace = true\n"));
        self.write(&format!("{folder}/src/lib.rs"), "");
        if folder.starts_with("vendor/") {
            // Not a member, so there is no workspace to inherit from.
            self.replace(&format!("{folder}/Cargo.toml"), "\n[lints]\nworkspace = true\n", "");
        }
    }

    fn add_line(&mut self, manifest: &str, table: &str, line: &str) {
        let header = format!("[{table}]\n");
        let text = fs::read_to_string(self.path(manifest)).unwrap();
        let text = if text.contains(&header) { text } else { format!("{text}\n{header}") };
        self.write(manifest, &text.replace(&header, &format!("{header}{line}\n")));
    }

    fn path(&self, path: &str) -> PathBuf {
        Path::new(self.root.path()).join(path)
    }
}
