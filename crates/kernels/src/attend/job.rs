//! Some queries at a time, over all that they see, a block of it at a time.

use std::ops::Range;

use super::{Attend, Sight};
use crate::{
    KeyValues,
    each::each,
    exp::exp,
    key_values::{BLOCK, KEYS, Tile},
    machine::{Machine, Work},
    open::{MANY, Many, PLAIN},
    panel::{Panel, multiply, nothing},
    rounded::Rounded,
};

/// Queries that read keys and values together.
pub(super) const TOGETHER: usize = 6;
/// Queries one thread takes at a time: multiples of what is multiplied together, with rounded keys or without.
pub(super) const PER_JOB: usize = 8 * TOGETHER;
/// Panels of keys, or of values, that keep a processor busy with one query.
const PANELS: usize = 4;

/// Some queries that share a head of keys and values: query `i` is of position `i / group`. Keys are rounded, or not.
pub(super) struct Job<'a, const ROUNDED: bool> {
    pub(super) attend: &'a Attend<'a>,
    pub(super) queries: &'a [f32],
    pub(super) positions: usize,
    pub(super) kv_head: usize,
    pub(super) first: usize,
    /// `(queries, head_dim)`.
    pub(super) out: &'a mut [f32],
}

impl<const ROUNDED: bool> Work for Job<'_, ROUNDED> {
    type Output = ();
    const WHOLE: bool = ROUNDED;

    #[inline(always)]
    fn run<M: Machine>(self) {
        let kept = self.attend.kept;
        let (head_dim, padded) = (kept.head_dim, kept.padded_dim());
        let count = self.out.len() / head_dim;
        let queries = &self.scaled();
        let rounded = match ROUNDED {
            true => Some(Rounded::<M, MANY>::new::<1>(queries, head_dim)),
            false => None,
        };
        let seen: Vec<_> = (0..count).map(|n| self.seen(self.place(n).0)).collect();
        let from = seen.iter().map(|seen| seen.start).min().unwrap_or(0) / BLOCK * BLOCK;
        let end = seen.iter().map(|seen| seen.end).max().unwrap_or(0);
        let mut scores = vec![[0f32; BLOCK]; count];
        let mut state = vec![Softmax::EMPTY; count];
        let mut sums = vec![0f32; count * padded];
        for first in (from..end).step_by(BLOCK) {
            let keys = BLOCK.min(end - first);
            let width = keys.next_multiple_of(KEYS);
            match &rounded {
                Some(rounded) => {
                    let tiles = kept.key_tiles(self.kv_head, first);
                    let mut rows: Vec<_> =
                        scores.iter_mut().map(|scores| &mut scores[..width]).collect();
                    M::enter(RoundedScores::<M> { tiles, rounded, out: &mut rows });
                }
                None => grouped::<M>(
                    count,
                    Scores {
                        kept,
                        kv_head: self.kv_head,
                        queries,
                        first,
                        width,
                        scores: &mut scores,
                    },
                ),
            }
            for n in 0..count {
                let seen = seen[n].start.max(first)..seen[n].end.min(first + keys);
                let seen = seen.start.saturating_sub(first)..seen.end.saturating_sub(first);
                let scores = &mut scores[n][..width];
                if let Some(bias) = &self.attend.bias {
                    let (position, head) = self.place(n);
                    bias.add(position, (head, self.attend.heads), first, &mut scores[..keys]);
                }
                let shrink = state[n].take::<M>(scores, seen);
                if shrink != 1. {
                    sums[n * padded..][..padded].iter_mut().for_each(|sum| *sum *= shrink);
                }
            }
            let values = kept.values_from(self.kv_head, first);
            grouped::<M>(count, Weigh { values, padded, keys, weights: &scores, sums: &mut sums });
        }
        for (n, out) in self.out.chunks_exact_mut(head_dim).enumerate() {
            for (out, sum) in out.iter_mut().zip(&sums[n * padded..]) {
                *out = sum / state[n].sum;
            }
        }
    }
}

