//! Agent adapters: WebAssembly components behind the contract in `wit/`, run as strangers.
//!
//! An adapter gets a request and bytes, and answers with a plan, events and a verdict. This module holds it to its
//! limits, converts its answers into the host's own types, keeps compiled code, and checks plans. It must not spawn
//! what a plan says, write a task's state, or print.

mod cache;
mod convert;
mod digest;
mod error;
mod fault;
mod guest;
pub mod limits;
pub mod manifest;
pub mod policy;
mod run;
mod runtime;
mod state;
mod ticker;
mod wasi;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use aid_core::agent::{Manifest, Plan, PlanError, Request};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};

use self::cache::Cache;
use self::convert::wit;
use self::guest::{Guest, Loaded};
use self::runtime::Runtime;
use self::wasi::LinkError;

pub use self::digest::{Digest, NotADigest};
pub use self::error::{AdapterError, AdapterFault, CacheNotice, Call, FaultKind};
pub use self::run::{FeedOutcome, Run};

/// Loads adapters. Cheap to make and to clone: no wasm engine exists, and no file is written, before wasm must run.
#[derive(Clone)]
pub struct AdapterHost {
    inner: Arc<HostInner>,
}

struct HostInner {
    cache: Cache,
    runtime: Mutex<Option<Arc<Runtime>>>,
}

impl AdapterHost {
    /// A host that keeps compiled code and manifests in `cache_dir`, which is made (0700) when first needed.
    ///
    /// A directory that cannot be used or trusted costs speed, nothing else: see [`Self::cache_notice`].
    #[must_use]
    pub fn new(cache_dir: &Path) -> Self {
        let cache = Cache::new(cache_dir.to_owned());
        Self { inner: Arc::new(HostInner { cache, runtime: Mutex::new(None) }) }
    }

    /// Why nothing is cached, to be said once; None when all is well so far.
    #[must_use]
    pub fn cache_notice(&self) -> Option<CacheNotice> {
        self.inner.cache.notice()
    }

    /// Takes a component. Nothing of it is compiled or run yet.
    ///
    /// # Errors
    /// [`AdapterError::TooLarge`] only.
    pub fn load(&self, bytes: impl Into<Cow<'static, [u8]>>) -> Result<Adapter, AdapterError> {
        let bytes = bytes.into();
        check_size(&bytes)?;
        let digest = Digest::of(&bytes);
        Ok(self.adapter(bytes, digest))
    }

    /// Takes a component that is part of this program, whose digest was computed when it was built.
    ///
    /// # Errors
    /// [`AdapterError::TooLarge`] only.
    pub fn load_hashed(&self, bytes: &'static [u8], digest: Digest) -> Result<Adapter, AdapterError> {
        check_size(bytes)?;
        debug_assert_eq!(Digest::of(bytes), digest, "the digest belongs to the bytes");
        Ok(self.adapter(Cow::Borrowed(bytes), digest))
    }

    fn adapter(&self, bytes: Cow<'static, [u8]>, digest: Digest) -> Adapter {
        let inner =
            AdapterInner { host: self.clone(), bytes, digest, manifest: OnceLock::new(), loaded: Mutex::new(None) };
        Adapter { inner: Arc::new(inner) }
    }

    fn runtime(&self) -> Result<Arc<Runtime>, AdapterError> {
        let mut slot = lock(&self.inner.runtime);
        if let Some(runtime) = &*slot {
            return Ok(Arc::clone(runtime));
        }
        let started = Runtime::start().map_err(|error| AdapterError::Runtime { message: format!("{error:#}") })?;
        Ok(Arc::clone(slot.insert(Arc::new(started))))
    }
}

fn check_size(bytes: &[u8]) -> Result<(), AdapterError> {
    if bytes.len() <= limits::COMPONENT_BYTES_MAX {
        return Ok(());
    }
    Err(AdapterError::TooLarge { size_bytes: bytes.len() as u64, limit_bytes: limits::COMPONENT_BYTES_MAX as u64 })
}

/// One component. Cheap to clone; may be used from any thread.
#[derive(Clone)]
pub struct Adapter {
    inner: Arc<AdapterInner>,
}

struct AdapterInner {
    host: AdapterHost,
    bytes: Cow<'static, [u8]>,
    digest: Digest,
    manifest: OnceLock<Manifest>,
    loaded: Mutex<Option<Arc<Loaded>>>,
}

