//! What a finished run of a binary left: output and exit code, with checks that show everything when they fail.

use serde_json::Value;

/// A finished run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a run whose result nobody looks at proves nothing"]
pub struct RunResult {
    /// The command line, for messages.
    pub command: String,
    /// Everything on standard output.
    pub stdout: Vec<u8>,
    /// Everything on standard error.
    pub stderr: Vec<u8>,
    /// The exit code; 128 + signal for a run that a signal ended.
    pub code: i32,
}

impl RunResult {
    /// Standard output as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Passes the result on when the exit code is this one.
    ///
    /// # Panics
    /// When it is another one.
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n{}", self.describe());
        self
    }

    /// Passes the result on when standard error has this text in it.
    ///
    /// # Panics
    /// When it has not.
    pub fn expect_stderr(self, part: &str) -> Self {
        assert!(self.stderr_text().contains(part), "no {part:?} on stderr\n{}", self.describe());
        self
    }

    /// Passes the result on when standard output has this text in it.
    ///
    /// # Panics
    /// When it has not.
    pub fn expect_stdout(self, part: &str) -> Self {
        assert!(self.stdout_text().contains(part), "no {part:?} on stdout\n{}", self.describe());
        self
    }

    /// Standard output as one JSON value.
    ///
    /// # Panics
    /// When it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout)
            .unwrap_or_else(|why| panic!("stdout is not JSON: {why}\n{}", self.describe()))
    }

    /// Standard output as JSON values, one per line.
    ///
    /// # Panics
    /// When a line is not JSON.
    #[must_use]
    pub fn json_lines(&self) -> Vec<Value> {
        let text = self.stdout_text();
        let parse = |line| {
            serde_json::from_str(line)
                .unwrap_or_else(|why| panic!("a line is not JSON: {why}: {line}\n{}", self.describe()))
        };
        text.lines().map(parse).collect()
    }

    /// Standard output without the line end, for commands that print one word.
    ///
    /// # Panics
    /// When there is not exactly one line.
    #[must_use]
    pub fn word(&self) -> String {
        let text = self.stdout_text();
        let mut lines = text.lines();
        match (lines.next(), lines.next()) {
            (Some(word), None) => word.to_owned(),
            _ => panic!("not one line on stdout\n{}", self.describe()),
        }
    }

    /// Everything, for a message.
    #[must_use]
    pub fn describe(&self) -> String {
        let (command, code) = (&self.command, self.code);
        let (stdout, stderr) = (self.stdout_text(), self.stderr_text());
        format!("$ {command}\nexit code {code}\n--- stdout ---\n{stdout}\n--- stderr ---\n{stderr}\n---")
    }
}
