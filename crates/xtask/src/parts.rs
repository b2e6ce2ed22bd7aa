//! The page taken apart: what every visit needs, and parts that panels fetch when they are opened.
//!
//! The parts are divided where `page::lazy` says, by what the linker wrote, which wasm-bindgen would not keep.
//! So the page's own part goes through wasm-bindgen here, and takes the place of Trunk's.

use std::path::{Path, PathBuf};

use crate::{
    Trouble,
    house::{self, House},
    steps::run,
    tools,
};

/// Where the parts lie in the site; each has the hash of its content in its name.
pub(crate) const FOLDER: &str = "parts";

/// The script that fetches parts, as `wasm-split-cli` calls it.
const FETCHING: &str = "./__wasm_split.js";

/// How that script begins to say which parts a panel needs.
const LOADS: &str = "export const __wasm_split_load_";

/// How names begin of what is fetched when a person does something, and not when a panel is opened.
const LATER: &str = "later_";

/// Less than this is no request of its own: it comes with what all panels share.
const OWN_BYTES: usize = 4 * 1024;

/// The file of what all panels share, and of what few share but is small: one module after the other.
pub(crate) const SHARED: &str = "shared";

/// How a module of that file is had.
const FROM_SHARED: &str = "
let sharedBytes;
function shared(start, end) {
    sharedBytes ??= fetch(new URL(\"./PLACE\", import.meta.url)).then((reply) => {
        if (!reply.ok) throw new Error(`shared parts: status ${reply.status}`);
        return reply.arrayBuffer();
    });
    sharedBytes.catch(() => (sharedBytes = undefined));
    return sharedBytes.then((bytes) => bytes.slice(start, end));
}
";

/// What it is called in the site, after the page's own name.
const SCRIPT: &str = "-parts.js";

/// How a page tells the browser of a part that it is going to fetch.
const TOLD: &str = "<link rel=\"preload\" as=\"fetch\" crossorigin href=\"";

/// Puts the page's own part in the place of the whole, and the others beside it.
pub(crate) fn divide(house: &House, site: &Path) -> Result<(), Trouble> {
    let page = name(site)?;
    let folder = house.target.join("parts");
    let (split, bound) = (folder.join("split"), folder.join("bound"));
    house::fresh(&split)?;
    house::fresh(&bound)?;
    let whole = house.target.join("wasm32-unknown-unknown/release/page.wasm");
    let mut cli = tools::wasm_split(house);
    run(cli.args(["--target=web", "--out-name", &page]).arg(whole).arg(&split))?;
    let mut bindgen = tools::wasm_bindgen(house)?;
    bindgen.args(["--target=web", "--no-typescript", "--keep-lld-exports", "--out-name", &page]);
    run(bindgen.arg("--out-dir").arg(&bound).arg(split.join(format!("{page}.wasm"))))?;
    let fetching = house::read(&split.join(FETCHING))?;
    let parts = fetched(&fetching, &split)?;
    tools::shrink(house, [&bound.join(format!("{page}_bg.wasm"))].into_iter().chain(&parts))?;
    let fetching = add_parts(fetching, &parts, site)?;
    join(&bound.join(format!("{page}.js")), &page)?;
    house::copy(&bound, site)?;
    house::write(&site.join(format!("{page}{SCRIPT}")), fetching)
}

/// The script that fetches parts, as it lies in the site.
pub(crate) fn fetching(site: &Path) -> Result<String, Trouble> {
    house::read(&site.join(format!("{}{SCRIPT}", name(site)?)))
}

/// Addresses of the parts that a panel is made of; none where no part has its name.
pub(crate) fn needed(fetching: &str, panel: &str) -> Vec<String> {
    let own = definition(fetching, &format!("{LOADS}{panel} = "));
    let shared = own.rsplit_once('[').and_then(|(_, names)| names.split_once(']'));
    let shared = shared.map_or("", |(names, _)| names).split(", ");
    let shared = shared.map(|name| definition(fetching, &format!("const {name} = ")));
    let mut found = Vec::new();
    for said in std::iter::once(own.clone()).chain(shared) {
        let taken =
            said.contains("src = shared(").then(|| definition(fetching, "function shared("));
        let said = taken.unwrap_or(said);
        let address = said.split_once("new URL(\"./").and_then(|(_, rest)| rest.split_once('"'));
        found.extend(address.map(|(address, _)| address.to_owned()));
    }
    found.sort();
    found.dedup();
    found
}

