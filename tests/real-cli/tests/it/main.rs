//! The real agent CLIs through the real `aid`, with a scripted model server, where no network but loopback is.

mod agents;
mod codex;
mod gemini;
mod kilo;
mod model;
mod opencode;
mod rig;
mod shared;
