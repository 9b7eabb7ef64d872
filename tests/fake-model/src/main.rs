//! A model server on loopback that plays a script, so that real agent CLIs can be run with no network and no key.
//!
//! Owns the command line, the listener and the end of the process. It ends when its standard input ends, so that no test
//! can leave it behind. See README.md for the script.

mod answer;
mod api;
mod chat;
mod errors;
mod gemini;
mod http;
mod log;
mod messages;
mod responses;
mod script;
mod serve;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use script::Script;
use serve::Server;

const USAGE: &str = "usage: fake-model (--script FILE | --steps JSON) [--log FILE] [--port N] < open pipe";
/// Exit code of a command line or a script that is wrong.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let ended = Options::parse(std::env::args().skip(1)).and_then(|options| run(&options));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("fake-model: {message}");
            ExitCode::from(EXIT_USAGE)
        }
    }
}

struct Options {
    script: Script,
    log: Option<PathBuf>,
    /// 0 lets the system choose.
    port: u16,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut script, mut log, mut port) = (None, None, 0);
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value; {USAGE}"));
            match arg.as_str() {
                "--script" => script = Some(Script::read(&PathBuf::from(value()?))?),
                "--steps" => script = Some(Script::parse(&value()?)?),
                "--log" => log = Some(PathBuf::from(value()?)),
                "--port" => port = value()?.parse().map_err(|why| format!("--port: {why}"))?,
                _ => return Err(format!("unknown argument {arg:?}; {USAGE}")),
            }
        }
        Ok(Self { script: script.ok_or(USAGE)?, log, port })
    }
}

fn run(options: &Options) -> Result<(), String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
        .map_err(|why| format!("cannot listen on port {}: {why}", options.port))?;
    let port = listener.local_addr().map_err(|why| why.to_string())?.port();
    let log = options.log.as_deref().map(log::RequestLog::open).transpose()?;
    let server = Arc::new(Server::new(options.script.clone(), log));
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{{\"port\":{port}}}").and_then(|()| stdout.flush()).map_err(|why| why.to_string())?;
    std::thread::spawn(move || accept(&listener, &server));
    let mut ignored = [0; 4096];
    // An error is an end too: nobody holds the other side any more.
    while std::io::stdin().read(&mut ignored).is_ok_and(|count| count > 0) {}
    Ok(())
}

fn accept(listener: &TcpListener, server: &Arc<Server>) {
    for stream in listener.incoming().flatten() {
        let server = Arc::clone(server);
        std::thread::spawn(move || server.connection(stream));
    }
}
