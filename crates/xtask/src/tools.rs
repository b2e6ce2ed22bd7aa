//! What must be on the machine: each tool checked at the version we need, and installed when missing.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    Trouble,
    compiler::{self, Std},
    house::{self, House},
    steps::{output, program, run, step},
};

/// One tool.
pub(crate) struct Tool {
    name: &'static str,
    what: &'static str,
    /// Why it is not ready, or nothing.
    lacks: fn(&House) -> Result<(), Trouble>,
    install: fn(&House) -> Result<(), Trouble>,
}

const TARGET: Tool = Tool {
    name: "wasm target",
    what: "add wasm32-unknown-unknown and the standard library's source by rustup",
    lacks: |_| compiler::ready().map(drop),
    install: compiler::install,
};
const BINDGEN: Tool = Tool {
    name: "wasm-bindgen",
    what: "install wasm-bindgen at the version in Cargo.lock (a few minutes)",
    lacks: |house| has_version(house, "wasm-bindgen", &locked(house, "wasm-bindgen")?),
    install: |house| {
        cargo_install(house, ("wasm-bindgen-cli", &locked(house, "wasm-bindgen")?), "1", &[])
    },
};
const TRUNK: Tool = Tool {
    name: "trunk",
    what: "install trunk (several minutes, once)",
    lacks: |house| has_version(house, "trunk", TRUNK_VERSION),
    install: |house| {
        let only = ["--locked", "--no-default-features", "--features=rustls"];
        // It calls others and copies files.
        cargo_install(house, ("trunk", TRUNK_VERSION), "0", &only)
    },
};
const SPLIT: Tool = Tool {
    name: "wasm-split",
    what: "install what takes the page's wasm apart (a minute, once)",
    lacks: has_split,
    install: |house| {
        let only = ["--locked", "--features=build-binary"];
        cargo_install(house, (SPLIT_CRATE, SPLIT_VERSION), "1", &only)
    },
};
const PACKAGES: Tool = Tool {
    name: "npm packages",
    what: "install what tests/browser/package-lock.json names (wasm-opt among them)",
    lacks: |house| has_packages(&house.browser()),
    install: |house| add_packages(&house.browser()),
};
const PEERS: Tool = Tool {
    name: "peers",
    what: "install what bench/package-lock.json names",
    lacks: |house| has_packages(&house.bench()),
    install: |house| add_packages(&house.bench()),
};
const PYTHON: Tool = Tool {
    name: "python",
    what: "install what bench/requirements.txt names into a folder of its own",
    lacks: has_python_packages,
    install: add_python_packages,
};
const CHROMIUM: Tool = Tool {
    name: "chromium",
    what: "install Chromium by apt",
    lacks: |_| chromium().map(drop),
    install: add_chromium,
};

const TRUNK_VERSION: &str = "0.21.14";

/// Reads what `wasm_split_helpers` of Cargo.lock writes; it refuses a version that it does not know.
const SPLIT_CRATE: &str = "wasm_split_cli_support";
const SPLIT_VERSION: &str = "0.2.4";

