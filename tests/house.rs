//! The rules of the house, kept by a test rather than by memory.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Who may import whom. A crate missing here fails the test.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("api", &[]),
    ("kernels", &[]),
    ("media", &[]),
    ("models", &["kernels"]),
    ("tasks", &["api", "media", "models"]),
    ("worker", &["api", "tasks", "kernels"]),
    ("page", &["api"]),
    ("xtask", &[]),
    ("house-tests", &["api", "kernels", "media", "models", "tasks"]),
];

/// What may lie at the top of the repository.
const TOP: &[&str] = &[
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".config",
    ".gitignore",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "Trunk.toml",
    "bench",
    "crates",
    "fuzz",
    "index.html",
    "recipes",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "tests",
    "www",
];

const LONGEST_FILE: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What a program prints when run at the top of the repository.
fn output_of(program: &str, arguments: &[&str]) -> String {
    let out = Command::new(program).args(arguments).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Every file git tracks.
fn tracked() -> Vec<String> {
    let listing = output_of("git", &["ls-files"]);
    let files: Vec<_> = listing.lines().map(str::to_owned).collect();
    assert!(files.len() > 20, "git tracks only {} files", files.len());
    files
}

#[test]
fn imports_only_point_down() {
    let text = output_of(
        env!("CARGO"),
        &["metadata", "--no-deps", "--offline", "--locked", "--format-version=1"],
    );
    let meta: serde_json::Value = serde_json::from_str(&text).unwrap();
    let packages = meta["packages"].as_array().unwrap();
    let ours: Vec<_> = packages.iter().map(|p| p["name"].as_str().unwrap()).collect();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(n, _)| *n == name)
            .unwrap_or_else(|| panic!("`{name}` has no row in MAY_IMPORT"));
        for dep in package["dependencies"].as_array().unwrap() {
            let dep = dep["name"].as_str().unwrap();
            assert!(
                !ours.contains(&dep) || allowed.contains(&dep),
                "`{name}` may not import `{dep}`"
            );
        }
    }
    assert_eq!(ours.len(), MAY_IMPORT.len(), "MAY_IMPORT names a crate that is not there");
}

#[test]
fn the_page_links_no_network_code() {
    let tree = output_of(
        env!("CARGO"),
        &["tree", "--offline", "--locked", "--package=page", "--edges=normal", "--prefix=none"],
    );
    assert!(tree.contains("leptos v"), "not the page's tree: {tree}");
    for heavy in ["candle", "tokenizers", "minijinja", "rayon", "gemm"] {
        let found = tree.lines().find(|line| line.starts_with(heavy));
        assert_eq!(found, None, "the page must stay small");
    }
}

#[test]
fn files_fit_in_a_head() {
    let sources = tracked().into_iter().filter(|path| {
        path.ends_with(".rs") && (path.starts_with("crates/") || path.starts_with("tests/"))
    });
    for path in sources {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = code.lines().count();
        assert!(lines <= LONGEST_FILE, "{path} has {lines} lines before its tests");
    }
}

/// Tasks that no panel asks for: `check` is the tests', and `measure` the benchmark's.
const WITHOUT_PANEL: &[&str] = &["check", "measure"];

#[test]
fn every_task_has_its_three_files() {
    assert!(!tasks::ALL.is_empty());
    for entry in tasks::ALL {
        let places = ["crates/api/src", "crates/tasks/src", "crates/page/src/panels"];
        let count = if WITHOUT_PANEL.contains(&entry.name) { 2 } else { 3 };
        for place in &places[..count] {
            let path = root().join(place).join(entry.name).with_extension("rs");
            assert!(path.is_file(), "task `{}` lacks {}", entry.name, path.display());
        }
    }
}

#[test]
fn the_map_shows_every_crate() {
    let map = fs::read_to_string(root().join("crates/README.md")).unwrap();
    for (name, _) in MAY_IMPORT.iter().filter(|(name, _)| *name != "house-tests") {
        assert!(
            map.contains(&format!("\n| `{name}` |")),
            "crates/README.md has no row for `{name}`"
        );
    }
}

#[test]
fn the_top_holds_only_what_it_may() {
    for path in tracked() {
        let top = path.split('/').next().unwrap();
        assert!(TOP.contains(&top), "{path} does not belong at the top");
    }
}

/// What is committed works on any machine: it names no folder of this one and no host that packages
/// come from. `Cargo.lock` is cargo's own; it has no other way to say where a crate is from.
#[test]
fn nothing_committed_names_a_machine_or_a_registry() {
    let mut hosts =
        ["registry.npmjs", "pypi", "files.pythonhosted", "static.crates", "index.crates"]
            .map(|host| format!("{host}.{}", if host.contains("crates") { "io" } else { "org" }))
            .to_vec();
    hosts.extend(["/root", "/home", "/work"].map(|place| format!("{place}/")));
    for path in tracked().into_iter().filter(|path| path != "Cargo.lock") {
        let bytes = fs::read(root().join(&path)).unwrap();
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        for named in &hosts {
            assert!(!text.contains(named.as_str()), "{path} names {named}");
        }
    }
}
