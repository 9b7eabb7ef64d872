//! Owns what this component says of itself: that it is nobody without a definition. The host puts what the user says in
//! its place. Must not decide anything.

use aid_adapter_kit::{Login, Manifest, OptionSpec, Tier};

use crate::definition::OPTION;

/// No PATH has it, and no plan names it.
const PLACEHOLDER: &str = "aid-custom-agent";

/// A manifest for a user's agent to lie over.
pub fn manifest() -> Manifest {
    Manifest {
        id: "custom".into(),
        name: "User-defined agent".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        homepage: String::new(),
        install_hint: "define an agent of your own in agents/NAME.toml below aid's home".into(),
        programs: vec![PLACEHOLDER.into()],
        identity_args: Vec::new(),
        identity_marker: String::new(),
        tested_versions: String::new(),
        scores: Vec::new(),
        cost_class: Tier::Standard,
        prefers_complex: false,
        models: Vec::new(),
        default_skill: None,
        env: Vec::new(),
        state_dirs: Vec::new(),
        login: Login { env: Vec::new(), files: Vec::new(), args: Vec::new() },
        // What the definition can say, not what each says.
        features: ["resume", "native-read-only", "exit-is-success"].map(Into::into).to_vec(),
        options: vec![OptionSpec {
            key: OPTION.into(),
            help: "what the agent is, as JSON; made from the user's file".into(),
            allowed: Vec::new(),
            required: true,
        }],
        stop_signal: "SIGTERM".into(),
        ext: Vec::new(),
    }
}
