//! How a product is shared out over threads.

use std::ops::Range;

use crate::threads::on_all_threads;

/// Products of fewer multiplications are done before another thread has taken a share.
const WORTH_SHARING: usize = 150_000;
/// Shares of fewer multiplications cost more than they bring.
const SMALLEST_SHARE: usize = 50_000;
/// Shares per thread: enough that a thread which was held up, or wakes up late, does not hold up all.
const PER_THREAD: usize = 8;
/// Weights of a share at most, where they are read again for further activations: they stay in a
/// processor's second cache.
const LARGEST_SHARE_BYTES: usize = 256 << 10;

/// Activations `(m, columns)` times `(rows, columns)`.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) m: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Memory a row of the matrix takes.
    pub(super) row_bytes: usize,
}

/// What computes a share. One type for all, so that sharing is compiled once.
type Share<'a> = dyn Fn(Range<usize>, Vec<&mut [f32]>) + Sync + 'a;

/// The same for products that lie the other way round.
type ShareTurned<'a, 'b> = dyn Fn(Range<usize>, &mut [&'b mut [f32]]) + Sync + 'a;

/// Calls `one` with ranges of rows, which begin at multiples of `unit`, and room for their products:
/// `m` slices as long as the range. Together they fill `out (m, rows)`.
pub(super) fn shared(shape: Shape, unit: usize, out: &mut [f32], one: &Share<'_>) {
    let Shape { m, rows, .. } = shape;
    if m == 0 || rows == 0 {
        return;
    }
    let threads = shape.threads();
    let per_share = rows_per_share(shape, threads).next_multiple_of(unit);
    let shares = (0..rows).step_by(per_share).map(|first| first..rows.min(first + per_share));
    let mut parts: Vec<_> = shares.map(|rows| (rows, Vec::with_capacity(m))).collect();
    for row in out.chunks_exact_mut(rows) {
        for (part, out) in parts.iter_mut().zip(row.chunks_mut(per_share)) {
            part.1.push(out);
        }
    }
    let share = |(rows, out)| one(rows, out);
    match threads {
        1 => parts.into_iter().for_each(share),
        _ => on_all_threads(parts, share),
    }
}

/// The same where products lie the other way round: of `out`, each is a row of the matrix.
pub(super) fn shared_turned<'b>(
    shape: Shape,
    unit: usize,
    out: &mut [&'b mut [f32]],
    one: &ShareTurned<'_, 'b>,
) {
    let threads = shape.threads();
    let per_share = rows_per_share(shape, threads).next_multiple_of(unit);
    let parts = out.chunks_mut(per_share).enumerate();
    let share = |(at, out): (usize, &mut [&'b mut [f32]])| {
        let first = at * per_share;
        one(first..first + out.len(), out);
    };
    match threads {
        1 => parts.for_each(share),
        _ => on_all_threads(parts, share),
    }
}

impl Shape {
    fn threads(&self) -> usize {
        if self.work() < WORTH_SHARING { 1 } else { rayon::current_num_threads() }
    }

    /// Multiplications.
    fn work(&self) -> usize {
        self.m * self.rows * self.columns
    }
}

fn rows_per_share(shape: Shape, threads: usize) -> usize {
    let Shape { m, rows, row_bytes, .. } = shape;
    let cached = if m > 1 { (LARGEST_SHARE_BYTES / row_bytes).max(1) } else { rows };
    let shares = match threads {
        1 => 1,
        _ => (threads * PER_THREAD).min(shape.work() / SMALLEST_SHARE).max(1),
    };
    rows.div_ceil(shares).min(cached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_computed_once_whatever_the_shares() {
        for (m, rows) in [(1, 4), (3, 1000), (8, 4097), (1, 9001)] {
            let shape = Shape { m, rows, columns: 4096, row_bytes: 4096 };
            let mut out = vec![0.; m * rows];
            shared(shape, 4, &mut out, &|range, part| {
                assert!(range.start.is_multiple_of(4));
                assert_eq!(part.len(), m);
                for (n, part) in part.into_iter().enumerate() {
                    assert_eq!(part.len(), range.len());
                    for (row, out) in range.clone().zip(part) {
                        *out += (n * rows + row) as f32;
                    }
                }
            });
            assert!(out.iter().enumerate().all(|(i, x)| *x == i as f32), "{m} x {rows}");
        }
    }

    #[test]
    fn small_products_are_not_shared() {
        let shape = |m, rows, columns| Shape { m, rows, columns, row_bytes: columns };
        assert_eq!(rows_per_share(shape(1, 64, 64), 8), 64);
        assert_eq!(rows_per_share(shape(64, 1536, 576), 1), 455);
        assert_eq!(rows_per_share(shape(64, 1536, 576), 2), 96);
        assert_eq!(rows_per_share(shape(1, 49152, 576), 1), 49152);
    }
}
