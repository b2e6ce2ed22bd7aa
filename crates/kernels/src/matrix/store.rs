use std::ops::Range;

use candle_core::{Error, Result};
use half::{bf16, f16};
use rayon::prelude::*;

use super::share::{Shape, shared};
use crate::{
    Kind,
    each::each,
    machine::{Machine, On, Work, run},
    panel::{self, Float, Panel, multiply, nothing},
    quants::{Bytes, Joined, Nibbles, OneBit, TwoBits},
    rounded::Rounded,
    tile::{self, Raised, Scaled, SuperRaised, SuperScaled, Tile},
};

/// Rows of activations that are multiplied at once with quantized weights: unpacking those is then
/// worth little of the time.
const MANY: usize = 8;
/// The same with floats, which are held back by how many sums fit into registers.
const SOME: usize = 4;

/// A matrix in one of the layouts. Rows and lengths are the caller's to check.
pub(super) trait Store: Send + Sync {
    /// Takes whole rows as they lie in a checkpoint; says whether all their scales are finite.
    #[must_use]
    fn put(&mut self, first: usize, bytes: &[u8]) -> bool;
    /// One row as floats.
    fn row(&self, row: usize, into: &mut [f32]);
    /// `xs (m, columns)` times every row: `(m, rows)`.
    fn product(&self, on: On, xs: &[f32], out: &mut [f32]);
    /// Memory it takes.
    fn bytes(&self) -> usize;
}

/// An empty matrix of a kind; fails if there is no memory for it.
pub(super) fn zeros(kind: Kind, rows: usize, columns: usize) -> Result<Box<dyn Store>> {
    type Q2K = SuperRaised<TwoBits, 16>;
    type Q3K = SuperScaled<Joined<TwoBits, OneBit>, 4>;
    type Q4K = SuperRaised<Nibbles, 8>;
    type Q5K = SuperRaised<Joined<Nibbles, OneBit>, 8>;
    type Q6K = SuperScaled<Joined<Nibbles, TwoBits>, 32>;
    match kind {
        Kind::F32 => Floats::<f32>::boxed(rows, columns),
        Kind::F16 => Floats::<f16>::boxed(rows, columns),
        Kind::BF16 => Floats::<bf16>::boxed(rows, columns),
        Kind::Q4_0 => Tiles::<Scaled<Nibbles, 8>>::boxed(rows, columns),
        Kind::Q4_1 => Tiles::<Raised<Nibbles>>::boxed(rows, columns),
        Kind::Q5_0 => Tiles::<Scaled<Joined<Nibbles, OneBit>, 16>>::boxed(rows, columns),
        Kind::Q5_1 => Tiles::<Raised<Joined<Nibbles, OneBit>>>::boxed(rows, columns),
        Kind::Q8_0 => Tiles::<Scaled<Bytes, 0>>::boxed(rows, columns),
        Kind::Q2_K => Tiles::<Q2K>::boxed(rows, columns),
        Kind::Q3_K => Tiles::<Q3K>::boxed(rows, columns),
        Kind::Q4_K => Tiles::<Q4K>::boxed(rows, columns),
        Kind::Q5_K => Tiles::<Q5K>::boxed(rows, columns),
        Kind::Q6_K => Tiles::<Q6K>::boxed(rows, columns),
    }
}

fn filled<T: Copy>(len: usize, empty: T) -> Result<Vec<T>> {
    let mut store = Vec::new();
    store.try_reserve_exact(len).map_err(|_| {
        Error::msg(format!("no memory for {} bytes", len.saturating_mul(size_of::<T>())))
    })?;
    store.resize(len, empty);
    Ok(store)
}

/// Quantized weights.
struct Tiles<T> {
    tiles: Vec<T>, // (rows / 4, columns / T::COLUMNS)
    rows: usize,
    per_row: usize,
}

impl<T: Tile> Tiles<T> {
    fn boxed(rows: usize, columns: usize) -> Result<Box<dyn Store>> {
        let per_row = columns / T::COLUMNS;
        let tiles = filled(rows.div_ceil(tile::ROWS).saturating_mul(per_row), T::EMPTY)?;
        Ok(Box::new(Self { tiles, rows, per_row }))
    }
}

