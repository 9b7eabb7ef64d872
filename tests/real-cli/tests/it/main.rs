//! The real codex CLI through the real `aid`, with a scripted model server, where no network but loopback is.

mod codex;
mod model;
mod processes;
mod read_only;
mod refusals;
mod work;
