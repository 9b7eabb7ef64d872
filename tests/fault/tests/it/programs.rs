//! Programs that are not there, cannot be started, or are not what their name says. Nothing is dispatched then.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::json;

use crate::bed::{Backend, Bed};

/// A refusal: this code, these words, and no task.
fn refused(bed: &Bed, code: i32, said: &[&str]) {
    let result = bed.run("t-none", &[]).expect_code(code);
    for part in said {
        assert!(result.stderr_text().contains(part), "no {part:?}\n{}", result.describe());
    }
    let board = bed.aid(["board", "--json"]).run().expect_code(0).json();
    assert_eq!(board["tasks"], json!([]), "something was dispatched");
}

fn ok() -> serde_json::Value {
    json!([{"codex_ok": {"answer": "the real one"}}])
}

fn script_file(bed: &Bed, dir: &str, text: &str, mode: u32) {
    let path = bed.world.write(&format!("{dir}/codex"), text);
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn a_missing_program_is_127() {
    let bed = Bed::empty(Backend::Linux);
    refused(&bed, 127, &["codex", "not found on PATH", "hint"]);
}

#[test]
fn a_program_that_is_not_executable_is_126() {
    let bed = Bed::empty(Backend::Linux);
    script_file(&bed, "bin", "#!/bin/sh\necho codex-cli 1.0\n", 0o644);
    refused(&bed, 126, &["codex", "cannot be executed", "chmod"]);
}

#[test]
fn a_program_whose_interpreter_is_missing_is_126() {
    let bed = Bed::empty(Backend::Linux);
    script_file(&bed, "bin", "#!/nonexistent/interpreter\n", 0o755);
    refused(&bed, 126, &["cannot be executed"]);
}

#[test]
fn a_program_that_is_no_program_is_126() {
    let bed = Bed::empty(Backend::Linux);
    script_file(&bed, "bin", "\u{7f}ELF but not really", 0o755);
    refused(&bed, 126, &["cannot be executed"]);
}

#[test]
fn an_impostor_is_not_started() {
    let bed = Bed::empty(Backend::Linux);
    script_file(&bed, "bin", "#!/bin/sh\necho \"Codex Music Player 3\"; touch $HOME/harm-$1\n", 0o755);
    refused(&bed, 126, &["is not", "Codex Music Player 3"]);
    assert!(!bed.world.home().join("harm-exec").exists(), "it was given work");
}

#[test]
fn the_real_one_behind_an_impostor_is_found() {
    let bed = Bed::new(Backend::Linux, &ok());
    script_file(&bed, "first", "#!/bin/sh\necho \"Codex Music Player 3\"\n", 0o755);
    let mut path = bed.world.root().join("first").into_os_string();
    path.push(":");
    path.push(bed.world.variables().iter().find(|(name, _)| name == "PATH").expect("a PATH").1.clone());
    let run = bed.aid(["run", "codex", "--id", "t-real", "x"]).env("PATH", path).run().expect_code(0);
    assert!(run.stdout_text().contains("the real one"), "{}", run.describe());
}

#[test]
fn a_program_inside_the_working_directory_is_refused() {
    let bed = Bed::new(Backend::Linux, &ok());
    let inside = bed.at("bin");
    fs::create_dir(&inside).expect("a directory");
    fs::copy(bed.world.bin().join("codex"), inside.join("codex")).expect("a copy");
    let run = |id: &str, path: &std::path::Path| {
        bed.aid(["run", "codex", "--id", id, "x"])
            .env("PATH", path)
            .run()
            .expect_code(2)
            .expect_stderr("inside the working directory")
    };
    let _ = run("t-in", &inside);
    // A link does not hide it.
    let outside = bed.world.root().join("outside");
    fs::create_dir(&outside).expect("a directory");
    symlink(inside.join("codex"), outside.join("codex")).expect("a link");
    let _ = run("t-link", &outside);
}

/// The agent works in one directory of a repository, and can write to all of it.
#[test]
fn a_program_inside_the_repository_is_refused() {
    let bed = Bed::new(Backend::Linux, &ok());
    fs::create_dir_all(bed.at("sub/.git")).expect("a directory");
    let (work, tools) = (bed.at("sub/src"), bed.at("sub/tools"));
    for dir in [&work, &tools] {
        fs::create_dir(dir).expect("a directory");
    }
    fs::copy(bed.world.bin().join("codex"), tools.join("codex")).expect("a copy");
    let run = |id: &str, dir: &std::path::Path, code: i32| {
        let run = bed.aid(["run", "codex", "--id", id, "x", "--dir"]).arg(dir).env("PATH", &tools);
        run.run().expect_code(code)
    };
    let _ = run("t-in", &work, 2).expect_stderr("inside the repository");
    // Not one that holds all of a home.
    let home = bed.world.home();
    let bin = home.join("bin");
    for dir in [home.join(".git"), home.join("notes"), bin.clone()] {
        fs::create_dir(dir).expect("a directory");
    }
    fs::copy(bed.world.bin().join("codex"), bin.join("codex")).expect("a copy");
    fs::copy(bed.world.bin().join("codex.script.json"), bin.join("codex.script.json")).expect("a copy");
    let run = bed.aid(["run", "codex", "--id", "t-home", "x", "--dir"]).arg(home.join("notes")).env("PATH", &bin);
    let _ = run.run().expect_code(0);
}

#[test]
fn a_banner_on_stderr_is_an_answer_too() {
    let bed = Bed::empty(Backend::Linux);
    let text = "#!/bin/sh\necho 'INFO starting'\necho 'WARN old' >&2\necho 'codex-cli 0.169.0' >&2\n";
    script_file(&bed, "bin", text, 0o755);
    let _ = bed.aid(["run", "codex", "--dry-run", "x"]).run().expect_code(0);
}

#[test]
fn a_program_that_floods_when_asked_is_ended() {
    let bed = Bed::empty(Backend::Linux);
    script_file(
        &bed,
        "bin",
        "#!/bin/sh\nwhile :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done\n",
        0o755,
    );
    // One that only the time ended would have another reason.
    refused(&bed, 126, &["is not", "with more than 1024 KiB"]);
}

#[test]
fn a_program_that_goes_between_check_and_start_is_a_true_failure() {
    let bed = Bed::new(Backend::Linux, &ok());
    // Known as the agent from the first run; its interpreter is gone in the second.
    let interpreter = bed.world.root().join("interpreter");
    symlink("/bin/sh", &interpreter).expect("a link");
    let text = format!("#!{}\necho codex-cli 0.169.0\n", interpreter.display());
    script_file(&bed, "first", &text, 0o755);
    let first = bed.world.root().join("first");
    let _ = bed.aid(["run", "codex", "--id", "t-one", "x"]).env("PATH", &first).run().expect_code(1);
    fs::remove_file(interpreter).expect("removed");
    let _ = bed.aid(["run", "codex", "--id", "t-two", "x"]).env("PATH", &first).run().expect_code(127);
    let record = bed.record("t-two");
    record.expect_failed("spawn");
    assert_eq!(record.task["exit_code"], 127, "{record}");
    assert!(record.message().contains("interpreter"), "{record}");
    bed.expect_nothing_left("t-two");
}
