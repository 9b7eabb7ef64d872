//! The adapter host against real components: one that does on request what an adapter must not do (`tests/hostile`), and
//! the ones that ship.

mod cache;
mod conformance;
mod hostile;
mod ladder;
mod plans;
mod shipped;
mod support;
mod world;
