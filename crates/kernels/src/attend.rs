use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, bail};

use crate::{
    KeyValues,
    each::each,
    exp::exp_below,
    key_values::{BLOCK, KEYS},
    machine::{Machine, On, Work, run},
    panel::{Panel, multiply, nothing},
    slices::floats,
    threads::on_all_threads,
};

/// Fewer multiplications than this are done before another thread has woken up.
const WORTH_SHARING: usize = 100_000;
/// Queries that read keys and values together.
const TOGETHER: usize = 6;
/// Queries one thread takes at a time.
const PER_JOB: usize = 4 * TOGETHER;
/// Panels of keys, or of values, that keep a processor busy with one query.
const PANELS: usize = 4;

/// Which keys a query sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// All.
    All,
    /// Those up to its own position: queries are the last of the positions kept.
    Past {
        /// How many of them at most, the last ones; `None` is all.
        window: Option<usize>,
    },
}

/// What is added to a score for where its key lies.
#[derive(Clone, Copy)]
pub enum Bias<'a> {
    /// By how far the key is from the query along a line.
    ByDistance {
        /// `(heads, 2 * reach + 1)`: from `reach` positions before the query to as many after it. Keys
        /// farther away count as the farthest.
        by_distance: &'a [f32],
        /// See there.
        reach: usize,
        /// Position of the first query among the keys.
        first: usize,
    },
    /// By the row and the column of the key, where keys fill a grid row by row; every query has its own.
    ByPlace {
        /// `(queries, heads, rows)`.
        rows: &'a [f32],
        /// `(queries, heads, columns)`.
        columns: &'a [f32],
        /// Columns of the grid.
        width: usize,
    },
    /// By how many rows and how many columns the key is from the query, whichever way, where both fill the same
    /// grid row by row.
    ByOffset {
        /// `(heads, rows, columns)`.
        by_offset: &'a [f32],
        /// Columns of the grid.
        width: usize,
        /// Position of the first query among the keys.
        first: usize,
    },
    /// By which query and which key they are.
    ByPair {
        /// `(heads, queries, keys)`.
        by_pair: &'a [f32],
        /// How many keys.
        keys: usize,
        /// Number of the first query among those of the table.
        first: usize,
    },
}

/// Attention of queries `(positions, heads * head_dim)` over keys and values, to the same shape.
///
/// Heads share keys and values in groups. Memory does not grow with the number of keys: scores are held
/// for a block of them at once. Invariant: blocks begin at multiples of their size, so that an answer
/// does not depend on what else is asked for in the same call.
pub struct Attend<'a> {
    /// What is looked at.
    pub kept: &'a KeyValues,
    /// Heads of the queries; a multiple of those kept.
    pub heads: usize,
    /// Multiplies every score.
    pub scale: f32,
    /// Which keys a query sees.
    pub sight: Sight,
    /// Added to scores after they are scaled.
    pub bias: Option<Bias<'a>>,
}

impl CustomOp1 for Attend<'_> {
    fn name(&self) -> &'static str {
        "attend"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (positions, width) = layout.shape().dims2()?;
        let out = self.attended(On::Best, floats(storage, layout)?, positions, width)?;
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

impl Attend<'_> {
    /// `queries (positions, width)` to the same.
    pub(crate) fn attended(
        &self,
        on: On,
        queries: &[f32],
        positions: usize,
        width: usize,
    ) -> Result<Vec<f32>> {
        let KeyValues { heads: kv_heads, head_dim, len, .. } = *self.kept;
        let enough = match self.sight {
            Sight::All => len > 0,
            Sight::Past { window } => len >= positions && window != Some(0),
        };
        if width != self.heads * head_dim || !self.heads.is_multiple_of(kv_heads) || !enough {
            bail!("attend: {positions} queries of {width} numbers do not fit {len} keys")
        }
        if self.bias.is_some_and(|bias| !bias.fits(positions, self.heads, len)) {
            bail!("attend: no bias for {} heads and {positions} queries of {len} keys", self.heads)
        }
        let group = self.heads / kv_heads;
        let mut by_head = vec![0f32; queries.len()]; // (kv_heads, positions * group, head_dim)
        let of_head = by_head.chunks_mut((positions * group * head_dim).max(1)).enumerate();
        let jobs: Vec<_> = of_head
            .flat_map(|(kv_head, of_head)| {
                let parts = of_head.chunks_mut(PER_JOB * head_dim).enumerate();
                parts.map(move |(i, out)| (kv_head, i * PER_JOB, out))
            })
            .collect();
        let one = |(kv_head, first, out)| {
            run(on, Job { attend: self, queries, positions, kv_head, first, out });
        };
        if queries.len() * len < WORTH_SHARING {
            jobs.into_iter().for_each(one);
        } else {
            on_all_threads(jobs, one);
        }
        let mut out = vec![0f32; queries.len()];
        for (i, row) in by_head.chunks_exact(head_dim).enumerate() {
            let (kv_head, query) = (i / (positions * group), i % (positions * group));
            let head = kv_head * group + query % group;
            let to = query / group * width + head * head_dim;
            out[to..to + head_dim].copy_from_slice(row);
        }
        Ok(out)
    }
}