impl<const ROUNDED: bool> Job<'_, ROUNDED> {
    /// Position and head of a query.
    fn place(&self, n: usize) -> (usize, usize) {
        let group = self.attend.heads / self.attend.kept.heads;
        let query = self.first + n;
        (query / group, self.kv_head * group + query % group)
    }

    /// `(queries, head_dim)`.
    fn scaled(&self) -> Vec<f32> {
        let head_dim = self.attend.kept.head_dim;
        let mut scaled = vec![0f32; self.out.len()];
        for (n, scaled) in scaled.chunks_exact_mut(head_dim).enumerate() {
            let (position, head) = self.place(n);
            let query = &self.queries[(position * self.attend.heads + head) * head_dim..];
            for (scaled, x) in scaled.iter_mut().zip(query) {
                *scaled = x * self.attend.scale;
            }
        }
        scaled
    }

    /// Keys the query of a position sees.
    fn seen(&self, position: usize) -> Range<usize> {
        let len = self.attend.kept.len;
        match self.attend.sight {
            Sight::All => 0..len,
            Sight::Past { window } => {
                let end = len - self.positions + position + 1;
                window.map_or(0, |window| end.saturating_sub(window))..end
            }
        }
    }
}

/// What is done for some queries together.
trait Some {
    /// For the `N` from `at` on, `P` panels at a time.
    fn some<M: Machine, const N: usize, const P: usize>(&mut self, at: usize);
}

/// Does it for `count` queries.
#[inline(always)]
fn grouped<M: Machine>(count: usize, mut work: impl Some) {
    let together = count / TOGETHER * TOGETHER;
    for at in (0..together).step_by(TOGETHER) {
        work.some::<M, TOGETHER, 1>(at);
    }
    // Heads that share keys often come in threes.
    let mut rest = together;
    if count - rest >= 3 {
        work.some::<M, 3, 1>(rest);
        rest += 3;
    }
    match count - rest {
        2 => work.some::<M, 2, 2>(rest),
        1 => work.some::<M, 1, PANELS>(rest),
        _ => {}
    }
}

/// Puts the scores of the `width` keys from `first` on, both multiples of [`KEYS`].
struct Scores<'a, 'b> {
    kept: &'a KeyValues,
    kv_head: usize,
    /// `(queries, head_dim)`.
    queries: &'a [f32],
    first: usize,
    width: usize,
    scores: &'b mut [[f32; BLOCK]],
}

impl Some for Scores<'_, '_> {
    #[inline(always)]
    fn some<M: Machine, const N: usize, const P: usize>(&mut self, at: usize) {
        let head_dim = self.kept.head_dim;
        let queries: [&[f32]; N] = each(|n| &self.queries[(at + n) * head_dim..][..head_dim]);
        let scores = &mut self.scores[at..at + N];
        let panel = |key: usize| Panel::dense(self.kept.key_panel(self.kv_head, self.first + key));
        let mut key = 0;
        while key + P * KEYS <= self.width {
            let panels: [_; P] = each(|p| panel(key + p * KEYS));
            for sums in multiply::<M, f32, P, N>(panels, queries, nothing::<M, P, N>()) {
                for (scores, sum) in scores.iter_mut().zip(sums) {
                    scores[key..key + KEYS].copy_from_slice(&M::octet_to_array(sum));
                }
                key += KEYS;
            }
        }
        while key < self.width {
            let [sums] = multiply::<M, f32, 1, N>([panel(key)], queries, nothing::<M, 1, N>());
            for (scores, sum) in scores.iter_mut().zip(sums) {
                scores[key..key + KEYS].copy_from_slice(&M::octet_to_array(sum));
            }
            key += KEYS;
        }
    }
}

/// The same for rounded keys and queries. Entered by the machine that rounded the queries, which `M` therefore is.
struct RoundedScores<'a, 'b, K: Machine> {
    /// `(keys / 4, head_dim / 32)`.
    tiles: &'a [Tile],
    rounded: &'a Rounded<K, MANY>,
    /// `(queries, keys)`.
    out: &'a mut [&'b mut [f32]],
}

