use crate::{
    machine::{Machine, Work},
    quants::GROUPS,
    threads::on_all_threads,
};

/// Columns that are rounded together; every quantized kind has rows of whole ones.
pub(crate) const BLOCK_LEN: usize = 32;
/// The largest whole number an activation becomes. With weights of eight bits, sums of 32 products
/// stay far within 32 bits.
pub(crate) const MOST: f32 = 8191.;
/// Rounding fewer numbers is done before another thread has taken a share.
const WORTH_SHARING: usize = 16_384;
/// Numbers of a share.
const SHARE: usize = 8192;

/// Activations `(m, columns)` as whole numbers of fourteen bits, in panels of `N` rows.
///
/// One scale serves a whole row: the row's error, as a vector, is at most `sqrt(columns) / 16382` of
/// its length, which takes one number that outweighs all others.
pub(crate) struct Rounded<const N: usize> {
    /// One per row; NaN if a number of the row is not finite, so that no wrong answer comes of it.
    pub(crate) scales: Vec<f32>,
    blocks: Vec<Block<N>>, // (m / N, columns / BLOCK_LEN)
    per_row: usize,
}

/// 32 activations of each row of a panel.
#[derive(Clone, Copy)]
#[repr(align(8))]
pub(crate) struct Block<const N: usize> {
    /// Four as [`Machine::store`] makes them.
    pub(crate) stored: [[[u8; 8]; N]; GROUPS],
    /// Of each piece that weights have something in common for.
    pub(crate) sums: [[f32; N]; 2],
}

impl<const N: usize> Rounded<N> {
    /// For weights that are `SIGNED` or not, with as many `PIECES` in a block. `columns` is a multiple of
    /// [`BLOCK_LEN`].
    pub(crate) fn new<M: Machine, const SIGNED: bool, const PIECES: usize>(
        xs: &[f32],
        columns: usize,
    ) -> Self {
        let per_row = columns / BLOCK_LEN;
        let mut scales = vec![0.; xs.len() / columns];
        let empty = Block { stored: [[[0; 8]; N]; GROUPS], sums: [[0.; N]; 2] };
        let mut blocks = vec![empty; scales.len().div_ceil(N) * per_row];
        let panels = (SHARE / (N * columns)).max(1);
        let shares = xs.chunks(panels * N * columns).zip(blocks.chunks_mut(panels * per_row));
        let shares = shares.zip(scales.chunks_mut(panels * N));
        let share = |((xs, blocks), scales): ((&[f32], &mut [Block<N>]), &mut [f32])| {
            for ((i, xs), scale) in xs.chunks_exact(columns).enumerate().zip(scales) {
                let blocks = &mut blocks[i / N * per_row..][..per_row];
                *scale = M::enter(Row::<N, SIGNED, PIECES> { xs, blocks, n: i % N });
            }
        };
        match xs.len() < WORTH_SHARING {
            true => shares.for_each(share),
            false => on_all_threads(shares, share),
        }
        Self { scales, blocks, per_row }
    }

    /// The blocks of each panel.
    pub(crate) fn panels(&self) -> impl Iterator<Item = &[Block<N>]> {
        self.blocks.chunks_exact(self.per_row)
    }
}

/// Rounds row `n` of a panel; gives its scale.
struct Row<'a, const N: usize, const SIGNED: bool, const PIECES: usize> {
    xs: &'a [f32],
    blocks: &'a mut [Block<N>],
    n: usize,
}

impl<const N: usize, const SIGNED: bool, const PIECES: usize> Work for Row<'_, N, SIGNED, PIECES> {
    type Output = f32;

    #[inline(always)]
    fn run<M: Machine>(self) -> f32 {
        // Magnitudes are ordered like their bits, and whatever is not finite comes last.
        let most = self.xs.iter().map(|x| x.to_bits() & 0x7fff_ffff).fold(0, u32::max);
        let most = f32::from_bits(most);
        let inverse = MOST / most;
        if !most.is_finite() {
            return f32::NAN;
        }
        // Zeros, or numbers so small that nothing multiplied with them is not zero.
        if !inverse.is_finite() {
            return 0.;
        }
        let n = self.n;
        for (block, xs) in self.blocks.iter_mut().zip(self.xs.as_chunks::<BLOCK_LEN>().0) {
            let whole = xs.map(|x| nearest(x * inverse));
            // Signed weights have nothing in common to be added.
            if !SIGNED {
                let pieces = whole.chunks_exact(BLOCK_LEN / PIECES);
                for (sums, piece) in block.sums.iter_mut().zip(pieces) {
                    sums[n] = piece.iter().map(|x| i32::from(*x)).sum::<i32>() as f32;
                }
            }
            for (stored, four) in block.stored.iter_mut().zip(whole.as_chunks::<4>().0) {
                stored[n] = M::store::<SIGNED>(*four);
            }
        }
        most / MOST
    }
}

/// The whole number nearest to `x`, whose magnitude is small; ties go to the even one.
#[inline(always)]
pub(crate) fn nearest(x: f32) -> i16 {
    /// Numbers of this size are whole ones apart.
    const WHOLE: f32 = 12_582_912.; // 1.5 * 2^23
    ((x + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits())) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::TestScalar as Scalar;

    #[test]
    fn ties_go_to_the_even_number() {
        for (x, want) in
            [(0.5, 0), (1.5, 2), (-0.5, 0), (-1.5, -2), (8190.6, 8191), (-8191., -8191)]
        {
            assert_eq!(nearest(x), want, "{x}");
        }
    }

    fn rounded<const N: usize>(xs: &[f32]) -> Rounded<N> {
        Rounded::new::<Scalar, false, 2>(xs, 32)
    }

    #[test]
    fn a_row_keeps_its_sums_and_scale() {
        let xs: Vec<f32> = (0..96).map(|i| (i % 32) as f32).collect();
        let rounded = rounded::<2>(&xs);
        let last = rounded.panels().nth(1).unwrap()[0].sums;
        let sums = last.map(|sums| sums[0] * rounded.scales[2]);
        assert!((sums[0] - 120.).abs() < 0.02 && (sums[1] - 376.).abs() < 0.02, "{sums:?}");
        assert_eq!(last.map(|sums| sums[1]), [0.; 2], "nothing stands in the last row");
    }

    #[test]
    fn rows_that_are_not_finite_say_so_and_zeros_stay() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut xs = vec![1.; 64];
            xs[40] = bad;
            let scales = rounded::<4>(&xs).scales;
            assert!(scales[0].is_finite() && scales[1].is_nan(), "{bad}");
        }
        for small in [0., f32::MIN_POSITIVE / 8.] {
            assert_eq!(rounded::<1>(&[small; 32]).scales, [0.]);
        }
    }
}