impl<T: Tile> Store for Tiles<T> {
    fn put(&mut self, first: usize, bytes: &[u8]) -> bool {
        let row_bytes = self.per_row * T::FILE_BYTES;
        let end = first + bytes.len() / row_bytes;
        let strips = first / tile::ROWS..end.div_ceil(tile::ROWS);
        let tiles = &mut self.tiles[strips.start * self.per_row..strips.end * self.per_row];
        let fill = |(strip, tiles): (usize, &mut [T])| {
            let rows = (strips.start + strip) * tile::ROWS..;
            rows.take(tile::ROWS).filter(|row| (first..end).contains(row)).fold(
                true,
                |sound, row| {
                    let blocks = bytes[(row - first) * row_bytes..].chunks_exact(T::FILE_BYTES);
                    tiles.iter_mut().zip(blocks).fold(sound, |sound, (tile, block)| {
                        tile.set(row % tile::ROWS, block) && sound
                    })
                },
            )
        };
        tiles.par_chunks_mut(self.per_row).enumerate().map(fill).reduce(|| true, |a, b| a && b)
    }

    fn row(&self, row: usize, into: &mut [f32]) {
        let tiles = &self.tiles[row / tile::ROWS * self.per_row..];
        for (tile, into) in tiles.iter().zip(into.chunks_exact_mut(T::COLUMNS)) {
            tile.get(row % tile::ROWS, into);
        }
    }

    fn product(&self, on: On, xs: &[f32], out: &mut [f32]) {
        let columns = self.per_row * T::COLUMNS;
        let rounded = &if T::SIGNED {
            Rounded::new::<true>(on, xs, columns)
        } else {
            Rounded::new::<false>(on, xs, columns)
        };
        let row_bytes = self.per_row * size_of::<T>() / tile::ROWS;
        let shape = Shape { m: rounded.scales.len(), rows: self.rows, columns, row_bytes };
        shared(shape, tile::ROWS, out, |rows, out| {
            let from = rows.start / tile::ROWS * self.per_row;
            let tiles = &self.tiles[from..];
            run(on, TileShare { tiles, per_row: self.per_row, rows: rows.len(), rounded, out });
        });
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.tiles[..])
    }
}

/// The product of some rows, from the first of `tiles` on.
pub(super) struct TileShare<'a, T> {
    tiles: &'a [T],
    per_row: usize,
    rows: usize,
    rounded: &'a Rounded,
    /// `(m, rows)`.
    out: Vec<&'a mut [f32]>,
}

impl<T: Tile> Work for TileShare<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(mut self) {
        let m = self.rounded.scales.len();
        let mut first = 0;
        while first + MANY <= m {
            self.some::<M, MANY>(first);
            first += MANY;
        }
        while first + SOME <= m {
            self.some::<M, SOME>(first);
            first += SOME;
        }
        for first in first..m {
            self.some::<M, 1>(first);
        }
    }
}

impl<T: Tile> TileShare<'_, T> {
    /// All its rows with `N` rows of activations.
    #[inline(always)]
    fn some<M: Machine, const N: usize>(&mut self, first: usize) {
        const PER_BLOCK: usize = crate::rounded::BLOCK_LEN;
        let activations: [_; N] = each(|n| self.rounded.row(first + n));
        for row in (0..self.rows).step_by(tile::ROWS) {
            let tiles = &self.tiles[row / tile::ROWS * self.per_row..][..self.per_row];
            let mut sums = [M::splat(0.); N];
            for (i, tile) in tiles.iter().enumerate() {
                let from = i * (T::COLUMNS / PER_BLOCK);
                let blocks = each(|n| &activations[n][from..from + T::COLUMNS / PER_BLOCK]);
                tile.add::<M, N>(&blocks, &mut sums);
            }
            let count = tile::ROWS.min(self.rows - row);
            for (n, sum) in sums.into_iter().enumerate() {
                let scale = M::splat(self.rounded.scales[first + n]);
                let out = &mut self.out[first + n][row..row + count];
                out.copy_from_slice(&M::to_array(M::mul(sum, scale))[..count]);
            }
        }
    }
}

