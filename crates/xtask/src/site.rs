//! What the site needs beyond Trunk's work: the engines, the policy, an address for each panel, the list
//! for offline use.

use std::{
    env,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use crate::{
    Trouble, engine,
    house::{self, House},
    parts,
    steps::step,
    tools,
};

/// What a page of ours may load and reach. `https:` is for weights from wherever a person says.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; media-src blob:; connect-src 'self' https:; worker-src 'self'; manifest-src 'self'; \
    base-uri 'self'; form-action 'none'";

/// A file in one of these folders is a panel or a page, and its name the address.
const ADDRESSED: &[&str] = &["crates/page/src/panels", "crates/page/src/pages"];

/// The panel that the site's root shows.
pub(crate) const ROOT: &str = "chat";

/// What hosts that read such a file should send; others leave it to the service worker.
const HEADERS: &str = "\
/*
  Cross-Origin-Opener-Policy: same-origin
  Cross-Origin-Embedder-Policy: require-corp
  Cross-Origin-Resource-Policy: same-origin
  X-Content-Type-Options: nosniff
  Referrer-Policy: no-referrer
  Cache-Control: no-cache
";

/// The line of www/sw.js that the build fills in.
const SITE_LINE: &str = "const SITE = { version: \"unbuilt\", files: {} };";

/// Never kept for offline use: read by hosts, or by the browser before any cache.
const NOT_KEPT: &[&str] = &["sw.js", "404.html", "_headers", ".nojekyll"];

/// `cargo xtask hook`: called by Trunk when its own work is done.
pub(crate) fn command(house: &House, _words: &[String]) -> Result<(), Trouble> {
    let place = env::var_os("TRUNK_STAGING_DIR");
    let site = place.map(PathBuf::from).ok_or("hook: Trunk calls this; use `cargo xtask build`")?;
    tools::ready(house, tools::FOR_BUILD)?;
    engine::build(house)?;
    step(
        "site",
        "take the page apart; add engines, policy, addresses and the list for offline use",
        || {
            parts::divide(house, &site)?;
            engine::install(house, &site)?;
            add_static_files(house, &site)?;
            add_addresses(house, &site)?;
            house::write(&site.join("_headers"), HEADERS)?;
            // Without it GitHub Pages leaves out names with a leading underscore.
            house::write(&site.join(".nojekyll"), "")?;
            add_offline_list(&site)
        },
    )
}

/// Everything in `www/` but style sheets, which Trunk names by their content, and the README's picture.
fn add_static_files(house: &House, site: &Path) -> Result<(), Trouble> {
    let www = house.root.join("www");
    for file in house::files(&www)? {
        let name = file.strip_prefix(&www).map_err(|e| format!("{}: {e}", file.display()))?;
        if name.extension().is_some_and(|e| e == "css") || name == Path::new("screenshot.png") {
            continue;
        }
        house::copy(&file, &site.join(name))?;
    }
    Ok(())
}

/// One folder per panel, so that a plain file server finds each address, and each finds the site's root.
fn add_addresses(house: &House, site: &Path) -> Result<(), Trouble> {
    let html = house::read(&site.join("index.html"))?;
    let fetching = parts::fetching(site)?;
    let opened = |panel: &str, base: &str| {
        rooted(&html, base).map(|html| parts::tell(&html, &parts::needed(&fetching, panel)))
    };
    house::write(&site.join("index.html"), opened(ROOT, "./")?)?;
    for address in addresses(house)? {
        house::write(&site.join(&address).join("index.html"), opened(&address, "../")?)?;
    }
    house::write(&site.join("404.html"), rooted(&html, "./")?)
}

fn addresses(house: &House) -> Result<Vec<String>, Trouble> {
    let mut found = Vec::new();
    for folder in ADDRESSED.iter().map(|folder| house.root.join(folder)) {
        // Files deeper down are parts of a panel.
        let panels = house::files(&folder)?.into_iter().filter(|f| f.parent() == Some(&folder));
        found.extend(panels.filter_map(|f| Some(f.file_stem()?.to_str()?.to_owned())));
    }
    Ok(found)
}

/// The page with the policy and the way to the site's root, both before anything that loads.
fn rooted(html: &str, base: &str) -> Result<String, Trouble> {
    let html = without_base(html);
    let (before, after) = html.split_once("<head>").ok_or("index.html: has no <head>")?;
    let policy = format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
    Ok(format!("{before}<head>\n{policy}<base href=\"{base}\">{after}"))
}

fn without_base(html: &str) -> String {
    let Some((before, rest)) = html.split_once("<base") else { return html.to_owned() };
    let after = rest.split_once('>').map_or("", |(_, after)| after);
    format!("{before}{after}")
}

/// Names and hashes of all files, written into the service worker: a change in any makes a new version.
fn add_offline_list(site: &Path) -> Result<(), Trouble> {
    let mut list = Map::new();
    for file in house::files(site)? {
        let name = file.strip_prefix(site).map_err(|e| format!("{}: {e}", file.display()))?;
        let name = name.to_string_lossy().replace('\\', "/");
        if !NOT_KEPT.contains(&name.as_str()) {
            list.insert(name, Value::from(house::sha256(&house::read_bytes(&file)?)));
        }
    }
    let script = house::read(&site.join("sw.js"))?;
    let (before, after) =
        script.split_once(SITE_LINE).ok_or("www/sw.js: has no line for the site")?;
    let list = Value::from(list);
    // The worker's own text counts: a mended worker is a new version too.
    let version = house::sha256(format!("{list}{before}{after}").as_bytes());
    let filled = format!("const SITE = {{ version: \"{}\", files: {list} }};", &version[..16]);
    house::write(&site.join("sw.js"), [before, &filled, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_gets_its_policy_and_root_before_anything_loads() {
        let html = "<html><head><base href=\"/\"><script src=\"a.js\"></script></head></html>";
        let made = rooted(html, "../").unwrap();
        assert_eq!(made.matches("<base").count(), 1, "{made}");
        let order =
            ["Content-Security-Policy", "<base href=\"../\">", "<script"].map(|w| made.find(w));
        assert!(order.is_sorted() && order[0].is_some(), "{made}");
        assert!(rooted("<html></html>", "./").is_err());
    }
}
