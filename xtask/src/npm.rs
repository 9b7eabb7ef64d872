//! The real agent CLIs that tests drive, installed from npm into the target directory at the versions of a committed
//! lock file. Nothing of the user's npm setup is changed, and no install script runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::Workspace;
use crate::{Result, process};

const FILES: [&str; 2] = ["package.json", "package-lock.json"];
/// Holds the lock file of what is installed, written when the installation is whole.
const STAMP: &str = "installed.lock.json";
/// What tests start, below `node_modules`. npm passes over an optional package that it could not fetch and says nothing,
/// and those with a native program are optional, because there are none for every system.
const PROGRAMS: [&str; 2] = [".bin/codex", ".bin/gemini"];
/// The same where native programs of every agent exist.
const NATIVE_PROGRAMS: [&str; 2] = ["@kilocode/cli-linux-x64/bin/kilo", "opencode-linux-x64/bin/opencode"];

/// Installs them unless exactly they are there. Tests find them below `<target>/npm/node_modules`.
pub(crate) fn install(workspace: &Workspace) -> Result {
    let from = workspace.root().join("tests/real-cli");
    let to = workspace.target().join("npm");
    let wanted = fs::read(from.join(FILES[1]))?;
    if fs::read(to.join(STAMP)).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    for program in ["node", "npm"] {
        if !process::works(Command::new(program).arg("--version")) {
            let what = "the tests of the real agent CLIs need it";
            return Err(format!("{program} does not run, and {what}; install Node.js, or pass --no-real-cli").into());
        }
    }
    copy(&from, &to)?;
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&to);
    process::run(&mut npm)?;
    expect_programs(&to.join("node_modules"))?;
    fs::write(to.join(STAMP), wanted)?;
    Ok(())
}

fn expect_programs(modules: &Path) -> Result {
    let native = cfg!(all(target_os = "linux", target_arch = "x86_64"));
    let wanted = PROGRAMS.iter().chain(NATIVE_PROGRAMS.iter().filter(|_| native));
    match wanted.map(|program| modules.join(program)).find(|program| !program.exists()) {
        Some(missing) => {
            let what = "npm did not install the package that it is in; look whether its registry has it";
            Err(format!("{} is missing: {what}", missing.display()).into())
        }
        None => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to)?;
    let stamp: PathBuf = to.join(STAMP);
    if stamp.exists() {
        fs::remove_file(stamp)?;
    }
    for file in FILES {
        fs::copy(from.join(file), to.join(file))?;
    }
    Ok(())
}
