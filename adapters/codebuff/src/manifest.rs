//! Owns who codebuff is. Must not decide anything: these are facts and scores.

use aid_adapter_kit::{Category, Login, Manifest, OptionSpec, Score, Tier};

/// Directories that hold the sessions of `aid-codebuff`, and the settings of codebuff itself, which its SDK reads too.
/// `CODEBUFF_AID_STATE` replaces the second one.
pub const STATE_DIRS: [&str; 3] = ["$CODEBUFF_AID_STATE", "~/.config/aid-codebuff", "~/.config/manicode"];

/// How much an answer may cost.
pub const MODES: [&str; 5] = ["free", "normal", "max", "experimental", "ask"];

const SCORES: [(Category, u8); 8] = [
    (Category::Research, 2),
    (Category::SimpleEdit, 5),
    (Category::ComplexImpl, 8),
    (Category::Frontend, 7),
    (Category::Debugging, 6),
    (Category::Testing, 6),
    (Category::Refactoring, 7),
    (Category::Documentation, 4),
];

/// The variable with the key, without which nothing works.
const KEY: &str = "CODEBUFF_API_KEY";

/// The login of another vendor's subscription, which the SDK would use too, is not among them: the program talks to
/// codebuff only.
const ENV: [&str; 3] = [KEY, "CODEBUFF_BYOK_OPENROUTER", "CODEBUFF_AID_STATE"];

/// The program is a part of aid's source, and on no registry.
const INSTALL_HINT: &str = "in aid's source: npm ci --prefix adapters/codebuff/plugin && \
    npm install --global ./adapters/codebuff/plugin; then set CODEBUFF_API_KEY \
    (https://www.codebuff.com/api-keys). Needs Node.js 20 or newer";

/// The manifest.
pub fn manifest() -> Manifest {
    let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Manifest {
        id: "codebuff".into(),
        name: "Codebuff".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://www.codebuff.com".into(),
        install_hint: INSTALL_HINT.into(),
        // Not `codebuff`: that is the CLI for people.
        programs: strings(&["aid-codebuff"]),
        identity_args: strings(&["--version"]),
        identity_marker: "aid-codebuff ".into(),
        tested_versions: "0.1.0, with @codebuff/sdk 0.10.7".into(),
        scores: SCORES.map(|(category, value)| Score { category, value }).to_vec(),
        cost_class: Tier::Standard,
        prefers_complex: false,
        // An agent of codebuff's store brings its own models. Any name of OpenRouter's can be asked for, and none has a
        // price in the credits that codebuff counts.
        models: Vec::new(),
        default_skill: Some("implementer".into()),
        env: strings(&ENV),
        state_dirs: strings(&STATE_DIRS),
        login: Login { env: strings(&[KEY]), files: Vec::new(), args: Vec::new() },
        features: strings(&["resume", "native-read-only"]),
        options: options(),
        stop_signal: "SIGTERM".into(),
        ext: Vec::new(),
    }
}

fn options() -> Vec<OptionSpec> {
    let option = |key: &str, help: &str, allowed: &[&str]| OptionSpec {
        key: key.into(),
        help: help.into(),
        allowed: allowed.iter().map(ToString::to_string).collect(),
        required: false,
    };
    vec![
        option("agent", "an agent of codebuff's store, publisher/name@version", &[]),
        option("mode", "codebuff's cost mode", &MODES),
        option("max-steps", "fail after so many answers of the model, 1 to 10000", &[]),
    ]
}