impl Bias<'_> {
    /// The same for whoever asks only with the queries from number `queries` on, of as many `heads`.
    pub fn after(self, queries: usize, heads: usize) -> Self {
        match self {
            Self::ByDistance { by_distance, reach, first } => {
                Self::ByDistance { by_distance, reach, first: first + queries }
            }
            Self::ByPlace { rows, columns, width } => {
                let before = queries * heads;
                let height = rows.len() / (columns.len() / width).max(1);
                let (rows, columns) = (&rows[before * height..], &columns[before * width..]);
                Self::ByPlace { rows, columns, width }
            }
            Self::ByOffset { by_offset, width, first } => {
                Self::ByOffset { by_offset, width, first: first + queries }
            }
            Self::ByPair { by_pair, keys, first } => {
                Self::ByPair { by_pair, keys, first: first + queries }
            }
        }
    }

    fn fits(&self, positions: usize, heads: usize, keys: usize) -> bool {
        match *self {
            Self::ByDistance { by_distance, reach, .. } => {
                by_distance.len() == heads * (2 * reach + 1)
            }
            Self::ByPlace { rows, columns, width } => {
                columns.len() >= positions * heads * width
                    && rows.len() * width * width == columns.len() * keys
            }
            Self::ByOffset { by_offset, width, first } => {
                by_offset.len() == heads * keys
                    && keys.is_multiple_of(width)
                    && first + positions <= keys
            }
            Self::ByPair { by_pair, keys: known, first } => {
                known == keys
                    && by_pair.len().is_multiple_of((heads * keys).max(1))
                    && (first + positions) * heads * keys <= by_pair.len()
            }
        }
    }

    /// Adds to the scores of the keys from `first_key` on, for a query and one of `heads`.
    #[inline(always)]
    fn add(
        &self,
        query: usize,
        (head, heads): (usize, usize),
        first_key: usize,
        scores: &mut [f32],
    ) {
        match *self {
            Self::ByDistance { by_distance, reach, first } => {
                let of_head = &by_distance[head * (2 * reach + 1)..][..2 * reach + 1];
                for (key, score) in (first_key..).zip(scores) {
                    *score += of_head[(key + reach).saturating_sub(first + query).min(2 * reach)];
                }
            }
            Self::ByPlace { rows, columns, width } => {
                let at = query * heads + head;
                let height = rows.len() / (columns.len() / width);
                let rows = &rows[at * height..][..height];
                let columns = &columns[at * width..][..width];
                by_rows(first_key, width, scores, |row, column, scores| {
                    let by_row = rows[row];
                    for (score, by_column) in scores.iter_mut().zip(&columns[column..]) {
                        *score += by_row + by_column;
                    }
                });
            }
            Self::ByOffset { by_offset, width, first } => {
                let count = by_offset.len() / heads;
                let of_head = &by_offset[head * count..][..count];
                let (own_row, own_column) = ((first + query) / width, (first + query) % width);
                by_rows(first_key, width, scores, |row, column, scores| {
                    let by_column = &of_head[row.abs_diff(own_row) * width..][..width];
                    for (column, score) in (column..).zip(scores) {
                        *score += by_column[column.abs_diff(own_column)];
                    }
                });
            }
            Self::ByPair { by_pair, keys, first } => {
                let of_head = by_pair.len() / heads;
                let row = &by_pair[head * of_head + (first + query) * keys..][..keys];
                for (score, by_key) in scores.iter_mut().zip(&row[first_key..]) {
                    *score += by_key;
                }
            }
        }
    }
}

