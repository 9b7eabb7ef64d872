//! Version 0.1 of the contract, both ways: the generated types and the host's own. Each released version of the
//! contract gets one such file; nothing else in the host knows a generated type. This file must not judge values.

use aid_core::agent as host;

/// The types and calls generated from `wit/v0.1`.
pub(super) mod wit {
    wasmtime::component::bindgen!({ path: "../../wit/v0.1", world: "adapter" });

    pub(in crate::adapter) use self::aid::adapter::types::*;
}

/// The interface that a component of this version exports.
pub(super) const AGENT_INTERFACE: &str = "aid:adapter/agent@0.1.0";

fn pairs(kvs: Vec<wit::Kv>) -> Vec<host::KeyValue> {
    kvs.into_iter().map(pair).collect()
}

fn pair(kv: wit::Kv) -> host::KeyValue {
    host::KeyValue { key: kv.key, value: kv.value }
}

fn wit_pairs(kvs: &[host::KeyValue]) -> Vec<wit::Kv> {
    kvs.iter().map(|kv| wit::Kv { key: kv.key.clone(), value: kv.value.clone() }).collect()
}

fn tier(tier: wit::Tier) -> host::Tier {
    match tier {
        wit::Tier::Free => host::Tier::Free,
        wit::Tier::Cheap => host::Tier::Cheap,
        wit::Tier::Standard => host::Tier::Standard,
        wit::Tier::Premium => host::Tier::Premium,
    }
}

fn score(score: wit::Score) -> host::Score {
    use host::Category;
    let category = match score.category {
        wit::Category::Research => Category::Research,
        wit::Category::SimpleEdit => Category::SimpleEdit,
        wit::Category::ComplexImpl => Category::ComplexImpl,
        wit::Category::Frontend => Category::Frontend,
        wit::Category::Debugging => Category::Debugging,
        wit::Category::Testing => Category::Testing,
        wit::Category::Refactoring => Category::Refactoring,
        wit::Category::Documentation => Category::Documentation,
    };
    host::Score { category, value: score.value }
}

fn model(model: wit::Model) -> host::Model {
    let price = model.price.map(|price| host::Price {
        input: price.input,
        cached_input: price.cached_input,
        cache_write: price.cache_write,
        output: price.output,
    });
    host::Model { name: model.name, tier: tier(model.tier), price }
}

pub(super) fn manifest(m: wit::Manifest) -> host::Manifest {
    let option =
        |o: wit::OptionSpec| host::OptionSpec { key: o.key, help: o.help, allowed: o.allowed, required: o.required };
    host::Manifest {
        id: m.id,
        name: m.name,
        version: m.version,
        homepage: m.homepage,
        install_hint: m.install_hint,
        programs: m.programs,
        identity_args: m.identity_args,
        identity_marker: m.identity_marker,
        tested_versions: m.tested_versions,
        scores: m.scores.into_iter().map(score).collect(),
        cost_class: tier(m.cost_class),
        prefers_complex: m.prefers_complex,
        models: m.models.into_iter().map(model).collect(),
        default_skill: m.default_skill,
        env: m.env,
        state_dirs: m.state_dirs,
        login: host::Login { env: m.login.env, files: m.login.files, args: m.login.args },
        features: m.features,
        options: m.options.into_iter().map(option).collect(),
        stop_signal: m.stop_signal,
        ext: pairs(m.ext),
    }
}

pub(super) fn request(request: &host::Request) -> wit::Request {
    wit::Request {
        autonomy: match request.autonomy {
            host::Autonomy::ReadOnly => wit::Autonomy::ReadOnly,
            host::Autonomy::Workspace => wit::Autonomy::Workspace,
            host::Autonomy::Full => wit::Autonomy::Full,
        },
        model: request.model.clone(),
        budget: request.budget,
        resume: request.resume.clone(),
        workdir: request.workdir.clone(),
        output_file: request.output_file.clone(),
        context_files: request.context_files.clone(),
        program: request.program.clone(),
        program_version: request.program_version.clone(),
        options: wit_pairs(&request.options),
        extra_args: request.extra_args.clone(),
        ext: wit_pairs(&request.ext),
    }
}

pub(super) fn plan(plan: wit::Plan) -> host::Plan {
    let arg = |arg| match arg {
        wit::Arg::Text(text) => host::Arg::Text(text),
        wit::Arg::Prompt => host::Arg::Prompt,
        wit::Arg::Workdir => host::Arg::Workdir,
        wit::Arg::OutputFile => host::Arg::OutputFile,
    };
    host::Plan {
        program: plan.program,
        args: plan.args.into_iter().map(arg).collect(),
        env: pairs(plan.env),
        input: match plan.input {
            wit::Input::None => host::Input::None,
            wit::Input::Prompt => host::Input::Prompt,
            wit::Input::Bytes(bytes) => host::Input::Bytes(bytes),
        },
        prompt_suffix: plan.prompt_suffix,
        files: plan.files.into_iter().map(|f| host::PlanFile { name: f.name, content: f.content }).collect(),
        make_dirs: plan.make_dirs,
        ext: pairs(plan.ext),
    }
}

pub(super) fn plan_error(error: wit::PlanError) -> host::PlanError {
    match error {
        wit::PlanError::Unsupported(text) => host::PlanError::Unsupported(text),
        wit::PlanError::Invalid(text) => host::PlanError::Invalid(text),
        wit::PlanError::Setup(text) => host::PlanError::Setup(text),
    }
}

