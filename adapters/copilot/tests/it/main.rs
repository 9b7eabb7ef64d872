//! Tests of the copilot adapter, natively: what it plans, what it reads, how it judges.

mod chunks;
mod judgement;
mod plan;
mod robustness;
mod support;
mod transcripts;
