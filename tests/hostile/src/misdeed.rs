//! The misdeeds that fit any call, and the broken values that need unsafe code. Nothing here is a mistake.

use std::hint::black_box;

use crate::wit::aid::adapter::types::Event;

/// Does what `told` says. Says how it went, where it comes back at all.
pub fn commit(told: &str) -> String {
    let name = told.strip_prefix('!').unwrap_or_default();
    match name {
        "loop" => loop {
            black_box(());
        },
        "memory" => fill_memory(),
        "memory-politely" => fill_memory_politely(),
        "recurse" => recurse(1).to_string(),
        "panic" => panic!("told to panic"),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(0),
        "sleep" => {
            std::thread::sleep(std::time::Duration::from_secs(3600));
            "slept".to_owned()
        }
        "file" => format!("{:?}", std::fs::read_to_string("/etc/passwd").map_err(|error| error.kind())),
        "socket" => format!("{:?}", std::net::TcpStream::connect("127.0.0.1:1").map_err(|error| error.kind())),
        "name-lookup" => format!("{:?}", std::net::TcpStream::connect("localhost:1").map_err(|error| error.kind())),
        "environment" => format!("{} variables, {} arguments", std::env::vars().count(), std::env::args().count()),
        "stdin" => format!("{:?} bytes", std::io::copy(&mut std::io::stdin(), &mut std::io::sink())),
        "chatter" => {
            println!("to stdout");
            eprintln!("to stderr");
            "said".to_owned()
        }
        "time-and-chance" => time_and_chance(),
        other => other.to_owned(),
    }
}

fn fill_memory() -> String {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        all.push(black_box(vec![1; 1 << 20]));
    }
}

fn fill_memory_politely() -> String {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut block: Vec<u8> = Vec::new();
        if block.try_reserve_exact(1 << 20).is_err() {
            return format!("refused after {} MiB", all.len());
        }
        all.push(black_box(block));
    }
}

#[expect(unconditional_recursion, reason = "told to")]
fn recurse(depth: u64) -> u64 {
    let frame = black_box([depth; 16]);
    recurse(depth + 1) + frame[3]
}

/// A clock that stands still would make the loop endless.
fn time_and_chance() -> String {
    let start = std::time::Instant::now();
    while start.elapsed() < std::time::Duration::from_millis(50) {}
    let seed = std::collections::hash_map::RandomState::new();
    let chance = std::hash::BuildHasher::hash_one(&seed, 1);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!("{now:?} {chance}")
}

/// A string that is none.
pub fn bad_text() -> String {
    // SAFETY: none; that it breaks the rule is its purpose. Nothing here looks at it.
    unsafe { String::from_utf8_unchecked(vec![b'a', 0xff, 0xfe]) }
}

/// 2,000 events that share one text of 16 MiB: 32 GB for whoever copies each.
pub fn aliases() -> Vec<Event> {
    const BYTES: usize = 16 << 20;
    let text = "x".repeat(BYTES).leak().as_mut_ptr();
    // SAFETY: none; the host refuses the answer, so nobody frees them.
    (0..2000).map(|_| Event::Message(unsafe { String::from_raw_parts(text, BYTES, BYTES) })).collect()
}
