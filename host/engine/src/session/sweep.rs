//! Removes what a runner that died between settlement and its own cleaning up left of a task that is final: its directory
//! has the prompt in it. It touches nothing of a task that somebody owns.

use std::fs;

use aid_core::id::TaskId;

use super::Session;
use crate::lock::TaskLock;

/// Most names that are looked at in one sweep.
const MAX_NAMES: usize = 4096;
/// Most left-overs that are removed in one sweep; the next one goes on.
const MAX_SWEPT: usize = 20;

impl Session {
    /// Sweeps, except for these tasks. What cannot be removed stays for the next time: it is private.
    pub(super) fn sweep(&self, unsettled: &[TaskId]) {
        let Ok(names) = fs::read_dir(self.home.run()) else { return };
        let left_over = names.take(MAX_NAMES).flatten().filter_map(|entry| {
            let id = TaskId::parse(entry.file_name().to_str()?.strip_suffix(".d")?).ok()?;
            (!unsettled.contains(&id)).then_some(id)
        });
        for id in left_over.take(MAX_SWEPT) {
            // A runner that is still cleaning up holds its lock.
            let Ok(Some(lock)) = TaskLock::acquire(&self.home.lock(&id)) else { continue };
            if self.db.projection(&id).is_ok_and(|task| task.is_some_and(|t| t.status.is_terminal())) {
                let _ = fs::remove_dir_all(self.home.task_dir(&id));
                lock.retire();
            }
        }
    }
}
