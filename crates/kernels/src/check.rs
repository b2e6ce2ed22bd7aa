//! Every kernel against plain arithmetic, on this very machine: in tests, and in a browser's engine.

use candle_core::{Result, bail};

use crate::{Attend, KeyValues, Kind, Matrix, Sight, machine::On};

/// Sums of whole numbers are exact on every machine; what is left is that some round once where
/// others round twice, for each block of a row.
const ROUNDING: f64 = 1e-6;
/// Activations of quantized products have fourteen bits: half a step, over the largest of a row.
const FOURTEEN_BITS: f64 = 0.5 / 8191.;

/// How many products were compared.
///
/// Fails, naming kind and shape, if one is off.
pub fn check(seed: u64) -> Result<usize> {
    let mut random = Random(seed);
    let mut count = 0;
    for &kind in Kind::ALL {
        for shape in shapes(&mut random, kind.block_len()) {
            check_product(kind, shape, &mut random)?;
            count += 1;
        }
    }
    for _ in 0..6 {
        check_attention(&mut random)?;
        count += 1;
    }
    Ok(count)
}

/// Rows of activations, rows and columns of the matrix.
type Shape = (usize, usize, usize);

/// Shapes at the edges of what kernels do at once, and some between.
fn shapes(random: &mut Random, block_len: usize) -> Vec<Shape> {
    let edges = [(1, 1, 1), (1, 4, 1), (0, 5, 1), (3, 33, 2), (8, 7, 3), (13, 40, 1)];
    let any = (0..4).map(|_| (random.below(18), 1 + random.below(70), 1 + random.below(4)));
    edges.into_iter().chain(any).map(|(m, rows, blocks)| (m, rows, blocks * block_len)).collect()
}

fn check_product(kind: Kind, (m, rows, columns): Shape, random: &mut Random) -> Result<()> {
    let mut matrix = Matrix::zeros(kind, rows, columns)?;
    matrix.pack(0, &random.floats(rows * columns, columns))?;
    let xs = random.floats(m * columns, columns);
    let scalar = matrix.product_on(On::Scalar, &xs)?;
    let results =
        On::ALL.iter().map(|on| matrix.product_on(*on, &xs)).collect::<Result<Vec<_>>>()?;
    let ids: Vec<u32> = (0..rows as u32).collect();
    let weights = matrix.look_up(&ids)?;
    let rounds = kind.block_len() > 1;
    for (n, x) in xs.chunks_exact(columns).enumerate() {
        let most = x.iter().fold(0f64, |most, x| most.max(f64::from(*x).abs()));
        for (row, weights) in weights.chunks_exact(columns).enumerate() {
            let products = || x.iter().zip(weights).map(|(x, w)| f64::from(*x) * f64::from(*w));
            let magnitude: f64 = products().map(f64::abs).sum();
            let magnitudes: f64 = weights.iter().map(|w| f64::from(*w).abs()).sum();
            let rounding = if rounds { FOURTEEN_BITS * most * magnitudes } else { 0. };
            let exact: f64 = products().sum();
            let scalar = f64::from(scalar[n * rows + row]);
            // Blocks with something in common to be added cancel large numbers against each other.
            let slack = ROUNDING * (magnitude + most * magnitudes) + f64::from(f32::MIN_POSITIVE);
            for (on, result) in On::ALL.iter().zip(&results) {
                let got = f64::from(result[n * rows + row]);
                if !near(got, scalar, slack) || !near(got, exact, rounding + slack) {
                    bail!(
                        "{kind:?} on {on:?}: ({m}, {columns}) times ({rows}, {columns}) gives {got} \
                         where it should be {exact}, and {scalar} number by number"
                    )
                }
            }
        }
    }
    Ok(())
}

/// Weights are exact to some units of the last place, and sum to one.
const ATTENTION: f64 = 1e-5;

fn check_attention(random: &mut Random) -> Result<()> {
    let case = Attention::new(random);
    let mut kept = KeyValues::new(case.kv_heads, case.head_dim);
    for part in [0..case.before / 2, case.before / 2..case.before + case.positions] {
        let numbers = part.start * case.kv_width()..part.end * case.kv_width();
        kept.put(part.start, &case.keys[numbers.clone()], &case.values[numbers])?;
    }
    let Attention { heads, scale, sight, positions, .. } = case;
    let attend = Attend { kept: &kept, heads, scale, sight };
    for &on in On::ALL {
        let got = attend.attended(on, &case.queries, positions, heads * case.head_dim)?;
        for (i, got) in got.iter().enumerate() {
            let (want, slack) = case.exact(i);
            if !near((*got).into(), want, slack) {
                let Attention { kv_heads, head_dim, before, .. } = case;
                bail!(
                    "attention on {on:?} of {positions} positions after {before}, {heads} heads over \
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
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Attention {
    fn new(random: &mut Random) -> Self {
        let (kv_heads, group) = (1 + random.below(3), 1 + random.below(4));
        let (positions, before) = (1 + random.below(9), random.below(200));
        let head_dim = 4 * (1 + random.below(20));
        let sight = match random.below(3) {
            0 => Sight::All,
            1 => Sight::Past { window: None },
            _ => Sight::Past { window: Some(1 + random.below(100)) },
        };
        let width = kv_heads * group * head_dim;
        let kept = (before + positions) * kv_heads * head_dim;
        Self {
            heads: kv_heads * group,
            kv_heads,
            head_dim,
            before,
            positions,
            scale: 1. / (head_dim as f32).sqrt(),
            sight,
            queries: random.floats(positions * width, width),
            keys: random.floats(kept, 1),
            values: random.floats(kept, 1),
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
        let query = &self.queries[position * width + head * self.head_dim..][..self.head_dim];
        let score = |of: usize| {
            let key = &self.keys[at(of)..][..self.head_dim];
            let products = query.iter().zip(key).map(|(q, k)| f64::from(*q) * f64::from(*k));
            products.sum::<f64>() * f64::from(self.scale)
        };
        let most = seen.clone().map(score).fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = seen.clone().map(|of| (score(of) - most).exp()).collect();
        let value = |of: usize| f64::from(self.values[at(of) + i % self.head_dim]);
        let sum: f64 = weights.iter().zip(seen.clone()).map(|(w, of)| w * value(of)).sum();
        let largest = seen.map(|of| value(of).abs()).fold(0., f64::max);
        // A large score is itself off by some units of its last place.
        (sum / weights.iter().sum::<f64>(), (ATTENTION + 1e-6 * most.abs()) * largest)
    }
}

/// False for what is not a number.
fn near(a: f64, b: f64, by: f64) -> bool {
    (a - b).abs() <= by
}

/// SplitMix64, by Sebastiano Vigna (public domain): good enough to choose numbers for a check.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Between -1 and 1.
    fn float(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.
    }

    /// Rows of plain numbers, zeros, one number that outweighs all others, or the largest alone.
    fn floats(&mut self, count: usize, columns: usize) -> Vec<f32> {
        let mut floats: Vec<f32> = (0..count).map(|_| self.float()).collect();
        for row in floats.chunks_mut(columns) {
            match self.below(6) {
                0 => row.fill(0.),
                1 => row[self.below(columns)] = 3000.,
                2 => row.iter_mut().for_each(|x| *x = x.signum()),
                3 => row.iter_mut().for_each(|x| *x = x.abs() + 2.),
                _ => {}
            }
        }
        floats
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_right_whatever_their_shape() {
        for seed in 0..12 {
            check(seed).unwrap();
        }
    }
}
