//! The steps of the fake agent, each played by the real program. One test binary: support, output, process.

mod output;
mod process;
mod support;
