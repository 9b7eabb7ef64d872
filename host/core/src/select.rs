//! tmp
#![allow(unused)]
mod classify;
mod clause;
mod lexicon;
mod reading;
mod weights;
mod words;
pub use classify::{Classification, Evidence, classify};
pub use reading::MAX_READ_BYTES;
#[doc(hidden)]
pub fn dbg(p:&str)->String{ let r=reading::Reading::of(p); let c=clause::clauses(&r); let m=classify::main_request(&c); format!("main={m:?}\n{}", c.iter().map(|c|format!("  {:?} ord={} neg={} sec={:?} bul={} verb={:?} about={:?} obj={:?}\n",c.act,c.order,c.negative,c.section,c.bullet,c.verb,c.about,c.objects.iter().filter(|o|!o.is_empty()).collect::<Vec<_>>())).collect::<String>())}