impl<K: Machine> Work for RoundedScores<'_, '_, K> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(self) {
        let Self { tiles, rounded, out } = self;
        let open: Vec<_> = tiles.iter().map(|tile| tile.open::<K>()).collect();
        K::enter(Many::<K, 1, PLAIN> { open: &open, rounded, out, first: 0 });
    }
}

/// Adds to `sums (queries, padded)` so many values by their weights.
struct Weigh<'a, 'b> {
    /// `(keys, padded)`.
    values: &'a [f32],
    padded: usize,
    keys: usize,
    weights: &'a [[f32; BLOCK]],
    sums: &'b mut [f32],
}

impl Some for Weigh<'_, '_> {
    #[inline(always)]
    fn some<M: Machine, const N: usize, const P: usize>(&mut self, at: usize) {
        let padded = self.padded;
        let weights: [&[f32]; N] = each(|n| &self.weights[at + n][..self.keys]);
        let sums = &mut self.sums[at * padded..];
        let mut number = 0;
        while number + P * KEYS <= padded {
            part::<M, N, P>(self.values, weights, (number, padded), sums);
            number += P * KEYS;
        }
        while number < padded {
            part::<M, N, 1>(self.values, weights, (number, padded), sums);
            number += KEYS;
        }
    }
}

/// The same for `P` panels of the values' numbers, from `at` on.
#[inline(always)]
fn part<M: Machine, const N: usize, const P: usize>(
    values: &[f32],
    weights: [&[f32]; N],
    (at, padded): (usize, usize),
    sums: &mut [f32],
) {
    let place = |n: usize, p: usize| n * padded + at + p * KEYS;
    let panels: [_; P] = each(|p| Panel::strided(&values[at + p * KEYS..], padded));
    let before =
        each(|p| each(|n| M::octet(sums[place(n, p)..].first_chunk().unwrap_or(&[0.; KEYS]))));
    let after = multiply::<M, f32, P, N>(panels, weights, before);
    for (p, after) in after.into_iter().enumerate() {
        for (n, sum) in after.into_iter().enumerate() {
            sums[place(n, p)..][..KEYS].copy_from_slice(&M::octet_to_array(sum));
        }
    }
}

/// What is known of a query's softmax after some blocks of keys.
#[derive(Clone, Copy)]
struct Softmax {
    most: f32,
    sum: f32,
}

impl Softmax {
    const EMPTY: Self = Self { most: f32::NEG_INFINITY, sum: 0. };

    /// Turns a block's scores, whole octets, into weights, zero outside `seen`; gives what earlier sums shrink by.
    #[inline(always)]
    fn take<M: Machine>(&mut self, scores: &mut [f32], seen: Range<usize>) -> f32 {
        if seen.is_empty() {
            scores.fill(0.);
            return 1.;
        }
        scores[..seen.start].fill(f32::NEG_INFINITY);
        scores[seen.end..].fill(f32::NEG_INFINITY);
        // A score that is not a number is passed over here, and then makes the sum none either.
        let octets = scores.as_chunks().0;
        let largest = octets
            .iter()
            .fold(M::octet_splat(self.most), |most, scores| M::octet_max(M::octet(scores), most));
        let most = M::octet_to_array(largest).into_iter().fold(self.most, f32::max);
        let (one, less) = (M::octet_splat(1.), M::octet_splat(-most));
        let power = |x| exp::<M>(M::octet_mul_add(x, one, less));
        let shrink = match most > self.most {
            true => M::octet_to_array(power(M::octet_splat(self.most)))[0],
            false => 1.,
        };
        let mut sums = M::octet_splat(0.);
        for scores in scores.as_chunks_mut().0 {
            let weights = power(M::octet(scores));
            sums = M::octet_mul_add(weights, one, sums);
            *scores = M::octet_to_array(weights);
        }
        self.sum = self.sum * shrink + M::octet_to_array(sums).iter().sum::<f32>();
        self.most = most;
        shrink
    }
}
