//! The component behind users' agents, natively: recorded CLIs through their definitions, made-up ones through small
//! definitions, plans, and definitions that cannot be carried out.

mod definitions;
mod meaning;
mod plan;
mod robustness;
mod support;
mod text;
mod transcripts;
