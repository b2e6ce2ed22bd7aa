use candle_core::Tensor;

use crate::{Decoder, Result, layers::append};

/// Keys and values of the positions seen so far.
///
/// Memory grows by doubling, never to the checkpoint's longest context at once. Layers with a window
/// keep all positions too and look only at the last ones: this is what makes any
/// [`truncate`](Self::truncate) right.
pub struct Cache {
    pub(super) layers: Vec<Kept>,
    pub(super) len: usize,
}

/// What one layer keeps. Rows beyond the cache's `len` are leftovers of a run that was given up.
pub(super) struct Kept {
    pub(super) keys: Vec<f32>, // (positions, width)
    pub(super) values: Vec<f32>,
    width: usize,
}

impl Cache {
    /// An empty cache for one conversation with `decoder`.
    pub fn new(decoder: &Decoder) -> Self {
        let width = decoder.config().num_key_value_heads * decoder.config().head_dim;
        let kept = || Kept { keys: Vec::new(), values: Vec::new(), width };
        Self { layers: (0..decoder.config().num_hidden_layers).map(|_| kept()).collect(), len: 0 }
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
        self.layers.iter().map(|kept| 4 * (kept.keys.capacity() + kept.values.capacity())).sum()
    }
}

impl Kept {
    /// Puts keys and values `(n, width)` at the positions from `at` on, and drops what was there.
    pub(super) fn put(&mut self, at: usize, keys: &Tensor, values: &Tensor) -> Result<()> {
        self.keys.truncate(at * self.width);
        self.values.truncate(at * self.width);
        append(&mut self.keys, keys)?;
        append(&mut self.values, values)
    }
}
