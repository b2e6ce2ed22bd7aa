use std::ops::Range;

use candle_core::{Error, Result};
use half::{bf16, f16};
use rayon::prelude::*;

use super::share::{Shape, shared, shared_turned};
use crate::{
    Kind,
    each::each,
    machine::{Machine, On, Work, run},
    open::{HALVED, MANY, Many, Open, PLAIN, TURNED, fine_sum},
    panel::{self, Float, Panel, multiply, nothing},
    quants::{Bytes, GROUPS, Joined, Nibbles, OneBit, TwoBits},
    rounded::{BOTH, Columns, Rounded},
    slices::put,
    tile::{self, Raised, Scaled, SuperRaised, SuperScaled, Tile},
};

/// Rows of activations that are multiplied at once with floats: as many as have their sums in registers.
const SOME: usize = 4;
/// So many rows of activations and more are rounded to eight bits; fewer are to fourteen.
pub(crate) const FINE: usize = 16;
/// Weights that are laid open at once: they stay in a processor's nearest caches while all activations pass.
const OPEN_BYTES: usize = 64 << 10;

/// A matrix in one of the layouts. Rows and lengths are the caller's to check.
pub(super) trait Store: Send + Sync {
    /// Takes whole rows as they lie in a checkpoint; says whether all their scales are finite.
    #[must_use]
    fn put(&mut self, first: usize, bytes: &[u8]) -> bool;
    /// One row as floats.
    fn row(&self, row: usize, into: &mut [f32]);
    /// `xs (m, columns)` times every row: `(m, rows)`.
    fn product(&self, on: On, xs: &[f32], out: &mut [f32]);
    /// The same of rows that lie column by column, into rows that do: `out` has as many as the matrix, each as long as
    /// `xs` has rows.
    fn product_turned(&self, on: On, xs: Columns<'_>, out: &mut [&mut [f32]]);
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

    fn columns(&self) -> usize {
        self.per_row * T::COLUMNS
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
        run(on, Whole { matrix: self, asked: Asked::Rows(xs, out) });
    }

    fn product_turned(&self, on: On, xs: Columns<'_>, out: &mut [&mut [f32]]) {
        match xs.rows {
            ..FINE => turned(self, self.columns(), on, xs, out),
            _ => run(on, Whole { matrix: self, asked: Asked::Columns(xs, out) }),
        }
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.tiles[..])
    }
}

/// [`Store::product_turned`] by way of rows.
fn turned(store: &dyn Store, columns: usize, on: On, xs: Columns<'_>, out: &mut [&mut [f32]]) {
    let mut products = vec![0f32; xs.rows * out.len()];
    store.product(on, &xs.turned(columns), &mut products);
    let rows = out.len();
    for (row, out) in out.iter_mut().enumerate() {
        let products = products.iter().skip(row).step_by(rows);
        out.iter_mut().zip(products).for_each(|(out, product)| *out = *product);
    }
}

