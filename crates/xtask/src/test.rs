//! Everything CI runs, and the count of what ran.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    Trouble,
    house::{self, House},
    minilm, page,
    serve::{self, Manner},
    sizes,
    steps::{output, program, run, step},
    tools,
};

/// Tests that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Count {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Count {
    fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

struct Check {
    name: &'static str,
    what: &'static str,
    run: fn(&House) -> Result<Count, Trouble>,
}

/// Run side by side with [`SITE`], as compilers and Binaryen work with one thread for minutes; cheap ones first.
const SOURCES: &[Check] = &[
    Check { name: "fmt", what: "formatting", run: |house| quiet(house, FMT) },
    Check { name: "clippy", what: "lints, warnings refused", run: |house| quiet(house, CLIPPY) },
    Check { name: "native", what: "tests of all crates and the house rules", run: native },
];
const SITE: &[Check] = &[Check { name: "build", what: "the site, as it is published", run: built }];
/// What measures time has the machine for itself.
const THEN: &[Check] = &[
    Check { name: "build again", what: "the site with nothing changed", run: built_again },
    Check { name: "journeys", what: "tests in Chromium", run: journeys },
];

/// Journeys that say how soon something is done or how much memory it takes, that leave a page while it writes, or that
/// change the site: nothing runs
/// beside them.
const ALONE: &[&str] = &["chat", "embed", "engine", "life", "limits", "runs", "site"];

/// Longest time a build may take when nothing changed: it reads every source once.
const AGAIN: Duration = Duration::from_secs(10);

const FMT: &[&str] = &["fmt", "--all", "--check"];
const CLIPPY: &[&str] =
    &["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny=warnings"];

/// `cargo xtask test`: every check; the last line counts what ran.
pub(crate) fn command(house: &House, _words: &[String]) -> Result<(), Trouble> {
    tools::ready(house, tools::FOR_BUILD)?;
    tools::ready(house, tools::FOR_TESTS)?;
    let (sources, site) = thread::scope(|scope| {
        let site = scope.spawn(|| all(house, SITE));
        (all(house, SOURCES), site.join())
    });
    let site = site.map_err(|_| "build: a panic")?;
    let mut count = Count::default();
    let mut troubles = Vec::new();
    for (counted, told) in [sources, site, all(house, THEN)] {
        count = count.and(counted);
        troubles.extend(told);
    }
    for trouble in &troubles {
        println!("[test] {trouble}");
    }
    // A check that could not run or counts no tests of its own is one failed test.
    count.failed += u32::try_from(troubles.len()).map_err(|e| e.to_string())?;
    println!("{} passed, {} failed, {} skipped", count.passed, count.failed, count.skipped);
    if count.failed == 0 { Ok(()) } else { Err(String::new()) }
}

/// Runs all of them, so that one report tells everything: the count, and what could not run.
fn all(house: &House, checks: &[Check]) -> (Count, Vec<Trouble>) {
    let mut count = Count::default();
    let mut troubles = Vec::new();
    for check in checks {
        match step(check.name, check.what, || (check.run)(house)) {
            Ok(counted) => count = count.and(counted),
            Err(trouble) => troubles.push(format!("{}: {trouble}", check.name)),
        }
    }
    (count, troubles)
}

/// `cargo xtask journeys [FILE…]`: only the tests in Chromium.
pub(crate) fn only_journeys(house: &House, words: &[String]) -> Result<(), Trouble> {
    page::command(house, &[])?;
    tools::ready(house, tools::FOR_TESTS)?;
    let count = walk(house, words)?;
    println!("{} passed, {} failed, {} skipped", count.passed, count.failed, count.skipped);
    if count.failed == 0 { Ok(()) } else { Err(String::new()) }
}

fn quiet(house: &House, args: &[&str]) -> Result<Count, Trouble> {
    run(program("cargo", args).current_dir(&house.root))?;
    Ok(Count::default())
}

fn native(house: &House) -> Result<Count, Trouble> {
    let here = output(&mut program("cargo", &["nextest", "--version"])).is_ok();
    let args: &[&str] = match here {
        true => &["nextest", "run", "--workspace", "--locked", "--no-fail-fast"],
        false => {
            &["test", "--workspace", "--locked", "--no-fail-fast", "--lib", "--bins", "--tests"]
        }
    };
    let mut cargo = program("cargo", args);
    if let Some(folder) = minilm::folder(house) {
        cargo.env("WICK_MINILM", folder);
    }
    let told = heard(cargo.current_dir(&house.root))?;
    let count = if here { nextest_count(&told.lines) } else { libtest_count(&told.lines) };
    agreed(count, told.success)
}

fn built(house: &House) -> Result<Count, Trouble> {
    page::build(house)?;
    sizes::check(house)?;
    Ok(Count::default())
}

fn built_again(house: &House) -> Result<Count, Trouble> {
    let again = Instant::now();
    page::build(house)?;
    let took = again.elapsed();
    println!("[build] with nothing changed: {:.1} s", took.as_secs_f64());
    if took > AGAIN {
        return Err(format!("a build with nothing changed took {} s", took.as_secs()));
    }
    Ok(Count::default())
}

fn journeys(house: &House) -> Result<Count, Trouble> {
    if !house.dist().join("index.html").exists() {
        return Err("there is no site to walk through".into());
    }
    walk(house, &[])
}

