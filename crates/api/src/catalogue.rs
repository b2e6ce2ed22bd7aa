//! Every checkpoint Wick knows by name.

/// Where a checkpoint's files come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the site's own folder, beside the page; works with no network.
    Shipped,
    /// A repository on the model hub.
    Hub {
        /// Owner and name.
        repository: &'static str,
        /// Commit the files are taken from. `None` is an unpinned row: nobody could look the commit up
        /// when the row was written, so the store asks the hub once and keeps the commit it was told.
        revision: Option<&'static str>,
    },
}

/// One file of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Path inside the repository, or inside the site's `models/` folder.
    pub path: &'static str,
    /// Length; `None` only where [`Origin::Hub`] is asked for it.
    pub size_bytes: Option<u64>,
    /// Lower-case hexadecimal SHA-256; `None` only where [`Origin::Hub`] is asked for it.
    pub sha256: Option<&'static str>,
}

/// How a checkpoint's weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantization {
    /// 8 bits and a scale per 32 weights.
    Q8_0,
    /// 4 bits mostly, 6 for the tensors that need them.
    Q4KM,
    /// 4 bits and a scale per 32 weights.
    Q4_0,
}

impl Quantization {
    /// What a person reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Q8_0 => "Q8_0",
            Self::Q4KM => "Q4_K_M",
            Self::Q4_0 => "Q4_0",
        }
    }

    /// Bits a weight takes, scales included. `Q4_K_M` mixes Q4_K (4.5) and Q6_K (6.56); small models
    /// with large vocabularies come out higher than the usual 4.85.
    pub const fn bits_per_weight(self) -> f64 {
        match self {
            Self::Q8_0 => 8.5,
            Self::Q4KM => 5.5,
            Self::Q4_0 => 4.7,
        }
    }
}

/// One row of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checkpoint {
    /// What a task's `model` field holds.
    pub id: &'static str,
    /// What a person reads.
    pub title: &'static str,
    /// Rows of one family are the same model at different quantizations.
    pub family: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    /// Its files.
    pub files: &'static [File],
    /// Weights in all.
    pub parameters: u64,
    /// How they are stored.
    pub quantization: Quantization,
    /// SPDX identifier, or the licence's own name.
    pub licence: &'static str,
    /// Names of the tasks it can do.
    pub tasks: &'static [&'static str],
}

impl Checkpoint {
    /// Bytes of its files; `None` while the hub has not been asked.
    pub fn size_bytes(&self) -> Option<u64> {
        self.files.iter().map(|file| file.size_bytes).sum()
    }

    /// Bytes of its files, or where they are unknown an estimate from the number of weights: good for
    /// a fit check, not for anything that must be exact.
    pub fn likely_bytes(&self) -> u64 {
        let estimate = self.parameters as f64 * self.quantization.bits_per_weight() / 8.0;
        self.size_bytes().unwrap_or(estimate as u64)
    }

    /// The next smaller row of the same family.
    pub fn smaller(&self) -> Option<&'static Self> {
        let same = |row: &&'static Self| row.family == self.family;
        let below = |row: &&'static Self| row.likely_bytes() < self.likely_bytes();
        ALL.iter().filter(same).filter(below).max_by_key(|row| row.likely_bytes())
    }
}

/// The row of a name.
pub fn find(id: &str) -> Option<&'static Checkpoint> {
    ALL.iter().find(|row| row.id == id)
}

/// The model that answers when the page is first opened.
pub const DEFAULT: &str = "wick-chat";

/// Every row; adding one is one entry here.
pub const ALL: &[Checkpoint] = &[Checkpoint {
    id: DEFAULT,
    title: "Wick Chat",
    family: "wick-chat",
    origin: Origin::Shipped,
    files: &[File { path: "wick-chat-q8_0.gguf", size_bytes: None, sha256: None }],
    parameters: 0,
    quantization: Quantization::Q8_0,
    licence: "MIT OR Apache-2.0",
    tasks: &["chat"],
}];
