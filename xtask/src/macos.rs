//! `cargo xtask macos-check`: type-checks for macOS from Linux. C code of dependencies cannot be compiled without Apple's
//! headers and is not needed for that, so its compiler is one that does nothing.

use crate::options::Options;
use crate::workspace::Workspace;
use crate::{Result, process, toolchain};

const TARGET: &str = "aarch64-apple-darwin";

/// Checks the crates that know the platform.
pub(crate) fn run(workspace: &Workspace, options: &mut Options) -> Result {
    options.finish()?;
    toolchain::ensure(toolchain::WASM)?;
    toolchain::ensure(TARGET)?;
    let mut check = workspace.cargo(["check", "--target", TARGET, "--package", "aid-engine", "--package", "aid"]);
    if !cfg!(target_os = "macos") {
        check.env("CC_aarch64_apple_darwin", "true").env("AR_aarch64_apple_darwin", "true").env("SDKROOT", "/");
    }
    process::run(&mut check)
}
