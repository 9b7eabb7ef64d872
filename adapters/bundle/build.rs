//! Owns building the adapters that ship inside aid, as components, from this workspace's own sources and lock file.
//!
//! It runs cargo inside cargo: into a target directory of its own (the outer one is locked while this runs) and without
//! the outer build's flags and wrappers, which are meant for the host. Must not fetch what `Cargo.lock` does not name.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Each is the package `aid-adapter-<id>` in the directory of that name.
const ADAPTERS: [&str; 8] = ["codebuff", "codex", "cursor", "custom", "gemini", "kilo", "ob1", "opencode"];
const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "adapter";

/// Meant for the outer build: flags for the host, wrappers such as clippy's, and the outer jobserver.
const NOT_INHERITED: [&str; 13] = [
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_TARGET_DIR",
    "CLIPPY_ARGS",
    "MAKEFLAGS",
    "MFLAGS",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let root = workspace_root()?;
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    watch(&root);
    if !target_is_installed()? {
        return Err(format!(
            "the adapters need the target {TARGET}: run `rustup target add {TARGET}` (or `cargo xtask demo`, which adds it)"
        )
        .into());
    }
    let target_dir = target_dir(&out_dir).join("adapters");
    compile(&root, &target_dir)?;

    let built = target_dir.join(TARGET).join(PROFILE);
    let mut list = String::from("&[\n");
    for id in ADAPTERS {
        let component = out_dir.join(format!("{id}.wasm"));
        let from = built.join(format!("aid_adapter_{id}.wasm"));
        fs::copy(&from, &component).map_err(|error| format!("cannot copy {}: {error}", from.display()))?;
        writeln!(list, "    Builtin {{ id: {id:?}, component: include_bytes!({:?}) }},", component)?;
    }
    list.push(']');
    fs::write(out_dir.join("builtin.rs"), list)?;
    Ok(())
}

fn variable(name: &str) -> Result<OsString, String> {
    env::var_os(name).ok_or_else(|| format!("cargo did not set {name}"))
}

fn workspace_root() -> Result<PathBuf, Box<dyn Error>> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let root = here.ancestors().nth(2).filter(|root| root.join("Cargo.lock").is_file());
    Ok(root.ok_or("the bundle is built inside its workspace, with its Cargo.lock")?.to_owned())
}

/// A change to any of these makes other components.
fn watch(root: &Path) {
    for path in ["Cargo.lock", "Cargo.toml", "wit", "adapters/kit"] {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }
    for id in ADAPTERS {
        for path in ["Cargo.toml", "src"] {
            println!("cargo::rerun-if-changed={}", root.join("adapters").join(id).join(path).display());
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
}

fn target_is_installed() -> Result<bool, Box<dyn Error>> {
    let output = Command::new(variable("RUSTC")?).args(["--print", "target-libdir", "--target", TARGET]).output()?;
    let directory = String::from_utf8(output.stdout)?;
    Ok(output.status.success() && Path::new(directory.trim_end()).is_dir())
}

/// The outer target directory: cargo tags it. Without a tag the output directory itself serves.
fn target_dir(out_dir: &Path) -> &Path {
    out_dir.ancestors().find(|directory| directory.join("CACHEDIR.TAG").is_file()).unwrap_or(out_dir)
}

fn compile(root: &Path, target_dir: &Path) -> Result<(), Box<dyn Error>> {
    let mut cargo = Command::new(variable("CARGO")?);
    cargo.current_dir(root).args(["build", "--locked", "--profile", PROFILE, "--target", TARGET, "--target-dir"]);
    cargo.arg(target_dir);
    for id in ADAPTERS {
        cargo.args(["--package", &format!("aid-adapter-{id}")]);
    }
    for name in NOT_INHERITED {
        cargo.env_remove(name);
    }
    let output = cargo.output().map_err(|error| format!("cannot run cargo for the adapters: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    Err(format!("building the adapters for {TARGET} failed ({}); cargo's own words are below", output.status).into())
}
