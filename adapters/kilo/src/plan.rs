//! Owns kilo's switches: the names under which the family's launch sets them. Must not start it.

use aid_adapter_kit::opencode_shaped::launch::Member;

/// Variables of every run: nothing that updates itself, asks other servers, shares sessions, reports what is done, or
/// reads the settings of other agents.
pub const SWITCHES: [(&str, &str); 10] = [
    ("KILO_DISABLE_AUTOUPDATE", "1"),
    ("KILO_DISABLE_MODELS_FETCH", "1"),
    ("KILO_DISABLE_LSP_DOWNLOAD", "1"),
    ("KILO_DISABLE_DEFAULT_PLUGINS", "1"),
    ("KILO_DISABLE_SHARE", "1"),
    ("KILO_DISABLE_CLAUDE_CODE", "1"),
    ("KILO_DISABLE_CODEBASE_INDEXING", "1"),
    // Sessions are uploaded when somebody is logged in.
    ("KILO_DISABLE_SESSION_INGEST", "1"),
    // A daemon that runs already has settings and an environment of its own.
    ("KILO_NO_DAEMON", "1"),
    // Anything but `all` is off.
    ("KILO_TELEMETRY_LEVEL", "off"),
];

/// This member of the family.
pub const MEMBER: Member = Member {
    program: "kilo",
    switches: &SWITCHES,
    default_plugins: "KILO_DISABLE_DEFAULT_PLUGINS",
    config_content: "KILO_CONFIG_CONTENT",
    permission: "KILO_PERMISSION",
    pure: "KILO_PURE",
    no_project_config: "KILO_DISABLE_PROJECT_CONFIG",
};
