//! What the three tasks of BLIP's checkpoints have in common: [`caption`](crate::caption),
//! [`vqa`](crate::vqa) and [`itm`](crate::itm).

use serde::{Deserialize, Serialize};

use crate::Loading;

/// Most characters a text beside a picture may have; models read a sentence or two.
pub const MOST_CHARACTERS: usize = 2_000;
/// Tokens that are written at most, unless something else is asked for: as many as the reference writes.
pub const NEW_TOKENS: u32 = 20;

/// What arrives while the model loads, looks, reads and writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The picture is being looked at; what was looked at last is not looked at again.
    Looking,
    /// Texts are being read.
    Reading {
        /// Texts that have been read.
        done_texts: u32,
        /// Texts in all.
        total_texts: u32,
    },
    /// All that is written so far.
    Text(String),
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// With what it was to begin with.
    pub text: String,
    /// Tokens that are new in it.
    pub new_tokens: u32,
    /// Whether it ended because there were enough of them, not because the model ended it.
    pub unfinished: bool,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Pixels to each side of what it looks at: the whole picture, squeezed into a square.
    pub side_px: u32,
    /// Most tokens it reads of a text, those around it included.
    pub window_tokens: u32,
}
