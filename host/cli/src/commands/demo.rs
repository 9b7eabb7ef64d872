//! `aid demo`: a whole task end to end on this machine, without a key or a network. It makes a temporary home and
//! repository and runs this same program in them; everything it prints is what those runs really printed.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aid_core::exit::ExitCode;

use crate::app::App;
use crate::error::{CliError, Outcome};
use crate::output::Tone;

/// The task's name.
const ID: &str = "demo";
/// What it is asked.
const PROMPT: &str = "Write a haiku about a flaky test into HAIKU.txt and mention it in README.md";
/// How many names are tried for the temporary directory.
const NAMES_TRIED: u32 = 100;
/// Variables that would lead the demo out of its own home.
const FOREIGN: &[&str] =
    &["AID_GROUP", "AID_TASK_ID", "AID_AGENT", "CODEX_HOME", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"];

/// Run a whole task with a scripted agent, without a key or a network
///
/// Everything happens in a temporary directory with its own home; nothing of yours is read or changed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Keep the temporary directory and say where it is
    #[arg(long)]
    keep: bool,
}

/// Runs the demo.
pub(crate) fn run(args: &Args, app: &mut App) -> Outcome {
    let failed = |why: io::Error| CliError::internal("prepare the demo", &why);
    let stage = Stage::new(&std::env::temp_dir()).map_err(failed)?;
    let outcome = stage.prepare().map_err(failed).and_then(|()| play(&stage, app));
    if args.keep {
        app.talk.say(&format!(
            "kept {}; its tasks: AID_HOME={} aid board",
            stage.root.display(),
            stage.aid_home().display()
        ));
    } else if let Err(why) = fs::remove_dir_all(&stage.root) {
        app.talk.warn(&format!("cannot remove {}: {why}", stage.root.display()));
    }
    outcome
}

/// Runs the task, then everything that shows what it did.
fn play(stage: &Stage, app: &mut App) -> Outcome {
    let code = stage.step(app, "aid", &["run", "codex", PROMPT, "--id", ID])?;
    if code != 0 {
        return Err(CliError::new(ExitCode::TaskFailed, format!("the task ended with exit code {code}")));
    }
    stage.quiet_git(&["add", "--intent-to-add", "."])?;
    for (program, words) in [("git", &["diff"][..]), ("aid", &["show", ID]), ("aid", &["board"])] {
        let code = stage.step(app, program, words)?;
        if code != 0 {
            return Err(CliError::new(
                ExitCode::TaskFailed,
                format!("{program} {} ended with exit code {code}", words[0]),
            ));
        }
    }
    Ok(ExitCode::Good)
}

/// The temporary directory and what is in it.
struct Stage {
    root: PathBuf,
}

impl Stage {
    /// A private directory of a name that nobody has.
    fn new(base: &Path) -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for attempt in 0..NAMES_TRIED {
            let root = base.join(format!("aid-demo-{}-{attempt}", std::process::id()));
            match fs::DirBuilder::new().mode(0o700).create(&root) {
                Ok(()) => return Ok(Self { root: root.canonicalize()? }),
                Err(why) if why.kind() == io::ErrorKind::AlreadyExists => last = why,
                Err(why) => return Err(why),
            }
        }
        Err(last)
    }

    fn aid_home(&self) -> PathBuf {
        self.root.join("aid-home")
    }

    fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    fn repository(&self) -> PathBuf {
        self.root.join("project")
    }

    fn prepare(&self) -> io::Result<()> {
        for dir in [self.root.join("home"), self.bin(), self.repository()] {
            fs::create_dir(dir)?;
        }
        self.install_agent()?;
        fs::write(self.repository().join("README.md"), "# A project\n")?;
        for words in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["config", "user.name", "aid demo"],
            &["config", "user.email", "demo@example.invalid"],
            &["config", "commit.gpgsign", "false"],
            &["add", "."],
            &["commit", "--quiet", "--message=A project"],
        ] {
            self.quiet_git(words).map_err(|error| io::Error::other(error.problems[0].message.clone()))?;
        }
        Ok(())
    }

    /// A program called `codex` that is this one, playing the agent.
    fn install_agent(&self) -> io::Result<()> {
        let own = std::env::current_exe()?;
        let own =
            own.to_str().ok_or_else(|| io::Error::other(format!("{} has a name that is not UTF-8", own.display())))?;
        let script = format!("#!/bin/sh\nexec '{}' __scripted-agent \"$@\"\n", own.replace('\'', "'\\''"));
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o700).open(self.bin().join("codex"))?;
        io::Write::write_all(&mut file, script.as_bytes())
    }

    /// Shows a command line, runs it, and returns its exit code.
    fn step(&self, app: &mut App, program: &str, words: &[&str]) -> Result<i32, CliError> {
        let shown =
            words.iter().map(|word| if word.contains(' ') { format!("\"{word}\"") } else { (*word).to_owned() });
        let line = format!("$ {program} {}", shown.collect::<Vec<_>>().join(" "));
        let line = app.out.paint().tone(Tone::Heading, &line);
        app.out.line(&line)?;
        app.out.flush()?;
        let failed = |why: io::Error| CliError::internal(&format!("run {program}"), &why);
        let mut command = if program == "aid" {
            Command::new(std::env::current_exe().map_err(failed)?)
        } else {
            Command::new(program)
        };
        let status = self.at_home(command.args(words))?.stdin(Stdio::null()).status().map_err(failed)?;
        app.out.line("")?;
        app.out.flush()?;
        Ok(status.code().unwrap_or(i32::from(ExitCode::Internal.code())))
    }

    fn quiet_git(&self, words: &[&str]) -> Result<(), CliError> {
        let failed = |why: io::Error| CliError::internal("run git", &why).hint("the demo needs git on PATH");
        let output = self.at_home(Command::new("git").args(words))?.stdin(Stdio::null()).output().map_err(failed)?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(CliError::new(ExitCode::Internal, format!("git {} failed: {}", words[0], said.trim())))
    }

    /// Lets a command live in the demo's home.
    fn at_home<'a>(&self, command: &'a mut Command) -> Result<&'a mut Command, CliError> {
        let before = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(self.bin()).chain(std::env::split_paths(&before)));
        let path = path.map_err(|why| CliError::internal("put the agent on PATH", &why))?;
        FOREIGN.iter().for_each(|name| {
            command.env_remove(name);
        });
        Ok(command
            .env("PATH", path)
            .env("HOME", self.root.join("home"))
            .env("AID_HOME", self.aid_home())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_PAGER", "cat")
            .env("XDG_CONFIG_HOME", self.root.join("home"))
            .current_dir(self.repository()))
    }
}
