//! Whole agents: how `[agent]` is read. What its output means is `rules`' business. Must not know the other side.

use toml::de::DeValue;

use crate::agent::{Login, Model, Price, Score, Tier};

use super::definition::{Command, Definition, Prompt, VERSION, Variable};
use super::reader::{Found, Section, integer};
use super::values::{TIERS, args, argument_problem, env_names, flag, id, is_env_name, line, scores, unique};
use super::{Identity, Programs, WholeAgent, is_id, rules};

/// Highest price of a million tokens, in US dollars: more is a slip.
const MAX_PRICE_USD: f64 = 100_000.0;
/// Millionths of a dollar in one.
const MICRO_USD: f64 = 1_000_000.0;
/// Longest name of a program, in bytes.
const MAX_PROGRAM_BYTES: usize = 64;
/// Most models.
const MAX_MODELS: usize = 256;
/// Most programs to look for.
const MAX_PROGRAMS: usize = 8;

pub(super) fn read(section: &Section<'_, '_>, builtin: &[&str]) -> Option<WholeAgent> {
    let id = id(section, builtin);
    let programs = programs(section);
    let command = command(section);
    let meaning = rules::read(section);
    let own_env = env_names(section, "env");
    let login = login(section, &own_env);
    let set = command.env.iter().map(|variable| variable.key.clone());
    let agent = WholeAgent {
        name: line(section, "name").or_else(|| id.clone()).unwrap_or_default(),
        id: id.clone().unwrap_or_default(),
        homepage: line(section, "homepage").unwrap_or_default(),
        install_hint: line(section, "install_hint").unwrap_or_default(),
        tested_versions: line(section, "tested_versions").unwrap_or_default(),
        programs: Programs::Names(Vec::new()),
        identity: identity(section),
        scores: scores(section).into_iter().map(|(category, value)| Score { category, value }).collect(),
        cost_class: section.choice("cost_class", &TIERS).map_or(Tier::Standard, |found| found.value),
        prefers_complex: section.flag("prefers_complex").is_some_and(|found| found.value),
        models: models(section),
        default_skill: default_skill(section),
        env: unique(own_env.iter().cloned().chain(set)),
        state_dirs: state_dirs(section),
        login,
        stop_signal: stop_signal(section),
        definition: meaning.map(|meaning| Definition {
            v: VERSION,
            command,
            output: meaning.output,
            success: meaning.success,
            usage: meaning.usage,
        })?,
    };
    Some(WholeAgent { id: id?, programs: programs?, ..agent })
}

/// One name or path, or some names.
fn programs(section: &Section<'_, '_>) -> Option<Programs> {
    let (one, more) = (section.has("program"), section.has("programs"));
    let names = match (section.text("program"), section.texts("programs")) {
        (Some(_), Some(more)) => {
            section
                .problem(more.first().map_or(section.at, |m| m.at), "`program` and `programs` say the same; keep one");
            return None;
        }
        (Some(one), None) if one.value.contains('/') => return path(section, one),
        (Some(one), None) => vec![one],
        (None, Some(more)) => more,
        (None, None) => Vec::new(),
    };
    if names.is_empty() || names.len() > MAX_PROGRAMS {
        if names.len() > MAX_PROGRAMS || !(one || more) {
            section.missing(
                "program",
                &format!("a name on PATH or an absolute path; `programs` for 1 to {MAX_PROGRAMS} names"),
            );
        }
        return None;
    }
    let is_name = |name: &Found<String>| {
        let text = name.value.as_str();
        let plain = !text.is_empty()
            && text.len() <= MAX_PROGRAM_BYTES
            && !text.starts_with(['-', '.'])
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+@".contains(&b));
        if !plain {
            section.problem(name.at, format!("{text:?} is no name of a program on PATH"));
        }
        plain
    };
    let sound = names.iter().filter(|name| is_name(name)).count() == names.len();
    sound.then(|| Programs::Names(names.into_iter().map(|name| name.value).collect()))
}

fn path(section: &Section<'_, '_>, found: Found<String>) -> Option<Programs> {
    let is_sound = found.value.starts_with('/')
        && !found.value.ends_with('/')
        && found.value.split('/').skip(1).all(|part| !part.is_empty() && part != "." && part != "..")
        && !found.value.chars().any(char::is_control);
    if is_sound {
        return Some(Programs::Path(found.value));
    }
    let message = format!("{:?} is neither a name on PATH nor an absolute path without . and ..", found.value);
    section.problem(found.at, message);
    None
}

fn identity(section: &Section<'_, '_>) -> Option<Identity> {
    let identity = section.section("identity")?;
    let args = args(&identity, "args");
    let marker = line(&identity, "marker");
    if marker.is_none() && !identity.has("marker") {
        identity.missing("marker", "how a line begins by which the program says who it is");
    }
    Some(Identity { args: args.unwrap_or_default(), marker: marker? })
}

fn default_skill(section: &Section<'_, '_>) -> Option<String> {
    let found = section.text("default_skill")?;
    if is_id(&found.value) {
        return Some(found.value);
    }
    section.problem(found.at, format!("{:?} cannot be the name of a skill", found.value));
    None
}

fn stop_signal(section: &Section<'_, '_>) -> String {
    const SIGNALS: [(&str, &str); 3] = [("SIGINT", "SIGINT"), ("SIGTERM", "SIGTERM"), ("SIGHUP", "SIGHUP")];
    section.choice("stop_signal", &SIGNALS).map_or("SIGTERM", |found| found.value).to_owned()
}

