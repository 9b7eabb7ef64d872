//! Owns who cursor is. Must not decide anything: these are facts and scores.

use aid_adapter_kit::{Category, Login, Manifest, Model, OptionSpec, Score, Tier};

/// Directories that hold cursor's login, settings, chats and its own program.
pub const STATE_DIRS: [&str; 4] =
    ["~/.cursor", "~/.config/cursor", "$XDG_CONFIG_HOME/cursor", "~/.local/share/cursor-agent"];

const SCORES: [(Category, u8); 8] = [
    (Category::Research, 2),
    (Category::SimpleEdit, 4),
    (Category::ComplexImpl, 7),
    (Category::Frontend, 9),
    (Category::Debugging, 5),
    (Category::Testing, 5),
    (Category::Refactoring, 6),
    (Category::Documentation, 4),
];

/// `auto` lets cursor choose, and every account has it. All other names depend on the account and change by the month
/// (`agent models` lists them): one that is gone would fail a task which the agent's own choice would not.
const MODELS: [(&str, Tier); 1] = [("auto", Tier::Standard)];

/// Names cursor itself reads.
const ENV: [&str; 3] = ["CURSOR_API_KEY", "CURSOR_CONFIG_DIR", "NO_OPEN_BROWSER"];

/// The manifest.
pub fn manifest() -> Manifest {
    let strings = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    Manifest {
        id: "cursor".into(),
        name: "Cursor CLI".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: "https://cursor.com/docs/cli".into(),
        // Never from npm: the packages of these names there are somebody else's.
        install_hint: "curl https://cursor.com/install -fsS | bash, then agent login or CURSOR_API_KEY".into(),
        // The older name first: fewer other programs have it, and each candidate is run once to see what it is.
        programs: strings(&["cursor-agent", "agent"]),
        // `--version` is a bare date and proves nothing. This line of the help is quoted by several public projects that
        // tell cursor from other programs called `agent` by it; it was not seen here.
        identity_args: strings(&["--help"]),
        identity_marker: "Start the Cursor Agent".into(),
        tested_versions: "none: from the documentation of 2026.09".into(),
        scores: SCORES.map(|(category, value)| Score { category, value }).to_vec(),
        cost_class: Tier::Standard,
        prefers_complex: true,
        models: MODELS.map(|(name, tier)| Model { name: name.into(), tier, price: None }).to_vec(),
        default_skill: Some("implementer".into()),
        env: strings(&ENV),
        state_dirs: strings(&STATE_DIRS),
        login: Login {
            env: strings(&["CURSOR_API_KEY"]),
            files: strings(&["~/.config/cursor/auth.json", "$XDG_CONFIG_HOME/cursor/auth.json"]),
            // What `agent status` ends with for somebody who is not logged in is not documented.
            args: Vec::new(),
        },
        // Not native-read-only: the modes that promise it were never seen to keep it, and a permissions file was found
        // not to be enforced without a terminal.
        features: strings(&["resume"]),
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
        option("read-only-mode", "how a read-only run works: ask answers, plan makes a plan", &["ask", "plan"]),
        option("sandbox", "cursor's own sandbox for commands", &["enabled", "disabled"]),
        option("approve-mcps", "true: use the servers of tools that are set up, without asking", &["true", "false"]),
    ]
}
