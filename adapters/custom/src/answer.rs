//! Owns the answer of a run while it comes in, within a bound. Must not know where it comes from.

/// Most bytes of an answer: a verdict as a whole may have 16 MiB.
pub(crate) const MAX_ANSWER_BYTES: usize = 15 << 20;

/// An answer so far.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    text: Option<String>,
    /// Something is missing at its end.
    pub(crate) is_cut: bool,
    /// The agent said that this is the answer, so messages do not change it.
    is_said: bool,
}

impl Answer {
    /// The agent's own word for the answer.
    pub(crate) fn say(&mut self, text: String) {
        self.replace(text);
        self.is_said = true;
    }

    /// A message that is the answer as long as no other comes.
    pub(crate) fn propose(&mut self, text: String) {
        if !self.is_said {
            self.replace(text);
        }
    }

    /// A further piece of it.
    pub(crate) fn append(&mut self, piece: &str) {
        if self.is_said || self.is_cut {
            return;
        }
        let text = self.text.get_or_insert_default();
        let room = MAX_ANSWER_BYTES - text.len();
        let kept = &piece[..piece.floor_char_boundary(room)];
        self.is_cut = kept.len() < piece.len();
        let needed = text.len() + kept.len();
        if needed > text.capacity() {
            // Doubles, but never beyond the bound: the last doubling would be wasted memory.
            let capacity = needed.max(2 * text.capacity()).min(MAX_ANSWER_BYTES);
            text.reserve_exact(capacity - text.len());
        }
        text.push_str(kept);
    }

    /// Forgets it: whatever it was, it is not the answer any more.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.as_ref().is_none_or(String::is_empty)
    }

    /// Gives it up without a copy: it can be megabytes.
    pub(crate) fn take(&mut self) -> Option<String> {
        self.text.take()
    }

    fn replace(&mut self, mut text: String) {
        self.is_cut = text.len() > MAX_ANSWER_BYTES;
        if self.is_cut {
            text.truncate(text.floor_char_boundary(MAX_ANSWER_BYTES));
        }
        self.text = Some(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_cut_between_characters_and_says_so() {
        let mut answer = Answer::default();
        answer.append("x");
        for _ in 0..=MAX_ANSWER_BYTES / (1 << 20) {
            answer.append(&"ä".repeat(1 << 19));
        }
        assert!(answer.is_cut);
        let text = answer.take().expect("an answer");
        assert_eq!(text.len(), MAX_ANSWER_BYTES - 1);
        assert!(text.ends_with('ä'));
    }

    #[test]
    fn what_the_agent_calls_the_answer_stays() {
        let mut answer = Answer::default();
        answer.propose("one".into());
        answer.say("two".into());
        answer.propose("three".into());
        answer.append("four");
        assert_eq!(answer.take().as_deref(), Some("two"));
    }
}