/// The lines of the script from the one that begins like this to the next definition; empty if none does.
fn definition(script: &str, first: &str) -> String {
    let begins =
        |line: &str| ["const ", "export ", "/*", "let "].iter().any(|w| line.starts_with(w));
    let mut lines = script.lines().skip_while(|line| !line.starts_with(first));
    let start = lines.next().unwrap_or_default();
    std::iter::once(start).chain(lines.take_while(|line| !begins(line))).collect()
}

/// Whose a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner<'n> {
    /// The panel that alone needs it, when it is opened.
    Panel(&'n str),
    /// Something that a person may do.
    Later,
    /// Several of these.
    Shared,
}

/// Whose the part of this name is.
pub(crate) fn owner(name: &str) -> Owner<'_> {
    let own = name.strip_prefix("split_").and_then(|own| own.rsplit_once('-'));
    match own {
        Some((panel, _)) if !panel.starts_with(LATER) => Owner::Panel(panel),
        Some(_) => Owner::Later,
        None => Owner::Shared,
    }
}

/// The page with word of these parts in its head, so that a browser fetches them at once.
pub(crate) fn tell(html: &str, parts: &[String]) -> String {
    let links: String = parts.iter().map(|part| format!("{TOLD}{part}\">\n")).collect();
    html.replacen("</head>", &format!("{links}</head>"), 1)
}

/// The parts that a page tells of.
pub(crate) fn told(html: &str) -> Vec<String> {
    let links = html.split(TOLD).skip(1);
    links.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
}

/// What Trunk called the page, hash and all.
fn name(site: &Path) -> Result<String, Trouble> {
    let names = house::files(site)?.into_iter().filter(|file| file.parent() == Some(site));
    let mut pages = names.filter_map(|file| {
        let name = file.file_name()?.to_str()?.strip_suffix("_bg.wasm")?;
        Some(name.to_owned())
    });
    pages.next().ok_or_else(|| format!("{}: Trunk left no wasm there", site.display()))
}

/// Every part that the script fetches; the page's own is none of them.
fn fetched(script: &str, split: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut files = house::files(split)?;
    files.retain(|file| script.contains(&fetch(stem(file))));
    Ok(files)
}

/// How the script calls a part.
fn fetch(stem: &str) -> String {
    format!("\"./{stem}.wasm\"")
}

