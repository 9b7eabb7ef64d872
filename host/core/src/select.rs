//! Chooses an agent: what kind of work a prompt asks for, how much of it, and who does it best. Always says why.
//!
//! Everything here is a function of its arguments. What is installed, held or proven by history comes in from the
//! caller; nothing is started, and no word of a prompt decides anything but this choice.

mod about;
mod choose;
mod classify;
mod clause;
mod complexity;
mod fallback;
mod lexicon;
mod low_value;
mod model;
mod reading;
mod score;
mod weights;
mod words;

pub use choose::{Advice, Candidate, RankedAgent, Ranking, SelectionInput, Winner, rank};
pub use classify::{Classification, Evidence, classify};
pub use complexity::{Complexity, Sizing, complexity};
pub use fallback::{MIN_CAPABLE_SCORE, fallbacks};
pub use low_value::is_low_value;
pub use model::{ModelChoice, model_for};
pub use reading::MAX_READ_BYTES;
pub use score::{Adjustment, Availability, BudgetMode, History};