pub(super) fn source(source: host::Source) -> wit::Source {
    match source {
        host::Source::Out => wit::Source::Out,
        host::Source::Err => wit::Source::Err,
    }
}

fn usage(usage: wit::Usage) -> host::UsageSample {
    host::UsageSample {
        input: usage.input,
        cached_input: usage.cached_input,
        cache_write: usage.cache_write,
        output: usage.output,
        reasoning: usage.reasoning,
        cost_micro_usd: usage.cost_micro_usd,
        model: usage.model,
        cumulative: usage.cumulative,
    }
}

fn tool(tool: wit::Tool) -> host::ToolCall {
    host::ToolCall {
        id: tool.id,
        name: tool.name,
        kind: tool.kind,
        detail: tool.detail,
        ok: tool.ok,
        exit_code: tool.exit_code,
    }
}

fn refusal(refusal: wit::Refusal) -> host::Refusal {
    use host::RefusalClass;
    let class = match refusal.class.as_str() {
        "rate-limit" => RefusalClass::RateLimit,
        "quota" => RefusalClass::Quota,
        "auth" => RefusalClass::Auth,
        "capacity" => RefusalClass::Capacity,
        "context" => RefusalClass::Context,
        "model" => RefusalClass::Model,
        "network" => RefusalClass::Network,
        "refused" => RefusalClass::Refused,
        _ => RefusalClass::Other,
    };
    host::Refusal {
        class,
        message: refusal.message,
        pool: refusal.pool,
        retry_at: refusal.retry_at,
        is_final: refusal.final_,
    }
}

pub(super) fn event(event: wit::Event) -> host::AgentEvent {
    use host::AgentEvent;
    match event {
        wit::Event::Session(id) => AgentEvent::Session(id),
        wit::Event::Model(name) => AgentEvent::Model(name),
        wit::Event::Message(text) => AgentEvent::Message(text),
        wit::Event::MessageDelta(text) => AgentEvent::MessageDelta(text),
        wit::Event::Reasoning(text) => AgentEvent::Reasoning(text),
        wit::Event::ToolStart(call) => AgentEvent::ToolStart(tool(call)),
        wit::Event::ToolEnd(call) => AgentEvent::ToolEnd(tool(call)),
        wit::Event::FileChange(kv) => AgentEvent::FileChange(pair(kv)),
        wit::Event::Usage(sample) => AgentEvent::Usage(usage(sample)),
        wit::Event::Notice(text) => AgentEvent::Notice(text),
        wit::Event::Refusal(no) => AgentEvent::Refusal(refusal(no)),
        wit::Event::Question(text) => AgentEvent::Question(text),
        wit::Event::Finished => AgentEvent::Finished,
        wit::Event::Ext(ext) => AgentEvent::Ext(host::KeyValue { key: ext.kind, value: ext.json }),
    }
}

pub(super) fn exit_status(exit: &host::ExitStatus) -> wit::ExitStatus {
    let usage = |sample: &host::UsageSample| wit::Usage {
        input: sample.input,
        cached_input: sample.cached_input,
        cache_write: sample.cache_write,
        output: sample.output,
        reasoning: sample.reasoning,
        cost_micro_usd: sample.cost_micro_usd,
        model: sample.model.clone(),
        cumulative: sample.cumulative,
    };
    wit::ExitStatus {
        code: exit.code,
        signal: exit.signal,
        stderr_tail: exit.stderr_tail.clone(),
        resumed_from: exit.resumed_from.clone(),
        previous_usage: exit.previous_usage.as_ref().map(usage),
    }
}

pub(super) fn verdict(verdict: wit::Verdict) -> host::Verdict {
    host::Verdict {
        outcome: match verdict.outcome {
            wit::Outcome::Success => host::Outcome::Success,
            wit::Outcome::Failure(no) => host::Outcome::Failure(refusal(no)),
            wit::Outcome::Incomplete(missing) => host::Outcome::Incomplete(missing),
            wit::Outcome::NoResult(why) => host::Outcome::NoResult(why),
        },
        evidence: verdict.evidence,
        final_text: verdict.final_text,
        session: verdict.session,
        usage: verdict.usage.map(usage),
    }
}

/// Bytes of text in an event.
pub(super) fn event_bytes(event: &wit::Event) -> usize {
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    match event {
        wit::Event::Session(text)
        | wit::Event::Model(text)
        | wit::Event::Message(text)
        | wit::Event::MessageDelta(text)
        | wit::Event::Reasoning(text)
        | wit::Event::Notice(text)
        | wit::Event::Question(text) => text.len(),
        wit::Event::ToolStart(tool) | wit::Event::ToolEnd(tool) => {
            tool.id.len() + tool.name.len() + tool.kind.len() + tool.detail.len()
        }
        wit::Event::FileChange(kv) => kv.key.len() + kv.value.len(),
        wit::Event::Usage(usage) => optional(&usage.model),
        wit::Event::Refusal(no) => no.class.len() + no.message.len() + optional(&no.pool) + optional(&no.retry_at),
        wit::Event::Ext(ext) => ext.kind.len() + ext.json.len(),
        wit::Event::Finished => 0,
    }
}
