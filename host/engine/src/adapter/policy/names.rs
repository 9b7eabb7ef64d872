//! Names a plan may not use, whatever its manifest says: programs that run whatever they are told, and variables that
//! make another program run other code or talk to another server. Texts only: this file must not look at the system.

/// Programs whose arguments are programs: shells, launchers, interpreters, package runners. Sorted, without versions.
const LAUNCHERS: &[&str] = &[
    "ash",
    "at",
    "awk",
    "bash",
    "batch",
    "bun",
    "bunx",
    "busybox",
    "bwrap",
    "cargo",
    "chroot",
    "chrt",
    "cmd",
    "command",
    "corepack",
    "cron",
    "crontab",
    "csh",
    "dash",
    "deno",
    "doas",
    "docker",
    "elvish",
    "env",
    "eval",
    "exec",
    "expect",
    "fakeroot",
    "find",
    "firejail",
    "fish",
    "flock",
    "gawk",
    "gdb",
    "go",
    "ionice",
    "java",
    "ksh",
    "kubectl",
    "lldb",
    "ltrace",
    "lua",
    "luajit",
    "make",
    "mawk",
    "mksh",
    "nawk",
    "nerdctl",
    "nice",
    "node",
    "nodejs",
    "nohup",
    "npm",
    "npx",
    "nsenter",
    "nu",
    "numactl",
    "osascript",
    "parallel",
    "perl",
    "php",
    "pipx",
    "pkexec",
    "pnpm",
    "pnpx",
    "podman",
    "powershell",
    "proot",
    "pwsh",
    "pypy",
    "python",
    "pythonw",
    "rc",
    "rsh",
    "ruby",
    "runuser",
    "rush",
    "screen",
    "script",
    "setarch",
    "setpriv",
    "setsid",
    "sh",
    "ssh",
    "stdbuf",
    "strace",
    "su",
    "sudo",
    "systemd-run",
    "taskset",
    "tclsh",
    "tcsh",
    "time",
    "timeout",
    "tmux",
    "toybox",
    "unshare",
    "uv",
    "uvx",
    "watch",
    "wish",
    "wsl",
    "xargs",
    "xonsh",
    "yarn",
    "yash",
    "zsh",
];

/// Variables with which a plan could run other code in the agent or in what the agent starts. Sorted, upper case.
const VARIABLES: &[&str] = &[
    "BASHOPTS",
    "CC",
    "CDPATH",
    "CLASSPATH",
    "CURL_CA_BUNDLE",
    "CXX",
    "DOTNET_STARTUP_HOOKS",
    "EDITOR",
    "ELECTRON_RUN_AS_NODE",
    "ENV",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "HOME",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LESSOPEN",
    "LOCPATH",
    "LOGNAME",
    "MAKEFLAGS",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "PAGER",
    "PATH",
    "PROMPT_COMMAND",
    "PS4",
    "PWD",
    "REQUESTS_CA_BUNDLE",
    "RUBYLIB",
    "RUBYOPT",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "SHELL",
    "SHELLOPTS",
    "SUDO_ASKPASS",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USER",
    "VISUAL",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];

/// Whole families of such variables.
const FAMILIES: &[&str] =
    &["AID_", "BASH_", "CARGO_", "DYLD_", "GIT_", "LD_", "NPM_CONFIG_", "PERL5", "PYTHON", "SSH_", "SSL_", "XDG_"];

/// Parts of names of variables that say which server an agent talks to, and with it who gets its key.
const SERVER_PARTS: &[&str] = &["BASE_URL", "BASEURL", "BASE_URI", "API_BASE", "API_URL", "API_HOST", "ENDPOINT"];

/// Ends of such names.
const SERVER_ENDS: &[&str] = &["_URL", "_URI", "_HOST", "_PROXY"];

/// Whether a program runs whatever its arguments say. Takes a file name or a path, with or without a version.
#[must_use]
pub fn is_launcher(program: &str) -> bool {
    let file = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    let file = file.strip_suffix(".exe").unwrap_or(&file);
    let unversioned = file.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    [file, unversioned].iter().any(|name| LAUNCHERS.binary_search(name).is_ok())
}

/// Whether a plan may set a variable, if its manifest declares it.
#[must_use]
pub fn may_set_env(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    VARIABLES.binary_search(&name.as_str()).is_err()
        && !FAMILIES.iter().any(|family| name.starts_with(family))
        && !SERVER_PARTS.iter().any(|part| name.contains(part))
        && !SERVER_ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether a text can be a variable's name: `[A-Za-z_][A-Za-z0-9_]*`.
#[must_use]
pub fn is_env_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && bytes.len() <= super::super::limits::ENV_NAME_BYTES_MAX
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_can_be_searched() {
        for list in [LAUNCHERS, VARIABLES] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
    }

    #[test]
    fn launchers_are_known_by_any_of_their_names() {
        for program in ["sh", "/bin/sh", "BASH", "zsh-5.9", "python3.12", "pwsh.exe", "C:\\bin\\cmd.exe", "env", "nu"] {
            assert!(is_launcher(program), "{program}");
        }
        for program in ["codex", "gemini", "cursor-agent", "opencode", "kilo", "ob1", "codebuff", "fish-agent", "goose"]
        {
            assert!(!is_launcher(program), "{program}");
        }
    }

    #[test]
    fn dangerous_variables_are_known() {
        for name in [
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "DYLD_INSERT_LIBRARIES",
            "NODE_OPTIONS",
            "GIT_SSH_COMMAND",
            "PATH",
            "HOME",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "RUBYOPT",
            "PERL5LIB",
            "BASH_ENV",
            "ENV",
            "IFS",
            "SHELL",
            "AID_HOME",
            "RUSTC_WRAPPER",
            "OPENAI_BASE_URL",
            "openai_base_url",
            "ANTHROPIC_API_BASE",
            "AZURE_OPENAI_ENDPOINT",
            "GOOGLE_GEMINI_BASE_URL",
            "HTTPS_PROXY",
            "https_proxy",
            "OLLAMA_HOST",
            "XDG_CONFIG_HOME",
        ] {
            assert!(!may_set_env(name), "{name}");
        }
        for name in ["OPENCODE_CONFIG_CONTENT", "CODEX_HOME", "GEMINI_SANDBOX", "NO_COLOR", "OPENAI_API_KEY"] {
            assert!(may_set_env(name), "{name}");
        }
    }
}
