use std::sync::Arc;

use candle_core::{Error, Result, bail};

use crate::{
    machine::Machine,
    open::Open,
    quants::{Bytes, Quants},
    rounded::{BLOCK_LEN, around_zero},
    tile::ROWS,
};

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
    rounded: bool,
    /// `(heads * head_dim)`: the mean of the keys that came first, taken from every key before it is rounded, so that
    /// what all have in common takes no bits. It changes all scores of a query alike, which their softmax does not see.
    origin: Vec<f32>,
}

/// Up to [`BLOCK`] positions. Memory grows by doubling, as they come.
struct Block {
    /// For each head.
    keys: Vec<Keys>,
    /// For each head `(positions, padded_dim)`.
    values: Vec<Vec<f32>>,
}

/// Keys of a head.
enum Keys {
    /// `(positions / 8, head_dim, 8)`.
    Floats(Vec<[f32; KEYS]>),
    /// `(positions / 4, head_dim / 32)`.
    Rounded(Vec<Tile>),
}

/// 32 numbers of four keys, in eight bits each.
#[derive(Clone, Copy)]
pub(crate) struct Tile {
    steps: [f32; ROWS],
    quants: Bytes,
}

impl Tile {
    const EMPTY: Self = Self { steps: [0.; ROWS], quants: Bytes::EMPTY };

    fn set(&mut self, row: usize, numbers: &[f32; BLOCK_LEN]) {
        let (whole, step) = around_zero(numbers);
        self.steps[row] = step;
        self.quants.set(row, &whole.map(|whole| (whole as i8).cast_unsigned()));
    }

    #[inline(always)]
    pub(crate) fn open<M: Machine>(&self) -> Open<M> {
        Open::new(&self.quants, [M::quad(&self.steps); 2], [M::splat(0.); 2])
    }
}

impl KeyValues {
    /// None yet, for as many heads of `head_dim` numbers.
    pub fn new(heads: usize, head_dim: usize) -> Self {
        Self { blocks: Vec::new(), heads, head_dim, len: 0, rounded: false, origin: Vec::new() }
    }

    /// The same with keys that are rounded to eight bits, as queries then are: quicker where many look at many. Where a
    /// head's numbers are no whole blocks of 32, all stay as they are.
    pub fn new_rounded(heads: usize, head_dim: usize) -> Self {
        Self { rounded: head_dim.is_multiple_of(BLOCK_LEN), ..Self::new(heads, head_dim) }
    }

