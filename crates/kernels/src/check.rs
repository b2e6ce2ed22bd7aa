//! Every kernel against plain arithmetic, on this very machine: in tests, and in a browser's engine.

mod attention;
mod convolution;
mod pointwise;
mod product;

use candle_core::Result;

use crate::Kind;

/// How much of it is done with each seed.
const ROUNDS: usize = 6;

/// How many answers of kernels were compared.
///
/// Fails, naming kernel and shape, if one is off.
pub fn check(seed: u64) -> Result<usize> {
    let mut random = Random(seed);
    let mut count = 0;
    for &kind in Kind::ALL {
        for shape in product::shapes(&mut random, kind.block_len()) {
            product::check(kind, shape, &mut random)?;
            count += 1;
        }
    }
    for one in [attention::check, convolution::check, pointwise::check] {
        for _ in 0..ROUNDS {
            one(&mut random)?;
            count += 1;
        }
    }
    Ok(count)
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
