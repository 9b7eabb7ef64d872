//! The ledger as its users meet it: opening, writing, reading, racing, and what is left when something is broken.

mod fixtures;
mod opening;
mod processes;
mod properties;
mod reading;
mod refusals;
mod stored;
mod support;
mod writing;
