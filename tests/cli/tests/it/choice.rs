//! Which agent gets a task: chosen, forked, defined by the user, or the next one that can.

use serde_json::json;

use crate::schema::Document;
use crate::scripts::{fails, ok, world};

#[test]
fn auto_says_whom_it_took_and_why() {
    let world = world(ok("done"));
    let result = world.aid(["run", "auto", "add unit tests for the parser"]).run().expect_code(0);
    let said = "[aid] Auto-selected agent: codex (reason: testing task";
    assert!(result.stderr_text().contains(said), "{}", result.describe());
    assert!(result.stderr_text().contains("[aid] Auto-selected model: gpt-6-"), "{}", result.describe());
    world.remove_agent("codex");
    let _ = world.aid(["run", "auto", "add unit tests"]).run().expect_code(127).expect_stderr("codex is not on PATH");
}

#[test]
fn auto_passes_over_an_agent_that_is_held_or_disabled() {
    let world = world(fails("Quota exceeded. Check your plan and billing details."));
    let _ = world.aid(["run", "codex", "do it"]).run().expect_code(6);
    let _ = world.aid(["run", "auto", "fix the crash"]).run().expect_code(127).expect_stderr("held: quota used up");
    let _ = world.aid(["config", "clear-limit", "all"]).run().expect_code(0);
    world.write("aid/config.toml", "[agents.codex]\ndisabled = true\n");
    let _ = world.aid(["run", "auto", "fix the crash"]).run().expect_code(127).expect_stderr("disabled in config.toml");
    let _ = world.aid(["run", "codex", "fix the crash"]).run().expect_code(2).expect_stderr("disabled in config.toml");
}

#[test]
fn advice_ranks_everybody_and_starts_nothing() {
    let world = world(ok("never"));
    let advice = world.aid(["advise", "explain how the cache works", "--json"]).run().expect_code(0).json();
    Document::new(world.aid(["schema"]).run().json()).check("aid advise PROMPT --json", &advice);
    assert_eq!(advice["category"], "research");
    assert_eq!(advice["ranking"][0]["agent"], "gemini");
    assert_eq!(advice["ranking"][0]["available"], json!(false));
    let _ = world.aid(["advise", "explain how the cache works"]).run().expect_code(0).expect_stdout("research task");
    assert!(!world.aid_home().join("aid.db").exists(), "nothing was dispatched");
}

#[test]
fn a_question_is_asked_read_only() {
    let world = world(json!([{"dump_argv_to": "argv.json"}, {"codex_ok": {"answer": "so it works"}}]));
    world.write("work/notes.md", "x");
    let asked = world.aid(["ask", "how does it work?", "--files", "notes.md"]).run().expect_code(0);
    assert_eq!(asked.stdout_text(), "so it works\n");
    assert!(String::from_utf8_lossy(&world.read("work/argv.json")).contains("\"read-only\""));
    let task = world.aid(["board", "--json"]).run().json()["tasks"][0].clone();
    assert_eq!(task["read_only"], json!(true));
    let _ = world.aid(["ask", "how?", "--files", "missing.md"]).run().expect_code(2).expect_stderr("is not a file");
}

#[test]
fn a_fall_back_takes_over_from_an_agent_that_is_not_there() {
    let world = world(ok("done"));
    let taken =
        world.aid(["run", "gemini", "do it", "--fallback", "cursor", "--fallback", "codex"]).run().expect_code(0);
    assert!(taken.stderr_text().contains("codex takes over: agent gemini"), "{}", taken.describe());
    // A model does not travel.
    let task = world.aid(["board", "--json"]).run().json()["tasks"][0].clone();
    assert_eq!((task["agent"].as_str(), &task["model"]), (Some("codex"), &json!(null)));
    let fixing = world.aid(["run", "gemini", "fix the crash in the parser"]).run().expect_code(127);
    let _ = fixing.expect_stderr("codex can take work");
    // Codex itself says that it is not made for this.
    let asking = world.aid(["run", "gemini", "what does the parser do?"]).run().expect_code(127);
    assert!(!asking.stderr_text().contains("can take work"), "{}", asking.describe());
}

