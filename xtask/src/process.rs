//! Starting other programs: shown, run to their end, and an error when they fail. Must not know which programs.

use std::io;
use std::process::{Command, Stdio};

use crate::Result;

/// Shows a command line and runs it with our own streams.
pub(crate) fn run(command: &mut Command) -> Result {
    let line = shown(command);
    eprintln!("[xtask] {line}");
    let status = command.status().map_err(|why| cannot_start(command, &why))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})").into()) }
}

/// Runs a command that nobody has to see and returns what it wrote on stdout.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|why| cannot_start(command, &why))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{}` failed ({}): {}", shown(command), output.status, said.trim()).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Whether a command can be run at all. It should be one that only says its version.
pub(crate) fn works(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn cannot_start(command: &Command, why: &io::Error) -> String {
    format!("cannot start {}: {why}", command.get_program().to_string_lossy())
}

fn shown(command: &Command) -> String {
    let name = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args()).map(|word| word.to_string_lossy().into_owned());
    words.collect::<Vec<_>>().join(" ")
}
