//! How much a visitor downloads.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

use crate::{
    Trouble, engine,
    house::{self, House},
};

/// Largest the page may be: its markup, style, script and wasm, each packed by gzip. 300 kB is what it
/// should be, and was with the panels of two tasks: no more should come before panels are fetched when they
/// are opened.
const PAGE_BYTES: usize = 330 * 1000;

/// Largest one engine may be.
const ENGINE_BYTES: usize = 2 * 1000 * 1000;

/// Prints what the page and each engine weigh; an error if any weighs too much.
pub(crate) fn check(house: &House) -> Result<(), Trouble> {
    let dist = house.dist();
    let top = house::files(&dist)?.into_iter().filter(|file| {
        let kind = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let first = file.file_name().is_some_and(|name| name != "404.html" && name != "sw.js");
        file.parent() == Some(&dist) && first && ["html", "css", "js", "wasm"].contains(&kind)
    });
    let snippets = dist.join("snippets");
    let more = if snippets.exists() { house::files(&snippets)? } else { Vec::new() };
    let mut results = vec![weigh("page", top.chain(more).collect(), PAGE_BYTES)];
    for kind in engine::KINDS {
        let files = house::files(&dist.join("engine").join(kind.name))?;
        results.push(weigh(&format!("engine {}", kind.name), files, ENGINE_BYTES));
    }
    results.into_iter().collect()
}

fn weigh(name: &str, files: Vec<PathBuf>, limit: usize) -> Result<(), Trouble> {
    let packed: Vec<usize> = files.iter().map(|file| gzip_bytes(file)).collect::<Result<_, _>>()?;
    let total: usize = packed.iter().sum();
    println!("[sizes] {name}: {} kB packed by gzip, at most {} kB", total / 1000, limit / 1000);
    if total <= limit { Ok(()) } else { Err(format!("{name}: {total} bytes packed is too much")) }
}

fn gzip_bytes(path: &Path) -> Result<usize, Trouble> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(&house::read_bytes(path)?).and_then(|()| encoder.finish());
    packed.map(|bytes| bytes.len()).map_err(|e| format!("{}: {e}", path.display()))
}