/// Calls `change` with the scores of each row of a grid, of which the first is of number `first`: their row, the column
/// of the first of them, and the scores.
#[inline(always)]
fn by_rows(
    first: usize,
    width: usize,
    mut scores: &mut [f32],
    mut change: impl FnMut(usize, usize, &mut [f32]),
) {
    let (mut row, mut column) = (first / width, first % width);
    while !scores.is_empty() {
        let count = (width - column).min(scores.len());
        let (some, rest) = scores.split_at_mut(count);
        change(row, column, some);
        (row, column, scores) = (row + 1, 0, rest);
    }
}

/// Some queries that share a head of keys and values: query `i` is of position `i / group`.
struct Job<'a> {
    attend: &'a Attend<'a>,
    queries: &'a [f32],
    positions: usize,
    kv_head: usize,
    first: usize,
    /// `(queries, head_dim)`.
    out: &'a mut [f32],
}

impl Work for Job<'_> {
    type Output = ();

    #[inline(always)]
    fn run<M: Machine>(mut self) {
        let count = self.out.len() / self.attend.kept.head_dim;
        let together = count / TOGETHER * TOGETHER;
        for at in (0..together).step_by(TOGETHER) {
            self.some::<M, TOGETHER, 1>(at);
        }
        // Heads that share keys often come in threes.
        let mut rest = together;
        if count - rest >= 3 {
            self.some::<M, 3, 1>(rest);
            rest += 3;
        }
        match count - rest {
            2 => self.some::<M, 2, 2>(rest),
            1 => self.some::<M, 1, PANELS>(rest),
            _ => {}
        }
    }
}

