//! The cache saves work, and nothing that happens to it is an error or lets foreign code in.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aid_engine::adapter::{AdapterHost, CacheNotice};

use crate::support::{events, hostile_bytes, request};

/// Describes and runs the hostile component with a cache in `dir`: both must work whatever the cache is like.
fn use_adapter(dir: &Path) -> AdapterHost {
    let host = AdapterHost::new(dir);
    let adapter = host.load(hostile_bytes()).expect("small enough");
    assert_eq!(adapter.describe().expect("a manifest").id, "hostile");
    assert_eq!(events(&mut adapter.start(&request()), "x").len(), 2);
    host
}

fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<_> = paths.filter(|path| path.to_string_lossy().ends_with(ending)).collect();
    found.sort();
    found
}

/// What tells a file apart from one that was written anew.
fn identity(path: &Path) -> (u64, i64, i64) {
    let found = fs::metadata(path).expect("a file");
    (found.ino(), found.mtime(), found.mtime_nsec())
}

fn only(dir: &Path, ending: &str) -> PathBuf {
    let found = files(dir, ending);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().expect("one")
}

#[test]
fn code_and_manifest_are_kept_for_this_user_alone() {
    let parent = tempfile::tempdir().expect("a directory");
    let dir = parent.path().join("deep/cache");
    let host = AdapterHost::new(&dir);
    assert!(!dir.exists(), "nothing is written before there is something to keep");
    drop(host);
    assert_eq!(use_adapter(&dir).cache_notice(), None);
    let mode = |path: &Path| fs::metadata(path).expect("it exists").mode() & 0o7777;
    assert_eq!(mode(&dir), 0o700);
    let (code, manifest) = (only(&dir, ".cwasm"), only(&dir, ".manifest.json"));
    assert_eq!((mode(&code), mode(&manifest)), (0o600, 0o600));
    let before = (identity(&code), identity(&manifest));
    use_adapter(&dir);
    assert_eq!(
        (identity(&only(&dir, ".cwasm")), identity(&only(&dir, ".manifest.json"))),
        before,
        "used, not rewritten"
    );
}

#[test]
fn a_cached_manifest_needs_no_wasm() {
    let dir = tempfile::tempdir().expect("a directory");
    use_adapter(dir.path());
    fs::remove_file(only(dir.path(), ".cwasm")).expect("removed");
    let adapter = AdapterHost::new(dir.path()).load(hostile_bytes()).expect("small enough");
    assert_eq!(adapter.describe().expect("a manifest").id, "hostile");
    assert_eq!(files(dir.path(), ".cwasm"), Vec::<PathBuf>::new(), "nothing was compiled");
}

#[test]
fn bad_entries_are_replaced() {
    let dir = tempfile::tempdir().expect("a directory");
    use_adapter(dir.path());
    let (code, manifest) = (only(dir.path(), ".cwasm"), only(dir.path(), ".manifest.json"));
    let (good_code, good_manifest) = (fs::read(&code).unwrap(), fs::read(&manifest).unwrap());
    let text = String::from_utf8(good_manifest.clone()).unwrap();
    let manifests = [
        Vec::new(),
        b"{}".to_vec(),
        good_manifest[..good_manifest.len() / 2].to_vec(),
        text.replace("\"format\":1", "\"format\":0").into_bytes(),
        text.replace("hostile-agent", "/bin/sh").into_bytes(),
        text.replacen(|c: char| c.is_ascii_digit(), "x", 3).into_bytes(),
    ];
    for bad in manifests {
        assert_ne!(bad, good_manifest);
        fs::write(&manifest, bad).unwrap();
        use_adapter(dir.path());
        assert_eq!(fs::read(&manifest).unwrap(), good_manifest);
    }
    for bad in [Vec::new(), b"garbage".to_vec(), good_code[..good_code.len() / 2].to_vec(), vec![0; good_code.len()]] {
        fs::remove_file(&code).unwrap();
        fs::write(&code, bad).unwrap();
        use_adapter(dir.path());
        assert_eq!(fs::read(&code).unwrap(), good_code);
    }
}

