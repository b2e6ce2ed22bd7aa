use candle_core::Tensor;
use kernels::KeyValues;

use crate::{Decoder, Error, Result, layers::with_floats};

/// Keys and values of the positions seen so far.
///
/// Memory grows by doubling, never to the checkpoint's longest context at once. Layers with a window
/// keep all positions too and look only at the last ones: this is what makes any
/// [`truncate`](Self::truncate) right.
pub struct Cache {
    pub(super) layers: Vec<Kept>,
    pub(super) len: usize,
}

/// What one layer keeps. Positions beyond the cache's `len` are leftovers of a run that was given up.
pub(super) struct Kept(pub(super) KeyValues);

impl Cache {
    /// An empty cache for one conversation with `decoder`.
    pub fn new(decoder: &Decoder) -> Self {
        let config = decoder.config();
        let kept = |_| Kept(KeyValues::new(config.num_key_value_heads, config.head_dim));
        Self { layers: (0..config.num_hidden_layers).map(kept).collect(), len: 0 }
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

    /// Bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(|kept| kept.0.bytes()).sum()
    }
}

impl Kept {
    /// Puts keys and values `(n, width)` at the positions from `at` on, and drops what was there.
    pub(super) fn put(&mut self, at: usize, keys: &Tensor, values: &Tensor) -> Result<()> {
        with_floats(keys, |keys| with_floats(values, |values| self.0.put(at, keys, values)))
            .map_err(|e| Error::Memory(e.to_string()))
    }
}
