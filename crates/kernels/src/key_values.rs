use candle_core::{Error, Result, bail};

/// Keys that stand side by side, so that one vector of them is multiplied at once.
pub(crate) const KEYS: usize = 8;

/// Keys and values of positions, laid out for [`Attend`](crate::Attend).
///
/// Memory grows by doubling, as positions come.
pub struct KeyValues {
    /// For each head `(positions / 8, head_dim, 8)`.
    keys: Vec<Vec<[f32; KEYS]>>,
    /// For each head `(positions, padded_dim)`.
    values: Vec<Vec<f32>>,
    pub(crate) heads: usize,
    pub(crate) head_dim: usize,
    pub(crate) len: usize,
}

impl KeyValues {
    /// None yet, for as many heads of `head_dim` numbers.
    pub fn new(heads: usize, head_dim: usize) -> Self {
        let (keys, values) = (vec![Vec::new(); heads], vec![Vec::new(); heads]);
        Self { keys, values, heads, head_dim, len: 0 }
    }

    /// Positions held.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none are held.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of memory taken.
    pub fn bytes(&self) -> usize {
        let keys = self.keys.iter().map(|keys| keys.capacity() * KEYS);
        let values = self.values.iter().map(Vec::capacity);
        keys.chain(values).sum::<usize>() * size_of::<f32>()
    }

    /// Puts keys and values `(n, heads * head_dim)` at the positions from `at` on, and forgets what
    /// was there and after.
    ///
    /// Fails, and changes nothing, if they do not fit or there is no memory for them.
    pub fn put(&mut self, at: usize, keys: &[f32], values: &[f32]) -> Result<()> {
        let width = self.heads * self.head_dim;
        if keys.len() != values.len() || !keys.len().is_multiple_of(width) || at > self.len {
            bail!("{} keys and {} values do not fit after {at}", keys.len(), values.len())
        }
        let len = at + keys.len() / width;
        let (head_dim, padded) = (self.head_dim, self.padded_dim());
        for head in 0..self.heads {
            grow(&mut self.keys[head], len.div_ceil(KEYS) * head_dim, [0.; KEYS])?;
            grow(&mut self.values[head], len * padded, 0.)?;
        }
        for (position, keys) in (at..).zip(keys.chunks_exact(width)) {
            for (kept, keys) in self.keys.iter_mut().zip(keys.chunks_exact(head_dim)) {
                let panel = &mut kept[position / KEYS * head_dim..];
                panel.iter_mut().zip(keys).for_each(|(entry, key)| entry[position % KEYS] = *key);
            }
        }
        for (position, values) in (at..).zip(values.chunks_exact(width)) {
            for (kept, values) in self.values.iter_mut().zip(values.chunks_exact(head_dim)) {
                kept[position * padded..][..head_dim].copy_from_slice(values);
            }
        }
        self.len = len;
        Ok(())
    }

    /// Numbers between two values of a head: whole vectors.
    pub(crate) fn padded_dim(&self) -> usize {
        self.head_dim.next_multiple_of(KEYS)
    }

    /// The keys of a head from `position` on, a multiple of [`KEYS`]: `(head_dim, 8)`.
    pub(crate) fn key_panel(&self, head: usize, position: usize) -> &[[f32; KEYS]] {
        &self.keys[head][position / KEYS * self.head_dim..][..self.head_dim]
    }

    /// The values of a head from `position` on.
    pub(crate) fn values_from(&self, head: usize, position: usize) -> &[f32] {
        &self.values[head][position * self.padded_dim()..]
    }
}

/// Makes a vector at least `len` long, taking memory in doubling steps.
fn grow<T: Copy>(kept: &mut Vec<T>, len: usize, empty: T) -> Result<()> {
    if let Some(more) = len.checked_sub(kept.len()) {
        kept.try_reserve(more)
            .map_err(|_| Error::msg("no memory left for a longer conversation"))?;
        kept.resize(len, empty);
    }
    Ok(())
}
