//! `cargo xtask test`: every test of the workspace, on what this command has just built. The last lines on the screen are
//! the test runner's own.

use crate::options::Options;
use crate::workspace::Workspace;
use crate::{Result, npm, process, toolchain};

/// The package whose tests drive real agent CLIs.
const REAL_CLI: &str = "aid-tests-real-cli";

/// Builds everything and runs the tests.
pub(crate) fn run(workspace: &Workspace, options: &mut Options) -> Result {
    let filter = options.value("--filter")?;
    let without_real_cli = options.flag("--no-real-cli");
    options.finish()?;
    toolchain::ensure(toolchain::WASM)?;
    if !without_real_cli {
        npm::install(workspace)?;
    }
    // One command builds the binaries that tests start and the tests themselves: two would choose different features
    // of shared dependencies, and build those twice.
    process::run(&mut workspace.cargo(["build", "--workspace", "--all-targets"]))?;
    let mut test = if process::works(&mut workspace.cargo(["nextest", "--version"])) {
        if filter.is_none() {
            // nextest does not know tests in documentation.
            process::run(&mut workspace.cargo(["test", "--workspace", "--doc", "--quiet"]))?;
        }
        workspace.cargo(["nextest", "run", "--workspace", "--no-tests=warn"])
    } else {
        workspace.cargo(["test", "--workspace", "--no-fail-fast"])
    };
    if without_real_cli {
        test.args(["--exclude", REAL_CLI]);
    }
    test.args(filter);
    process::run(&mut test)
}
