//! Reads an agent's log file as it grows, from a known offset, in bounded pieces.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// Most that is read at once, in bytes.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;

/// A log file and how far it has been read.
pub(super) struct Tail {
    path: PathBuf,
    file: Option<File>,
    offset: u64,
    buffer: Vec<u8>,
}

impl Tail {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: None, offset: 0, buffer: vec![0; CHUNK_BYTES] }
    }

    /// The next piece, empty at the end of what is there now; never beyond `limit` bytes into the file.
    pub(super) fn read(&mut self, limit: u64) -> io::Result<&[u8]> {
        let room = usize::try_from(limit.saturating_sub(self.offset)).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        if self.file.is_none() {
            self.file = match File::open(&self.path) {
                Ok(file) => Some(file),
                Err(e) if e.kind() == io::ErrorKind::NotFound => None,
                Err(e) => return Err(e),
            };
        }
        let Some(file) = &self.file else { return Ok(&[]) };
        let read = loop {
            match file.read_at(&mut self.buffer[..room], self.offset) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.offset += read as u64;
        Ok(&self.buffer[..read])
    }

    /// How long the file is now, in bytes.
    pub(super) fn size(&self) -> u64 {
        let meta = match &self.file {
            Some(file) => file.metadata(),
            None => std::fs::metadata(&self.path),
        };
        meta.map_or(self.offset, |meta| meta.len())
    }

    /// How far it has been read, in bytes.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The last `bytes` of what is there, as text.
    pub(super) fn last(&self, bytes: u64) -> String {
        let read = || -> io::Result<Vec<u8>> {
            let file = File::open(&self.path)?;
            let size = file.metadata()?.len();
            let take = usize::try_from(size.min(bytes)).unwrap_or_default();
            let mut content = vec![0; take];
            file.read_exact_at(&mut content, size - take as u64)?;
            Ok(content)
        };
        String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn reads_what_grows_and_no_further_than_asked() {
        let dir = tempfile::tempdir().expect("temp");
        let path = dir.path().join("log");
        let mut tail = Tail::new(path.clone());
        assert!(tail.read(u64::MAX).expect("missing is empty").is_empty());
        let mut file = File::create(&path).expect("made");
        file.write_all(b"abcdef").expect("written");
        assert_eq!(tail.read(4).expect("read"), b"abcd");
        assert!(tail.read(4).expect("read").is_empty());
        assert_eq!(tail.read(u64::MAX).expect("read"), b"ef");
        file.write_all(b"g").expect("written");
        assert_eq!(tail.read(u64::MAX).expect("read"), b"g");
        assert_eq!((tail.offset, tail.last(3)), (7, "efg".to_owned()));
    }
}
