//! Which components are adapters at all, and what they say about themselves.

use aid_core::agent::{Category, PlanError, Tier};
use aid_engine::adapter::{AdapterError, AdapterHost, Digest, limits};

use crate::support::{hostile, hostile_bytes, hostile_describing, kv, patched, request, shared_host};

fn describe_error(bytes: Vec<u8>) -> AdapterError {
    shared_host().load(bytes).expect("small enough").describe().expect_err("not an adapter of this host")
}

#[test]
fn another_version_of_the_world_is_named() {
    let bytes = patched("aid:adapter/agent@0.1.0", "aid:adapter/agent@0.9.0");
    match describe_error(bytes) {
        AdapterError::WrongWorld { expected, found, .. } => {
            assert_eq!(expected, "aid:adapter/agent@0.1.0");
            assert_eq!(found, ["aid:adapter/agent@0.9.0"]);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_later_patch_of_the_same_track_is_ours() {
    let bytes = patched("aid:adapter/agent@0.1.0", "aid:adapter/agent@0.1.7");
    let adapter = shared_host().load(bytes).expect("small enough");
    assert_eq!(adapter.describe().expect("a manifest").id, "hostile");
}

#[test]
fn the_right_name_with_another_shape_is_not_ours() {
    let error = describe_error(patched("no-result", "no-answer"));
    assert!(matches!(error, AdapterError::WrongWorld { .. }), "{error}");
}

#[test]
fn imports_that_are_not_wasi_are_refused_by_name() {
    match describe_error(patched("wasi:cli/environment@", "evil:cli/environment@")) {
        AdapterError::ForeignImport { import, .. } => assert!(import.starts_with("evil:cli/environment@"), "{import}"),
        other => panic!("{other}"),
    }
}

#[test]
fn what_is_no_component_is_said_so() {
    for bytes in [b"".to_vec(), b"(component)".to_vec(), b"\0asm\x01\0\0\0".to_vec(), hostile_bytes()[..5000].to_vec()]
    {
        let error = describe_error(bytes);
        assert!(matches!(error, AdapterError::NotAComponent { .. }), "{error}");
    }
}

#[test]
fn a_component_above_the_limit_is_not_read() {
    let host = shared_host();
    assert!(host.load(vec![0; limits::COMPONENT_BYTES_MAX]).is_ok());
    let error = host.load(vec![0; limits::COMPONENT_BYTES_MAX + 1]).err().expect("too large");
    assert!(matches!(error, AdapterError::TooLarge { size_bytes, .. } if size_bytes == 4_194_305), "{error}");
}

#[test]
fn the_manifest_keeps_every_field() {
    let manifest = hostile().describe().expect("a manifest");
    assert_eq!(
        (manifest.id.as_str(), manifest.name.as_str(), manifest.version.as_str()),
        ("hostile", "Hostile", "1.0.0")
    );
    assert_eq!(
        manifest.scores.iter().map(|s| (s.category, s.value)).collect::<Vec<_>>(),
        [(Category::Research, 10), (Category::Documentation, 0)]
    );
    assert_eq!((manifest.cost_class, manifest.prefers_complex), (Tier::Premium, true));
    let price = manifest.model("m").and_then(|model| model.price).expect("a price");
    assert_eq!((price.input, price.cached_input, price.cache_write, price.output), (1, 2, Some(3), 4));
    assert_eq!(manifest.options[0].allowed, ["a", "b"]);
    assert_eq!(manifest.state_dirs, ["~/.hostile"]);
    assert!(manifest.has_feature("resume"));
}

#[test]
fn a_manifest_that_breaks_rules_is_refused_with_all_of_them() {
    match hostile_describing("!bad-manifest").describe() {
        Err(AdapterError::BadManifest { problems, .. }) => {
            let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
            assert_eq!(fields, ["id", "programs[0]", "programs[1]", "stop-signal"]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_request_reaches_the_adapter_and_its_refusal_comes_back() {
    let mut request = request();
    request.model = Some("!unsupported".to_owned());
    let answer = hostile().plan(&request).expect("an answer");
    assert_eq!(answer, Err(PlanError::Unsupported("cannot do that".to_owned())));
    request.model = Some("!echo".to_owned());
    let plan = hostile().plan(&request).expect("an answer").expect("a plan");
    assert_eq!(plan.ext, [kv("said", "echo")]);
}

#[test]
fn the_digest_is_that_of_the_bytes() {
    assert_eq!(hostile().digest(), Digest::of(hostile_bytes()));
    let known = shared_host().load_hashed(hostile_bytes(), Digest::of(hostile_bytes())).expect("small enough");
    assert_eq!(known.digest(), hostile().digest());
    assert_eq!(known.describe().expect("a manifest").id, "hostile");
}

#[test]
fn hosts_are_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&AdapterHost::new(std::path::Path::new("/nonexistent")));
    shared(&hostile());
}
