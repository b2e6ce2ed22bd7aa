//! Every checkpoint Wick knows by name.

/// Where a checkpoint's files come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the site's own folder, beside the page; works with no network.
    Shipped,
    /// A repository on the model hub, at a pinned revision.
    Hub {
        /// Owner and name.
        repository: &'static str,
        /// Commit the files are taken from.
        revision: &'static str,
    },
}

/// One file of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Path inside the repository, or inside the site's `models/` folder.
    pub path: &'static str,
    /// Length.
    pub size_bytes: u64,
    /// Lower-case hexadecimal SHA-256.
    pub sha256: &'static str,
}

/// One row of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// What a task's `model` field holds.
    pub id: &'static str,
    /// What a person reads.
    pub title: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    /// Its files.
    pub files: &'static [File],
    /// SPDX identifier, or the licence's own name.
    pub licence: &'static str,
    /// Names of the tasks it can do.
    pub tasks: &'static [&'static str],
}
