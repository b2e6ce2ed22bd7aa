//! The page, by Trunk; and the whole site, by everything before it.

use crate::{
    Trouble, engine,
    house::{self, House},
    steps::{run, step},
    tools,
};

/// Whatever a change in should build the site again, the engines' own stamps apart.
const INPUTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "index.html",
    "rust-toolchain.toml",
    "www",
    "crates/api",
    "crates/page",
    "crates/xtask/src",
];

/// `cargo xtask build`.
pub(crate) fn command(house: &House, _words: &[String]) -> Result<(), Trouble> {
    tools::ready(house, tools::FOR_BUILD)?;
    build(house)
}

/// Builds what changed since the last build: engines, then the site in `dist/`.
pub(crate) fn build(house: &House) -> Result<(), Trouble> {
    let engines = engine::build(house)?;
    let stamp = house::stamp(house, INPUTS, &[&engines])?;
    let stamp_file = house.target.join("site-stamp");
    let same = stamp_file.exists() && house::read(&stamp_file)? == stamp;
    if same && house.dist().join("index.html").exists() {
        println!("[page] nothing changed");
        return Ok(());
    }
    step("page", "compile the page and put the site together with Trunk", || {
        run(tools::trunk(house)?.args(["build", "--release"]).current_dir(&house.root))
    })?;
    house::write(&stamp_file, stamp)
}
