//! Asks the linker to leave in what it writes where things are called from: `cargo xtask hook` takes the page
//! apart by it.

#![allow(clippy::print_stdout, reason = "this is how cargo is told")]

fn main() {
    if std::env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