impl Job<'_> {
    /// `N` queries, `P` panels at a time.
    #[inline(always)]
    fn some<M: Machine, const N: usize, const P: usize>(&mut self, at: usize) {
        let kept = self.attend.kept;
        let (head_dim, padded) = (kept.head_dim, kept.padded_dim());
        let group = self.attend.heads / kept.heads;
        let width = self.attend.heads * head_dim;
        let place = |n: usize| {
            let query = self.first + at + n;
            (query / group, self.kv_head * group + query % group)
        };
        let mut scaled = vec![0f32; N * head_dim];
        for (n, scaled) in scaled.chunks_exact_mut(head_dim).enumerate() {
            let (position, head) = place(n);
            let query = &self.queries[position * width + head * head_dim..];
            for (scaled, x) in scaled.iter_mut().zip(query) {
                *scaled = x * self.attend.scale;
            }
        }
        let queries: [&[f32]; N] = each(|n| &scaled[n * head_dim..][..head_dim]);
        let seen: [_; N] = std::array::from_fn(|n| self.seen(place(n).0));
        let from = seen.iter().map(|seen| seen.start).min().unwrap_or(0) / BLOCK * BLOCK;
        let end = seen.iter().map(|seen| seen.end).max().unwrap_or(0);
        let mut state = [Softmax::EMPTY; N];
        let mut sums = vec![0f32; N * padded];
        for first in (from..end).step_by(BLOCK) {
            let count = BLOCK.min(end - first);
            let mut scores = [[0f32; BLOCK]; N];
            self.scores::<M, N, P>(&queries, first, count, &mut scores);
            for n in 0..N {
                let seen = seen[n].start.max(first)..seen[n].end.min(first + count);
                let seen = seen.start.saturating_sub(first)..seen.end.saturating_sub(first);
                if let Some(bias) = &self.attend.bias {
                    let (position, head) = place(n);
                    let heads = (head, self.attend.heads);
                    bias.add(position, heads, first, &mut scores[n][..count]);
                }
                let shrink = state[n].take(&mut scores[n], seen);
                sums[n * padded..][..padded].iter_mut().for_each(|sum| *sum *= shrink);
            }
            self.weigh::<M, N, P>(&scores, first, count, &mut sums);
        }
        for n in 0..N {
            let out = &mut self.out[(at + n) * head_dim..][..head_dim];
            for (out, sum) in out.iter_mut().zip(&sums[n * padded..]) {
                *out = sum / state[n].sum;
            }
        }
    }

    /// Keys the query of a position sees.
    fn seen(&self, position: usize) -> std::ops::Range<usize> {
        let len = self.attend.kept.len;
        match self.attend.sight {
            Sight::All => 0..len,
            Sight::Past { window } => {
                let end = len - self.positions + position + 1;
                window.map_or(0, |window| end.saturating_sub(window))..end
            }
        }
    }

    /// Scores of the `count` keys from `first` on, which is a multiple of [`KEYS`].
    #[inline(always)]
    fn scores<M: Machine, const N: usize, const P: usize>(
        &self,
        queries: &[&[f32]; N],
        first: usize,
        count: usize,
        scores: &mut [[f32; BLOCK]; N],
    ) {
        let panel = |at: usize| Panel::dense(self.attend.kept.key_panel(self.kv_head, first + at));
        let mut at = 0;
        while at + P * KEYS <= count {
            let panels: [_; P] = each(|p| panel(at + p * KEYS));
            for sums in multiply::<M, f32, P, N>(panels, *queries, nothing::<M, P, N>()) {
                for (scores, sum) in scores.iter_mut().zip(sums) {
                    scores[at..at + KEYS].copy_from_slice(&M::octet_to_array(sum));
                }
                at += KEYS;
            }
        }
        while at < count {
            let [sums] = multiply::<M, f32, 1, N>([panel(at)], *queries, nothing::<M, 1, N>());
            for (scores, sum) in scores.iter_mut().zip(sums) {
                scores[at..at + KEYS].copy_from_slice(&M::octet_to_array(sum));
            }
            at += KEYS;
        }
    }

    /// Adds to `sums (N, padded)` the values of the `count` keys from `first` on, by their weights.
    #[inline(always)]
    fn weigh<M: Machine, const N: usize, const P: usize>(
        &self,
        weights: &[[f32; BLOCK]; N],
        first: usize,
        count: usize,
        sums: &mut [f32],
    ) {
        let padded = self.attend.kept.padded_dim();
        let values = self.attend.kept.values_from(self.kv_head, first);
        let weights: [&[f32]; N] = each(|n| &weights[n][..count]);
        let mut at = 0;
        while at + P * KEYS <= padded {
            part::<M, N, P>(values, weights, (at, padded), sums);
            at += P * KEYS;
        }
        while at < padded {
            part::<M, N, 1>(values, weights, (at, padded), sums);
            at += KEYS;
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

    /// Turns a block's scores into weights, zero outside `seen`; gives what earlier sums shrink by.
    #[inline(always)]
    fn take(&mut self, scores: &mut [f32; BLOCK], seen: std::ops::Range<usize>) -> f32 {
        if seen.is_empty() {
            scores.fill(0.);
            return 1.;
        }
        scores[..seen.start].fill(f32::NEG_INFINITY);
        scores[seen.end..].fill(f32::NEG_INFINITY);
        // A score that is not a number is passed over here, and then makes the sum none either.
        let mut lanes = [self.most; 8];
        for scores in scores.as_chunks::<8>().0 {
            for (most, score) in lanes.iter_mut().zip(scores) {
                *most = if *score > *most { *score } else { *most };
            }
        }
        let most = lanes.into_iter().fold(self.most, f32::max);
        let shrink = exp_below(self.most - most);
        let mut sums = [0f32; 8];
        for scores in scores.as_chunks_mut::<8>().0 {
            for (sum, score) in sums.iter_mut().zip(scores) {
                *score = exp_below(*score - most);
                *sum += *score;
            }
        }
        self.sum = self.sum * shrink + sums.iter().sum::<f32>();
        self.most = most;
        shrink
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_that_is_no_number_is_no_answer_and_spoils_no_other() {
        let mut keys = vec![0.5; 70 * 8];
        keys[69 * 8] = f32::NAN;
        let mut kept = KeyValues::new(1, 8);
        kept.put(0, &keys, &[1.; 70 * 8]).unwrap();
        for (sight, sound) in [(Sight::All, 0), (Sight::Past { window: None }, 1)] {
            let attend = Attend { kept: &kept, heads: 1, scale: 1., sight, bias: None };
            let seen = attend.attended(On::Best, &[1.; 2 * 8], 2, 8).unwrap();
            let (first, last) = seen.split_at(8);
            assert_eq!(first.iter().filter(|x| x.is_finite()).count(), 8 * sound, "{sight:?}");
            assert!(last.iter().all(|x| x.is_nan()), "{sight:?}: {last:?}");
        }
    }
}
