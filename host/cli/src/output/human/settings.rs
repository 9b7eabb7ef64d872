//! The settings in force, written so that they can be copied into a settings file.

use crate::output::json::SettingsView;

/// The settings as TOML.
pub(crate) fn settings(view: &SettingsView) -> String {
    let mut lines = vec![
        "[background]".to_owned(),
        format!("max_task_duration_mins = {}", view.background.max_task_duration_mins),
        format!("idle_timeout_mins = {}", view.background.idle_timeout_mins),
        String::new(),
        "[env]".to_owned(),
        format!("mode = {}", quoted(&super::word(&view.env.mode))),
        format!("deny = {}", list(&view.env.deny)),
    ];
    lines.push("\n[selection]".to_owned());
    lines.push(format!("budget_mode = {}", view.selection.budget_mode));
    lines.push(format!("fallback = {}", list(&view.selection.fallback)));
    for (name, agent) in &view.agents {
        lines.push(format!("\n[agents.{}]", quoted(name)));
        if !agent.env.is_empty() {
            lines.push(format!("env = {}", list(&agent.env)));
        }
        if let Some(model) = &agent.model {
            lines.push(format!("model = {}", quoted(model)));
        }
        if let Some(program) = &agent.program {
            lines.push(format!("program = {}", quoted(program)));
        }
        if !agent.options.is_empty() {
            let pairs = agent.options.iter().map(|(key, value)| format!("{} = {}", quoted(key), quoted(value)));
            lines.push(format!("options = {{ {} }}", pairs.collect::<Vec<_>>().join(", ")));
        }
        if !agent.args.is_empty() {
            lines.push(format!("args = {}", list(&agent.args)));
        }
        if agent.disabled {
            lines.push("disabled = true".to_owned());
        }
    }
    lines.join("\n")
}

fn list(words: &[String]) -> String {
    format!("[{}]", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", "))
}

/// Every string of JSON is one of TOML, but not one that is safe to show: what JSON leaves alone is escaped too.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    let harmless = |c: char| aid_core::text::sanitize_line(c.encode_utf8(&mut [0; 4])).starts_with(c);
    let escape = |c: char| if harmless(c) { c.to_string() } else { format!("\\U{:08X}", u32::from(c)) };
    json.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "[env]\ndeny = [\"A\\u202EB\", \"C\\\"\\\\\\u001b\"]\n[agents.\"a b\"]\nmodel = \"m\"\nprogram = \"/x\"\n\
                    options = { a = \"1\" }\nargs = [\"-x\"]\ndisabled = true\n";
        let config = aid_core::config::parse(text).expect("good settings");
        let shown = settings(&SettingsView::of(&config));
        assert!(!shown.contains(['\u{202e}', '\u{1b}']), "{shown}");
        assert_eq!(aid_core::config::parse(&shown), Ok(config));
    }
}
