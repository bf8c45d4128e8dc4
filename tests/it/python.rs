//! Python environments under target/, each with its pinned packages.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's helper fails by panicking"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter of an environment that holds these packages; the first caller makes it.
pub fn environment(name: &str, packages: &[&str]) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let environment = target.join(name);
    let python = environment.join("bin/python");
    let ready = environment.join("ready");
    fs::create_dir_all(target).unwrap();
    let lock = File::create(target.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let wanted = packages.join("\n");
    if fs::read_to_string(&ready).is_ok_and(|found| found == wanted) {
        return python;
    }
    let run = |command: &mut Command| {
        let shown = format!("{command:?}");
        let output = command.output().unwrap_or_else(|error| {
            panic!("this test needs Python 3 with venv and pip: {shown}: {error}")
        });
        assert!(
            output.status.success(),
            "this test needs Python 3 with venv and pip: {shown}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    run(Command::new("python3")
        .args(["-m", "venv"])
        .arg(&environment));
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet"])
        .args(packages));
    fs::write(ready, wanted).unwrap();
    python
}
