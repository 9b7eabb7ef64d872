//! The agents: where each is installed, how it is pointed at the model server, and what its tools are called. Runs
//! nothing, and expects nothing.

use aid_test_support::TestWorld;
use serde_json::{Value, json};

/// What every server is given instead of a key.
const KEY: &str = "dummy-key-not-real";

/// One agent.
pub(crate) struct Agent {
    /// Its name for `aid run`, and its program's.
    pub(crate) id: &'static str,
    /// Its program, below `node_modules`.
    pub(crate) program: &'static str,
    /// Programs of the machine that it starts, beside those that every world has.
    pub(crate) needs: &'static [&'static str],
    /// Options of every `aid run`.
    pub(crate) options: &'static [&'static str],
    /// Variables of every `aid`, for the model server at this port.
    pub(crate) env: fn(&TestWorld, u64) -> Vec<(&'static str, String)>,
    /// Files below the world's root, for the model server at this port.
    pub(crate) files: fn(u64) -> Vec<(&'static str, String)>,
    /// The call of a tool that runs a command.
    pub(crate) shell: fn(&str) -> Value,
    /// The call of a tool that makes a file, named relative to the working directory, of one line.
    pub(crate) write: fn(&str, &str) -> Value,
    /// How many of it run at once where that is tested; each of some takes a gigabyte.
    pub(crate) at_once: usize,
}

pub(crate) static CODEX: Agent = Agent {
    id: "codex",
    program: ".bin/codex",
    needs: &["node", "bash"],
    options: &[],
    env: |_, _| vec![("FAKE_API_KEY", KEY.to_owned())],
    files: |port| {
        // Without retries a failure takes a second and not ten.
        let config = format!(
            "model_provider = \"fake\"\n[model_providers.fake]\nname = \"fake\"\n\
             base_url = \"http://127.0.0.1:{port}/v1\"\nenv_key = \"FAKE_API_KEY\"\nwire_api = \"responses\"\n\
             request_max_retries = 0\nstream_max_retries = 0\n"
        );
        vec![("home/.codex/config.toml", config)]
    },
    shell: |command| json!({"name": "exec_command", "args": {"cmd": command, "yield_time_ms": 60_000}}),
    write: |path, line| {
        let patch = format!("*** Begin Patch\n*** Add File: {path}\n+{line}\n*** End Patch\n");
        json!({"name": "apply_patch", "custom": patch})
    },
    at_once: 5,
};

pub(crate) static GEMINI: Agent = Agent {
    id: "gemini",
    program: ".bin/gemini",
    needs: &["node", "bash"],
    options: &["--model", "gemini-2.5-pro"],
    env: |_, port| {
        vec![("GEMINI_API_KEY", KEY.to_owned()), ("GOOGLE_GEMINI_BASE_URL", format!("http://127.0.0.1:{port}"))]
    },
    files: |_| {
        // With another base URL it takes no key from the environment unless it is told to. One attempt makes failures
        // quick; the rest is what would ask other servers.
        let settings = json!({
            "security": {"auth": {"selectedType": "gemini-api-key"}},
            "general": {"maxAttempts": 1, "enableAutoUpdate": false, "enableAutoUpdateNotification": false},
            "privacy": {"usageStatisticsEnabled": false},
            "telemetry": {"enabled": false},
        });
        vec![("home/.gemini/settings.json", settings.to_string())]
    },
    shell: |command| json!({"name": "run_shell_command", "args": {"command": command, "description": "run it"}}),
    write: |path, line| json!({"name": "write_file", "args": {"file_path": path, "content": format!("{line}\n")}}),
    at_once: 5,
};

pub(crate) static OPENCODE: Agent = Agent {
    id: "opencode",
    program: "opencode-linux-x64/bin/opencode",
    needs: &["bash"],
    options: &["--model", "fake/main"],
    env: |world, _| vec![("OPENCODE_CONFIG", provider_file(world))],
    files: provider,
    shell: opencode_shell,
    write: opencode_write,
    at_once: 5,
};

pub(crate) static KILO: Agent = Agent {
    id: "kilo",
    program: "@kilocode/cli-linux-x64/bin/kilo",
    needs: &["bash"],
    options: &["--model", "fake/main"],
    env: |world, _| vec![("KILO_CONFIG", provider_file(world))],
    files: provider,
    shell: opencode_shell,
    write: opencode_write,
    at_once: 3,
};

const PROVIDER_FILE: &str = "home/provider.json";

fn provider_file(world: &TestWorld) -> String {
    world.root().join(PROVIDER_FILE).to_string_lossy().into_owned()
}

/// A provider of its own, as opencode and its kin read it.
fn provider(port: u64) -> Vec<(&'static str, String)> {
    let model = |name: &str| {
        let cost = json!({"input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75});
        json!({"name": name, "limit": {"context": 128_000, "output": 8192}, "cost": cost})
    };
    let config = json!({
        "autoupdate": false,
        "share": "disabled",
        "model": "fake/main",
        "small_model": "fake/helper",
        "enabled_providers": ["fake"],
        "provider": {"fake": {
            "npm": "@ai-sdk/openai-compatible",
            "name": "Fake",
            "options": {"baseURL": format!("http://127.0.0.1:{port}/v1"), "apiKey": KEY},
            "models": {"main": model("main"), "helper": model("helper")},
        }},
    });
    vec![(PROVIDER_FILE, config.to_string())]
}

fn opencode_shell(command: &str) -> Value {
    json!({"name": "bash", "args": {"command": command, "description": "run it"}})
}

fn opencode_write(path: &str, line: &str) -> Value {
    json!({"name": "write", "args": {"filePath": path, "content": format!("{line}\n")}})
}
