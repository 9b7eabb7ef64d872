//! Everything a person or a script sees. Two streams with one owner each: data on stdout ([`Out`]), talk on stderr
//! ([`Talk`]). The renderers in `human` and `json` take the same views and return text; they write nothing themselves.

pub(crate) mod human;
pub(crate) mod json;
mod out;
mod style;
mod talk;
pub(crate) mod usage;

pub(crate) use out::Out;
pub(crate) use style::{ColorWhen, Paint, Tone};
pub(crate) use talk::Talk;
