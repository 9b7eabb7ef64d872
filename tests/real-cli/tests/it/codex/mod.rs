//! codex: what is true of every agent, and in more depth what only its own tools and refusals can show.

mod processes;
mod read_only;
mod refusals;
mod work;

use serde_json::{Value, json};

use crate::agents::CODEX;
use crate::rig::{Rig, is_sealed};
use crate::shared;

/// codex with a model that plays these steps.
fn rig(steps: &Value) -> Rig {
    Rig::with(&CODEX, steps)
}

/// A command that the model runs.
fn shell(command: &str) -> Value {
    (CODEX.shell)(command)
}

/// A change to files that the model makes.
fn patch(text: &str) -> Value {
    json!({"name": "apply_patch", "custom": text})
}

#[test]
fn runs_at_once_on_one_home_do_not_disturb_each_other() {
    if is_sealed(&runs_at_once_on_one_home_do_not_disturb_each_other) {
        shared::runs_at_once(&CODEX);
    }
}
