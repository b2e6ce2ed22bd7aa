//! Keep models in the driver's own storage: download, list, check, delete.
//!
//! Whatever is asked, the answer is the whole shelf as it is afterwards, so whoever draws it needs to
//! remember nothing. A download that was stopped or cut keeps what arrived: asking again continues it.

use serde::{Deserialize, Serialize};

use crate::{ModelId, Task};

/// Marker for this task.
pub struct Store;

impl Task for Store {
    const NAME: &'static str = "store";
    type Input = Input;
    type Partial = Partial;
    type Output = Output;
}

/// What to do, and when it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Wall clock of the asker, in milliseconds since 1970; kept as the time of adding or of last use.
    pub now_unix_ms: u64,
    /// What to do.
    pub wish: Wish,
}

/// What can be done with the shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wish {
    /// Only look.
    List,
    /// Fetch what is missing of a model, continuing where it was cut.
    Download(What),
    /// Copy the files a person dropped onto the shelf.
    Import {
        /// `file:NAME`, as the files were dropped; they are kept under `NAME`.
        dropped: ModelId,
    },
    /// Read every byte again and compare; a damaged file is marked so and the call fails by its name.
    Verify {
        /// Which model.
        model: ModelId,
    },
    /// Remove a model, whole or partial.
    Delete {
        /// Which model.
        model: ModelId,
    },
    /// Note that a model was used now.
    Touch {
        /// Which model.
        model: ModelId,
    },
}

/// What to download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// A row of the [`catalogue`](crate::catalogue), or a model that is on the shelf in part.
    Model(ModelId),
    /// One file from any address; it is kept under the last part of its path.
    Url(String),
    /// Files listed one by one.
    Files(Custom),
}

/// A model that is in no catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Custom {
    /// Name to keep it under.
    pub model: ModelId,
    /// What a person knows of its licence; may be empty.
    pub licence: String,
    /// Its files.
    pub files: Vec<Remote>,
}

/// A file somewhere else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// Where to fetch it.
    pub url: String,
    /// Name to keep it under.
    pub path: String,
    /// Length, where it is known beforehand.
    pub size_bytes: Option<u64>,
    /// Lower-case hexadecimal SHA-256, where it is known beforehand.
    pub sha256: Option<String>,
}

/// What arrives while files are fetched, copied or read again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Partial {
    /// The other side is being asked for sizes and check sums.
    Asking,
    /// Bytes that are here already are read again: their check sum must be known to continue it.
    Checking(Progress),
    /// Bytes arrive.
    Fetching(Progress),
    /// The connection was cut or stalls; what arrived is kept and it is tried again.
    Waiting {
        /// Which file.
        file: String,
        /// What happened.
        reason: String,
        /// When it goes on.
        retry_in_ms: u32,
        /// Counted from 1.
        attempt: u32,
    },
}

/// How far all files of a model together are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The file at hand.
    pub file: String,
    /// Bytes done, of all files.
    pub done_bytes: u64,
    /// Bytes in all; `None` while the other side has not said.
    pub total_bytes: Option<u64>,
    /// Speed over the last few seconds; 0 until it can be told.
    pub bytes_per_s: f64,
    /// Time left at that speed; `None` until it can be told.
    pub left_s: Option<f64>,
}

/// The shelf after the wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// What is there, whole or in part, by name.
    pub models: Vec<Stored>,
    /// How much fits; `None` where the driver cannot tell.
    pub room: Option<Room>,
}

/// How full the driver's storage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Bytes in use.
    pub used_bytes: u64,
    /// Bytes that may be used.
    pub quota_bytes: u64,
}

/// One model on the shelf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Name that a task's `model` field takes.
    pub model: ModelId,
    /// Where it came from: `owner/name@commit`, an address, or `a file from disk`.
    pub origin: String,
    /// Its licence; empty if nobody said.
    pub licence: String,
    /// Its files.
    pub files: Vec<StoredFile>,
    /// When it was first asked for, in milliseconds since 1970.
    pub added_unix_ms: u64,
    /// When it was last used, in milliseconds since 1970.
    pub used_unix_ms: u64,
}

impl Stored {
    /// Whether every file is whole: only then can it be loaded.
    pub fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.state == State::Whole)
    }

    /// Bytes it takes now.
    pub fn have_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.have_bytes).sum()
    }

    /// Bytes it takes when whole; `None` while a size is unknown.
    pub fn total_bytes(&self) -> Option<u64> {
        self.files.iter().map(|file| file.size_bytes).sum()
    }
}

/// One file of a stored model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Name inside the model.
    pub path: String,
    /// Bytes that are here.
    pub have_bytes: u64,
    /// Length when whole; `None` while unknown.
    pub size_bytes: Option<u64>,
    /// SHA-256: the expected one, or for a whole file of which none was known, the one it had when it
    /// arrived.
    pub sha256: Option<String>,
    /// Whether it can be used.
    pub state: State,
}

/// Whether a stored file can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// All bytes are here and their check sum was right.
    Whole,
    /// Some bytes are missing; downloading continues.
    Partial,
    /// Verifying found other bytes than there should be; downloading starts over.
    Damaged,
}

/// Folder in the driver's storage under which every model has a folder.
pub const ROOT: &str = "models";

/// Name of a model's folder, or of a file in it: what is no letter, digit, `.`, `-` or `_` becomes
/// `%XX`, and so does a leading dot.
pub fn safe_name(name: &str) -> String {
    let plain = |at: usize, byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && at > 0)
    };
    name.bytes().enumerate().fold(String::new(), |mut safe, (at, byte)| {
        match plain(at, byte) {
            true => safe.push(byte.into()),
            false => safe.push_str(&format!("%{byte:02X}")),
        }
        safe
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_folder() {
        assert_eq!(safe_name("a/b c.gguf"), "a%2Fb%20c.gguf");
        assert_eq!(safe_name(".."), "%2E.");
        assert_eq!(safe_name("ü%"), "%C3%BC%25");
    }

    #[test]
    fn a_model_of_unknown_size_has_no_total() {
        let file = |size_bytes| StoredFile {
            path: "x".into(),
            have_bytes: 3,
            size_bytes,
            sha256: None,
            state: State::Partial,
        };
        let stored = |files| Stored {
            model: "m".into(),
            origin: String::new(),
            licence: String::new(),
            files,
            added_unix_ms: 0,
            used_unix_ms: 0,
        };
        assert_eq!(stored(vec![file(Some(5)), file(Some(7))]).total_bytes(), Some(12));
        assert_eq!(stored(vec![file(Some(5)), file(None)]).total_bytes(), None);
        assert_eq!(stored(vec![file(Some(5)), file(None)]).have_bytes(), 6);
    }
}
