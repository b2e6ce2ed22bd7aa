//! Work shared out over the threads of the pool.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use rayon::Yield;

/// Numbers worth a share of their own, and the fewest of which several are made.
const SHARE: usize = 16_384;
/// How often a thread without work looks for some before it sleeps: about a millisecond.
const LOOKS: u32 = 10_000;
/// How often a thread looks whether the others are done before it sleeps: some tens of microseconds.
const WAITS: u32 = 30_000;
/// Threads that look. Memory is all that the threads of a pool share, and there is one pool.
static AWAKE: AtomicUsize = AtomicUsize::new(0);

/// Does `one` with each row of `size` numbers, and its number.
pub(crate) fn each_row(xs: &mut [f32], size: usize, one: impl Fn(usize, &mut [f32]) + Sync) {
    let size = size.max(1);
    let per_share = (SHARE / size).max(1);
    let share = |(i, rows): (usize, &mut [f32])| {
        for (row, xs) in (i * per_share..).zip(rows.chunks_mut(size)) {
            one(row, xs);
        }
    };
    let shares = xs.chunks_mut(per_share * size).enumerate();
    match shares.len() {
        0..4 => shares.for_each(share),
        _ => on_all_threads(shares, share),
    }
}

/// Does `work` for each item; whichever thread is free takes the next. Halving the rest again and again,
/// as rayon's iterators do, leaves a thread that woke up late with more than it can do in time.
pub(crate) fn on_all_threads<I>(items: I, work: impl Fn(I::Item) + Sync)
where
    I: IntoIterator<IntoIter: Send>,
{
    let threads = rayon::current_num_threads();
    if threads == 1 {
        return items.into_iter().for_each(work);
    }
    let items = Mutex::new(items.into_iter());
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
        for _ in 1..threads {
            scope.spawn(|_| take_all());
        }
        take_all();
        // Others are at their last item: not worth falling asleep, unless one of them waits for the very
        // processor that this thread holds.
        let mut waits = 0..WAITS;
        while busy.load(Ordering::Acquire) > 0 && waits.next().is_some() {
            thread::yield_now();
        }
    });
}

/// Does `work` on another thread while this one does something else; alone, it only works.
pub fn beside(work: impl FnOnce() + Send, meanwhile: impl FnOnce()) {
    if rayon::current_num_threads() == 1 {
        return work();
    }
    keep_awake();
    rayon::in_place_scope(|scope| {
        scope.spawn(|_| work());
        meanwhile();
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
            thread::yield_now();
        }
        AWAKE.fetch_sub(1, Ordering::AcqRel);
    });
}
