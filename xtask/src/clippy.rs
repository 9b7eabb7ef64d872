//! `cargo xtask clippy`: the lints, for every target, warnings as errors.
//!
//! `cargo clippy` checks instead of building, and for that goes through all dependencies once more. This builds our own
//! crates a second time, with clippy's driver in the compiler's place, and uses the dependencies that are there.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::options::Options;
use crate::workspace::Workspace;
use crate::{Result, toolchain};

/// Lints everything.
pub(crate) fn run(workspace: &Workspace, options: &mut Options) -> Result {
    options.finish()?;
    toolchain::ensure(toolchain::WASM)?;
    let mut build = workspace.cargo(["build", "--workspace", "--all-targets", "--quiet", "--message-format=json"]);
    eprintln!("[xtask] clippy --workspace --all-targets");
    let mut child = build.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver").stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or("cargo has no output")?;
    let mut found = 0;
    for line in BufReader::new(output).lines() {
        if let Some(text) = complaint(&line?) {
            eprint!("{text}");
            found += 1;
        }
    }
    let status = child.wait()?;
    match found {
        0 if status.success() => Ok(()),
        0 => Err(format!("the build failed ({status})").into()),
        1 => Err("one complaint".into()),
        _ => Err(format!("{found} complaints").into()),
    }
}

/// The text of a warning or an error about our own code; a line of cargo's may also say other things.
fn complaint(line: &str) -> Option<String> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-message" {
        return None;
    }
    let is_ours = matches!(message["message"]["level"].as_str(), Some("warning" | "error"));
    // "3 warnings emitted" repeats what was said, and is about no place.
    let has_place = message["message"]["spans"].as_array().is_some_and(|spans| !spans.is_empty());
    let text = message["message"]["rendered"].as_str().filter(|_| is_ours && has_place);
    text.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_a_place_is_a_complaint() {
        let message = |level: &str, spans: &str| {
            format!(
                r#"{{"reason":"compiler-message","message":{{"level":"{level}","spans":[{spans}],"rendered":"x"}}}}"#
            )
        };
        assert_eq!(complaint(&message("warning", "{}")).as_deref(), Some("x"));
        assert_eq!(complaint(&message("error", "{}")).as_deref(), Some("x"));
        assert_eq!(complaint(&message("warning", "")), None);
        assert_eq!(complaint(&message("note", "{}")), None);
        assert_eq!(complaint(r#"{"reason":"compiler-artifact"}"#), None);
    }
}
