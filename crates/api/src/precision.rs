use serde::{Deserialize, Serialize};

/// How weights are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precision {
    /// As the checkpoint stores them.
    Stored,
    /// Rounded to eight bits in blocks of 32 while they are read.
    Q8_0,
    /// Rounded to four bits in the same way: an eighth of f32, and answers that may differ.
    Q4_0,
}
