//! Owns the assistant's text since the last tool call: what gemini's answer is when the run ends there. Must not know
//! how a run ends.
//!
//! gemini streams text in pieces and says nothing when it has to ask for a text anew: the pieces of the new attempt
//! follow those of the one that broke off. So a text that begins again, after the pause of a retry, with all that came
//! before it, counts once.

/// The longest answer that is kept, in bytes. A longer one is no answer: a part of it would pass for the whole.
pub(crate) const MAX_ANSWER_BYTES: usize = 12 << 20;

/// The shortest pause before a new attempt: gemini waits for a second or more.
const MIN_RETRY_PAUSE_MS: u64 = 900;

/// The shortest beginning that is taken for one that came again, in bytes. A word may well come twice.
const MIN_REPEATED_BYTES: usize = 8;

/// The most pauses in one text that are remembered. gemini makes four attempts; the others are the model's own.
const MAX_PAUSES: usize = 64;

/// Up to which length the text before a tool call is kept beside a new one, in bytes.
const MAX_EARLIER_BYTES: usize = 1 << 20;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// The text since the last tool call, and the last one before it.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    text: String,
    /// Where pieces began after a pause.
    pauses: Vec<usize>,
    last_piece_at_ms: Option<u64>,
    /// A part of it is not known.
    is_broken: bool,
    earlier: String,
}

/// What is left of it when the run has ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// All text after the last tool call. None when there is none, or not all of it is known.
    pub(crate) answer: Option<String>,
    /// The last text before a tool call, for a run that did not get to an answer.
    pub(crate) earlier: Option<String>,
    /// A part of the answer was too long to be kept.
    pub(crate) is_broken: bool,
    /// The answer was begun more than once.
    pub(crate) was_repeated: bool,
}

impl Answer {
    /// The next piece. `at_ms` is a time of the day.
    pub(crate) fn push(&mut self, piece: &str, at_ms: Option<u64>) {
        if let (Some(before), Some(now)) = (self.last_piece_at_ms, at_ms) {
            let pause = (now + DAY_MS - before) % DAY_MS;
            if pause >= MIN_RETRY_PAUSE_MS && self.pauses.len() < MAX_PAUSES {
                self.pauses.push(self.text.len());
            }
        }
        self.last_piece_at_ms = at_ms;
        if self.is_broken {
            return;
        }
        if self.text.len() + piece.len() > MAX_ANSWER_BYTES {
            return self.lose();
        }
        self.text.push_str(piece);
        if self.text.len() > MAX_EARLIER_BYTES {
            self.earlier = String::new();
        }
    }

    /// A tool call stands here: what came before it is not the answer. Says whether it left a line without an end.
    pub(crate) fn end_text(&mut self) -> bool {
        let has_open_line = !self.text.is_empty() && !self.text.ends_with('\n');
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() && text.len() <= MAX_EARLIER_BYTES {
            self.earlier = text;
        }
        self.pauses.clear();
        self.last_piece_at_ms = None;
        self.is_broken = false;
        has_open_line
    }

    /// A part of it was not kept.
    pub(crate) fn lose(&mut self) {
        self.text = String::new();
        self.pauses.clear();
        self.is_broken = true;
    }

    /// Gives it up without a copy: it can be megabytes.
    pub(crate) fn take(&mut self) -> Said {
        let start = self.last_attempt();
        let mut text = std::mem::take(&mut self.text);
        text.drain(..start);
        let or_none = |text: String| (!text.trim().is_empty()).then_some(text);
        Said {
            answer: or_none(text),
            earlier: or_none(std::mem::take(&mut self.earlier)),
            is_broken: self.is_broken,
            was_repeated: start > 0,
        }
    }

    /// Where the attempt begins that was not begun anew.
    fn last_attempt(&self) -> usize {
        self.pauses.iter().fold(0, |start, pause| {
            let (before, after) = (&self.text[start..*pause], &self.text[*pause..]);
            if before.len() >= MIN_REPEATED_BYTES && after.starts_with(before) { *pause } else { start }
        })
    }
}

/// The time of the day in `2026-11-22T08:20:13.053Z`.
pub(crate) fn time_of_day_ms(timestamp: &str) -> Option<u64> {
    let time = timestamp.split_once('T')?.1.strip_suffix('Z')?;
    let number = |from: usize, to: usize| time.get(from..to)?.parse::<u64>().ok();
    let (hours, minutes, seconds, ms) = (number(0, 2)?, number(3, 5)?, number(6, 8)?, number(9, 12)?);
    Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + ms).filter(|at| *at < DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::{Answer, MAX_ANSWER_BYTES, time_of_day_ms};

    fn said(pieces: &[(&str, u64)]) -> (Option<String>, bool) {
        let mut answer = Answer::default();
        for (piece, at_ms) in pieces {
            answer.push(piece, Some(*at_ms));
        }
        let said = answer.take();
        (said.answer, said.was_repeated)
    }

    #[test]
    fn a_text_that_begins_again_after_a_pause_counts_once() {
        let pieces = [("this is ", 0), ("cut", 10), ("this is ", 1800), ("cut", 1810), ("this is cut no more", 4000)];
        assert_eq!(said(&pieces), (Some("this is cut no more".into()), true));
        let pieces = [("this is ", 86_399_000), ("this is cut no more", 500)];
        assert_eq!(said(&pieces), (Some("this is cut no more".into()), true), "over midnight");
    }

    #[test]
    fn a_text_that_repeats_itself_is_left_alone() {
        for pieces in [
            // No pause.
            [("drip drip ", 0), ("drip drip ", 300)],
            // A word.
            [("ha ha ", 0), ("ha ha ", 5000)],
            // A part of it only.
            [("one two three", 0), ("one two and so on", 5000)],
            [("answer, part one. ", 0), ("part two.", 2000)],
        ] {
            let whole = pieces.map(|(piece, _)| piece).concat();
            assert_eq!(said(&pieces), (Some(whole), false));
        }
    }

    #[test]
    fn text_before_a_tool_call_is_no_answer_but_kept() {
        let mut answer = Answer::default();
        answer.push("looking", None);
        assert!(answer.end_text());
        assert!(!answer.end_text());
        let said = answer.take();
        assert_eq!((said.answer, said.earlier.as_deref()), (None, Some("looking")));
    }

    #[test]
    fn an_answer_that_is_not_whole_is_none_until_a_new_one_begins() {
        let mut answer = Answer::default();
        answer.push(&"x".repeat(MAX_ANSWER_BYTES), None);
        answer.push("y", None);
        answer.push("the end", None);
        let said = answer.take();
        assert_eq!((said.answer, said.is_broken), (None, true));
        answer.end_text();
        answer.push("done", None);
        assert_eq!(answer.take().answer.as_deref(), Some("done"));
    }

    #[test]
    fn times_are_read_or_not() {
        assert_eq!(time_of_day_ms("2026-11-22T08:20:13.053Z"), Some(30_013_053));
        for text in ["", "T", "2026-11-22", "2026-11-22T08:20:13Z", "2026-11-22T99:20:13.053Z", "xTää:ää:ää.äääZ"]
        {
            assert_eq!(time_of_day_ms(text), None, "{text}");
        }
    }
}
