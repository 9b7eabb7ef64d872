//! What the agent sees of itself: environment, arguments, signal masks, open files. Reads only.

use std::collections::BTreeMap;

use serde_json::Value;

/// The environment as a JSON object.
pub(crate) fn environment() -> String {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let all: BTreeMap<String, Value> =
        std::env::vars_os().map(|(name, value)| (lossy(name), Value::from(lossy(value)))).collect();
    format!("{}\n", Value::from_iter(all))
}

/// The arguments as a JSON array, the program's own name first.
pub(crate) fn arguments(args: &[String]) -> String {
    format!("{}\n", Value::from(args.to_vec()))
}

/// The lines `SigBlk` and `SigIgn` of the process status: hexadecimal masks, bit n-1 for signal n.
pub(crate) fn signal_masks() -> Result<String, String> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|why| format!("/proc/self/status: {why}"))?;
    let wanted = |line: &&str| line.starts_with("SigIgn:") || line.starts_with("SigBlk:");
    Ok(status.lines().filter(wanted).map(|line| format!("{line}\n")).collect())
}

/// What every open descriptor points to, as a JSON object from number to target.
pub(crate) fn open_files() -> Result<String, String> {
    let entries = std::fs::read_dir("/proc/self/fd").map_err(|why| format!("/proc/self/fd: {why}"))?;
    let names: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    // The descriptor of the listing itself is closed by now, so its link is gone.
    let open = names.iter().filter_map(|path| {
        let target = std::fs::read_link(path).ok()?;
        Some((path.file_name()?.to_string_lossy().into_owned(), Value::from(target.to_string_lossy().into_owned())))
    });
    Ok(format!("{}\n", Value::from_iter(open.collect::<BTreeMap<_, _>>())))
}
