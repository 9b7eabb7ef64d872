//! Guest library for aid adapters.
//!
//! Owns what every adapter needs and none should write twice: the contract's types, cutting bytes into lines, reading
//! JSON that is not quite JSON, and the parsers that several agents share. It must not know a single agent: names,
//! flags, messages and success rules belong to the adapter.
//!
//! An author implements [`Adapter`] and calls [`export!`]:
//!
//! ```no_run
//! use aid_adapter_kit::{Adapter, Event, ExitStatus, Malformed, Manifest, Plan, PlanError, Request, Source, Verdict};
//!
//! #[derive(Default)]
//! struct Mine;
//!
//! impl Adapter for Mine {
//!     fn manifest() -> Manifest {
//!         todo!("who the agent is")
//!     }
//!     fn plan(_request: &Request) -> Result<Plan, PlanError> {
//!         todo!("how to start it")
//!     }
//!     fn on_line(&mut self, _from: Source, _line: &str, _events: &mut Vec<Event>) -> Result<(), Malformed> {
//!         todo!("what one line of its output means")
//!     }
//!     fn verdict(&mut self, _exit: &ExitStatus) -> Verdict {
//!         todo!("how it ended")
//!     }
//! }
//!
//! aid_adapter_kit::export!(Mine);
//! # fn main() {}
//! ```

#[doc(hidden)]
pub mod bindings;
pub mod claude_shaped;
pub mod codex_shaped;
pub mod exit;
pub mod json;
pub mod judge;
pub mod lines;
pub mod opencode_shaped;
pub mod plan;
mod run;
mod tail;
pub mod text;
pub mod usage;

pub use bindings::aid::adapter::types::{
    Arg, Autonomy, Category, Event, ExitStatus, ExtEvent, File, Input, Kv, Login, Manifest, Model, OptionSpec, Outcome,
    Plan, PlanError, Price, Refusal, Request, Score, Source, Tier, Tool, Usage, Verdict,
};
#[doc(hidden)]
pub use run::Component;
pub use run::{Adapter, Malformed, Run};
pub use tail::Tail;

/// Makes the component of an [`Adapter`]. Does nothing on targets other than wasm, so that the same crate can be
/// tested natively.
#[macro_export]
macro_rules! export {
    ($adapter:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type AidComponent = $crate::Component<$adapter>;
    $crate::bindings::export_component!(AidComponent with_types_in $crate::bindings);
        };
    };
}
