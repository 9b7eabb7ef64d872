//! An adapter that keeps every rule but one, so that each conformance check can be seen to find what it is for.
//!
//! Which rule, stands in [`DEFECT`], which a test overwrites in the component's bytes: the id of the check that must find
//! it. Its agent writes `{"type":"say","text":…}`, `{"type":"no","class":…,"message":…}` and, as its success mark,
//! `{"type":"done","tokens":…}`. It must not have a second defect.

use std::cell::{Cell, RefCell};

use aid_adapter_kit::bindings::exports::aid::adapter::agent::{Guest, GuestRun};
use aid_adapter_kit::json::Object;
use aid_adapter_kit::{
    Adapter, Arg, Autonomy, Event, ExitStatus, Input, Kv, Login, Malformed, Manifest, OptionSpec, Outcome, Plan,
    PlanError, Refusal, Request, Run, Source, Tier, Usage, Verdict,
};

/// The defect, padded with blanks.
#[used]
static DEFECT: [u8; 40] = *b"broken-adapter=none                     ";

/// Whether the defect is this one.
fn breaks(check: &str) -> bool {
    // Volatile: the bytes are not what the compiler saw.
    let told = unsafe { std::ptr::read_volatile(&raw const DEFECT) };
    String::from_utf8_lossy(&told).trim_end().strip_prefix("broken-adapter=") == Some(check)
}

#[derive(Default)]
struct Broken {
    done: bool,
    lines: usize,
    spoke: bool,
    answer: Option<String>,
    refusal: Option<Refusal>,
    tokens: Option<u64>,
}

impl Adapter for Broken {
    fn manifest() -> Manifest {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        Manifest {
            id: "broken".to_owned(),
            name: "Broken".to_owned(),
            version: "1.0.0".to_owned(),
            homepage: String::new(),
            install_hint: String::new(),
            programs: texts(&["broken-agent"]),
            identity_args: texts(&["--version"]),
            identity_marker: "broken ".to_owned(),
            tested_versions: "none".to_owned(),
            scores: Vec::new(),
            cost_class: Tier::Free,
            prefers_complex: false,
            models: Vec::new(),
            default_skill: None,
            env: texts(&["BROKEN_MODE"]),
            state_dirs: Vec::new(),
            login: Login { env: Vec::new(), files: Vec::new(), args: Vec::new() },
            features: texts(&["resume", "native-read-only"]),
            options: vec![OptionSpec {
                key: "effort".to_owned(),
                help: "how hard it tries".to_owned(),
                allowed: texts(&["low", "high"]),
                required: false,
            }],
            stop_signal: if breaks("manifest.rules") { "SIGKILL" } else { "SIGTERM" }.to_owned(),
            ext: Vec::new(),
        }
    }

    fn plan(request: &Request) -> Result<Plan, PlanError> {
        let mut args: Vec<Arg> = Vec::new();
        let mut add = |text: &str| args.push(Arg::Text(text.to_owned()));
        if request.autonomy == Autonomy::ReadOnly && !breaks("plan.read-only") {
            add("--read-only");
        }
        for (flag, value) in [("--model", &request.model), ("--session", &request.resume)] {
            if let Some(value) = value {
                add(flag);
                add(checked(value)?);
            }
        }
        for option in &request.options {
            match (option.key.as_str(), option.value.as_str()) {
                ("effort", "low" | "high") => add(&format!("--effort={}", option.value)),
                _ => return Err(PlanError::Invalid(format!("there is no option {}", option.key))),
            }
        }
        if !breaks("plan.extra-args") {
            request.extra_args.iter().for_each(|arg| add(arg));
        }
        if breaks("plan.prompt") {
            args.push(Arg::Prompt);
        }
        let mode = if breaks("plan.policy") { "LD_PRELOAD" } else { "BROKEN_MODE" };
        Ok(Plan {
            program: "broken-agent".to_owned(),
            args,
            env: vec![Kv { key: mode.to_owned(), value: "1".to_owned() }],
            input: if breaks("plan.prompt") { Input::None } else { Input::Prompt },
            prompt_suffix: None,
            files: Vec::new(),
            make_dirs: Vec::new(),
            ext: Vec::new(),
        })
    }

