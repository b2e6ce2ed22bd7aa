use candle_core::{Result, bail};

use super::{
    Random, near,
    product::{around_zero, largest, magnitudes, rounded},
};
use crate::{Attend, Bias, KeyValues, Sight, machine::On, rounded::BLOCK_LEN};

/// Weights are exact to some units of the last place, and sum to one.
const ATTENTION: f64 = 1e-5;

pub(super) fn check(random: &mut Random) -> Result<()> {
    let mut case = Attention::new(random);
    let new = if case.rounded { KeyValues::new_rounded } else { KeyValues::new };
    let mut kept = new(case.kv_heads, case.head_dim);
    for part in [0..case.before / 2, case.before / 2..case.before + case.positions] {
        let numbers = part.start * case.kv_width()..part.end * case.kv_width();
        kept.put(part.start, &case.keys[numbers.clone()], &case.values[numbers])?;
    }
    if kept.rounded() {
        case.round(kept.origin());
    }
    let Attention { heads, scale, sight, positions, .. } = case;
    let attend = Attend { kept: &kept, heads, scale, sight, bias: case.bias() };
    for &on in On::ALL {
        let got = attend.attended(on, &case.queries, positions, heads * case.head_dim)?;
        for (i, got) in got.iter().enumerate() {
            let (want, slack) = case.exact(i);
            if !near((*got).into(), want, slack) {
                let Attention { kv_heads, head_dim, before, rounded, .. } = case;
                bail!(
                    "attention (rounded: {rounded}) on {on:?} of {positions} positions after {before}, {heads} heads over \
                     {kv_heads} of {head_dim}, {sight:?}: {got} where it should be {want}"
                )
            }
        }
    }
    Ok(())
}

struct Attention {
    heads: usize,
    kv_heads: usize,
    head_dim: usize,
    before: usize,
    positions: usize,
    scale: f32,
    sight: Sight,
    rounded: bool,
    queries: Vec<f32>,
    /// The same times `scale`, rounded if keys are.
    scaled: Vec<f32>,
    keys: Vec<f32>,
    /// The same, rounded or not.
    seen_keys: Vec<f32>,
    values: Vec<f32>,
    by_distance: Option<Vec<f32>>,
    reach: usize,
    /// See `Bias::ByPlace`.
    by_place: Option<[Vec<f32>; 2]>,
    /// See `Bias::ByOffset`.
    by_offset: Option<Vec<f32>>,
    /// See `Bias::ByPair`.
    by_pair: Option<Vec<f32>>,
    grid_width: usize,
}

impl Attention {
    fn new(random: &mut Random) -> Self {
        let (kv_heads, group) = (1 + random.below(3), 1 + random.below(4));
        let (positions, before) = (1 + random.below(9), random.below(200));
        let wide = random.below(2) == 0;
        let head_dim =
            if wide { BLOCK_LEN * (1 + random.below(3)) } else { 4 * (1 + random.below(20)) };
        let sight = match random.below(3) {
            0 => Sight::All,
            1 => Sight::Past { window: None },
            _ => Sight::Past { window: Some(1 + random.below(100)) },
        };
        let width = kv_heads * group * head_dim;
        let kept = (before + positions) * kv_heads * head_dim;
        let reach = random.below(40);
        let biased = random.below(5);
        let count = before + positions;
        let widths: Vec<_> = (1..=count).filter(|width| count.is_multiple_of(*width)).collect();
        let grid_width = widths[random.below(widths.len())];
        let asked = positions * kv_heads * group;
        let queries = random.floats(positions * width, width);
        let keys = random.floats(kept, 1);
        let scale = 1. / (head_dim as f32).sqrt();
        let scaled: Vec<f32> = queries.iter().map(|x| x * scale).collect();
        Self {
            heads: kv_heads * group,
            kv_heads,
            head_dim,
            before,
            positions,
            scale,
            sight,
            rounded: random.below(2) == 0,
            queries,
            scaled,
            seen_keys: keys.clone(),
            keys,
            values: random.floats(kept, 1),
            by_distance: (biased == 1)
                .then(|| random.floats(kv_heads * group * (2 * reach + 1), 1)),
            reach,
            by_place: (biased == 2).then(|| {
                [asked * count / grid_width, asked * grid_width].map(|len| random.floats(len, 1))
            }),
            by_offset: (biased == 3).then(|| random.floats(kv_heads * group * count, 1)),
            by_pair: (biased == 4).then(|| random.floats(kv_heads * group * count * count, 1)),
            grid_width,
        }
    }

