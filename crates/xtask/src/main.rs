//! Everything a person or CI types: build, serve, test, bench.
//!
//! One stage a file: `tools` (what must be installed), `engine` (the worker, twice), `page` (Trunk and
//! its hook), `parts` (the page taken apart), `site` (what the hook adds), `serve`, `test`, `minilm` (a real
//! checkpoint for it), `bench`.

#![allow(clippy::print_stdout, reason = "a command line speaks on standard output")]
#![allow(clippy::disallowed_methods, reason = "xtask never runs in a browser")]

mod bench;
mod compiler;
mod engine;
mod house;
mod minilm;
mod page;
mod parts;
mod serve;
mod site;
mod sizes;
mod steps;
mod test;
mod tools;

use std::process::ExitCode;

use house::House;

/// What went wrong, as a sentence for the person at the terminal.
type Trouble = String;

struct Command {
    name: &'static str,
    what: &'static str,
    run: fn(&House, &[String]) -> Result<(), Trouble>,
}

const COMMANDS: &[Command] = &[
    Command { name: "serve", what: "build and serve: [--plain] [--port N]", run: serve::command },
    Command { name: "build", what: "build the site into dist/", run: page::command },
    Command { name: "test", what: "run every check and test", run: test::command },
    Command {
        name: "journeys",
        what: "only the tests in Chromium: [FILE…]",
        run: test::only_journeys,
    },
    Command {
        name: "minilm",
        what: "fetch a real sentence model, which tests then use",
        run: minilm::command,
    },
    Command { name: "bench", what: "compare with the peers: [--quick]", run: bench::command },
    Command { name: "hook", what: "what Trunk calls at the end of its build", run: site::command },
    Command { name: "engine", what: "build the two engines only", run: engine::command },
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            // A failed test run has said everything already, and its count stays the last line.
            if !trouble.is_empty() {
                println!("xtask: {trouble}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<(), Trouble> {
    let (name, rest) = words.split_first().ok_or_else(usage)?;
    let command = COMMANDS.iter().find(|c| c.name == name).ok_or_else(usage)?;
    (command.run)(&House::here(), rest)
}

fn usage() -> Trouble {
    let lines = COMMANDS.iter().map(|c| format!("\n  cargo xtask {:<8} {}", c.name, c.what));
    format!("name a command:{}", lines.collect::<String>())
}
