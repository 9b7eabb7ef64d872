//! How a user's agent lies over the manifest of the component behind it, and what a request to that component gets.
//! Must not check what results: that is the host's rule for every manifest.

use crate::agent::{KeyValue, Manifest, Score};

use super::definition::{Counts, OPTION, Success};
use super::{Fork, Programs, UserAgent, WholeAgent, values};

/// For this agent the verdict alone may say success, without the event `finished`: the user states the success rule.
pub const EXIT_IS_SUCCESS: &str = "exit-is-success";

/// What a user's agent adds to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestParts {
    /// Options, to come before those of a caller.
    pub options: Vec<KeyValue>,
    /// Further arguments.
    pub extra_args: Vec<String>,
    /// The model when none is asked for.
    pub model: Option<String>,
}

/// The manifest of a user's agent: the base's, with what the user says in its place.
#[must_use]
pub fn overlay(base: &Manifest, agent: &UserAgent) -> Manifest {
    match agent {
        UserAgent::Whole(whole) => whole_over(base, whole),
        UserAgent::Fork(fork) => fork_over(base, fork),
    }
}

impl UserAgent {
    /// What a request gets besides what its caller asks for.
    #[must_use]
    pub fn request_parts(&self) -> RequestParts {
        match self {
            Self::Whole(whole) => RequestParts {
                options: vec![KeyValue { key: OPTION.to_owned(), value: whole.definition.to_json() }],
                ..RequestParts::default()
            },
            Self::Fork(fork) => RequestParts {
                options: fork
                    .options
                    .iter()
                    .map(|(key, value)| KeyValue { key: key.clone(), value: value.clone() })
                    .collect(),
                extra_args: fork.args.clone(),
                model: fork.model.clone(),
            },
        }
    }
}

impl super::definition::Definition {
    /// The value of the option. The same definition always gives the same text.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts, numbers and lists of them always have a JSON form")
    }
}

fn whole_over(base: &Manifest, whole: &WholeAgent) -> Manifest {
    let programs = match &whole.programs {
        Programs::Names(names) => names.clone(),
        // The file's name stands for it; that it is this file and no other, the host sees to.
        Programs::Path(path) => path.rsplit('/').next().map(str::to_owned).into_iter().collect(),
    };
    let identity = whole.identity.as_ref();
    Manifest {
        id: whole.id.clone(),
        name: whole.name.clone(),
        version: base.version.clone(),
        homepage: whole.homepage.clone(),
        install_hint: whole.install_hint.clone(),
        programs,
        identity_args: identity.map(|identity| identity.args.clone()).unwrap_or_default(),
        identity_marker: identity.map(|identity| identity.marker.clone()).unwrap_or_default(),
        tested_versions: whole.tested_versions.clone(),
        scores: whole.scores.clone(),
        cost_class: whole.cost_class,
        prefers_complex: whole.prefers_complex,
        models: whole.models.clone(),
        default_skill: whole.default_skill.clone(),
        env: whole.env.clone(),
        state_dirs: whole.state_dirs.clone(),
        login: whole.login.clone(),
        features: features(whole),
        // The definition is the host's to give, and there is nothing else to set.
        options: Vec::new(),
        stop_signal: whole.stop_signal.clone(),
        ext: base.ext.clone(),
    }
}

fn features(whole: &WholeAgent) -> Vec<String> {
    let definition = &whole.definition;
    let streams = definition.usage.as_ref().is_some_and(|usage| usage.counts != Counts::Run);
    [
        ("resume", definition.command.resume_flag.is_some()),
        ("native-read-only", definition.command.read_only_args.is_some()),
        ("streams-usage", streams),
        (EXIT_IS_SUCCESS, definition.success == Success::ExitZero),
    ]
    .into_iter()
    .filter(|(_, has)| *has)
    .map(|(feature, _)| feature.to_owned())
    .collect()
}

fn fork_over(base: &Manifest, fork: &Fork) -> Manifest {
    let mut scores: Vec<Score> = base.scores.clone();
    for (&category, &value) in &fork.scores {
        match scores.iter_mut().find(|score| score.category == category) {
            Some(score) => score.value = value,
            None => scores.push(Score { category, value }),
        }
    }
    Manifest {
        id: fork.id.clone(),
        name: fork.name.clone().unwrap_or_else(|| format!("{} ({})", base.name, fork.id)),
        scores,
        cost_class: fork.cost_class.unwrap_or(base.cost_class),
        env: values::unique(base.env.iter().chain(&fork.env).cloned()),
        ..base.clone()
    }
}
