//! What must stay true when processes die, stop, hang, leak and race: the real `aid` with an agent that plays a script.

mod adoption;
mod bed;
mod concurrency;
mod disk;
mod hygiene;
mod kills;
mod latency;
mod ledger;
mod leftovers;
mod limits;
mod locks;
mod nested;
mod output;
mod processes;
mod programs;
mod prompts;
mod races;
mod record;
mod steps;
mod stopping;
mod stuck;
mod timers;