    /// What is seen of queries, and of keys from `origin` on, in eight bits.
    fn round(&mut self, origin: &[f32]) {
        for keys in self.seen_keys.chunks_exact_mut(origin.len()) {
            keys.iter_mut().zip(origin).for_each(|(key, origin)| *key -= origin);
        }
        self.seen_keys = around_zero(&self.seen_keys);
        self.scaled = rounded(&self.scaled).0;
    }

    /// Queries are the last of the positions, whatever they see.
    fn bias(&self) -> Option<Bias<'_>> {
        let (reach, first, width) = (self.reach, self.before, self.grid_width);
        if let Some(by_pair) = &self.by_pair {
            return Some(Bias::ByPair { by_pair, keys: self.before + self.positions, first });
        }
        match (&self.by_distance, &self.by_place, &self.by_offset) {
            (Some(by_distance), ..) => Some(Bias::ByDistance { by_distance, reach, first }),
            (_, Some([rows, columns]), _) => Some(Bias::ByPlace { rows, columns, width }),
            (.., Some(by_offset)) => Some(Bias::ByOffset { by_offset, width, first }),
            _ => None,
        }
    }

    fn kv_width(&self) -> usize {
        self.kv_heads * self.head_dim
    }

    /// Number `i` of the answer by definition, and how far off a right one may be.
    fn exact(&self, i: usize) -> (f64, f64) {
        let width = self.heads * self.head_dim;
        let (position, head) = (i / width, i % width / self.head_dim);
        let end = self.before + position + 1;
        let seen = match self.sight {
            Sight::All => 0..self.before + self.positions,
            Sight::Past { window } => window.map_or(0, |window| end.saturating_sub(window))..end,
        };
        let group = self.heads / self.kv_heads;
        let at = |of: usize| of * self.kv_width() + head / group * self.head_dim;
        let query = &self.scaled[position * width + head * self.head_dim..][..self.head_dim];
        let score = |of: usize| {
            let key = &self.seen_keys[at(of)..][..self.head_dim];
            let products = query.iter().zip(key).map(|(q, k)| f64::from(*q) * f64::from(*k));
            let far = (of as i64 - (end as i64 - 1)).clamp(-(self.reach as i64), self.reach as i64);
            let place = head * (2 * self.reach + 1) + (far + self.reach as i64) as usize;
            let bias = self.by_distance.as_ref().map_or(0., |all| f64::from(all[place]));
            let place = self.by_place.as_ref().map_or(0., |[rows, columns]| {
                let (width, query) = (self.grid_width, position * self.heads + head);
                let height = (self.before + self.positions) / width;
                let by_row = rows[query * height + of / width];
                f64::from(by_row) + f64::from(columns[query * width + of % width])
            });
            let offset = self.by_offset.as_ref().map_or(0., |all| {
                let (width, own) = (self.grid_width, end - 1);
                let rows = (of / width).abs_diff(own / width);
                let columns = (of % width).abs_diff(own % width);
                let count = self.before + self.positions;
                f64::from(all[head * count + rows * width + columns])
            });
            let pair = self.by_pair.as_ref().map_or(0., |all| {
                let count = self.before + self.positions;
                f64::from(all[(head * count + end - 1) * count + of])
            });
            products.sum::<f64>() + bias + place + offset + pair
        };
        let terms = |of: usize| {
            // What 32 numbers have in common is multiplied by itself, where they are rounded.
            let key = &self.seen_keys[at(of)..][..self.head_dim];
            let parts = query.chunks(BLOCK_LEN).zip(key.chunks(BLOCK_LEN));
            parts.map(|(q, k)| largest(q) * magnitudes(k)).sum::<f64>()
        };
        let terms = seen.clone().map(terms).fold(0., f64::max);
        let most = seen.clone().map(score).fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = seen.clone().map(|of| (score(of) - most).exp()).collect();
        let value = |of: usize| f64::from(self.values[at(of) + i % self.head_dim]);
        let sum: f64 = weights.iter().zip(seen.clone()).map(|(w, of)| w * value(of)).sum();
        let largest = seen.map(|of| value(of).abs()).fold(0., f64::max);
        // A score is itself off by some units of the last place of what it is the sum of.
        (sum / weights.iter().sum::<f64>(), (ATTENTION + 1e-6 * terms.max(most.abs())) * largest)
    }
}
