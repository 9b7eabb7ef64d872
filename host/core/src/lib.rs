//! What `aid` knows: ids, events, the task state machine, usage, prompts, exit codes.
//!
//! Pure by construction: no clock, environment, file system, process, SQLite or wasm. Times come in as numbers, text as
//! strings. Everything here can be tested by a table or a property.

pub mod agent;
pub mod budget;
pub mod config;
pub mod duration;
pub mod event;
pub mod exit;
pub mod failure;
pub mod hold;
pub mod id;
pub mod markers;
pub mod prompt;
pub mod retry_at;
pub mod select;
pub mod spec;
pub mod suggest;
pub mod task;
pub mod text;
pub mod usage;
pub mod user_agent;
pub mod view;
