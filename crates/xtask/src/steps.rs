//! Progress lines, and programs run as steps.

use std::{
    ffi::OsStr,
    io::Write,
    process::{Command, Stdio},
    time::Instant,
};

use crate::Trouble;

/// Runs one step between two lines: what it does, and how long it took.
pub(crate) fn step<T>(
    name: &str,
    what: &str,
    work: impl FnOnce() -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    println!("[{name}] {what}");
    let start = Instant::now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    match &result {
        Ok(_) => println!("[{name}] done in {seconds:.1} s"),
        Err(_) => println!("[{name}] failed after {seconds:.1} s"),
    }
    // A failed flush means nobody reads the progress; the work itself is reported by `result`.
    let _ = std::io::stdout().flush();
    result
}

/// A program with its arguments.
pub(crate) fn program(name: impl AsRef<OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(args);
    command
}

/// Runs to the end, its output shown as it comes.
pub(crate) fn run(command: &mut Command) -> Result<(), Trouble> {
    let status = command.status().map_err(|e| format!("{}: {e}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", shown(command))) }
}

/// Standard output of a program that succeeds; its complaints are part of the error.
pub(crate) fn output(command: &mut Command) -> Result<String, Trouble> {
    let out =
        command.stdin(Stdio::null()).output().map_err(|e| format!("{}: {e}", shown(command)))?;
    if !out.status.success() {
        let complaint = String::from_utf8_lossy(&out.stderr).trim().to_owned();
        return Err(format!("{} ended with {}: {complaint}", shown(command), out.status));
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}
