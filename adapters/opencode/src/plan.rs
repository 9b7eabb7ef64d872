//! Owns opencode's switches: the names under which the family's launch sets them. Must not start it.

use aid_adapter_kit::opencode_shaped::launch::Member;

/// Variables of every run: nothing that updates itself, asks other servers, shares sessions or reads the settings of
/// other agents.
pub const SWITCHES: [(&str, &str); 6] = [
    ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
    ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
    ("OPENCODE_DISABLE_LSP_DOWNLOAD", "1"),
    ("OPENCODE_DISABLE_DEFAULT_PLUGINS", "1"),
    ("OPENCODE_DISABLE_SHARE", "1"),
    ("OPENCODE_DISABLE_CLAUDE_CODE", "1"),
];

/// This member of the family.
pub const MEMBER: Member = Member {
    program: "opencode",
    switches: &SWITCHES,
    default_plugins: "OPENCODE_DISABLE_DEFAULT_PLUGINS",
    config_content: "OPENCODE_CONFIG_CONTENT",
    permission: "OPENCODE_PERMISSION",
    pure: "OPENCODE_PURE",
    no_project_config: "OPENCODE_DISABLE_PROJECT_CONFIG",
};
