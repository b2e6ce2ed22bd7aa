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
    ("models", &["kernels"]),
    ("tasks", &["api", "models"]),
    ("worker", &["api", "tasks", "kernels"]),
    ("page", &["api"]),
    ("xtask", &[]),
    ("house-tests", &["api", "kernels", "models", "tasks"]),
];

const LONGEST_FILE: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn imports_only_point_down() {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let meta: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
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
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found)
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path)
        }
    }
}

#[test]
fn files_fit_in_a_head() {
    let mut found = Vec::new();
    sources(&root().join("crates"), &mut found);
    assert!(!found.is_empty());
    for path in found {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = code.lines().count();
        assert!(lines <= LONGEST_FILE, "{} has {lines} lines before its tests", path.display());
    }
}

#[test]
fn every_task_has_its_three_files() {
    for entry in tasks::ALL {
        for place in ["crates/api/src", "crates/tasks/src", "crates/page/src/panels"] {
            let path = root().join(place).join(entry.name).with_extension("rs");
            assert!(path.is_file(), "task `{}` lacks {}", entry.name, path.display());
        }
    }
}