impl Adapter {
    /// Which component this is.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.inner.digest
    }

    /// What it says about its agent. Runs wasm only when neither memory nor the cache knows the answer.
    ///
    /// # Errors
    /// Any [`AdapterError`]: it cannot be loaded, failed while answering, or said something that breaks the rules.
    pub fn describe(&self) -> Result<Manifest, AdapterError> {
        if let Some(known) = self.inner.manifest.get() {
            return Ok(known.clone());
        }
        let cache = &self.inner.host.inner.cache;
        let manifest = match cache.manifest(self.digest()) {
            Some(cached) => cached,
            None => {
                let manifest = self.guest()?.describe().map_err(|fault| self.fault(fault))?;
                manifest::check(&manifest)
                    .map_err(|problems| AdapterError::BadManifest { digest: self.digest(), problems })?;
                cache.store_manifest(self.digest(), &manifest);
                manifest
            }
        };
        Ok(self.inner.manifest.get_or_init(|| manifest).clone())
    }

    /// What it says about its agent, whether or not that keeps the rules: for those who look at the rules themselves.
    ///
    /// # Errors
    /// Any [`AdapterError`] but [`AdapterError::BadManifest`].
    pub(crate) fn describe_unchecked(&self) -> Result<Manifest, AdapterError> {
        self.guest()?.describe().map_err(|fault| self.fault(fault))
    }

    /// Compiles it into the cache, unless it is there, and links it. Compiling takes a fifth of a second and leaves its
    /// marks in memory: a short-lived process should do it before a long-lived one needs the adapter.
    ///
    /// # Errors
    /// An [`AdapterError`] when it cannot be loaded.
    pub fn prepare(&self) -> Result<(), AdapterError> {
        self.loaded().map(drop)
    }

    /// What it would run for `request`: a proposal, to be passed through [`policy::check`].
    ///
    /// # Errors
    /// Outside, the adapter's failure; inside, its reasoned refusal.
    pub fn plan(&self, request: &Request) -> Result<Result<Plan, PlanError>, AdapterError> {
        let request = convert::request(request);
        self.guest()?.plan(&request).map_err(|fault| self.fault(fault))
    }

    /// Begins to read the output of an agent that was started for `request`. The instance is made when the first
    /// bytes come, so a failure to make it shows there.
    #[must_use]
    pub fn start(&self, request: &Request) -> Run {
        Run::new(self.clone(), request)
    }

    fn guest(&self) -> Result<Guest, AdapterError> {
        Guest::new(&*self.loaded()?).map_err(|fault| self.fault(fault))
    }

    fn fault(&self, fault: AdapterFault) -> AdapterError {
        match fault.kind {
            FaultKind::WrongWorld { message } => self.wrong_world(vec![message]),
            _ => AdapterError::Fault { digest: self.digest(), fault },
        }
    }

    fn loaded(&self) -> Result<Arc<Loaded>, AdapterError> {
        let mut slot = lock(&self.inner.loaded);
        if let Some(loaded) = &*slot {
            return Ok(Arc::clone(loaded));
        }
        let runtime = self.inner.host.runtime()?;
        let component = self.component(&runtime)?;
        let loaded = self.link(runtime, &component)?;
        Ok(Arc::clone(slot.insert(Arc::new(loaded))))
    }

    /// The compiled component, from the cache where possible.
    fn component(&self, runtime: &Runtime) -> Result<Component, AdapterError> {
        let cache = &self.inner.host.inner.cache;
        let name = format!("{}-{}.cwasm", self.digest(), runtime.code_key());
        // SAFETY: the cache only hands out files that this user wrote, in a directory that nobody else can write to,
        // and that were written whole by `precompile_component` below under a name that no other engine has.
        let from_file = |path: &Path| unsafe { Component::deserialize_file(&runtime.engine, path) }.ok();
        if let Some(component) = cache.read(&name, from_file) {
            return Ok(component);
        }
        let code = self.compile(runtime)?;
        cache.write(&name, &code);
        if let Some(component) = cache.read(&name, from_file) {
            drop(code);
            runtime::trim_heap();
            return Ok(component);
        }
        // SAFETY: `code` comes from this engine, just now.
        unsafe { Component::deserialize(&runtime.engine, &code) }.map_err(|error| self.not_a_component(&error))
    }

    fn compile(&self, runtime: &Runtime) -> Result<Vec<u8>, AdapterError> {
        let compile = || runtime.engine.precompile_component(&self.inner.bytes);
        match catch_unwind(AssertUnwindSafe(compile)) {
            Ok(code) => code.map_err(|error| self.not_a_component(&error)),
            Err(_) => {
                Err(AdapterError::NotAComponent { digest: self.digest(), message: "the compiler panicked".to_owned() })
            }
        }
    }

    fn not_a_component(&self, error: &wasmtime::Error) -> AdapterError {
        AdapterError::NotAComponent { digest: self.digest(), message: fault::bounded(&format!("{error:#}")) }
    }

    fn link(&self, runtime: Arc<Runtime>, component: &Component) -> Result<Loaded, AdapterError> {
        self.check_world(&runtime, component)?;
        let wrong = |error: wasmtime::Error| self.wrong_world(vec![fault::bounded(&format!("{error:#}"))]);
        let mut linker = Linker::new(&runtime.engine);
        wasi::link(&mut linker, component).map_err(|error| match error {
            LinkError::Foreign(import) => AdapterError::ForeignImport { digest: self.digest(), import },
            LinkError::Runtime(error) => wrong(error),
        })?;
        let linked = linker.instantiate_pre(component).map_err(wrong)?;
        let exports = wit::AdapterIndices::new(&linked).map_err(wrong)?;
        Ok(Loaded { runtime, linked, exports })
    }

    /// Looks for our interface on its version track before anything else, so that an adapter of another version is
    /// named as such, whatever else it imports or lacks.
    fn check_world(&self, runtime: &Runtime, component: &Component) -> Result<(), AdapterError> {
        let ty = component.component_type();
        let exports: Vec<String> = ty
            .exports(&runtime.engine)
            .filter(|(_, export)| matches!(export.ty, ComponentItem::ComponentInstance(_)))
            .map(|(name, _)| name.to_owned())
            .collect();
        let (track, _patch) = convert::AGENT_INTERFACE.rsplit_once('.').unwrap_or((convert::AGENT_INTERFACE, ""));
        if exports.iter().any(|name| name.rsplit_once('.').is_some_and(|(found, _)| found == track)) {
            return Ok(());
        }
        Err(self.wrong_world(exports.into_iter().map(|name| fault::bounded(&name)).collect()))
    }

    fn wrong_world(&self, found: Vec<String>) -> AdapterError {
        let expected = convert::AGENT_INTERFACE.to_owned();
        AdapterError::WrongWorld { digest: self.digest(), expected, found }
    }
}

// What these locks protect is replaced whole, so a panic cannot leave it half-changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