    /// Whether keys are.
    pub(crate) fn rounded(&self) -> bool {
        self.rounded
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
        if self.rounded && at == 0 {
            self.origin = mean(keys, width);
        }
        let mut from_origin = Vec::new();
        let rows = keys.chunks_exact(width).zip(values.chunks_exact(width));
        for (position, (keys, values)) in (at..).zip(rows) {
            let Some(block) = Arc::get_mut(&mut self.blocks[position / BLOCK]) else {
                bail!("a block is still shared")
            };
            let place = position % BLOCK;
            let keys = match self.rounded {
                true => {
                    from_origin.clear();
                    from_origin.extend(keys.iter().zip(&self.origin).map(|(x, origin)| x - origin));
                    &from_origin
                }
                false => keys,
            };
            for (kept, key) in block.keys.iter_mut().zip(keys.chunks_exact(head_dim)) {
                kept.put(place, key);
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
        let dims = (self.head_dim, self.padded_dim());
        let Some(kept) = self.blocks.get_mut(block) else {
            let mut fresh = Block::new(self.heads, self.rounded);
            fresh.grow(count, dims)?;
            self.blocks.push(Arc::new(fresh));
            return Ok(());
        };
        match Arc::get_mut(kept) {
            Some(kept) => kept.grow(count, dims),
            None => {
                let mut own = Block::new(self.heads, self.rounded);
                own.grow(count.max(kept.values[0].len() / dims.1), dims)?;
                own.copy(kept);
                *kept = Arc::new(own);
                Ok(())
            }
        }
    }

    /// What is taken from every key; nothing if they are not rounded.
    pub(crate) fn origin(&self) -> &[f32] {
        &self.origin
    }

    /// Numbers between two values of a head: whole vectors.
    pub(crate) fn padded_dim(&self) -> usize {
        self.head_dim.next_multiple_of(KEYS)
    }

    /// The keys of a head from `position` on, a multiple of [`KEYS`]: `(head_dim, 8)`. None if they are rounded.
    pub(crate) fn key_panel(&self, head: usize, position: usize) -> &[[f32; KEYS]] {
        match &self.blocks[position / BLOCK].keys[head] {
            Keys::Floats(keys) => &keys[position % BLOCK / KEYS * self.head_dim..][..self.head_dim],
            Keys::Rounded(_) => &[],
        }
    }

    /// The rounded keys of a head from `position` on, the first of a block, to its end: `(keys / 4, head_dim / 32)`. None
    /// if they are not.
    pub(crate) fn key_tiles(&self, head: usize, position: usize) -> &[Tile] {
        match &self.blocks[position / BLOCK].keys[head] {
            Keys::Rounded(tiles) => tiles,
            Keys::Floats(_) => &[],
        }
    }

    /// The values of a head from `position` on, to the end of its block.
    pub(crate) fn values_from(&self, head: usize, position: usize) -> &[f32] {
        let values = &self.blocks[position / BLOCK].values[head];
        &values[position % BLOCK * self.padded_dim()..]
    }
}

impl Block {
    fn new(heads: usize, rounded: bool) -> Self {
        let keys = |_| if rounded { Keys::Rounded(Vec::new()) } else { Keys::Floats(Vec::new()) };
        Self { keys: (0..heads).map(keys).collect(), values: vec![Vec::new(); heads] }
    }

    fn bytes(&self) -> usize {
        let values = self.values.iter().map(|values| values.capacity() * size_of::<f32>());
        self.keys.iter().map(Keys::bytes).chain(values).sum()
    }

    /// Room for as many positions.
    fn grow(&mut self, count: usize, (head_dim, padded): (usize, usize)) -> Result<()> {
        self.keys.iter_mut().try_for_each(|kept| kept.grow(count, head_dim))?;
        self.values.iter_mut().try_for_each(|kept| grow(kept, count * padded, 0.))
    }

    fn copy(&mut self, other: &Self) {
        for (own, other) in self.keys.iter_mut().zip(&other.keys) {
            match (own, other) {
                (Keys::Floats(own), Keys::Floats(other)) => {
                    own[..other.len()].copy_from_slice(other);
                }
                (Keys::Rounded(own), Keys::Rounded(other)) => {
                    own[..other.len()].copy_from_slice(other);
                }
                _ => {}
            }
        }
        for (own, other) in self.values.iter_mut().zip(&other.values) {
            own[..other.len()].copy_from_slice(other);
        }
    }
}

impl Keys {
    fn grow(&mut self, count: usize, head_dim: usize) -> Result<()> {
        match self {
            Self::Floats(keys) => grow(keys, count.div_ceil(KEYS) * head_dim, [0.; KEYS]),
            Self::Rounded(tiles) => {
                grow(tiles, count.div_ceil(ROWS) * head_dim / BLOCK_LEN, Tile::EMPTY)
            }
        }
    }

    /// Puts a key `(head_dim)` at a place for which there is room.
    fn put(&mut self, place: usize, key: &[f32]) {
        match self {
            Self::Floats(keys) => {
                let panel = &mut keys[place / KEYS * key.len()..];
                panel.iter_mut().zip(key).for_each(|(entry, x)| entry[place % KEYS] = *x);
            }
            Self::Rounded(tiles) => {
                let key = key.as_chunks().0;
                let strip = &mut tiles[place / ROWS * key.len()..];
                strip.iter_mut().zip(key).for_each(|(tile, xs)| tile.set(place % ROWS, xs));
            }
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Floats(keys) => keys.capacity() * size_of::<[f32; KEYS]>(),
            Self::Rounded(tiles) => tiles.capacity() * size_of::<Tile>(),
        }
    }
}

/// Of some rows, for each of `width` columns.
fn mean(rows: &[f32], width: usize) -> Vec<f32> {
    let mut mean = vec![0.; width];
    for row in rows.chunks_exact(width) {
        mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x);
    }
    let share = 1. / (rows.len() / width).max(1) as f32;
    mean.iter_mut().for_each(|mean| *mean *= share);
    mean
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