#[test]
fn agents_of_the_users_are_agents() {
    let world = world(ok("done"));
    let forked = world.aid(["agent", "fork", "codex", "--as", "mine", "--model", "m-1", "--arg=--search"]).run();
    let _ = forked.expect_code(0);
    let plan = world.aid(["run", "mine", "hi", "--dry-run", "--json"]).run().expect_code(0).json();
    assert_eq!(plan["model"], "m-1");
    assert!(plan["argv"].as_array().expect("argv").contains(&json!("--search")), "{plan}");
    let _ = world.aid(["run", "mine", "hi"]).run().expect_code(0);
    // Its own model stays its own, whatever the task would deserve.
    let fork = ["agent", "fork", "codex", "--as", "best", "--model", "m-2", "--score", "testing=10"];
    let _ = world.aid(fork).run().expect_code(0);
    let auto = ["run", "auto", "write tests for the whole storage engine across all modules", "--dry-run", "--json"];
    let plan = world.aid(auto).run().expect_code(0).json();
    assert_eq!((plan["agent"].as_str(), plan["model"].as_str()), (Some("best"), Some("m-2")));
    let _ = world.aid(["agent", "fork", "codex", "--as", "codex"]).run().expect_code(2);
    let _ = world.aid(["agent", "fork", "nobody", "--as", "x"]).run().expect_code(3);
    // A broken file is one broken entry, with its place.
    world.write("aid/agents/bad.toml", "[fork]\nid = \"bad\"\nbase = 5\n");
    let listed = world.aid(["agent", "list", "--json"]).run().expect_code(0).json();
    let bad = listed["agents"].as_array().expect("a list").iter().find(|agent| agent["name"] == "bad").cloned();
    assert!(bad.is_some_and(|bad| bad["problem"].as_str().is_some_and(|why| why.contains("line 3"))), "{listed}");
    let _ = world.aid(["run", "bad", "hi"]).run().expect_code(2).expect_stderr("line 3");
    let _ = world.aid(["run", "mine", "hi"]).run().expect_code(0);
    let _ = world.aid(["agent", "remove", "mine"]).run().expect_code(0);
    let _ = world.aid(["run", "mine", "hi"]).run().expect_code(2).expect_stderr("unknown agent");
    assert!(world.aid_home().join("agents/mine.toml.removed").exists(), "nothing is destroyed");
}

#[test]
fn a_program_that_the_settings_name_must_be_there() {
    let world = world(ok("done"));
    world.write("aid/config.toml", "[agents.codex]\nprogram = \"/nowhere/codex\"\n");
    let shown = world.aid(["agent", "show", "codex", "--json"]).run().expect_code(0).json();
    assert_eq!((&shown["available"], &shown["path"]), (&json!(false), &json!(null)));
    assert_eq!(shown["why_not"], "/nowhere/codex is not there, or cannot be executed");
    let _ = world.aid(["run", "codex", "do it"]).run().expect_code(127).expect_stderr("/nowhere/codex, which is named");
}

#[test]
fn a_definition_is_held_to_the_rules_of_every_manifest() {
    let world = world(ok("done"));
    let shell = "[agent]\nid = \"sh-agent\"\nname = \"A shell\"\nprograms = [\"bash\"]\n\n[agent.command]\nargs = [\"-c\"]\n\
                 prompt = \"stdin\"\n\n[agent.output]\nformat = \"text\"\n\n[agent.success]\nrule = \"exit-zero\"\n";
    let file = world.write("work/shell.toml", shell);
    let refused = world.aid(["agent", "add"]).arg(&file).run().expect_code(2);
    assert!(refused.stderr_text().contains("bash runs whatever its arguments say"), "{}", refused.describe());
    assert!(!world.aid_home().join("agents/sh-agent.toml").exists());
    let custom = "[fork]\nid = \"x\"\nbase = \"custom\"\ndigest = \"".to_owned() + &"0".repeat(64) + "\"\n";
    let file = world.write("work/custom.toml", custom);
    let _ = world.aid(["agent", "add"]).arg(&file).run().expect_code(2);
}

#[test]
fn an_agent_that_a_user_describes_succeeds_by_the_users_own_rule() {
    let world = world(ok("never"));
    let script = json!({
        "cases": [
            {"argv_contains": "break", "steps": [{"out": "half of it\n"}, {"exit": 3}]},
            {"argv_contains": "silence", "steps": [{"exit": 0}]}
        ],
        "steps": [{"dump_argv_to": "argv.json"}, {"out": "[MILESTONE] looked\nthe answer\n"}]
    });
    world.install_agent("mytool", &script);
    let file = world.write(
        "work/mytool.toml",
        "[agent]\nid = \"mytool\"\nprograms = [\"mytool\"]\n\n[agent.command]\nargs = [\"run\"]\nmodel_flag = \"-m\"\n\
         prompt = \"arg\"\n\n[agent.output]\nformat = \"text\"\n\n[agent.success]\nrule = \"exit-zero\"\n",
    );
    let _ = world.aid(["agent", "add"]).arg(&file).run().expect_code(0);
    let good = world.aid(["run", "mytool", "look at it", "--model", "m-1"]).run().expect_code(0);
    assert!(good.stdout_text().ends_with("the answer\n"), "{}", good.describe());
    let argv = String::from_utf8_lossy(&world.read("work/argv.json")).into_owned();
    assert!(argv.contains("\"run\",\"-m\",\"m-1\""), "{argv}");
    let _ = world.aid(["run", "mytool", "break it"]).run().expect_code(1).expect_stderr("FAIL");
    let _ = world.aid(["run", "mytool", "silence"]).run().expect_code(1).expect_stderr("no_result");
    // It never said how it is kept from writing.
    let _ = world.aid(["run", "mytool", "look", "--read-only"]).run().expect_code(2);
    let board = world.aid(["board", "--json"]).run().json();
    assert_eq!(board["totals"]["by_status"], json!({"done": 1, "failed": 2}));
}
