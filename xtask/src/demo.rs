//! `cargo xtask demo`: from a fresh clone to a finished task, with one command.

use crate::options::Options;
use crate::workspace::Workspace;
use crate::{Result, process, toolchain};

/// Builds `aid` and runs its demo.
pub(crate) fn run(workspace: &Workspace, options: &mut Options) -> Result {
    let keep = options.flag("--keep");
    options.finish()?;
    toolchain::ensure(toolchain::WASM)?;
    eprintln!("[xtask] the first build takes some minutes: it compiles a WebAssembly runtime and SQLite");
    let mut demo = workspace.cargo(["run", "--package", "aid", "--", "demo"]);
    if keep {
        demo.arg("--keep");
    }
    process::run(&mut demo)
}
