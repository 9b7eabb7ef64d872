//! A task as `aid show --json` tells it, with the checks that hold for every record.

use serde_json::Value;

/// Events that the host makes; the others are made of what the agent wrote.
const HOST_EVENTS: &[&str] = &[
    "created",
    "claimed",
    "launching",
    "started",
    "adopted",
    "events_capped",
    "continued",
    "end_requested",
    "exited",
    "leak",
    "settled",
];

/// What is known of a task.
pub(crate) struct Record {
    pub(crate) task: Value,
    pub(crate) events: Vec<Value>,
    pub(crate) output: Option<String>,
}

impl Record {
    /// Reads the JSON, and proves that the log has no gap and no second end.
    pub(crate) fn of(shown: &Value) -> Self {
        let events = shown["events"].as_array().expect("events").clone();
        for (at, event) in events.iter().enumerate() {
            assert_eq!(event["seq"], at + 1, "a gap in the log: {events:?}");
        }
        let record = Self { task: shown["task"].clone(), events, output: shown["output"].as_str().map(str::to_owned) };
        let ends = record.kind("settled").len();
        assert_eq!(ends, usize::from(record.is_final()), "ends in the log of a {} task\n{record}", record.status());
        if record.is_final() {
            let last = record.events.last().expect("events");
            assert_eq!(last["type"], "settled", "something came after the end\n{record}");
            assert_eq!(last["settlement"]["status"], record.task["status"], "{record}");
        }
        record
    }

    pub(crate) fn status(&self) -> &str {
        self.task["status"].as_str().expect("a status")
    }

    pub(crate) fn is_final(&self) -> bool {
        !matches!(self.status(), "queued" | "running" | "awaiting_input" | "verifying")
    }

    /// The class of the failure; empty without one.
    pub(crate) fn class(&self) -> &str {
        self.task["failure"]["class"].as_str().unwrap_or_default()
    }

    /// The message of the failure; empty without one.
    pub(crate) fn message(&self) -> &str {
        self.task["failure"]["message"].as_str().unwrap_or_default()
    }

    /// All events of a kind.
    pub(crate) fn kind(&self, kind: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["type"] == kind).collect()
    }

    /// What the agent's output became, without places and times.
    pub(crate) fn told(&self) -> Vec<Value> {
        let is_told = |event: &&Value| !HOST_EVENTS.contains(&event["type"].as_str().expect("a kind"));
        let mut told: Vec<Value> = self.events.iter().filter(is_told).cloned().collect();
        for event in &mut told {
            let fields = event.as_object_mut().expect("an object");
            fields.remove("seq");
            fields.remove("at");
        }
        told
    }

    /// Fails unless the task is good, with the default usage of the scripted agent and this answer.
    pub(crate) fn expect_done(&self, answer: &str) {
        assert_eq!((self.status(), self.class()), ("done", ""), "{self}");
        assert_eq!(self.output.as_deref(), Some(answer), "{self}");
        assert_eq!(self.task["usage"]["input"], 1200, "{self}");
        assert_eq!(self.task["usage"]["total"], 1234, "{self}");
    }

    /// Fails unless the task failed for this reason.
    pub(crate) fn expect_failed(&self, class: &str) {
        assert_eq!((self.status(), self.class()), ("failed", class), "{self}");
    }
}

impl std::fmt::Display for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        /// A log of a hundred thousand events helps nobody.
        const SHOWN: usize = 60;
        writeln!(f, "{}", self.task)?;
        self.events.iter().take(SHOWN).try_for_each(|event| writeln!(f, "{event}"))
    }
}