/// Directories of the agent's own: a home of somebody's is never one.
fn state_dirs(section: &Section<'_, '_>) -> Vec<String> {
    let found = section.texts("state_dirs").unwrap_or_default();
    for dir in &found {
        let (root, rest) = dir.value.split_once('/').unwrap_or((&dir.value, ""));
        let is_rooted = root == "~" || root.strip_prefix('$').is_some_and(is_env_name);
        let is_plain = rest.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        let is_variable = root.starts_with('$') && !dir.value.contains('/');
        if !is_rooted || !(is_plain || is_variable) {
            let message =
                format!("{:?} is no directory of the agent's own; write ~/.NAME, $NAME or $NAME/DIR", dir.value);
            section.problem(dir.at, message);
        }
    }
    unique(found.into_iter().map(|dir| dir.value))
}

fn login(section: &Section<'_, '_>, env: &[String]) -> Login {
    let Some(login) = section.section("login") else { return Login::default() };
    for name in login.texts("env").unwrap_or_default() {
        if !env.contains(&name.value) {
            login.problem(name.at, format!("{:?} must stand in `env` of [agent] too", name.value));
        }
    }
    Login {
        env: env_names(&login, "env"),
        files: login.texts("files").unwrap_or_default().into_iter().map(|file| file.value).collect(),
        args: args(&login, "args").unwrap_or_default(),
    }
}

fn models(section: &Section<'_, '_>) -> Vec<Model> {
    let tables = section.sections("model");
    if let Some(beyond) = tables.get(MAX_MODELS) {
        section.problem(beyond.at, format!("more than {MAX_MODELS} models"));
    }
    tables.iter().filter_map(model).collect()
}

fn model(table: &Section<'_, '_>) -> Option<Model> {
    let name = line(table, "name");
    if name.is_none() && !table.has("name") {
        table.missing("name", "what the agent's model flag takes");
    }
    let tier = table.choice("tier", &TIERS).map_or(Tier::Standard, |found| found.value);
    let [input, cached, written, output] =
        ["input", "cached_input", "cache_write", "output"].map(|key| price(table, key));
    let price = match (input, output) {
        (Some(input), Some(output)) => {
            Some(Price { input, cached_input: cached.unwrap_or(input), cache_write: written, output })
        }
        (None, None) if cached.is_none() && written.is_none() => None,
        _ => {
            table.problem(table.at, "a price needs `input` and `output`, in US dollars per million tokens");
            None
        }
    };
    Some(Model { name: name?, tier, price })
}

fn price(table: &Section<'_, '_>, key: &'static str) -> Option<u64> {
    let found = table.number(key)?;
    if !(0.0..=MAX_PRICE_USD).contains(&found.value) {
        let range = format!("use 0 to {MAX_PRICE_USD} US dollars per million tokens");
        table.problem(found.at, format!("`{key}` is out of range; {range}"));
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, as checked above")]
    let micro = (found.value * MICRO_USD).round() as u64;
    Some(micro)
}

fn command(section: &Section<'_, '_>) -> Command {
    let Some(table) = section.section("command") else { return Command::default() };
    let list = |key| args(&table, key).unwrap_or_default();
    let one = |key| flag(&table, key).map(|found| found.value);
    Command {
        args: list("args"),
        end_args: list("end_args"),
        read_only_args: args(&table, "read_only_args"),
        workspace_args: list("workspace_args"),
        full_args: list("full_args"),
        prompt: prompt(&table),
        model_flag: one("model_flag"),
        dir_flag: one("dir_flag"),
        output_flag: one("output_flag"),
        resume_flag: one("resume_flag"),
        env: variables(&table),
    }
}

fn prompt(table: &Section<'_, '_>) -> Prompt {
    let found = flag(table, "prompt_flag");
    let guard = table.flag("guard");
    let way = table.choice("prompt", &[("stdin", "stdin"), ("arg", "arg"), ("flag", "flag")]);
    let way = way.map_or("stdin", |way| way.value);
    if let (Some(guard), "stdin" | "flag") = (&guard, way) {
        table.problem(guard.at, "`guard` is for `prompt = \"arg\"`: nothing else can be taken for a flag");
    }
    match (way, found) {
        ("arg", None) => Prompt::Arg { guard: guard.is_none_or(|guard| guard.value) },
        ("flag", Some(flag)) => {
            if flag.value.ends_with('=') {
                table.problem(flag.at, "`prompt_flag` cannot end with `=`: the prompt is an argument of its own");
            }
            Prompt::Flag { flag: flag.value }
        }
        ("flag", None) => {
            if !table.has("prompt_flag") {
                table.missing("prompt_flag", "the flag before the prompt");
            }
            Prompt::Stdin
        }
        (_, Some(flag)) => {
            table.problem(flag.at, "`prompt_flag` is for `prompt = \"flag\"`");
            Prompt::Stdin
        }
        _ => Prompt::Stdin,
    }
}

fn variables(table: &Section<'_, '_>) -> Vec<Variable> {
    let mut variables = Vec::new();
    for (name, value) in table.pairs("env") {
        if !is_env_name(&name.value) {
            table.problem(name.at, format!("{:?} is no name of a variable", name.value));
            continue;
        }
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Boolean(flag) => Some(flag.to_string()),
            other => integer(other).map(|whole| whole.to_string()),
        };
        match text {
            Some(text) => match argument_problem(&text) {
                Some(problem) => table.problem(value.span().start, format!("the value of {} {problem}", name.value)),
                None => variables.push(Variable { key: name.value, value: text }),
            },
            None => table.wrong(value, &name.value, "a text, an integer, or true or false"),
        }
    }
    variables
}