/// What our wasm may use; the optimiser refuses what it is not told of.
const WASM_FEATURES: &[&str] = &[
    "--enable-simd",
    "--enable-relaxed-simd",
    "--enable-threads",
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// What a build needs.
pub(crate) const FOR_BUILD: &[Tool] = &[TARGET, PACKAGES, BINDGEN, SPLIT, TRUNK];

/// What the journeys need besides.
pub(crate) const FOR_TESTS: &[Tool] = &[CHROMIUM];

/// What the benchmark needs besides.
pub(crate) const FOR_BENCH: &[Tool] = &[PEERS, PYTHON];

/// Makes sure of every tool, installing what is missing.
pub(crate) fn ready(house: &House, tools: &[Tool]) -> Result<(), Trouble> {
    for tool in tools {
        let Err(lack) = (tool.lacks)(house) else { continue };
        println!("[{}] {lack}", tool.name);
        step(tool.name, tool.what, || {
            (tool.install)(house)?;
            (tool.lacks)(house)
        })?;
    }
    Ok(())
}

/// The `wasm-bindgen` program.
pub(crate) fn wasm_bindgen(house: &House) -> Result<Command, Trouble> {
    find(house, "wasm-bindgen", &locked(house, "wasm-bindgen")?).map(Command::new)
}

/// The `trunk` program, which finds the same `wasm-bindgen` and `wasm-opt` as we do.
pub(crate) fn trunk(house: &House) -> Result<Command, Trouble> {
    let mut trunk = Command::new(find(house, "trunk", TRUNK_VERSION)?);
    let bindgen = find(house, "wasm-bindgen", &locked(house, "wasm-bindgen")?)?;
    let ours =
        [bindgen.parent().map(Path::to_owned), Some(house.browser().join("node_modules/.bin"))];
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(ours.into_iter().flatten().chain(env::split_paths(&path)));
    trunk.env("PATH", path.map_err(|e| format!("PATH: {e}"))?);
    compiler::tell(&mut trunk, compiler::ready()?, Std::Small);
    Ok(trunk)
}

/// The program that takes the page's wasm apart.
pub(crate) fn wasm_split(house: &House) -> Command {
    Command::new(house.target.join("tools/bin/wasm-split-cli"))
}

/// Makes wasm of the page as small as it gets, in place.
pub(crate) fn shrink<'p>(
    house: &House,
    wasm: impl Iterator<Item = &'p PathBuf>,
) -> Result<(), Trouble> {
    let script = include_str!("shrink.js");
    // Where a script's packages are is told by the folder it starts in.
    let mut node = program("node", &["--input-type=module", "--eval", script]);
    run(node.args(wasm).current_dir(house.browser()))
}

/// Optimises an engine's wasm; functions keep their names.
///
/// LLVM has left little to do: `-O3` takes minutes more, and its code packs worse.
pub(crate) fn optimise(house: &House, from: &Path, into: &Path) -> Result<(), Trouble> {
    wasm_opt(house, &["-O1", "-g"], (from, into))
}

/// Takes the names of functions out of a wasm.
pub(crate) fn strip(house: &House, from: &Path, into: &Path) -> Result<(), Trouble> {
    wasm_opt(house, &["--strip-debug"], (from, into))
}

/// Binaryen runs under node.
fn wasm_opt(house: &House, how: &[&str], (from, into): (&Path, &Path)) -> Result<(), Trouble> {
    let mut node = Command::new("node");
    node.arg(house.browser().join("node_modules/binaryen/bin/wasm-opt")).args(how);
    run(node.args(WASM_FEATURES).arg(from).arg("-o").arg(into))
}

/// Python with what the benchmark's scripts import.
pub(crate) fn bench_python(house: &House) -> Command {
    Command::new(house.target.join("bench/venv/bin/python"))
}

/// Where Chromium is.
pub(crate) fn chromium() -> Result<PathBuf, Trouble> {
    let path = env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file())
        .ok_or_else(|| "no Chromium in PATH".into())
}

/// Version of a package in Cargo.lock.
fn locked(house: &House, package: &str) -> Result<String, Trouble> {
    let lock = house::read(&house.root.join("Cargo.lock"))?;
    let from = format!("name = \"{package}\"\nversion = \"");
    let rest = lock.split_once(&from).map(|(_, rest)| rest);
    let version = rest.and_then(|rest| rest.split_once('"')).map(|(version, _)| version.to_owned());
    version.ok_or_else(|| format!("Cargo.lock names no {package}"))
}

fn has_version(house: &House, name: &str, version: &str) -> Result<(), Trouble> {
    find(house, name, version).map(drop)
}

/// It does not tell its version; cargo keeps a note of what it installed.
fn has_split(house: &House) -> Result<(), Trouble> {
    let notes = house::read(&house.target.join("tools/.crates.toml")).unwrap_or_default();
    match notes.contains(&format!("\"{SPLIT_CRATE} {SPLIT_VERSION} ")) {
        true => Ok(()),
        false => Err(format!("{SPLIT_CRATE} {SPLIT_VERSION} is not installed")),
    }
}

