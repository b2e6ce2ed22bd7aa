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
    let (best, scalar) = (matrix.product_on(On::Best, &xs)?, matrix.product_on(On::Scalar, &xs)?);
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
            let (best, scalar) = (best[n * rows + row], scalar[n * rows + row]);
            // Blocks with something in common to be added cancel large numbers against each other.
            let slack = ROUNDING * (magnitude + most * magnitudes) + f64::from(f32::MIN_POSITIVE);
            let near = |a: f64, b: f64, by: f64| (a - b).abs() <= by;
            if !near(best.into(), scalar.into(), slack)
                || !near(best.into(), exact, rounding + slack)
            {
                bail!(
                    "{kind:?}: ({m}, {columns}) times ({rows}, {columns}) gives {best} where it \
                     should be {exact}, and {scalar} number by number"
                )
            }
        }
    }
    Ok(())
}

/// Weights are exact to some units of the last place, and sum to one.
const ATTENTION: f64 = 1e-5;

fn check_attention(random: &mut Random) -> Result<()> {
    let (kv_heads, group) = (1 + random.below(3), 1 + random.below(4));
    let (positions, before) = (1 + random.below(9), random.below(200));
    let (heads, head_dim, len) = (kv_heads * group, 4 * (1 + random.below(20)), before + positions);
    let sight = match random.below(3) {
        0 => Sight::All,
        1 => Sight::Past { window: None },
        _ => Sight::Past { window: Some(1 + random.below(100)) },
    };
    let (width, kv_width) = (heads * head_dim, kv_heads * head_dim);
    let queries = random.floats(positions * width, width);
    let (keys, values) = (random.floats(len * kv_width, 1), random.floats(len * kv_width, 1));
    let mut kept = KeyValues::new(kv_heads, head_dim);
    for part in [0..before / 2, before / 2..len] {
        let part = part.start * kv_width..part.end * kv_width;
        kept.put(part.start / kv_width, &keys[part.clone()], &values[part])?;
    }
    let scale = 1. / (head_dim as f32).sqrt();
    let attend = Attend { kept: &kept, heads, scale, sight };
    let best = attend.attended(On::Best, &queries, positions, width)?;
    let scalar = attend.attended(On::Scalar, &queries, positions, width)?;
    for (i, (best, scalar)) in best.iter().zip(scalar).enumerate() {
        let (position, column) = (i / width, i % width);
        let (head, number) = (column / head_dim, column % head_dim);
        let seen = match sight {
            Sight::All => 0..len,
            Sight::Past { window } => {
                let end = before + position + 1;
                window.map_or(0, |window| end.saturating_sub(window))..end
            }
        };
        let at = |of: usize| of * kv_width + head / group * head_dim;
        let query = &queries[position * width + head * head_dim..][..head_dim];
        let score = |of: usize| {
            let key = &keys[at(of)..][..head_dim];
            query.iter().zip(key).map(|(q, k)| f64::from(*q) * f64::from(*k)).sum::<f64>()
                * f64::from(scale)
        };
        let most = seen.clone().map(score).fold(f64::NEG_INFINITY, f64::max);
        let weights = seen.clone().map(|of| (score(of) - most).exp());
        let sum: f64 = weights.clone().sum();
        let exact: f64 =
            weights.zip(seen).map(|(w, of)| w / sum * f64::from(values[at(of) + number])).sum();
        // A score of a large query is itself off by some units of its last place.
        let slack = (ATTENTION + 1e-6 * most.abs())
            * values.iter().fold(1f64, |m, v| m.max(f64::from(v.abs())));
        if (f64::from(*best) - exact).abs() > slack || (f64::from(scalar) - exact).abs() > slack {
            bail!(
                "attention of {positions} positions, {heads} heads over {kv_heads} of {head_dim}, \
                 {len} keys, {sight:?}: {best} where it should be {exact}, and {scalar} plainly"
            )
        }
    }
    Ok(())
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
    fn products_are_right_whatever_their_shape() {
        for seed in 0..40 {
            check(seed).unwrap();
        }
    }
}
