//! The fake model as a client sees it: the stream of the Responses API, refusals, cuts, the log and the end.

mod http;
mod stream;
mod support;
