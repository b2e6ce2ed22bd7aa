//! Where things are, and the small file operations every stage needs.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::Trouble;

/// The repository's folders.
pub(crate) struct House {
    /// Holds the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder; everything built or installed for this project lives in it.
    pub(crate) target: PathBuf,
}

impl House {
    /// The repository this program was compiled in.
    pub(crate) fn here() -> Self {
        let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).components().collect();
        let root = root.ancestors().nth(2).unwrap_or(&root).to_owned();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        Self { target: root.join(target), root }
    }

    /// The finished site.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// What is measured against others, and their npm packages.
    pub(crate) fn bench(&self) -> PathBuf {
        self.root.join("bench")
    }

    /// Journeys, and the npm packages.
    pub(crate) fn browser(&self) -> PathBuf {
        self.root.join("tests/browser")
    }
}

/// The whole of a text file.
pub(crate) fn read(path: &Path) -> Result<String, Trouble> {
    fs::read_to_string(path).map_err(|e| named(path, e))
}

/// The whole of a file.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Trouble> {
    fs::read(path).map_err(|e| named(path, e))
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, body: impl AsRef<[u8]>) -> Result<(), Trouble> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|e| named(folder, e))?;
    }
    fs::write(path, body).map_err(|e| named(path, e))
}

/// Every file under `path` (or `path` itself), sorted, so that a hash of them is stable.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = Vec::new();
    collect(path, &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), Trouble> {
    if !path.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(|e| named(path, e))? {
        collect(&entry.map_err(|e| named(path, e))?.path(), found)?;
    }
    Ok(())
}

/// Copies a file or a folder with all it holds.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Trouble> {
    for file in files(from)? {
        let rest = file.strip_prefix(from).map_err(|e| named(&file, e))?;
        let place = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
        write(&place, read_bytes(&file)?)?;
    }
    Ok(())
}

/// Empties a folder, or makes it.
pub(crate) fn fresh(folder: &Path) -> Result<(), Trouble> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|e| named(folder, e))?;
    }
    fs::create_dir_all(folder).map_err(|e| named(folder, e))
}

/// Lower-case hexadecimal SHA-256.
pub(crate) fn sha256(body: &[u8]) -> String {
    Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One hash over `words` and the names and bytes of all files under `inputs`, paths from the root.
///
/// An input that does not exist counts as absent rather than as an error, so that a stamp changes when
/// it appears.
pub(crate) fn stamp(house: &House, inputs: &[&str], words: &[&str]) -> Result<String, Trouble> {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word);
        hash.update([0]);
    }
    for input in inputs {
        let place = house.root.join(input);
        if !place.exists() {
            continue;
        }
        for file in files(&place)? {
            let name = file.strip_prefix(&house.root).map_err(|e| named(&file, e))?;
            hash.update(name.to_string_lossy().as_bytes());
            hash.update(Sha256::digest(read_bytes(&file)?));
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

fn named(path: &Path, why: impl std::fmt::Display) -> Trouble {
    format!("{}: {why}", path.display())
}
