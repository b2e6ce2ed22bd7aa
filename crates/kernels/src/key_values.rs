use std::sync::Arc;

use candle_core::{Error, Result, bail};

/// Keys that stand side by side, so that one vector of them is multiplied at once.
pub(crate) const KEYS: usize = 8;
/// Positions that lie together: what [`Attend`](crate::Attend) looks at in one go.
pub(crate) const BLOCK: usize = 64;

/// Keys and values of positions, laid out for [`Attend`](crate::Attend).
///
/// Clones share what they have in common, as the beams of a search do: a block is copied when one of
/// them writes to it, and only the last block is ever written to by those that go on.
#[derive(Clone)]
pub struct KeyValues {
    blocks: Vec<Arc<Block>>,
    pub(crate) heads: usize,
    pub(crate) head_dim: usize,
    pub(crate) len: usize,
}

/// Up to [`BLOCK`] positions. Memory grows by doubling, as they come.
struct Block {
    /// For each head `(positions / 8, head_dim, 8)`.
    keys: Vec<Vec<[f32; KEYS]>>,
    /// For each head `(positions, padded_dim)`.
    values: Vec<Vec<f32>>,
}

impl KeyValues {
    /// None yet, for as many heads of `head_dim` numbers.
    pub fn new(heads: usize, head_dim: usize) -> Self {
        Self { blocks: Vec::new(), heads, head_dim, len: 0 }
    }

    /// Positions held.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none are held.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of memory taken, shared or not.
    pub fn bytes(&self) -> usize {
        self.blocks.iter().map(|block| block.bytes()).sum()
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
        for block in at / BLOCK..len.div_ceil(BLOCK) {
            self.make_room(block, (len - block * BLOCK).min(BLOCK))?;
        }
        let (head_dim, padded) = (self.head_dim, self.padded_dim());
        let rows = keys.chunks_exact(width).zip(values.chunks_exact(width));
        for (position, (keys, values)) in (at..).zip(rows) {
            let Some(block) = Arc::get_mut(&mut self.blocks[position / BLOCK]) else {
                bail!("a block is still shared")
            };
            let place = position % BLOCK;
            for (kept, keys) in block.keys.iter_mut().zip(keys.chunks_exact(head_dim)) {
                let panel = &mut kept[place / KEYS * head_dim..];
                panel.iter_mut().zip(keys).for_each(|(entry, key)| entry[place % KEYS] = *key);
            }
            for (kept, values) in block.values.iter_mut().zip(values.chunks_exact(head_dim)) {
                kept[place * padded..][..head_dim].copy_from_slice(values);
            }
        }
        self.len = len;
        Ok(())
    }

    /// Makes a block this one's own, with room for `count` positions.
    fn make_room(&mut self, block: usize, count: usize) -> Result<()> {
        let (keys, values) = (count.div_ceil(KEYS) * self.head_dim, count * self.padded_dim());
        let Some(kept) = self.blocks.get_mut(block) else {
            let mut fresh = Block::new(self.heads);
            fresh.grow(keys, values)?;
            self.blocks.push(Arc::new(fresh));
            return Ok(());
        };
        match Arc::get_mut(kept) {
            Some(kept) => kept.grow(keys, values),
            None => {
                let mut own = Block::new(self.heads);
                own.grow(keys.max(kept.keys[0].len()), values.max(kept.values[0].len()))?;
                own.copy(kept);
                *kept = Arc::new(own);
                Ok(())
            }
        }
    }

    /// Numbers between two values of a head: whole vectors.
    pub(crate) fn padded_dim(&self) -> usize {
        self.head_dim.next_multiple_of(KEYS)
    }

    /// The keys of a head from `position` on, a multiple of [`KEYS`]: `(head_dim, 8)`.
    pub(crate) fn key_panel(&self, head: usize, position: usize) -> &[[f32; KEYS]] {
        let keys = &self.blocks[position / BLOCK].keys[head];
        &keys[position % BLOCK / KEYS * self.head_dim..][..self.head_dim]
    }

    /// The values of a head from `position` on, to the end of its block.
    pub(crate) fn values_from(&self, head: usize, position: usize) -> &[f32] {
        let values = &self.blocks[position / BLOCK].values[head];
        &values[position % BLOCK * self.padded_dim()..]
    }
}

impl Block {
    fn new(heads: usize) -> Self {
        Self { keys: vec![Vec::new(); heads], values: vec![Vec::new(); heads] }
    }

    fn bytes(&self) -> usize {
        let keys = self.keys.iter().map(|keys| keys.capacity() * KEYS);
        let values = self.values.iter().map(Vec::capacity);
        keys.chain(values).sum::<usize>() * size_of::<f32>()
    }

    /// Room for as many entries of each head.
    fn grow(&mut self, keys: usize, values: usize) -> Result<()> {
        self.keys.iter_mut().try_for_each(|kept| grow(kept, keys, [0.; KEYS]))?;
        self.values.iter_mut().try_for_each(|kept| grow(kept, values, 0.))
    }

    fn copy(&mut self, other: &Self) {
        for (own, other) in self.keys.iter_mut().zip(&other.keys) {
            own[..other.len()].copy_from_slice(other);
        }
        for (own, other) in self.values.iter_mut().zip(&other.values) {
            own[..other.len()].copy_from_slice(other);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seed: usize) -> Vec<f32> {
        (0..6).map(|i| (seed * 7 + i) as f32).collect()
    }

    /// Keys and values of one position, as they were put.
    fn found(kept: &KeyValues, position: usize) -> (Vec<f32>, Vec<f32>) {
        let heads = 0..kept.heads;
        let key = |head| {
            let panel = kept.key_panel(head, position / KEYS * KEYS);
            panel.iter().map(|entry| entry[position % KEYS]).collect::<Vec<_>>()
        };
        let value = |head| kept.values_from(head, position)[..kept.head_dim].to_vec();
        (heads.clone().flat_map(key).collect(), heads.flat_map(value).collect())
    }

    #[test]
    fn clones_share_what_they_had_and_nothing_that_comes_after() {
        let mut first = KeyValues::new(2, 3);
        (0..BLOCK + 10).for_each(|at| first.put(at, &row(at), &row(at + 1)).unwrap());
        let mut second = first.clone();
        first.put(BLOCK + 10, &row(500), &row(501)).unwrap();
        second.put(BLOCK + 9, &row(600), &row(601)).unwrap();
        assert!(Arc::ptr_eq(&first.blocks[0], &second.blocks[0]));
        assert!(!Arc::ptr_eq(&first.blocks[1], &second.blocks[1]));
        for at in 0..BLOCK + 9 {
            assert_eq!(found(&first, at), (row(at), row(at + 1)));
            assert_eq!(found(&second, at), found(&first, at));
        }
        assert_eq!(found(&first, BLOCK + 9), (row(BLOCK + 9), row(BLOCK + 10)));
        assert_eq!(found(&first, BLOCK + 10), (row(500), row(501)));
        assert_eq!(found(&second, BLOCK + 9), (row(600), row(601)));
        assert_eq!((first.len(), second.len()), (BLOCK + 11, BLOCK + 10));
    }

    #[test]
    fn a_sole_owner_writes_in_place() {
        let mut kept = KeyValues::new(2, 3);
        kept.put(0, &row(0), &row(1)).unwrap();
        drop(kept.clone());
        let before = Arc::as_ptr(&kept.blocks[0]);
        kept.put(1, &row(2), &row(3)).unwrap();
        assert_eq!(before, Arc::as_ptr(&kept.blocks[0]));
    }
}
