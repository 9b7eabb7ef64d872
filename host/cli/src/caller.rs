//! Who dispatches: the session of the program that runs `aid`, so that `board --mine` can tell tasks apart.

/// Where a session id is found, and what kind of caller leaves it there; the first that is set counts.
const KNOWN: &[(&str, &str)] = &[
    ("CODEX_THREAD_ID", "codex"),
    ("CLAUDECODE_SESSION_ID", "claude-code"),
    ("CLAUDE_CODE_SESSION_ID", "claude-code"),
    ("CURSOR_SESSION_ID", "cursor"),
    ("TERM_SESSION_ID", "terminal"),
];
/// Longest caller that is stored, in bytes.
const MAX_BYTES: usize = 256;

/// `kind:session`, when a session is recognised. `AID_CALLER_KIND` with `AID_CALLER_SESSION` says it outright.
pub(crate) fn identify(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    let explicit = set("AID_CALLER_KIND").zip(set("AID_CALLER_SESSION"));
    let found = explicit.or_else(|| KNOWN.iter().find_map(|(name, kind)| Some(((*kind).to_owned(), set(name)?))));
    let (kind, session) = found?;
    let caller: String = format!("{}:{}", kind.trim(), session.trim());
    (caller.len() <= MAX_BYTES && !caller.chars().any(char::is_control)).then_some(caller)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Option<String> {
        identify(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_explicit_pair_wins() {
        let both = [("AID_CALLER_KIND", "ci"), ("AID_CALLER_SESSION", "7"), ("CODEX_THREAD_ID", "x")];
        assert_eq!(with(&both).as_deref(), Some("ci:7"));
        assert_eq!(with(&both[1..]).as_deref(), Some("codex:x"), "half a pair says nothing");
    }

    #[test]
    fn sessions_are_recognised() {
        assert_eq!(with(&[("CLAUDECODE_SESSION_ID", "s1")]).as_deref(), Some("claude-code:s1"));
        assert_eq!(with(&[("CODEX_THREAD_ID", " ")]), None);
        assert_eq!(with(&[("CODEX_THREAD_ID", "a\u{1b}b")]), None);
        assert_eq!(with(&[]), None);
    }
}
