//! The hermetic world that tests of the real binaries run in: its own home, state directory, `PATH` and working directory,
//! so that nothing of the machine's user is read or touched.
//!
//! It must not know what any test checks, and it must not wait by sleeping: every wait here is woken by an event and has
//! an end.

mod binaries;
mod command;
mod marked;
mod namespace;
mod process;
mod result;
mod running;
mod terminal;
mod wait;
mod world;

pub use binaries::{BUILD_HINT, binary};
pub use command::AidCommand;
pub use marked::{lives, processes_with};
pub use namespace::{Inside, Namespace, inside};
pub use process::{Process, kill};
pub use result::RunResult;
pub use running::{Running, Stream};
pub use rustix::process::Signal;
pub use terminal::Terminal;
pub use wait::{WAIT_LIMIT, for_file};
pub use world::TestWorld;
