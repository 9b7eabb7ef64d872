//! The one owner of stdout. A reader that goes away is no error: whatever comes then is dropped, and the command ends
//! with the code it would have had.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use serde::Serialize;

use super::style::{ColorWhen, Paint};
use crate::error::CliError;

/// Narrowest table, in columns; a terminal that is narrower wraps.
const MIN_COLUMNS: usize = 40;

/// Stdout.
#[derive(Debug)]
pub(crate) struct Out {
    sink: BufWriter<Stdout>,
    paint: Paint,
    terminal: bool,
    closed: bool,
}

impl Out {
    /// Takes stdout over.
    pub(crate) fn new(color: ColorWhen, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        let paint = Paint::of(color, &stdout, variable);
        Self { sink: BufWriter::new(stdout), paint, terminal, closed: false }
    }

    /// How text is coloured here.
    pub(crate) fn paint(&self) -> Paint {
        self.paint
    }

    /// Whether a person looks at it. What they see must be harmless; what a program reads must be exact.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// The terminal's width in columns; None when it is none, or does not say.
    pub(crate) fn columns(&self) -> Option<usize> {
        if !self.terminal {
            return None;
        }
        let columns = usize::from(rustix::termios::tcgetwinsize(io::stdout()).ok()?.ws_col);
        (columns > 0).then(|| columns.max(MIN_COLUMNS))
    }

    /// Whether the reader is gone, as far as that is known without writing.
    pub(crate) fn is_closed(&mut self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        if !self.closed && !self.terminal {
            let stdout = io::stdout();
            let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
            let now = Timespec { tv_sec: 0, tv_nsec: 0 };
            // A failed look says nothing; the next write will.
            let gone = poll(&mut fds, Some(&now)).is_ok() && fds[0].revents().contains(PollFlags::ERR);
            self.closed = gone;
        }
        self.closed
    }

    /// Writes a line, or several that are joined by line ends.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), CliError> {
        self.put(&[text.as_bytes(), b"\n"])
    }

    /// Writes exactly these bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.put(&[bytes])
    }

    /// Writes a value as JSON: on one line for programs, indented for people.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let text = if self.terminal { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
        self.line(&text.map_err(|why| CliError::internal("write JSON", &why))?)
    }

    /// Writes a value as JSON on one line, for streams, and lets the reader have it at once.
    pub(crate) fn json_line(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        let text = serde_json::to_string(value).map_err(|why| CliError::internal("write JSON", &why))?;
        self.line(&text)?;
        self.flush()
    }

    /// Lets the reader have everything.
    pub(crate) fn flush(&mut self) -> Result<(), CliError> {
        let result = if self.closed { Ok(()) } else { self.sink.flush() };
        self.checked(result)
    }

    fn put(&mut self, parts: &[&[u8]]) -> Result<(), CliError> {
        if self.closed {
            return Ok(());
        }
        let result = parts.iter().try_for_each(|part| self.sink.write_all(part));
        self.checked(result)
    }

    fn checked(&mut self, result: io::Result<()>) -> Result<(), CliError> {
        match result {
            Err(why) if why.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            result => result.map_err(|why| CliError::internal("write to stdout", &why)),
        }
    }
}
