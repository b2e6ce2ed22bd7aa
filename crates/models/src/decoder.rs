//! Decoder-only language models: Llama, Qwen, Gemma 3, Phi-3.

mod config;

use candle_core::Tensor;

pub use self::config::Config;
use crate::{Breath, Error, Result, Weights};

/// A loaded language model.
pub struct Decoder {
    config: Config,
}

impl Decoder {
    /// Loads every tensor; each is used exactly once, or it is an error.
    pub async fn load(_weights: &Weights, _config: Config) -> Result<Self> {
        Err(Error::Unsupported("loading decoders is not written yet".into()))
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Numbers in all its weights.
    pub fn parameters(&self) -> u64 {
        0
    }

    /// Memory its weights take.
    pub fn weight_bytes(&self) -> u64 {
        0
    }

    /// The kind of weights that takes the most bytes, such as `Q8_0`.
    pub fn quantization(&self) -> String {
        String::new()
    }

    /// Logits `(vocab_size)` that follow the last of `ids`, which come after what `cache` holds.
    ///
    /// When it is stopped or fails, `cache` is as before.
    pub async fn forward(
        &self,
        _ids: &[u32],
        _cache: &mut Cache,
        _breath: &Breath,
    ) -> Result<Tensor> {
        Err(Error::Unsupported("running decoders is not written yet".into()))
    }
}

/// Keys and values of the positions seen so far.
pub struct Cache {
    len: usize,
}

impl Cache {
    /// An empty cache for one conversation with `decoder`.
    pub fn new(_decoder: &Decoder) -> Self {
        Self { len: 0 }
    }

    /// Positions held.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Forgets all positions from `len` on; a longer `len` changes nothing.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}
