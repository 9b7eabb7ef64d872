//! Finding living processes by a variable of their environment, for tests that follow what a task left behind.

use std::path::Path;

use crate::process::{Process, with_variable};

/// Every living process whose environment has `name` with exactly this value; zombies are left out.
#[must_use]
pub fn processes_with(name: &str, value: &str) -> Vec<Process> {
    with_variable(name, Path::new(value))
}
