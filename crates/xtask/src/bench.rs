//! The benchmark: makes ready what it compares (peers, checkpoints, stock candle, the site), and lets
//! `bench/main.js` run it.

use std::{fs, path::PathBuf};

use crate::{
    Trouble,
    compiler::{self, Std},
    engine,
    house::{self, House},
    page,
    serve::{self, Manner},
    steps::{program, run, step},
    tools,
};

/// What the peers bring that a page loads: where it goes, and where npm puts it.
const PEERS: &[(&str, &str)] = &[
    ("wllama", "@wllama/wllama/esm/index.js"),
    ("wllama/wasm", "@wllama/wllama/esm/wasm/wllama.wasm"),
    ("onnx", "onnxruntime-web/dist/ort.wasm.min.mjs"),
    ("onnx", "onnxruntime-web/dist/ort-wasm-simd-threaded.mjs"),
    ("onnx", "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"),
    ("transformers", "@huggingface/transformers/dist/transformers.min.js"),
    // The build of onnxruntime-web that Transformers.js asks for in Chromium.
    ("transformers", "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.mjs"),
    ("transformers", "onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.wasm"),
];

/// `cargo xtask bench [--quick] [--rounds N] [--threads N,..] [--models NAME,..] [--only PART,..]
/// [--tokens PROMPT,ANSWER] [--contexts N,..]`; the words are `bench/main.js`'s.
pub(crate) fn command(house: &House, words: &[String]) -> Result<(), Trouble> {
    page::command(house, &[])?;
    tools::ready(house, tools::FOR_TESTS)?;
    tools::ready(house, tools::FOR_BENCH)?;
    checkpoints(house)?;
    stock(house)?;
    let site = put_together(house)?;
    let mut node = program("node", &["main.js"]);
    node.args(words).current_dir(house.bench());
    node.env("WICK_BENCH_FOLDER", &site).env("WICK_CHROMIUM", tools::chromium()?);
    node.env("WICK_BENCH_SITE", serve::in_background(site, Manner::Isolated)?);
    run(&mut node)
}

fn folder(house: &House) -> PathBuf {
    house.target.join("bench")
}

fn site(house: &House) -> PathBuf {
    folder(house).join("site")
}

/// Does a piece of work unless nothing it depends on has changed since.
fn unless_done(
    house: &House,
    (name, what): (&str, &str),
    inputs: &[&str],
    work: impl FnOnce() -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let note = folder(house).join(name).with_extension("stamp");
    let stamp = house::stamp(house, inputs, &[])?;
    if note.exists() && house::read(&note)? == stamp {
        return Ok(());
    }
    step(name, what, work)?;
    house::write(&note, stamp)
}

fn checkpoints(house: &House) -> Result<(), Trouble> {
    const SCRIPTS: &[&str] =
        &["checkpoints.py", "encoders.py", "writers.py", "vision.py", "sounds.py"];
    let files = [SCRIPTS, &["graph.py", "requirements.txt"]].concat();
    let inputs: Vec<_> = files.iter().map(|file| format!("bench/{file}")).collect();
    let inputs: Vec<_> = inputs.iter().map(String::as_str).collect();
    unless_done(house, ("checkpoints", "write checkpoints of random weights"), &inputs, || {
        let models = site(house).join("models");
        house::fresh(&models)?;
        SCRIPTS.iter().try_for_each(|script| {
            run(tools::bench_python(house).arg(house.bench().join(script)).arg(&models))
        })
    })
}

/// Compiles stock candle as the engine for one thread is compiled.
fn stock(house: &House) -> Result<(), Trouble> {
    let inputs = ["bench/stock", "rust-toolchain.toml"];
    unless_done(house, ("stock", "compile stock candle"), &inputs, || {
        let target = folder(house).join("cargo");
        let mut cargo = program("cargo", &["build", "--release", "--locked"]);
        cargo.args(["--target=wasm32-unknown-unknown", "--target-dir"]).arg(&target);
        cargo.current_dir(house.bench().join("stock"));
        compiler::tell(&mut cargo, compiler::ready()?, Std::Shipped);
        run(&mut cargo)?;
        let place = site(house).join("stock");
        let mut bindgen = tools::wasm_bindgen(house)?;
        bindgen.args(["--target=web", "--no-typescript", "--out-dir"]).arg(&place);
        run(bindgen.arg(target.join("wasm32-unknown-unknown/release/stock.wasm")))?;
        let wasm = place.join("stock_bg.wasm");
        tools::optimise(house, &wasm, &wasm)?;
        tools::strip(house, &wasm, &wasm)
    })
}

/// One folder with everything, so that all are served from one origin under the same headers.
fn put_together(house: &House) -> Result<PathBuf, Trouble> {
    let site = site(house);
    house::fresh(&site.join("wick"))?;
    house::copy(&house.dist(), &site.join("wick"))?;
    let named = site.join("named");
    house::fresh(&named)?;
    engine::install_named(house, &named)?;
    house::copy(&house.dist().join("engine.js"), &named.join("engine.js"))?;
    house::fresh(&site.join("bench"))?;
    house::copy(&house.bench().join("page"), &site.join("bench"))?;
    house::copy(&house.browser().join("wire.js"), &site.join("bench/wire.js"))?;
    house::fresh(&site.join("peers"))?;
    let modules = house.bench().join("node_modules");
    for (folder, file) in PEERS {
        let name = file.rsplit('/').next().unwrap_or(file);
        house::copy(&modules.join(file), &site.join("peers").join(folder).join(name))?;
    }
    fs::canonicalize(&site).map_err(|e| format!("{}: {e}", site.display()))
}