/// What is multiplied, and where products go.
enum Asked<'a, 'b> {
    /// `(m, columns)`, `(m, rows)`.
    Rows(&'a [f32], &'a mut [f32]),
    /// Many rows, column by column; `(rows, m)`.
    Columns(Columns<'a>, &'a mut [&'b mut [f32]]),
}

/// The product of activations with quantized weights.
struct Whole<'a, 'b, T> {
    matrix: &'a Tiles<T>,
    asked: Asked<'a, 'b>,
}

impl<T: Tile> Work for Whole<'_, '_, T> {
    type Output = ();
    const WHOLE: bool = true;

    #[inline(always)]
    fn run<M: Machine>(self) {
        match (T::PIECES, self.asked) {
            (1, Asked::Rows(xs, out)) => self.matrix.by_rows::<M, 1>(xs, out),
            (_, Asked::Rows(xs, out)) => self.matrix.by_rows::<M, 2>(xs, out),
            (1, Asked::Columns(xs, out)) => self.matrix.by_columns::<M, 1>(xs, out),
            (_, Asked::Columns(xs, out)) => self.matrix.by_columns::<M, 2>(xs, out),
        }
    }
}

impl<T: Tile> Tiles<T> {
    /// A few rows of activations are not worth laying weights open in memory. But beside what is done for any, twice the
    /// bits of activations take little time.
    #[inline(always)]
    fn by_rows<M: Machine, const PIECES: usize>(&self, xs: &[f32], out: &mut [f32]) {
        let columns = self.columns();
        let fine = |parts| Rounded::<M, MANY>::fine::<PIECES>(xs, columns, parts);
        match xs.len() / columns {
            ..MANY => {
                let rounded = &Rounded::<M, BOTH>::fine::<PIECES>(xs, columns, BOTH);
                self.shared::<M, PIECES, BOTH, HALVED>(rounded, out);
            }
            MANY..FINE if M::WIDE => self.shared::<M, PIECES, MANY, PLAIN>(&fine(1), out),
            MANY..FINE => self.shared::<M, PIECES, MANY, HALVED>(&fine(BOTH), out),
            _ => {
                let rounded = &Rounded::<M, MANY>::new::<PIECES>(xs, columns);
                self.shared::<M, PIECES, MANY, PLAIN>(rounded, out);
            }
        }
    }

    #[inline(always)]
    fn by_columns<M: Machine, const PIECES: usize>(&self, xs: Columns<'_>, out: &mut [&mut [f32]]) {
        let rounded = &Rounded::<M, MANY>::of_columns::<PIECES>(xs, self.columns());
        shared_turned(self.shape(xs.rows), tile::ROWS, out, &|rows, out| {
            let (tiles, per_row) = (self.tiles_of(&rows), self.per_row);
            M::enter(Share::<M, T, PIECES, MANY, TURNED> { tiles, per_row, rounded, out });
        });
    }

    /// `out (m, rows)` for activations of as many rows.
    #[inline(always)]
    fn shared<M: Machine, const PIECES: usize, const N: usize, const FORM: u8>(
        &self,
        rounded: &Rounded<M, N>,
        out: &mut [f32],
    ) where
        for<'s, 't> Share<'s, 't, M, T, PIECES, N, FORM>: Work,
    {
        shared(self.shape(out.len() / self.rows), tile::ROWS, out, &|rows, mut out| {
            let (tiles, per_row) = (self.tiles_of(&rows), self.per_row);
            M::enter(Share::<M, T, PIECES, N, FORM> { tiles, per_row, rounded, out: &mut out });
        });
    }

    fn shape(&self, m: usize) -> Shape {
        let row_bytes = self.per_row * size_of::<T>() / tile::ROWS;
        Shape { m, rows: self.rows, columns: self.columns(), row_bytes }
    }

    /// The strips of some rows, which begin with a whole one.
    fn tiles_of(&self, rows: &Range<usize>) -> &[T] {
        let tiles = &self.tiles[rows.start / tile::ROWS * self.per_row..];
        &tiles[..rows.len().div_ceil(tile::ROWS) * self.per_row]
    }
}

/// The product with some strips of rows. Entered by the machine that rounded the activations.
struct Share<'a, 'b, K: Machine, T, const PIECES: usize, const N: usize, const FORM: u8> {
    tiles: &'a [T], // (strips, per_row)
    per_row: usize,
    rounded: &'a Rounded<K, N>,
    /// `(m, rows)`, or the other way round if it is [`TURNED`].
    out: &'a mut [&'b mut [f32]],
}

impl<K: Machine, T: Tile, const PIECES: usize> Work for Share<'_, '_, K, T, PIECES, BOTH, HALVED> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        for (out, blocks) in self.out.iter_mut().zip(self.rounded.panels()) {
            for (strip, tiles) in self.tiles.chunks_exact(self.per_row).enumerate() {
                let mut sums = [K::splat(0.); BOTH];
                for (tile, blocks) in tiles.iter().zip(blocks.chunks_exact(T::PARTS)) {
                    for (part, block) in blocks.iter().enumerate() {
                        let open = tile.open::<K>(part);
                        open.add_fine::<BOTH, PIECES>(block, GROUPS / PIECES, &mut sums);
                    }
                }
                put(&mut out[strip * tile::ROWS..], fine_sum(&blocks[0], sums, 0));
            }
        }
    }
}

impl<K: Machine, T: Tile, const PIECES: usize, const FORM: u8> Work
    for Share<'_, '_, K, T, PIECES, MANY, FORM>
{
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        let Some(any) = self.tiles.first() else { return };
        let strip = self.per_row * T::PARTS;
        let strips = (OPEN_BYTES / (strip * size_of::<Open<K>>())).max(1);
        let strips = strips.min(self.tiles.len() / self.per_row);
        let mut open = vec![any.open::<K>(0); strips * strip];
        for (i, tiles) in self.tiles.chunks(strips * self.per_row).enumerate() {
            let open = &mut open[..tiles.len() * T::PARTS];
            for (tile, open) in tiles.iter().zip(open.chunks_exact_mut(T::PARTS)) {
                for (part, open) in open.iter_mut().enumerate() {
                    *open = tile.open(part);
                }
            }
            K::enter(Many::<K, PIECES, FORM> {
                open,
                rounded: self.rounded,
                out: &mut *self.out,
                first: i * strips * tile::ROWS,
            });
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

    fn product_turned(&self, on: On, xs: Columns<'_>, out: &mut [&mut [f32]]) {
        turned(self, self.columns, on, xs, out);
    }

    fn product(&self, on: On, xs: &[f32], out: &mut [f32]) {
        let Self { rows, columns, .. } = *self;
        let shape = Shape { m: xs.len() / columns, rows, columns, row_bytes: columns * F::BYTES };
        shared(shape, panel::ROWS, out, &|rows, out| {
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
                put_all::<M, N>(&mut self.out, &self.rows, (first, row), sums);
                row += panel::ROWS;
            }
        }
        while row < self.rows.end {
            let [sums] = multiply::<M, F, 1, N>([panel(row)], xs, nothing::<M, 1, N>());
            put_all::<M, N>(&mut self.out, &self.rows, (first, row), sums);
            row += panel::ROWS;
        }
    }
}

/// Puts sums of the eight rows from `row` on into a share's `out`, which has `rows`.
#[inline(always)]
fn put_all<M: Machine, const N: usize>(
    out: &mut [&mut [f32]],
    rows: &Range<usize>,
    (first, row): (usize, usize),
    sums: [M::Octet; N],
) {
    for (n, sum) in sums.into_iter().enumerate() {
        put(&mut out[first + n][row - rows.start..], M::octet_to_array(sum));
    }
}
