//! The Rust targets that this repository needs beyond the host's. A fresh machine may lack them although
//! rust-toolchain.toml names them: rustup's automatic installation can be switched off.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Result, process};

/// What adapters are built for.
pub(crate) const WASM: &str = "wasm32-wasip2";

/// Adds a target where it is missing, or says exactly what to do.
pub(crate) fn ensure(target: &str) -> Result {
    if is_installed(target)? {
        return Ok(());
    }
    eprintln!("[xtask] the Rust target {target} is missing; running `rustup target add {target}`");
    let added = Command::new("rustup").args(["target", "add", target]).stdin(Stdio::null()).status();
    let why = match added {
        Ok(status) if status.success() && is_installed(target)? => return Ok(()),
        Ok(status) if status.success() => "rustup added it to another toolchain than the one in use".to_owned(),
        Ok(status) => format!("rustup failed ({status})"),
        Err(why) => format!("rustup cannot be started: {why}"),
    };
    Err(format!("the Rust target {target} is needed and could not be added: {why}\n\n{}", advice(target)).into())
}

fn advice(target: &str) -> String {
    format!(
        "Run this in the repository, then try again:\n\n    rustup target add {target}\n\nWithout rustup, install the \
         target from where the toolchain itself came from."
    )
}

fn is_installed(target: &str) -> Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let dir = process::read(Command::new(rustc).args(["--print", "target-libdir", "--target", target]))?;
    Ok(Path::new(dir.trim_end()).is_dir())
}
