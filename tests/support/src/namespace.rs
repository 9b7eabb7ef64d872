//! Tests that need a kernel namespace of their own: the test runs itself again inside one. Knows nothing of what is tested.

use std::process::{Command, Stdio};

/// Set in the run inside; its value is the test's name.
const INSIDE: &str = "AID_TEST_NAMESPACE";

/// What is separate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// The network: only loopback is there.
    Loopback,
    /// The mounts and the processes: what is mounted or started is gone with the test, and pids count from 1.
    Mounts,
    /// The user: its limits can be changed, and nobody else notices.
    Users,
}

/// What became of a test that wants a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inside {
    /// This process is inside: go on.
    Yes,
    /// The run inside has ended well: there is nothing left to do.
    Done,
    /// This machine gives none, in words.
    Impossible(String),
}

/// Runs the calling test again inside a namespace, unless this is that run. `test` is the test function itself, by whose
/// path it is found again.
///
/// # Panics
/// When the run inside fails; with everything that it said.
#[must_use]
pub fn inside<F>(namespace: Namespace, test: &F) -> Inside {
    let path = std::any::type_name_of_val(test);
    let name = path.split_once("::").map_or(path, |(_, rest)| rest);
    if std::env::var(INSIDE).is_ok_and(|inside| inside == name) {
        return Inside::Yes;
    }
    let mut refusals = Vec::new();
    for flags in ways(namespace) {
        match prepared(flags, namespace).arg("true").output() {
            Ok(output) if output.status.success() => {
                again(flags, namespace, name);
                return Inside::Done;
            }
            Ok(output) => refusals.push(format!(
                "unshare {}: {}",
                flags.join(" "),
                String::from_utf8_lossy(&output.stderr).trim()
            )),
            Err(why) => refusals.push(format!("unshare: {why}")),
        }
    }
    Inside::Impossible(refusals.join("; "))
}

/// As root, and as somebody else where user namespaces are allowed.
fn ways(namespace: Namespace) -> &'static [&'static [&'static str]] {
    match namespace {
        Namespace::Loopback => &[&["-n"], &["-rn"]],
        Namespace::Mounts => &[&["-mpf", "--mount-proc"], &["-rmpf", "--mount-proc"]],
        Namespace::Users => &[&["-r"]],
    }
}

/// A command that runs what is added to it inside.
fn prepared(flags: &[&str], namespace: Namespace) -> Command {
    let enter = match namespace {
        Namespace::Loopback => "ip link set lo up && exec \"$@\"",
        Namespace::Users => "exec \"$@\"",
        // Not exec: the shell is the first process there, and lets orphans go.
        Namespace::Mounts => "\"$@\"; exit $?",
    };
    let mut command = Command::new("unshare");
    command.args(flags).args(["sh", "-c", enter, "sh"]).stdin(Stdio::null());
    command
}

fn again(flags: &[&str], namespace: Namespace, name: &str) {
    let this = std::env::current_exe().expect("a running test has a path");
    let mut command = prepared(flags, namespace);
    command.arg(this).args(["--exact", name, "--nocapture", "--test-threads=1"]).env(INSIDE, name);
    let output = command.output().expect("it could be started a moment ago");
    let said = String::from_utf8_lossy(&output.stdout);
    let ran = output.status.success() && said.contains("1 passed");
    assert!(ran, "{name}, inside:\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    // What was measured inside is for people, with --nocapture.
    print!("{said}");
}
