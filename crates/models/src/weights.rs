//! Where a network's weights come from, addressed by Hugging Face's names for them.

use crate::{Breath, Gguf, Kind, Safetensors};

/// How far a load has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of tensors read so far.
    pub read_bytes: u64,
    /// Bytes of tensors there are to read.
    pub total_bytes: u64,
}

/// A checkpoint's tensors below some name. Clones share their progress.
#[derive(Clone)]
pub struct Weights;

impl Weights {
    /// The tensors of a GGUF file.
    pub fn gguf(_file: Gguf, _breath: Breath) -> Self {
        Self
    }

    /// The tensors of safetensors files; matrices are packed as `quantize` on the way, if given.
    pub fn safetensors(_files: Safetensors, _breath: Breath, _quantize: Option<Kind>) -> Self {
        Self
    }

    /// The weights below `name`.
    pub fn at(&self, _name: impl ToString) -> Self {
        Self
    }

    /// How far the load has come; a clone may ask while another loads.
    pub fn progress(&self) -> Progress {
        Progress { read_bytes: 0, total_bytes: 0 }
    }
}
