//! How a product is shared out over threads.

use std::{
    hint,
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use rayon::Yield;

/// Products of fewer multiplications are done before another thread has woken up.
const WORTH_SHARING: usize = 500_000;
/// Shares of fewer multiplications cost more than they bring.
const SMALLEST_SHARE: usize = 100_000;
/// Shares per thread: enough that a thread which was held up, or wakes up late, does not hold up all.
const PER_THREAD: usize = 8;

/// How often a thread without work looks for some before it sleeps: about a millisecond.
const LOOKS: u32 = 10_000;
/// Threads that look. Memory is all that the threads of a pool share, and there is one pool.
static AWAKE: AtomicUsize = AtomicUsize::new(0);

/// Activations `(m, columns)` times `(rows, columns)`.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) m: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Calls `one` with ranges of rows, which begin at multiples of `unit`, and room for their products:
/// `(m, range)`. Together they fill `out (m, rows)`.
pub(super) fn shared(
    shape: Shape,
    unit: usize,
    out: &mut [f32],
    one: impl Fn(Range<usize>, &mut [f32]) + Sync,
) {
    let Shape { m, rows, .. } = shape;
    if m == 0 || rows == 0 {
        return;
    }
    let per_share = rows_per_share(shape, rayon::current_num_threads()).next_multiple_of(unit);
    if per_share >= rows {
        return one(0..rows, out);
    }
    let share = |(i, part): (usize, &mut [f32])| {
        let first = i * per_share;
        one(first..rows.min(first + per_share), part);
    };
    if m == 1 {
        return on_all_threads(out.chunks_mut(per_share).enumerate(), share);
    }
    let mut by_share = vec![0.; out.len()]; // (shares, m, per_share)
    on_all_threads(by_share.chunks_mut(per_share * m).enumerate(), share);
    for (i, part) in by_share.chunks(per_share * m).enumerate() {
        let count = part.len() / m;
        for (row, out) in part.chunks_exact(count).zip(out.chunks_exact_mut(rows)) {
            out[i * per_share..i * per_share + count].copy_from_slice(row);
        }
    }
}

/// Does `work` for each item; whichever thread is free takes the next. Halving the rest again and again,
/// as rayon's iterators do, leaves a thread that woke up late with more than it can do in time.
fn on_all_threads<I>(items: I, work: impl Fn(I::Item) + Sync)
where
    I: Iterator + Send,
{
    let items = Mutex::new(items);
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let busy = AtomicUsize::new(0);
    let take_all = || {
        busy.fetch_add(1, Ordering::AcqRel);
        while let Some(item) = next() {
            work(item);
        }
        busy.fetch_sub(1, Ordering::AcqRel);
    };
    keep_awake();
    rayon::scope(|scope| {
        for _ in 1..rayon::current_num_threads() {
            scope.spawn(|_| take_all());
        }
        take_all();
        // Others are at their last item: not worth falling asleep.
        while busy.load(Ordering::Acquire) > 0 {
            hint::spin_loop();
        }
    });
}

/// Lets the other threads look for work for a while after each time they had some. One that sleeps takes
/// longer to wake than most products take, and often wakes up on the very processor that is busy.
fn keep_awake() {
    let own = rayon::current_thread_index();
    let others = rayon::current_num_threads() - usize::from(own.is_some());
    if AWAKE.compare_exchange(0, others, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        return;
    }
    rayon::spawn_broadcast(move |thread| {
        if Some(thread.index()) == own {
            return;
        }
        let mut looks = 0;
        while looks < LOOKS {
            looks = if rayon::yield_now() == Some(Yield::Executed) { 0 } else { looks + 1 };
        }
        AWAKE.fetch_sub(1, Ordering::AcqRel);
    });
}

fn rows_per_share(Shape { m, rows, columns }: Shape, threads: usize) -> usize {
    let work = m * rows * columns;
    if threads == 1 || work < WORTH_SHARING {
        return rows;
    }
    let shares = (threads * PER_THREAD).min(work / SMALLEST_SHARE).max(1);
    rows.div_ceil(shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_computed_once_whatever_the_shares() {
        for (m, rows) in [(1, 4), (3, 1000), (8, 4097), (1, 9001)] {
            let shape = Shape { m, rows, columns: 4096 };
            let mut out = vec![0.; m * rows];
            shared(shape, 4, &mut out, |range, part| {
                assert!(range.start.is_multiple_of(4));
                for (n, part) in part.chunks_exact_mut(range.len()).enumerate() {
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
        assert_eq!(rows_per_share(Shape { m: 1, rows: 64, columns: 64 }, 8), 64);
        let large = Shape { m: 64, rows: 1536, columns: 576 };
        assert_eq!(rows_per_share(large, 1), 1536);
        assert_eq!(rows_per_share(large, 2), 96);
    }
}
