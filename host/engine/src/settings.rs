//! Reads settings files. Their shape and meaning are `aid_core::config`'s.

use std::io;
use std::path::PathBuf;

use aid_core::config::{self, Config, ConfigError};

use crate::home::Home;

/// Longest settings file, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// Why there are no settings. A dispatch stops here.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file is there and cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is no settings file.
    #[error("{path} has more than {} KiB, which no settings file needs; is it another file?", MAX_BYTES / 1024)]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// It says something that is not understood.
    #[error("{path}: {source}")]
    Content {
        /// The file.
        path: PathBuf,
        /// Where and what.
        source: ConfigError,
    },
}

/// The settings of this user: the file over the defaults, or the defaults.
///
/// # Errors
/// When the file cannot be read or understood.
pub fn load(home: &Home) -> Result<Config, SettingsError> {
    use io::Read as _;
    let path = home.config();
    let mut text = String::new();
    let read = std::fs::File::open(&path).and_then(|file| file.take(MAX_BYTES + 1).read_to_string(&mut text));
    match read {
        Ok(_) if text.len() as u64 > MAX_BYTES => Err(SettingsError::TooLong { path }),
        Ok(_) => config::parse(&text).map_err(|source| SettingsError::Content { path, source }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(config::defaults()),
        Err(source) => Err(SettingsError::Read { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_long_is_an_error_and_not_half_a_file() {
        let dir = tempfile::tempdir().expect("temp");
        let home = Home::locate(Some(dir.path().into()), None).expect("absolute");
        let line = "# a comment\n";
        let most = line.repeat(usize::try_from(MAX_BYTES).expect("fits") / line.len());
        std::fs::write(home.config(), &most).expect("written");
        assert!(load(&home).is_ok());
        std::fs::write(home.config(), most + line + line).expect("written");
        let said = load(&home).expect_err("too long").to_string();
        assert!(said.contains("config.toml") && said.contains("1024 KiB"), "{said}");
    }
}