fn stem(part: &Path) -> &str {
    part.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

/// Copies the parts into the site; gives the script that fetches them, with their names in it.
fn add_parts(mut script: String, parts: &[PathBuf], site: &Path) -> Result<String, Trouble> {
    let mut shared = Vec::new();
    for part in parts {
        let (stem, fetch) = (stem(part), fetch(stem(part)));
        let bytes = house::read_bytes(part)?;
        if stem.starts_with("chunk_") && (bytes.len() < OWN_BYTES || is_everyones(&script, stem)) {
            let start = shared.len();
            shared.extend(bytes);
            script = from_shared(&script, &fetch, start, shared.len())?;
        } else {
            let place = place(stem, &bytes);
            house::write(&site.join(&place), bytes)?;
            script = script.replace(&fetch, &format!("\"./{place}\""));
        }
    }
    let place = place(SHARED, &shared);
    house::write(&site.join(&place), shared)?;
    Ok(script + &FROM_SHARED.replace("PLACE", &place))
}

/// Hosts pack what is called wasm on its way, and the file of what is shared is little else.
fn place(stem: &str, bytes: &[u8]) -> String {
    format!("{FOLDER}/{stem}-{}.wasm", &house::sha256(bytes)[..16])
}

/// Whether every panel needs this part.
fn is_everyones(script: &str, stem: &str) -> bool {
    let mut panels = script.split(LOADS).skip(1).filter(|load| !load.starts_with(LATER));
    panels.all(|load| {
        let needed = load.split("]));").next().unwrap_or_default();
        needed.ends_with(&format!("__{stem}")) || needed.contains(&format!("__{stem},"))
    })
}

/// The script taking this part out of the file of what is shared.
fn from_shared(script: &str, fetch: &str, start: usize, end: usize) -> Result<String, Trouble> {
    let (whole, stream) = (
        format!("fetch(new URL({fetch}, import.meta.url))"),
        "WebAssembly.instantiateStreaming(src, imports)",
    );
    let split = script.split_once(&whole).and_then(|(before, after)| {
        let (between, after) = after.split_once(stream)?;
        Some([before, between, after])
    });
    let [before, between, after] =
        split.ok_or_else(|| format!("{FETCHING}: no fetch of {fetch}"))?;
    let taken = format!("shared({start}, {end})");
    Ok([before, &taken, between, "WebAssembly.instantiate(await src, imports)", after].concat())
}

/// Has the page's script import the script that fetches parts by its name in the site.
fn join(script: &Path, page: &str) -> Result<(), Trouble> {
    let text = house::read(script)?;
    let import = format!("from \"{FETCHING}\"");
    if !text.contains(&import) {
        return Err(format!("{}: does not import {FETCHING}", script.display()));
    }
    house::write(script, text.replace(&import, &format!("from \"./{page}{SCRIPT}\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPLIT: &str = "\
/* chat, embed */
const __chunk_1 = makeLoad(() => {
    const src = fetch(new URL(\"./chunk_1.wasm\", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, []);
const __chunk_2 = makeLoad(() => {
    const src = fetch(new URL(\"./parts/chunk_2-ab.wasm\", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, []);
export const __wasm_split_load_embed = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL(\"./parts/split_embed-cd.wasm\", import.meta.url));
}
, [__chunk_1, __chunk_2]));
export const __wasm_split_load_chat = wrapAsyncCb(makeLoad(() => async (_imp) => ({}), [__chunk_2]));
export const __wasm_split_load_alone = wrapAsyncCb(makeLoad(() => {
    const src = fetch(new URL(\"./parts/split_alone-ef.wasm\", import.meta.url));
}
, []));
";

    #[track_caller]
    fn check(panel: &str, want: &[&str]) {
        let script = from_shared(SPLIT, "\"./chunk_1.wasm\"", 3, 7).unwrap();
        assert!(script.contains("src = shared(3, 7);"), "{script}");
        assert_eq!(script.matches("WebAssembly.instantiate(await src, imports)").count(), 1);
        let script = script + &FROM_SHARED.replace("PLACE", "parts/shared-gh.wasm");
        assert_eq!(needed(&script, panel), want, "{panel}");
    }

    #[test]
    fn a_panel_needs_its_own_part_and_what_it_shares() {
        let embed = ["parts/chunk_2-ab.wasm", "parts/shared-gh.wasm", "parts/split_embed-cd.wasm"];
        check("embed", &embed);
        check("chat", &["parts/chunk_2-ab.wasm"]);
        check("alone", &["parts/split_alone-ef.wasm"]);
        check("nobody", &[]);
    }

    #[test]
    fn what_is_not_fetched_cannot_be_shared() {
        assert!(from_shared(SPLIT, "\"./chunk_9.wasm\"", 0, 1).is_err());
        assert!(!is_everyones(SPLIT, "chunk_2"));
        assert!(is_everyones(&SPLIT.replace(", []));", ", [__chunk_2]));"), "chunk_2"));
    }

    #[test]
    fn a_part_tells_whose_it_is() {
        assert_eq!(owner("split_ask_picture-0123.wasm"), Owner::Panel("ask_picture"));
        assert_eq!(owner("split_later_keep-0123.wasm"), Owner::Later);
        assert_eq!(owner("chunk_3-0123.wasm"), Owner::Shared);
    }

    #[test]
    fn a_page_tells_of_the_parts_it_was_told_of() {
        let parts = ["parts/a.wasm".to_owned(), "parts/b.wasm".to_owned()];
        let html = tell("<html><head><base href=\"../\"></head></html>", &parts);
        assert_eq!(told(&html), parts);
        assert!(html.ends_with("</head></html>"), "{html}");
    }
}
