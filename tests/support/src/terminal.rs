//! A terminal for a run to write to, so that what people see can be tested too.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{FromRawFd as _, OwnedFd};

/// The side of a terminal that a person would look at.
#[derive(Debug)]
pub struct Terminal {
    master: File,
}

impl Terminal {
    /// A terminal of a width, and the end of it that a run writes to.
    ///
    /// # Panics
    /// When the system has no terminal left.
    #[must_use]
    pub fn open(columns: u16) -> (Self, OwnedFd) {
        let (mut master, mut slave) = (-1, -1);
        let size = libc::winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: both descriptors are written by the call, no name is asked for, and the size lives until it returns.
        let result = unsafe {
            libc::openpty(&raw mut master, &raw mut slave, std::ptr::null_mut(), std::ptr::null(), &raw const size)
        };
        assert_eq!(result, 0, "no terminal: {}", std::io::Error::last_os_error());
        for fd in [master, slave] {
            // SAFETY: it was just opened; a child that inherited it would keep the terminal open for ever.
            assert_eq!(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) }, 0);
        }
        // SAFETY: both were just opened, and nobody else has them.
        unsafe { (Self { master: File::from_raw_fd(master) }, OwnedFd::from_raw_fd(slave)) }
    }

    /// Everything that appears until no run has the terminal any more, with plain line ends.
    #[must_use]
    pub fn read_to_end(mut self) -> String {
        let mut seen = Vec::new();
        // The end of a terminal is an error, not an end of file.
        let _ = self.master.read_to_end(&mut seen);
        String::from_utf8_lossy(&seen).replace("\r\n", "\n")
    }
}
