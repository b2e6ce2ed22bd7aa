//! The worker, built twice: for one thread on any browser, and for threads with relaxed SIMD.

use std::{path::PathBuf, thread};

use crate::{
    Trouble,
    compiler::{self, Std},
    house::{self, House},
    steps::{program, run, step},
    tools,
};

/// One way to build the worker.
pub(crate) struct Kind {
    /// Its folder in `dist/engine/`, and what `?engine=` calls it.
    pub(crate) name: &'static str,
    features: &'static str,
    /// What shared memory asks of the linker; empty without threads.
    link: &'static [&'static str],
}

/// The engine with the names of its functions, for whoever profiles it; they are a third of its bytes.
const NAMED: &str = "named.wasm";

/// Both engines; the page picks by what the browser can do.
pub(crate) const KINDS: &[Kind] = &[
    Kind { name: "simd", features: "+simd128", link: &[] },
    Kind {
        name: "threads",
        features: "+simd128,+relaxed-simd,+atomics,+bulk-memory,+mutable-globals",
        link: &[
            "--shared-memory",
            "--import-memory",
            "--max-memory=4294967296",
            "--export=__wasm_init_tls",
            "--export=__tls_size",
            "--export=__tls_align",
            "--export=__tls_base",
            "--export=__heap_base",
        ],
    },
];

/// A changed recipe is a changed engine.
const RECIPE: &str =
    concat!(include_str!("engine.rs"), include_str!("compiler.rs"), include_str!("tools.rs"));

/// Whatever a change in should build the engines again.
const INPUTS: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "tests/browser/package-lock.json",
    "crates/api",
    "crates/media",
    "crates/kernels",
    "crates/models",
    "crates/tasks",
    "crates/worker",
];

/// `cargo xtask engine`.
pub(crate) fn command(house: &House, _words: &[String]) -> Result<(), Trouble> {
    tools::ready(house, tools::FOR_BUILD)?;
    build(house).map(drop)
}

/// Builds each engine whose inputs changed since its last build; gives one hash for both.
pub(crate) fn build(house: &House) -> Result<String, Trouble> {
    let mut stamps = String::new();
    // Binaryen works with one thread, and so does the compiler at its end: one engine is optimised while the
    // next is compiled.
    thread::scope(|scope| {
        let mut optimising = Vec::new();
        for kind in KINDS {
            let stamp_file = folder(house, kind).join("stamp");
            let stamp = house::stamp(house, INPUTS, &[kind.name, RECIPE])?;
            stamps += &stamp;
            if stamp_file.exists() && house::read(&stamp_file)? == stamp {
                println!("[engine {}] nothing changed", kind.name);
                continue;
            }
            let name = format!("engine {}", kind.name);
            step(&name, &format!("compile the worker with {}", kind.features), || {
                house::fresh(&folder(house, kind))?;
                compile(house, kind)?;
                bind(house, kind)
            })?;
            optimising.push(scope.spawn(move || {
                step(&name, "optimise it", || optimise(house, kind))?;
                house::write(&stamp_file, stamp)
            }));
        }
        let ended =
            |one: thread::ScopedJoinHandle<'_, _>| one.join().map_err(|_| "a panic".to_owned())?;
        optimising.into_iter().try_for_each(ended)
    })?;
    Ok(house::sha256(stamps.as_bytes()))
}

fn optimise(house: &House, kind: &Kind) -> Result<(), Trouble> {
    let site = folder(house, kind).join("site/worker_bg.wasm");
    let named = folder(house, kind).join(NAMED);
    tools::optimise(house, &site, &named)?;
    tools::strip(house, &named, &site)
}

/// Puts the built engines into a site.
pub(crate) fn install(house: &House, site: &std::path::Path) -> Result<(), Trouble> {
    KINDS.iter().try_for_each(|kind| {
        house::copy(&folder(house, kind).join("site"), &site.join("engine").join(kind.name))
    })
}

/// Puts the engine with threads into a site, with the names of its functions.
pub(crate) fn install_named(house: &House, site: &std::path::Path) -> Result<(), Trouble> {
    let named = KINDS.iter().find(|kind| !kind.link.is_empty());
    let kind = named.ok_or("no engine has threads")?;
    let place = site.join("engine").join(kind.name);
    house::copy(&folder(house, kind).join("site"), &place)?;
    house::copy(&folder(house, kind).join(NAMED), &place.join("worker_bg.wasm"))
}

fn folder(house: &House, kind: &Kind) -> PathBuf {
    house.target.join("engine").join(kind.name)
}

/// Flags in the one form that may hold spaces; `build-std` compiles the standard library with them too.
///
/// Loop strength reduction turns the constant offset of a load into an addition, for which a load in wasm has room.
fn flags(kind: &Kind) -> String {
    let mut words = vec![
        "--cfg".to_owned(),
        "getrandom_backend=\"wasm_js\"".to_owned(),
        format!("-Ctarget-feature={}", kind.features),
        "-Cllvm-args=-disable-lsr".to_owned(),
    ];
    words.extend(kind.link.iter().map(|arg| format!("-Clink-arg={arg}")));
    words.join("\u{1f}")
}

fn compile(house: &House, kind: &Kind) -> Result<(), Trouble> {
    let mut cargo =
        program("cargo", &["build", "--package=worker", "--profile=engine", "--locked"]);
    cargo.arg("--target=wasm32-unknown-unknown").current_dir(&house.root);
    // One folder for both: cargo keeps apart what other flags compile, and shares the macros.
    cargo.arg("--target-dir").arg(house.target.join("wasm"));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags(kind));
    let std = if kind.link.is_empty() { Std::Shipped } else { Std::Built };
    compiler::tell(&mut cargo, compiler::ready()?, std);
    run(&mut cargo)
}

fn bind(house: &House, kind: &Kind) -> Result<(), Trouble> {
    let wasm = house.target.join("wasm/wasm32-unknown-unknown/engine/worker.wasm");
    let mut bindgen = tools::wasm_bindgen(house)?;
    bindgen.args(["--target=web", "--no-typescript", "--out-name=worker"]).arg("--out-dir");
    run(bindgen.arg(folder(house, kind).join("site")).arg(wasm))
}
