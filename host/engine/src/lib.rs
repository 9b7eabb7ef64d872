//! What `aid` does: the ledger, adapters, processes, the runner, and the session that faces call. Headless: nothing
//! here prints, and no status is decided outside `aid_core::task`.

pub mod adapter;
pub mod clock;
pub mod conformance;
pub mod db;
pub mod doctor;
pub mod executor;
pub mod home;
pub mod interrupts;
pub(crate) mod ledger;
pub mod lock;
pub mod login;
pub mod platform;
pub mod program;
pub mod registry;
pub mod runner;
pub mod session;
pub mod settings;
