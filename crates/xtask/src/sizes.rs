//! How much a visitor downloads.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

use crate::{
    Trouble, engine,
    house::{self, House},
    parts::{self, Owner},
    site,
};

/// Largest a first visit may be: markup, style, script and wasm, with the parts that the opened panel is
/// made of, each packed by gzip. Engine and weights come on top.
///
/// Most panels stay below 323 kB; the one that cuts things out has the canvas' tools, too, and the one that narrates
/// two models. All carry what the standard library has for what opens sounds, which is itself fetched later, and what
/// few panels share: to be brought back.
const VISIT_BYTES: usize = 362 * 1000;

/// Largest one part of the page may be that panels fetch: most stay below 42 kB, the panel that transcribes has an editor
/// and a microphone. What all of them share, and the panel that opens
/// first, are held by the limit of a visit alone: a visit starts with them.
const PART_BYTES: usize = 54 * 1000;

/// What opens sound files, fetched when the first of them comes: a third are tables of how texts in such files are
/// written in all the world, which symphonia cannot leave out.
const SOUND: &str = "split_later_sound-";
const SOUND_BYTES: usize = 345 * 1000;

/// Largest one part may be that several panels share, as those that look at pictures do: it is fetched once for
/// all of them.
const SHARED_PART_BYTES: usize = 42 * 1000;

/// Largest one engine may be.
///
/// The goal is 2 MB, as `cargo xtask bench` says: to be brought back below it. VITS and saying English (numbers, dates,
/// phonemes) came last.
const ENGINE_BYTES: usize = 2_100 * 1000;

/// Prints what a first visit of each panel, each part and each engine weigh; an error if any weighs too much.
pub(crate) fn check(house: &House) -> Result<(), Trouble> {
    let dist = house.dist();
    let every = every_visit(&dist)?;
    let mut results = Vec::new();
    for part in house::files(&dist.join(parts::FOLDER))? {
        let name = part.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let owner = parts::owner(&name);
        if let Owner::Panel(panel) = owner {
            let html = dist.join(panel).join("index.html");
            let own = parts::told(&house::read(&html)?).into_iter().map(|part| dist.join(part));
            let files = every.iter().cloned().chain(own).chain([html.clone()]).collect();
            results.push(weigh(&format!("first visit of {panel}/"), files, VISIT_BYTES));
        }
        let first = name.starts_with(parts::SHARED) || owner == Owner::Panel(site::ROOT);
        let limit = match owner {
            _ if first => VISIT_BYTES,
            _ if name.starts_with(SOUND) => SOUND_BYTES,
            Owner::Panel(_) | Owner::Later => PART_BYTES,
            Owner::Shared => SHARED_PART_BYTES,
        };
        results.push(weigh(&name, vec![part], limit));
    }
    for kind in engine::KINDS {
        let files = house::files(&dist.join("engine").join(kind.name))?;
        results.push(weigh(&format!("engine {}", kind.name), files, ENGINE_BYTES));
    }
    results.into_iter().collect()
}

/// What is fetched whatever is opened: style, scripts and wasm at the site's root.
fn every_visit(dist: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let top = house::files(dist)?.into_iter().filter(|file| {
        let kind = file.extension().and_then(|e| e.to_str()).unwrap_or_default();
        let page = file.file_name().is_some_and(|name| name != "sw.js");
        file.parent() == Some(dist) && page && ["css", "js", "wasm"].contains(&kind)
    });
    let snippets = dist.join("snippets");
    let more = if snippets.exists() { house::files(&snippets)? } else { Vec::new() };
    Ok(top.chain(more).collect())
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
