//! The script: its JSON shape, its checks, and which step a request gets. It speaks no protocol and counts nothing.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::answer::{Answer, Usage};

/// A whole script.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    /// One for each model request, in the order of their arrival.
    pub(crate) steps: Vec<Step>,
    /// The last step answers every further request too.
    #[serde(default)]
    pub(crate) repeat_last: bool,
    /// Steps for requests that are about something else; the first that matches gets the request.
    #[serde(default)]
    pub(crate) conversations: Vec<Conversation>,
}

/// Steps that some requests take instead of the script's own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conversation {
    r#match: Match,
    steps: Vec<Step>,
    #[serde(default)]
    repeat_last: bool,
}

/// Which requests; everything that is given has to fit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    /// The name of the model contains this.
    model: Option<String>,
    /// The body, as it was sent, contains this.
    body: Option<String>,
}

/// Where a step is: in which conversation, or in the script itself, and its index there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) conversation: Option<usize>,
    pub(crate) step: usize,
}

/// What one request gets.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) text: Option<String>,
    pub(crate) phase: Option<String>,
    pub(crate) reasoning: Option<String>,
    #[serde(default)]
    pub(crate) tools: Vec<Tool>,
    /// Output items of the protocol, passed on as they are.
    #[serde(default)]
    pub(crate) items: Vec<Value>,
    #[serde(default)]
    pub(crate) usage: Usage,
    /// Characters of text per piece; the whole text at once without it.
    pub(crate) chunk: Option<usize>,
    /// Seconds before each piece.
    pub(crate) delay: Option<f64>,
    /// Cuts the connection in the middle of the text.
    #[serde(default)]
    pub(crate) truncate: bool,
    /// Ends the stream in the middle of the text, as if that were its end.
    #[serde(default)]
    pub(crate) unfinished: bool,
    /// The reason why the answer is not whole.
    pub(crate) incomplete: Option<String>,
    pub(crate) failed: Option<Failed>,
    /// A status other than 200: no stream, but `body`.
    pub(crate) http: Option<u16>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    pub(crate) limit: Option<Limit>,
    /// Goes silent after what the step says, or from the start if it says nothing.
    #[serde(default)]
    pub(crate) hang: bool,
}

/// A limit that is reached: status 429 with what the API says about it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limit {
    pub(crate) per: Per,
    /// When to try again.
    pub(crate) retry_after_s: Option<u64>,
}

/// What a limit counts: one that is over soon, or one that is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Per {
    Minute,
    Day,
}

/// A tool call of the model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
    /// The arguments of a function.
    pub(crate) args: Option<Value>,
    /// The free text of a custom tool.
    pub(crate) custom: Option<String>,
}

/// An error that the model reports inside the stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failed {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Script {
    /// Reads and checks a script file.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
        Self::parse(&text).map_err(|why| format!("{}: {why}", path.display()))
    }

    /// Reads and checks a script; a bare list is its steps.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
        let script = match value {
            Value::Array(steps) => {
                let steps = steps
                    .into_iter()
                    .enumerate()
                    .map(|(index, step)| serde_json::from_value(step).map_err(|why| format!("step {index}: {why}")));
                Self { steps: steps.collect::<Result<_, _>>()?, repeat_last: false, conversations: Vec::new() }
            }
            other => serde_json::from_value(other).map_err(|why| why.to_string())?,
        };
        check(&script.steps)?;
        for (index, conversation) in script.conversations.iter().enumerate() {
            let wrong = |why| format!("conversation {index}: {why}");
            if conversation.r#match.model.is_none() && conversation.r#match.body.is_none() {
                return Err(wrong("match needs model or body".to_owned()));
            }
            check(&conversation.steps).map_err(wrong)?;
        }
        Ok(script)
    }

    /// The conversation that a request belongs to; the script's own steps without one.
    pub(crate) fn conversation(&self, model: &str, body: &[u8]) -> Option<usize> {
        self.conversations.iter().position(|conversation| conversation.r#match.fits(model, body))
    }

    /// The step for a conversation's request with this number, counted from 0.
    pub(crate) fn step(&self, conversation: Option<usize>, request: usize) -> Option<(Place, &Step)> {
        let (steps, repeat_last) = match conversation.map(|index| &self.conversations[index]) {
            None => (&self.steps, self.repeat_last),
            Some(other) => (&other.steps, other.repeat_last),
        };
        let last = steps.len().checked_sub(1)?;
        let index = if repeat_last { request.min(last) } else { request };
        steps.get(index).map(|step| (Place { conversation, step: index }, step))
    }
}

fn check(steps: &[Step]) -> Result<(), String> {
    let mut steps = steps.iter().enumerate();
    steps.try_for_each(|(index, step)| step.check().map_err(|why| format!("step {index}: {why}")))
}

impl Match {
    fn fits(&self, model: &str, body: &[u8]) -> bool {
        let in_body = |part: &String| body.windows(part.len().max(1)).any(|window| window == part.as_bytes());
        self.model.as_ref().is_none_or(|part| model.contains(part.as_str())) && self.body.as_ref().is_none_or(in_body)
    }
}

impl Step {
    /// What the model says in this step.
    pub(crate) fn answer(&self) -> Answer<'_> {
        Answer {
            text: self.text.as_deref(),
            phase: self.phase.as_deref(),
            reasoning: self.reasoning.as_deref(),
            tools: &self.tools,
            items: &self.items,
            usage: &self.usage,
            chunk: self.chunk,
            incomplete: self.incomplete.as_deref(),
            failed: self.failed.as_ref(),
        }
    }

    /// True when the step holds something for the stream.
    pub(crate) fn says_something(&self) -> bool {
        self.text.is_some() || self.reasoning.is_some() || !self.tools.is_empty() || !self.items.is_empty()
    }

    fn check(&self) -> Result<(), String> {
        let streams = self.says_something()
            || self.failed.is_some()
            || self.incomplete.is_some()
            || self.truncate
            || self.unfinished;
        if self.limit.is_some() {
            if streams || self.hang || self.http.is_some() || self.body.is_some() {
                return Err("limit answers without a stream: only headers go with it".to_owned());
            }
        } else if let Some(status) = self.http {
            if streams || self.hang {
                return Err("http answers without a stream: only headers and body go with it".to_owned());
            }
            if !(200..=599).contains(&status) {
                return Err(format!("{status} is not the status of an answer (200 to 599)"));
            }
        } else if self.body.is_some() {
            return Err("body needs http".to_owned());
        } else if !streams && !self.hang {
            return Err("the step says nothing: give it text, tools, items, failed, http, limit or hang".to_owned());
        }
        if self.chunk == Some(0) {
            return Err("chunk is at least 1".to_owned());
        }
        if self.delay.is_some_and(|seconds| !(0.0..=600.0).contains(&seconds)) {
            return Err("delay is 0 to 600 seconds".to_owned());
        }
        let unclear = |tool: &&Tool| tool.args.is_some() == tool.custom.is_some();
        match self.tools.iter().find(unclear) {
            Some(tool) => Err(format!("tool {} needs either args or custom", tool.name)),
            None => Ok(()),
        }
    }
}
