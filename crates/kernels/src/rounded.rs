use crate::{
    machine::{Machine, On, Work, run},
    threads::on_all_threads,
};

/// Columns that are rounded together; every quantized kind has rows of whole ones.
pub(crate) const BLOCK_LEN: usize = 32;
/// The largest whole number an activation becomes. With weights of eight bits, sums of 32 products
/// stay far within 32 bits.
const MOST: f32 = 8191.;
/// Rounding fewer numbers is done before another thread has taken a share.
const WORTH_SHARING: usize = 16_384;
/// Numbers of a share.
const SHARE: usize = 8192;

/// Activations `(m, columns)` as whole numbers of fourteen bits.
///
/// One scale serves a whole row: the row's error, as a vector, is at most `sqrt(columns) / 16382` of
/// its length, which takes one number that outweighs all others.
pub(crate) struct Rounded {
    /// One per row; NaN if a number of the row is not finite, so that no wrong answer comes of it.
    pub(crate) scales: Vec<f32>,
    blocks: Vec<Block>, // (m, columns / BLOCK_LEN)
    per_row: usize,
}

/// 32 activations.
#[derive(Clone, Copy)]
#[repr(align(8))]
pub(crate) struct Block {
    /// As [`Machine::store`] makes it.
    pub(crate) stored: [u8; 64],
    /// Of either half, for weights that have something in common to be added.
    pub(crate) sums: [f32; 2],
}

impl Block {
    /// Of all 32.
    pub(crate) fn sum(&self) -> f32 {
        self.sums[0] + self.sums[1]
    }
}

impl Rounded {
    /// For weights that are `SIGNED` or not. `columns` is a multiple of [`BLOCK_LEN`].
    pub(crate) fn new<const SIGNED: bool>(on: On, xs: &[f32], columns: usize) -> Self {
        let per_row = columns / BLOCK_LEN;
        let empty = Block { stored: [0; 64], sums: [0.; 2] };
        let mut blocks = vec![empty; xs.len() / BLOCK_LEN];
        let mut scales = vec![0.; xs.len() / columns];
        let together = (SHARE / columns).max(1);
        let shares = xs.chunks(together * columns).zip(blocks.chunks_mut(together * per_row));
        let shares = shares.zip(scales.chunks_mut(together));
        let share = |((xs, blocks), scales): ((&[f32], &mut [Block]), &mut [f32])| {
            let rows = xs.chunks_exact(columns).zip(blocks.chunks_exact_mut(per_row));
            for ((xs, blocks), scale) in rows.zip(scales) {
                *scale = run(on, Row::<SIGNED> { xs, blocks });
            }
        };
        match xs.len() < WORTH_SHARING {
            true => shares.for_each(share),
            false => on_all_threads(shares, share),
        }
        Self { scales, blocks, per_row }
    }

    /// The blocks of one row.
    pub(crate) fn row(&self, row: usize) -> &[Block] {
        &self.blocks[row * self.per_row..(row + 1) * self.per_row]
    }
}

/// Rounds one row; gives its scale.
struct Row<'a, const SIGNED: bool> {
    xs: &'a [f32],
    blocks: &'a mut [Block],
}

impl<const SIGNED: bool> Work for Row<'_, SIGNED> {
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
        for (block, xs) in self.blocks.iter_mut().zip(self.xs.as_chunks::<BLOCK_LEN>().0) {
            let whole = xs.map(|x| nearest(x * inverse));
            let half = |xs: &[i16]| xs.iter().map(|x| i32::from(*x)).sum::<i32>() as f32;
            block.sums = [half(&whole[..16]), half(&whole[16..])];
            block.stored = M::store::<SIGNED>(&whole);
        }
        most / MOST
    }
}

/// The whole number nearest to `x`, whose magnitude is small; ties go to the even one.
#[inline(always)]
fn nearest(x: f32) -> i16 {
    /// Numbers of this size are whole ones apart.
    const WHOLE: f32 = 12_582_912.; // 1.5 * 2^23
    ((x + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits())) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_to_the_even_number() {
        for (x, want) in
            [(0.5, 0), (1.5, 2), (-0.5, 0), (-1.5, -2), (8190.6, 8191), (-8191., -8191)]
        {
            assert_eq!(nearest(x), want, "{x}");
        }
    }

    #[test]
    fn a_row_keeps_its_sums_and_scale() {
        let xs: Vec<f32> = (0..32).map(|i| i as f32).collect();
        let rounded = Rounded::new::<false>(On::Best, &xs, 32);
        let sums = rounded.row(0)[0].sums.map(|sum| sum * rounded.scales[0]);
        assert!((sums[0] - 120.).abs() < 0.02 && (sums[1] - 376.).abs() < 0.02, "{sums:?}");
    }

    #[test]
    fn rows_that_are_not_finite_say_so_and_zeros_stay() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut xs = vec![1.; 64];
            xs[40] = bad;
            let scales = Rounded::new::<true>(On::Best, &xs, 32).scales;
            assert!(scales[0].is_finite() && scales[1].is_nan(), "{bad}");
        }
        for small in [0., f32::MIN_POSITIVE / 8.] {
            assert_eq!(Rounded::new::<true>(On::Best, &[small; 32], 32).scales, [0.]);
        }
    }
}