    fn on_line(&mut self, from: Source, line: &str, events: &mut Vec<Event>) -> Result<(), Malformed> {
        assert!(!(breaks("output.garbage") && line.contains('\0')), "a NUL");
        if breaks("output.limits") && line.len() > 1_000_000 {
            slowly(line);
        }
        self.spoke = true;
        if from == Source::Err {
            return Ok(());
        }
        let object = Object::parse(line)?;
        if breaks("output.strangers") && object.string("status").as_deref() == Some("success") {
            events.push(Event::Finished);
        }
        match object.string("type").as_deref() {
            Some("say") => self.say(&object, events),
            Some("no") => self.refuse(&object, events),
            Some("done") => self.finished(&object, events),
            Some(_) if breaks("transcripts.noise") => self.done = false,
            _ => {}
        }
        Ok(())
    }

    fn verdict(&mut self, exit: &ExitStatus) -> Verdict {
        let clean = exit.code == Some(0);
        let early = breaks("transcripts.truncation") && self.lines > 1;
        let silent = breaks("output.silence") && !self.spoke;
        let outcome = if let Some(refusal) = self.refusal.take() {
            Outcome::Failure(refusal)
        } else if clean && (self.done || early || silent) {
            Outcome::Success
        } else {
            Outcome::Incomplete("there was no mark".to_owned())
        };
        let usage = self.tokens.filter(|_| !breaks("transcripts.expected")).map(|tokens| used(tokens));
        Verdict { outcome, evidence: "done".to_owned(), final_text: self.answer.take(), session: None, usage }
    }
}

impl Broken {
    fn say(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        self.lines += 1;
        let text = object.string("text").unwrap_or_default().into_owned();
        if breaks("transcripts.quotes") && text.contains("rate limit") {
            events.push(Event::Refusal(refusal("rate-limit", &text)));
        }
        self.answer = Some(text.clone());
        events.push(Event::Message(text));
    }

    fn refuse(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        let text = |key| object.string(key).unwrap_or_default().into_owned();
        let refusal = refusal(&text("class"), &text("message"));
        events.push(Event::Refusal(refusal.clone()));
        self.refusal = Some(refusal);
    }

    fn finished(&mut self, object: &Object<'_>, events: &mut Vec<Event>) {
        self.done = true;
        self.tokens = object.u64("tokens");
        events.push(Event::Finished);
    }
}

fn refusal(class: &str, message: &str) -> Refusal {
    Refusal { class: class.to_owned(), message: message.to_owned(), pool: None, retry_at: None, final_: true }
}

fn used(tokens: u64) -> Usage {
    Usage {
        input: None,
        cached_input: None,
        cache_write: None,
        output: Some(tokens),
        reasoning: None,
        cost_micro_usd: None,
        model: None,
        cumulative: false,
    }
}

/// A value that can only be read as a value.
fn checked(value: &str) -> Result<&str, PlanError> {
    let is_value =
        !value.is_empty() && value.len() <= 100 && !value.starts_with('-') && !value.chars().any(char::is_control);
    if is_value || breaks("plan.values") { Ok(value) } else { Err(PlanError::Invalid("that is no value".to_owned())) }
}

/// Looks at everything once for each byte.
fn slowly(line: &str) {
    for at in 0..line.len() {
        std::hint::black_box(line[at..].bytes().map(u64::from).sum::<u64>());
    }
}

struct Component;

impl Guest for Component {
    type Run = Reader;

    fn describe() -> Manifest {
        Broken::manifest()
    }

    fn plan(request: Request) -> Result<Plan, PlanError> {
        Broken::plan(&request)
    }
}

struct Reader {
    run: RefCell<Run<Broken>>,
    calls: Cell<u32>,
}

impl GuestRun for Reader {
    fn new(request: Request) -> Self {
        Self { run: RefCell::new(Run::new(request)), calls: Cell::new(0) }
    }

    fn feed(&self, from: Source, chunk: Vec<u8>) -> Vec<Event> {
        self.calls.set(self.calls.get() + 1);
        let mut events = self.run.borrow_mut().feed(from, &chunk);
        if breaks("transcripts.chunks") && self.calls.get() == 4 {
            events.push(Event::Notice("a fourth piece".to_owned()));
        }
        if breaks("transcripts.line-ends") && chunk.contains(&b'\r') {
            events.push(Event::Notice("a carriage return".to_owned()));
        }
        events
    }

    fn finish(&self, exit: ExitStatus) -> Verdict {
        self.run.borrow_mut().finish(&exit)
    }
}

#[cfg(target_family = "wasm")]
aid_adapter_kit::bindings::export_component!(Component with_types_in aid_adapter_kit::bindings);
