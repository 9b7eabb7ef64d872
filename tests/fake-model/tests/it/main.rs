//! The fake model as a client sees it: the answers of each API, refusals, cuts, the log and the end.

mod apis;
mod conversations;
mod http;
mod refusals;
mod stream;
mod support;
