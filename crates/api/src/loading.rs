use serde::{Deserialize, Serialize};

/// How far the reading of a checkpoint has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loading {
    /// Bytes read so far.
    pub read_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
}