/// The program at exactly this version: ours first, then the one in PATH.
fn find(house: &House, name: &str, version: &str) -> Result<PathBuf, Trouble> {
    let ours = house.target.join("tools/bin").join(name);
    for place in [ours, PathBuf::from(name)] {
        let told = output(&mut program(&place, &["--version"])).unwrap_or_default();
        if told.split_whitespace().nth(1) == Some(version) {
            return absolute(place);
        }
    }
    Err(format!("{name} {version} is not installed"))
}

fn absolute(program: PathBuf) -> Result<PathBuf, Trouble> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(&program)).find(|p| p.is_file());
    found.ok_or_else(|| format!("{} ran but is not in PATH", program.display()))
}

/// Into `target/tools`, so that a person's own version stays as it is.
///
/// It runs for seconds and would be optimised for minutes: at most at `level` 1.
fn cargo_install(
    house: &House,
    (name, version): (&str, &str),
    level: &str,
    extra: &[&str],
) -> Result<(), Trouble> {
    let mut cargo = program("cargo", &["install", name, "--version", version]);
    cargo.args(extra).arg("--root").arg(house.target.join("tools"));
    cargo.arg("--target-dir").arg(house.target.join("tools/build"));
    cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level).env("CARGO_PROFILE_RELEASE_LTO", "off");
    cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    // A program for this machine: none of the workspace's flags.
    run(cargo.current_dir(env::temp_dir()).env_remove("RUSTFLAGS"))?;
    let scraps = house.target.join("tools/build");
    fs::remove_dir_all(&scraps).map_err(|e| format!("{}: {e}", scraps.display()))
}

fn has_packages(folder: &Path) -> Result<(), Trouble> {
    same(&folder.join("package-lock.json"), &folder.join("node_modules/.installed"))
}

fn add_packages(folder: &Path) -> Result<(), Trouble> {
    let mut npm = program(
        "npm",
        &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-timeout=30000"],
    );
    run(npm.current_dir(folder)).map_err(|e| format!("{e}; node 20 and npm are needed"))?;
    let lock = house::read(&folder.join("package-lock.json"))?;
    house::write(&folder.join("node_modules/.installed"), lock)
}

fn has_python_packages(house: &House) -> Result<(), Trouble> {
    let note = house.target.join("bench/venv/.installed");
    same(&house.bench().join("requirements.txt"), &note)
}

fn add_python_packages(house: &House) -> Result<(), Trouble> {
    let venv = house.target.join("bench/venv");
    run(program("python3", &["-m", "venv", "--clear"]).arg(&venv))
        .map_err(|e| format!("{e}; python3 with venv is needed"))?;
    let wanted = house.bench().join("requirements.txt");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(bench_python(house).args(pip).arg(&wanted))?;
    house::write(&venv.join(".installed"), house::read(&wanted)?)
}

/// Whether the note of the last installation is what is wanted now.
fn same(wanted: &Path, note: &Path) -> Result<(), Trouble> {
    let have = house::read(note).unwrap_or_default();
    match house::read(wanted)? == have {
        true => Ok(()),
        false => Err(format!("not installed as {} says", wanted.display())),
    }
}

fn add_chromium(_house: &House) -> Result<(), Trouble> {
    apt_install(&["chromium"])
}

/// Installs Debian packages as root; elsewhere an error with the one command to run.
pub(crate) fn apt_install(packages: &[&str]) -> Result<(), Trouble> {
    let debian = Path::new("/etc/debian_version").exists();
    let root = output(&mut program("id", &["-u"])).is_ok_and(|id| id == "0");
    if !(debian && root) {
        let names = packages.join(" ");
        return Err(format!(
            "run `sudo apt-get install {names}`, or install the like, then try again"
        ));
    }
    let apt =
        |args: &[&str]| run(program("apt-get", args).env("DEBIAN_FRONTEND", "noninteractive"));
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    apt(&install).or_else(|_| apt(&["update"]).and_then(|()| apt(&install)))
}