#[test]
fn files_that_others_can_write_are_not_loaded() {
    let dir = tempfile::tempdir().expect("a directory");
    use_adapter(dir.path());
    let code = only(dir.path(), ".cwasm");
    let elsewhere = dir.path().join("elsewhere");
    fs::rename(&code, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &code).unwrap();
    use_adapter(dir.path());
    assert!(fs::symlink_metadata(&code).unwrap().is_file(), "the link was replaced by a file");
    let before = identity(&code);
    fs::set_permissions(&code, fs::Permissions::from_mode(0o666)).unwrap();
    use_adapter(dir.path());
    assert_ne!(identity(&code), before, "written anew");
    assert_eq!(fs::metadata(&code).unwrap().mode() & 0o777, 0o600);
}

#[test]
fn a_directory_that_others_can_write_to_is_not_used() {
    let dir = tempfile::tempdir().expect("a directory");
    for mode in [0o777, 0o770, 0o702, 0o1777] {
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
        let notice = use_adapter(dir.path()).cache_notice();
        assert_eq!(notice, Some(CacheNotice::WritableByOthers { path: dir.path().to_owned(), mode }));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_directory_of_somebody_else_is_not_used() {
    const SOMEBODY_ELSE: u32 = 12_345;
    let dir = tempfile::tempdir().expect("a directory");
    // Only root can give a directory away; for everybody else root's own are somebody else's.
    let (path, owner) = match chown(dir.path(), Some(SOMEBODY_ELSE), None) {
        Ok(()) => (dir.path(), SOMEBODY_ELSE),
        Err(_) => (Path::new("/usr"), 0),
    };
    let notice = use_adapter(path).cache_notice();
    assert_eq!(notice, Some(CacheNotice::ForeignOwner { path: path.to_owned(), owner }));
}

#[test]
fn a_directory_that_cannot_be_made_or_written_costs_speed_only() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.join("below"), file] {
        let notice = use_adapter(&path).cache_notice();
        assert!(matches!(notice, Some(CacheNotice::Unusable { .. })), "{notice:?}");
    }
    // Where permissions bind (not root's), this one refuses each write.
    let read_only = dir.path().join("read-only");
    fs::create_dir(&read_only).unwrap();
    fs::set_permissions(&read_only, fs::Permissions::from_mode(0o500)).unwrap();
    use_adapter(&read_only);
}

#[test]
fn a_name_that_cannot_be_replaced_costs_speed_only() {
    let dir = tempfile::tempdir().expect("a directory");
    use_adapter(dir.path());
    let code = only(dir.path(), ".cwasm");
    fs::remove_file(&code).unwrap();
    fs::create_dir_all(code.join("in-the-way")).unwrap();
    let notice = use_adapter(dir.path()).cache_notice();
    assert!(matches!(notice, Some(CacheNotice::Unusable { .. })), "{notice:?}");
    assert_eq!(files(dir.path(), ".tmp"), Vec::<PathBuf>::new(), "nothing half-written stays");
}

const DIR_OF_SEVERAL: &str = "AID_TEST_ADAPTER_CACHE";

#[test]
fn several_processes_and_threads_end_with_one_good_entry_each() {
    let dir = tempfile::tempdir().expect("a directory");
    let start_another = || {
        Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "cache::one_process_of_several", "--ignored", "--quiet"])
            .env(DIR_OF_SEVERAL, dir.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process")
    };
    hostile_bytes();
    let others: Vec<_> = (0..2).map(|_| start_another()).collect();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| use_adapter(dir.path()));
        }
    });
    for mut other in others {
        assert!(other.wait().expect("its end").success());
    }
    only(dir.path(), ".cwasm");
    only(dir.path(), ".manifest.json");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "no temporary files");
    assert_eq!(use_adapter(dir.path()).cache_notice(), None);
}

#[test]
#[ignore = "a part of the test above, in a process of its own"]
fn one_process_of_several() {
    let dir = std::env::var_os(DIR_OF_SEVERAL).expect("set by the test above");
    use_adapter(Path::new(&dir));
}

#[test]
fn the_cache_does_not_grow_without_end() {
    use aid_engine::adapter::limits::CACHE_FILES_MAX;
    let dir = tempfile::tempdir().expect("a directory");
    for index in 0..CACHE_FILES_MAX + 5 {
        fs::write(dir.path().join(format!("old-{index}")), "").unwrap();
    }
    use_adapter(dir.path());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), CACHE_FILES_MAX);
    only(dir.path(), ".cwasm");
    only(dir.path(), ".manifest.json");
}
