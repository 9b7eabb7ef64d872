//! `aid agent add|remove|fork`: the agents that users define, as files. What such a file may say is the core's question.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use aid_core::agent::Category;
use aid_core::exit::ExitCode;
use aid_core::user_agent::{Fork, MAX_FILE_BYTES, name_problem};
use aid_engine::home::{Home, private_dir, write_private};
use aid_engine::registry;

use crate::app::App;
use crate::error::{CliError, Outcome};

/// What a fork differs in.
#[derive(Debug, clap::Args)]
pub(super) struct ForkArgs {
    /// The agent to fork
    name: String,
    /// The fork's name
    #[arg(long = "as", value_name = "NEW")]
    new: String,
    /// The model when none is asked for
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// An argument to add to its command line; may be repeated
    #[arg(long = "arg", value_name = "ARG", allow_hyphen_values = true)]
    args: Vec<String>,
    /// An option of its adapter; may be repeated
    #[arg(long = "option", value_name = "KEY=VALUE", value_parser = pair)]
    options: Vec<(String, String)>,
    /// A further environment name it may inherit; may be repeated
    #[arg(long = "env", value_name = "NAME")]
    env: Vec<String>,
    /// A score in the place of the base's, 0 to 10; may be repeated
    #[arg(long = "score", value_name = "CATEGORY=N", value_parser = score)]
    scores: Vec<(Category, u8)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn score(text: &str) -> Result<(Category, u8), String> {
    let (category, value) = pair(text)?;
    let known = serde_json::from_value(serde_json::Value::from(category.replace('_', "-")));
    let category = known.map_err(|_| format!("there is no category {category:?}"))?;
    let value: u8 = value.parse().ok().filter(|value| *value <= 10).ok_or("a score is a number from 0 to 10")?;
    Ok((category, value))
}

/// Checks a definition and puts it beside the others.
pub(super) fn add(app: &mut App, file: &Path) -> Outcome {
    let text = read(file)?;
    let home = app.home()?;
    let entry = registry::define_among(&home, &text)
        .map_err(|problem| CliError::usage(format!("{} defines no agent: {problem}", file.display())))?;
    store(app, &home, &entry.name, &text)
}

fn read(file: &Path) -> Result<String, CliError> {
    let mut text = String::new();
    let limit = MAX_FILE_BYTES as u64 + 1;
    let read = fs::File::open(file).and_then(|open| open.take(limit).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {
            Err(CliError::not_found(format!("there is no file {}", file.display())))
        }
        Err(why) => Err(CliError::usage(format!("cannot read {}: {why}", file.display()))),
    }
}

/// Writes a fork of an agent.
pub(super) fn fork(app: &mut App, args: ForkArgs) -> Outcome {
    let home = app.home()?;
    if let Some(problem) = name_problem(&args.new, &registry::builtin_names()) {
        return Err(CliError::usage(problem));
    }
    let Some(base) = registry::by_name(&home, &args.name) else {
        return Err(CliError::not_found(format!("unknown agent {:?}", args.name)).hint("aid agent list has them"));
    };
    if !base.is_builtin() {
        let error = CliError::usage(format!("{} is defined by a file of yours; copy that file instead", args.name));
        return Err(error.hint(file_of(&home, &args.name).display().to_string()));
    }
    let fork = Fork {
        id: args.new.clone(),
        name: None,
        base: args.name,
        digest: base.adapter.digest().to_string(),
        model: args.model,
        args: args.args,
        options: args.options.into_iter().collect::<BTreeMap<_, _>>(),
        env: args.env,
        scores: args.scores.into_iter().collect(),
        cost_class: None,
    };
    let text = fork.to_toml();
    // What was written on the command line is held to the rules of a file.
    registry::define_among(&home, &text).map_err(CliError::usage)?;
    store(app, &home, &args.new, &text)
}

fn store(app: &mut App, home: &Home, name: &str, text: &str) -> Outcome {
    let failed = |why: std::io::Error| CliError::internal("write the definition", &why);
    home.ensure().map_err(|why| CliError::internal("use the state directory", &why))?;
    private_dir(&home.agents()).map_err(failed)?;
    let file = file_of(home, name);
    if file.exists() {
        return Err(CliError::usage(format!("{} is there already", file.display())).hint("remove it, or edit it"));
    }
    write_private(&file, text.as_bytes()).map_err(failed)?;
    app.out.line(&file.display().to_string())?;
    app.talk.say(&format!("{name} is an agent now · see it: aid agent show {name} · use it: aid run {name} \"…\""));
    Ok(ExitCode::Good)
}

/// Takes a definition away. It is put aside, not destroyed.
pub(super) fn remove(app: &mut App, name: &str) -> Outcome {
    let home = app.home()?;
    if registry::builtin_names().contains(&name) {
        return Err(CliError::usage(format!("{name} ships with aid and cannot be removed"))
            .hint(format!("[agents.{name}] disabled = true in config.toml keeps it from being used")));
    }
    let known = registry::known(&home);
    let broken = known.broken.iter().find(|broken| broken.name == name).map(|broken| broken.file.clone());
    let defined = known.entries.iter().any(|entry| entry.name == name).then(|| file_of(&home, name));
    let Some(file) = broken.or(defined).filter(|file| file.exists()) else {
        let error = CliError::not_found(format!("no file in {} defines {name}", home.agents().display()));
        return Err(error.hint("aid agent list has every agent"));
    };
    let aside = file.with_extension("toml.removed");
    fs::rename(&file, &aside).map_err(|why| CliError::internal("put the definition aside", &why))?;
    app.talk.say(&format!("{name} is gone; its definition is kept as {}", aside.display()));
    Ok(ExitCode::Good)
}

fn file_of(home: &Home, name: &str) -> PathBuf {
    home.agents().join(format!("{name}.toml"))
}