/// Float weights.
struct Floats<F> {
    panels: Vec<[F; panel::ROWS]>, // (rows / 8, columns)
    rows: usize,
    columns: usize,
}

impl<F: Float> Floats<F> {
    fn boxed(rows: usize, columns: usize) -> Result<Box<dyn Store>> {
        let len = rows.div_ceil(panel::ROWS).saturating_mul(columns);
        let panels = filled(len, [F::default(); panel::ROWS])?;
        Ok(Box::new(Self { panels, rows, columns }))
    }
}

impl<F: Float> Store for Floats<F> {
    fn put(&mut self, first: usize, bytes: &[u8]) -> bool {
        let rows = bytes.chunks_exact(self.columns * F::BYTES);
        for (row, bytes) in (first..).zip(rows) {
            let panel = &mut self.panels[row / panel::ROWS * self.columns..];
            for (entry, bytes) in panel.iter_mut().zip(bytes.chunks_exact(F::BYTES)) {
                entry[row % panel::ROWS] = F::read(bytes);
            }
        }
        true
    }

    fn row(&self, row: usize, into: &mut [f32]) {
        let panel = &self.panels[row / panel::ROWS * self.columns..];
        for (into, entry) in into.iter_mut().zip(panel) {
            *into = entry[row % panel::ROWS].to_f32();
        }
    }

    fn product(&self, on: On, xs: &[f32], out: &mut [f32]) {
        let Self { rows, columns, .. } = *self;
        let shape = Shape { m: xs.len() / columns, rows, columns, row_bytes: columns * F::BYTES };
        shared(shape, panel::ROWS, out, |rows, out| {
            run(on, PanelShare { panels: &self.panels, columns: self.columns, rows, xs, out });
        });
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.panels[..])
    }
}

/// The product of some rows of `panels`.
struct PanelShare<'a, F> {
    panels: &'a [[F; panel::ROWS]],
    columns: usize,
    rows: Range<usize>,
    /// `(m, columns)`.
    xs: &'a [f32],
    /// `(m, rows)`.
    out: Vec<&'a mut [f32]>,
}

impl<F: Float> Work for PanelShare<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(mut self) {
        let m = self.xs.len() / self.columns;
        let (fours, ones) = (m / SOME * SOME, m % SOME);
        for first in (0..fours).step_by(SOME) {
            self.some::<M, 1, SOME>(first);
        }
        for first in fours..fours + ones {
            // One row of activations keeps no processor busy: several panels at once do.
            self.some::<M, SOME, 1>(first);
        }
    }
}

impl<F: Float> PanelShare<'_, F> {
    /// All its rows with `N` rows of activations, `P` panels at a time where there are as many.
    #[inline(always)]
    fn some<M: Machine, const P: usize, const N: usize>(&mut self, first: usize) {
        let columns = self.columns;
        let xs: [_; N] = each(|n| &self.xs[(first + n) * columns..][..columns]);
        let panel =
            |row: usize| Panel::dense(&self.panels[row / panel::ROWS * columns..][..columns]);
        let mut row = self.rows.start;
        while row + P * panel::ROWS <= self.rows.end {
            let panels: [_; P] = each(|p| panel(row + p * panel::ROWS));
            for sums in multiply::<M, F, P, N>(panels, xs, nothing::<M, P, N>()) {
                put::<M, N>(&mut self.out, &self.rows, (first, row), sums);
                row += panel::ROWS;
            }
        }
        while row < self.rows.end {
            let [sums] = multiply::<M, F, 1, N>([panel(row)], xs, nothing::<M, 1, N>());
            put::<M, N>(&mut self.out, &self.rows, (first, row), sums);
            row += panel::ROWS;
        }
    }
}

/// Puts sums of the eight rows from `row` on into a share's `out`, which has `rows`.
#[inline(always)]
fn put<M: Machine, const N: usize>(
    out: &mut [&mut [f32]],
    rows: &Range<usize>,
    (first, row): (usize, usize),
    sums: [M::Octet; N],
) {
    let count = panel::ROWS.min(rows.end - row);
    for (n, sum) in sums.into_iter().enumerate() {
        let out = &mut out[first + n][row - rows.start..][..count];
        out.copy_from_slice(&M::octet_to_array(sum)[..count]);
    }
}
