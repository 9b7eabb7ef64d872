//! Every number an adapter is held to. This file must hold constants only.
//!
//! Times of calls are processor time of the calling thread, so a busy machine does not make an adapter guilty;
//! `WALL_FACTOR` bounds what a person can be kept waiting.

/// Bytes in a kibibyte.
const KIB: usize = 1024;
/// Bytes in a mebibyte.
const MIB: usize = 1024 * KIB;

/// The largest component that is loaded.
pub const COMPONENT_BYTES_MAX: usize = 4 * MIB;

/// How often the deadline is looked at while a call is under way.
pub const TICK_MS: u64 = 10;
/// Time to make an instance (its own start code).
pub const INSTANTIATE_BUDGET_MS: u64 = 200;
/// Time for `describe`.
pub const DESCRIBE_BUDGET_MS: u64 = 200;
/// Time for `plan`.
pub const PLAN_BUDGET_MS: u64 = 200;
/// Time for the constructor of `run`.
pub const START_BUDGET_MS: u64 = 200;
/// Time for one `feed`.
pub const FEED_BUDGET_MS: u64 = 500;
/// Time for `finish`.
pub const FINISH_BUDGET_MS: u64 = 500;
/// A call ends after this many times its budget on the clock, however little of the processor it got.
pub const WALL_FACTOR: u32 = 10;

/// Linear memory of one instance, all its memories together.
pub const MEMORY_BYTES_MAX: usize = 64 * MIB;
/// Memories of one instance.
pub const MEMORIES_MAX: usize = 4;
/// Core instances inside one component instance; the WASI glue of a Rust component takes four.
pub const INSTANCES_MAX: usize = 32;
/// Tables of one instance.
pub const TABLES_MAX: usize = 16;
/// Elements of all tables of one instance.
pub const TABLE_ELEMENTS_MAX: usize = 20_000;
/// Native stack for the guest's calls. A thread that calls an adapter needs twice that.
pub const STACK_BYTES_MAX: usize = 512 * KIB;

/// The longest piece of the agent's output given to one `feed`.
pub const CHUNK_BYTES_MAX: usize = 64 * KIB;
/// Events taken from one `feed`.
pub const EVENTS_MAX: usize = 65_536;
/// Text in the events of one `feed`, and in a verdict: an answer of 10 MB passes.
pub const ANSWER_BYTES_MAX: usize = 16 * MIB;
/// What the runtime copies out of the guest for one `feed`: enough to count far too many events and name the fault,
/// too little for a string that fills the guest, or for many strings that alias one.
pub const FEED_FUEL_BYTES: usize = 40 * MIB;
/// What the runtime copies for `finish`.
pub const FINISH_FUEL_BYTES: usize = ANSWER_BYTES_MAX;
/// What the runtime copies for `describe` and `plan`, whose own limits below are far lower.
pub const SMALL_FUEL_BYTES: usize = 8 * MIB;

/// Faults after which a run goes on without its adapter.
pub const FAULTS_BEFORE_RAW: usize = 3;
/// The last bytes of the guest's stderr that are kept for a fault's text.
pub const GUEST_STDERR_BYTES_MAX: usize = 4 * KIB;
/// A fault's text.
pub const FAULT_TEXT_BYTES_MAX: usize = KIB;
/// The most random bytes one call of a guest gets.
pub const RANDOM_BYTES_MAX: u64 = 4096;

/// Address space for a memory, so that the guest's accesses need no bounds check.
pub const LARGE_RESERVATION_BYTES: u64 = 4 * 1024 * MIB as u64;
/// Address space for a memory where the large reservation is not to be had.
pub const SMALL_RESERVATION_BYTES: u64 = MEMORY_BYTES_MAX as u64;
/// Address space that must be free for large reservations: room for several memories and everything else.
pub const FREE_ADDRESS_SPACE_BYTES: usize = 16 * 1024 * MIB;

/// Files in the cache directory; older ones go when there are more.
pub const CACHE_FILES_MAX: usize = 64;
/// A cached manifest.
pub const CACHED_MANIFEST_BYTES_MAX: u64 = MIB as u64;
/// Age after which a temporary file in the cache was left by a writer that died.
pub const STALE_TEMP_FILE_SECS: u64 = 3600;

/// A one-line text of a manifest.
pub const MANIFEST_LINE_BYTES_MAX: usize = 256;
/// A longer text of a manifest (install hint, an extension's value).
pub const MANIFEST_TEXT_BYTES_MAX: usize = 4 * KIB;
/// Programs of a manifest.
pub const PROGRAMS_MAX: usize = 8;
/// Arguments of the identity probe.
pub const IDENTITY_ARGS_MAX: usize = 16;
/// The highest score.
pub const SCORE_MAX: u8 = 10;
/// Models of a catalogue.
pub const MODELS_MAX: usize = 1024;
/// Environment names of a manifest, and variables of a plan.
pub const ENV_MAX: usize = 64;
/// State directories of a manifest, and directories of a plan.
pub const DIRS_MAX: usize = 16;
/// Abilities of a manifest.
pub const FEATURES_MAX: usize = 32;
/// Options of a manifest.
pub const OPTIONS_MAX: usize = 64;
/// Values one option allows.
pub const OPTION_VALUES_MAX: usize = 256;
/// Extension pairs of a manifest or a plan.
pub const EXT_MAX: usize = 64;

/// Arguments of a plan.
pub const ARGS_MAX: usize = 4096;
/// One argument; Linux takes 128 KiB with the closing NUL.
pub const ARG_BYTES_MAX: usize = 128 * KIB - 1;
/// All arguments and variables of a plan together, without the prompt.
pub const ARGV_BYTES_MAX: usize = 512 * KIB;
/// A variable's value.
pub const ENV_VALUE_BYTES_MAX: usize = 32 * KIB;
/// Fixed input of a plan.
pub const INPUT_BYTES_MAX: usize = MIB;
/// Text that a plan adds to the prompt.
pub const PROMPT_SUFFIX_BYTES_MAX: usize = 64 * KIB;
/// Files of a plan.
pub const FILES_MAX: usize = 16;
/// One file of a plan.
pub const FILE_BYTES_MAX: usize = MIB;
/// All files of a plan.
pub const FILES_BYTES_MAX: usize = 4 * MIB;
/// Name of a plan's file.
pub const FILE_NAME_BYTES_MAX: usize = 64;
/// An environment variable's name.
pub const ENV_NAME_BYTES_MAX: usize = 128;
