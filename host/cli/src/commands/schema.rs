//! `aid schema`: the JSON schema of everything that `--json` and `--stream` print. `docs/json-schema.json` is this.

use aid_core::exit::ExitCode;

use crate::app::App;
use crate::error::{CliError, Outcome};
use crate::output::json;

/// Print the JSON schema of what --json and --stream print
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Prints the schema.
pub(crate) fn run(_args: &Args, app: &mut App) -> Outcome {
    let text = serde_json::to_string_pretty(&json::schema()).map_err(|why| CliError::internal("write JSON", &why))?;
    app.out.line(&text)?;
    Ok(ExitCode::Good)
}
