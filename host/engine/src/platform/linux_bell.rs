//! A bell that rings in every process at once: a counter in a shared page, and the futex behind it.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use rustix::thread::futex;

use super::Bell;
use crate::home::FILE_MODE;

/// Size of the counter, and of the file.
const BYTES: usize = size_of::<AtomicU32>();

pub(super) struct FutexBell {
    counter: NonNull<AtomicU32>,
}

// SAFETY: the page stays mapped until the bell is dropped, and an atomic may be used from any thread.
unsafe impl Send for FutexBell {}

impl FutexBell {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(FILE_MODE).clone();
        let file = options.open(path)?;
        if file.metadata()?.len() < BYTES as u64 {
            // Written, not only made longer: a page without room on the disk behind it ends whoever touches it.
            file.write_all_at(&[0; BYTES], 0)?;
        }
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice touches none of ours. The file is ours alone, has
        // the size that is mapped, and nothing of aid ever makes it shorter.
        let page = unsafe { mmap(std::ptr::null_mut(), BYTES, protection, MapFlags::SHARED, &file, 0)? };
        let counter = NonNull::new(page.cast::<AtomicU32>()).ok_or_else(|| io::Error::other("mapped at address 0"))?;
        Ok(Self { counter })
    }

    fn counter(&self) -> &AtomicU32 {
        // SAFETY: mapped as long as self lives, aligned to a page, and only ever used as an atomic, here and elsewhere.
        unsafe { self.counter.as_ref() }
    }
}

impl Bell for FutexBell {
    fn ring(&self) {
        self.counter().fetch_add(1, Ordering::SeqCst);
        // Not private: the others are in other processes. It cannot fail on a mapped, aligned word.
        let _ = futex::wake(self.counter(), futex::Flags::empty(), u32::MAX >> 1);
    }

    fn count(&self) -> u32 {
        self.counter().load(Ordering::SeqCst)
    }

    fn wait(&self, count: u32, timeout: Duration) {
        let timeout = super::linux::timespec(timeout);
        // Rung already, a signal, the time over: for the caller they are all the same.
        let _ = futex::wait(self.counter(), futex::Flags::empty(), count, Some(&timeout));
    }
}

impl Drop for FutexBell {
    fn drop(&mut self) {
        // SAFETY: mapped by us with this length, and not used after this.
        let _ = unsafe { munmap(self.counter.as_ptr().cast(), BYTES) };
    }
}
