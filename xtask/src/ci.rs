//! `cargo xtask ci`: what must hold of the tree besides its tests.

use crate::options::Options;
use crate::workspace::Workspace;
use crate::{Result, clippy, process, tidy};

/// Every check, the cheap ones first.
pub(crate) fn run(workspace: &Workspace, options: &mut Options) -> Result {
    let with_clippy = !options.flag("--no-clippy");
    process::run(&mut workspace.cargo(["fmt", "--all", "--check"]))?;
    tidy(workspace, options)?;
    if process::works(&mut workspace.cargo(["deny", "--version"])) {
        process::run(&mut workspace.cargo(["deny", "--all-features", "check"]))?;
    } else {
        eprintln!("[xtask] cargo-deny is not installed: licences and advisories are not checked");
    }
    if with_clippy { clippy::run(workspace, options) } else { Ok(()) }
}

/// The rules that no other tool knows.
pub(crate) fn tidy(workspace: &Workspace, options: &mut Options) -> Result {
    options.finish()?;
    tidy::run(workspace)
}