fn walk(house: &House, files: &[String]) -> Result<Count, Trouble> {
    // A copy that a journey may change, as a new release would.
    let changing = house.target.join("journeys/changing");
    house::fresh(&changing)?;
    house::copy(&house.dist(), &changing.join("wick"))?;
    let folder = changing.join("wick");
    let servers = [
        ("WICK_ISOLATED", serve::in_background(house.dist(), Manner::Isolated)?),
        ("WICK_PLAIN", serve::in_background(house.dist(), Manner::Plain)?),
        ("WICK_CHANGING", serve::in_background(changing, Manner::Plain)? + "wick/"),
    ];
    let minilm = minilm::folder(house);
    if minilm.is_none() {
        println!("[journeys] without the real MiniLM: `cargo xtask minilm` fetches it");
    }
    let files = if files.is_empty() { all_journeys(house)? } else { files.to_vec() };
    let is_alone = |file: &String| ALONE.iter().any(|name| file.starts_with(&format!("{name}.")));
    let (alone, beside): (Vec<_>, Vec<_>) = files.into_iter().partition(is_alone);
    let mut count = Count::default();
    for (files, at_once) in [(beside, 2), (alone, 1)] {
        if files.is_empty() {
            continue;
        }
        let at_once = format!("--test-concurrency={at_once}");
        let mut node = program("node", &["--test", "--test-reporter=spec", &at_once]);
        node.envs(servers.iter().map(|(name, address)| (name, address)));
        node.env("WICK_CHANGING_FOLDER", &folder).env("WICK_CHROMIUM", tools::chromium()?);
        node.envs(minilm.iter().map(|folder| ("WICK_MINILM", folder)));
        let told = heard(node.args(files).current_dir(house.browser()))?;
        count = count.and(agreed(node_count(&told.lines), told.success)?);
    }
    Ok(count)
}

fn all_journeys(house: &House) -> Result<Vec<String>, Trouble> {
    let folder = fs::read_dir(house.browser()).map_err(|e| format!("tests/browser: {e}"))?;
    let names = folder.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".test.js")).collect();
    names.sort();
    Ok(names)
}

/// The count, if it says the same as the exit status.
fn agreed(count: Option<Count>, success: bool) -> Result<Count, Trouble> {
    match count {
        Some(count) if success == (count.failed == 0) => Ok(count),
        Some(_) => Err("the exit status and the count of failures disagree".into()),
        None => Err("ended without a count of tests".into()),
    }
}

struct Told {
    lines: Vec<String>,
    success: bool,
}

/// Runs to the end, shows both outputs as they come, and remembers them.
fn heard(command: &mut Command) -> Result<Told, Trouble> {
    let name = command.get_program().display().to_string();
    let failed = |e: std::io::Error| format!("{name}: {e}");
    let (reader, writer) = std::io::pipe().map_err(failed)?;
    let copy = writer.try_clone().map_err(failed)?;
    let mut child = command.stdout(writer).stderr(copy).spawn().map_err(failed)?;
    // Else our own copies of the writing end would keep the pipe open for ever.
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut lines = Vec::new();
    for line in BufReader::new(reader).split(b'\n') {
        let line = String::from_utf8_lossy(&line.map_err(|e| e.to_string())?).into_owned();
        println!("{line}");
        lines.push(line);
    }
    let status = child.wait().map_err(|e| e.to_string())?;
    Ok(Told { lines, success: status.success() })
}

/// `Summary [ 1.2s] 5 tests run: 3 passed (1 slow), 2 failed, 4 skipped`.
fn nextest_count(lines: &[String]) -> Option<Count> {
    let line = lines.iter().rev().find(|line| line.trim_start().starts_with("Summary ["))?;
    let (_, counts) = line.split_once("run: ")?;
    Some(before_words(counts, ["passed", "failed", "skipped"]))
}

/// One line like `test result: ok. 3 passed; 0 failed; 1 ignored; …` per test program.
fn libtest_count(lines: &[String]) -> Option<Count> {
    let results = lines.iter().filter_map(|line| line.strip_prefix("test result: "));
    results.map(|rest| before_words(rest, ["passed", "failed", "ignored"])).reduce(Count::and)
}

/// Lines `ℹ pass 3`, `ℹ fail 0`, `ℹ skipped 1` at the end.
fn node_count(lines: &[String]) -> Option<Count> {
    let value = |word: &str| {
        let line = lines.iter().rev().find_map(|line| line.strip_prefix("ℹ ")?.strip_prefix(word));
        line?.trim().parse().ok()
    };
    let failed = value("fail ")? + value("cancelled ")?;
    Some(Count { passed: value("pass ")?, failed, skipped: value("skipped ")? })
}

/// The numbers that stand before three words; 0 where a word does not stand.
fn before_words(text: &str, words: [&str; 3]) -> Count {
    let tokens: Vec<&str> = text.split([' ', ',', ';']).filter(|token| !token.is_empty()).collect();
    let [passed, failed, skipped] = words.map(|word| {
        let at = tokens.windows(2).find(|pair| pair[1] == word);
        at.and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
    });
    Count { passed, failed, skipped }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn each_runner_s_summary_is_read() {
        let count = |passed, failed, skipped| Some(Count { passed, failed, skipped });
        let nextest =
            lines("     Summary [   1.2s] 5 tests run: 3 passed (1 slow), 2 failed, 4 skipped");
        assert_eq!(nextest_count(&nextest), count(3, 2, 4));
        let libtest = lines(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; in 0.0s\n\
             running 1 test\n\
             test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; in 0.1s",
        );
        assert_eq!(libtest_count(&libtest), count(4, 2, 1));
        let node = lines(
            "ℹ tests 4\nℹ suites 0\nℹ pass 2\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0",
        );
        assert_eq!(node_count(&node), count(2, 2, 0));
        assert_eq!(nextest_count(&lines("error: could not compile")), None);
        assert_eq!(libtest_count(&[]), None);
        assert_eq!(node_count(&[]), None);
    }

    #[test]
    fn a_count_without_failures_does_not_hide_a_failed_run() {
        assert!(agreed(Some(Count::default()), false).is_err());
        assert!(agreed(None, true).is_err());
    }
}
