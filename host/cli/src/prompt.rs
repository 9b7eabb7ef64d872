//! Where a prompt comes from: the command line, standard input or a file. It refuses what no agent could use, and changes
//! nothing: what passes is byte for byte what was given.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use aid_core::exit::ExitCode;
use aid_core::spec::MAX_PROMPT_BYTES;

use crate::error::{CliError, chain};

/// Where a prompt is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum PromptSource<'a> {
    /// On the command line.
    Text(&'a [u8]),
    /// On standard input: `-`.
    Stdin,
    /// In a file: `@FILE`.
    File(PathBuf),
}

impl<'a> PromptSource<'a> {
    /// Reads the operand: `-`, `@FILE`, or text, where `@@` at the start stands for one `@`.
    pub(crate) fn of(operand: &'a OsStr) -> Self {
        match operand.as_bytes() {
            b"-" => Self::Stdin,
            [b'@', literal @ ..] if literal.starts_with(b"@") => Self::Text(literal),
            [b'@', path @ ..] => Self::File(PathBuf::from(OsStr::from_bytes(path))),
            text => Self::Text(text),
        }
    }

    /// Gets the prompt.
    ///
    /// # Errors
    /// When it cannot be read, is too long, is not UTF-8, or says nothing.
    pub(crate) fn read(&self) -> Result<String, CliError> {
        let (bytes, place) = match self {
            Self::Text(text) => (text.to_vec(), "the prompt".to_owned()),
            Self::Stdin => (read_stdin()?, "the prompt on standard input".to_owned()),
            Self::File(path) => (read_file(path)?, format!("the prompt in {}", path.display())),
        };
        check(bytes, &place)
    }
}

fn read_stdin() -> Result<Vec<u8>, CliError> {
    bounded(io::stdin().lock()).map_err(|why| CliError::internal("read standard input", &why))
}

fn read_file(path: &Path) -> Result<Vec<u8>, CliError> {
    if path.as_os_str().is_empty() {
        return Err(
            CliError::usage("'@' is not followed by a file name").hint("to start a prompt with '@', write '@@'")
        );
    }
    let read = File::open(path).and_then(bounded);
    read.map_err(|why| {
        let missing = why.kind() == io::ErrorKind::NotFound;
        let code = if missing { ExitCode::NotFound } else { ExitCode::Usage };
        let error = CliError::new(code, format!("cannot read the prompt file {}: {}", path.display(), chain(&why)));
        if missing {
            error.hint("a prompt that starts with '@' names a file; write '@@' for a literal '@'")
        } else {
            error
        }
    })
}

/// One byte more than is allowed, so that too much is noticed.
fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_PROMPT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn check(bytes: Vec<u8>, place: &str) -> Result<String, CliError> {
    if bytes.len() > MAX_PROMPT_BYTES {
        let message = format!("{place} is longer than {MAX_PROMPT_BYTES} bytes");
        return Err(CliError::usage(message).hint("put the bulk into a file and name the file in the prompt"));
    }
    let text = String::from_utf8(bytes).map_err(|why| {
        let at = why.utf8_error().valid_up_to();
        let line = why.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        CliError::usage(format!("{place} is not UTF-8: byte {} (line {line}) is wrong", at + 1))
    })?;
    if text.contains('\0') {
        return Err(CliError::usage(format!("{place} has a NUL character in it")));
    }
    if text.trim().is_empty() {
        return Err(CliError::usage(format!("{place} is empty")).hint("say what the agent should do"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_say_where_the_prompt_is() {
        for (operand, wanted) in [
            ("-", PromptSource::Stdin),
            ("@a b", PromptSource::File("a b".into())),
            ("@@a", PromptSource::Text(b"@a")),
            ("-x", PromptSource::Text(b"-x")),
            ("a@b", PromptSource::Text(b"a@b")),
        ] {
            assert_eq!(PromptSource::of(OsStr::new(operand)), wanted, "{operand}");
        }
    }

    #[test]
    fn text_is_kept_as_it_is() {
        for text in ["a", " a\r\n\u{1b}[31m\n", "@x", "é"] {
            assert_eq!(check(text.into(), "it").expect("good"), text);
        }
    }

    #[test]
    fn what_no_agent_can_use_is_refused() {
        let message = |bytes: &[u8]| check(bytes.to_vec(), "it").expect_err("bad").problems.remove(0).message;
        assert_eq!(message(b""), "it is empty");
        assert_eq!(message(b" \n\t"), "it is empty");
        assert_eq!(message(b"a\0"), "it has a NUL character in it");
        assert_eq!(message(b"a\nb\xff"), "it is not UTF-8: byte 4 (line 2) is wrong");
        assert!(message(&vec![b'a'; MAX_PROMPT_BYTES + 1]).contains("is longer than"));
        assert!(check(vec![b'a'; MAX_PROMPT_BYTES], "it").is_ok());
    }
}
