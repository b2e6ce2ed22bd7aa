//! Quantized weights laid open: one shape for every kind, which one loop multiplies.

use std::ops::Range;

use crate::{
    machine::{Machine, Work},
    quants::{GROUPS, Quants},
    rounded::{BLOCK_LEN, BOTH, Block, Rounded, UPPER},
    slices::put,
    tile::ROWS,
};

/// Rows of activations that are multiplied at once with weights that were laid open: as many as have their sums in
/// registers.
pub(crate) const MANY: usize = 4;

/// How rounded rows are multiplied, and where products go: as they are, `(m, rows)`.
pub(crate) const PLAIN: u8 = 0;
/// Rows are in two halves each.
pub(crate) const HALVED: u8 = 1;
/// Products lie the other way round, `(rows, m)`.
pub(crate) const TURNED: u8 = 2;

/// Four rows by 32 columns: `scale * quant + minimum`.
#[derive(Clone, Copy)]
pub(crate) struct Open<M: Machine> {
    groups: [M::Group; GROUPS],
    /// Of each piece; where there is one, both are its.
    scales: [M::Quad; 2],
    minima: [M::Quad; 2],
    /// Of all 32 weights, per row.
    sums: M::Quad,
}

impl<M: Machine> Open<M> {
    /// Signed quants have no minima of their own.
    #[inline(always)]
    pub(crate) fn new<Q: Quants>(quants: &Q, scales: [M::Quad; 2], minima: [M::Quad; 2]) -> Self {
        let groups = quants.groups::<M>();
        let minima = match Q::SIGNED {
            true => scales.map(|scales| M::mul(scales, M::splat(-f32::from(M::raise())))),
            false => minima,
        };
        let [one, ..] = M::fours(&[1; BLOCK_LEN]);
        let mut sums = M::splat(0.);
        for (piece, groups) in groups.as_chunks::<{ GROUPS / 2 }>().0.iter().enumerate() {
            let whole = groups.iter().fold(M::nothing(), |sums, group| M::dot(sums, *group, &one));
            sums = M::mul_add(M::total(whole), scales[piece], sums);
            sums = M::mul_add(M::splat((BLOCK_LEN / 2) as f32), minima[piece], sums);
        }
        Self { groups, scales, minima, sums }
    }

    /// Adds to `sums[n]` the products of each row with row `n` of a block; a piece has `per_piece` groups.
    #[inline(always)]
    pub(crate) fn add<const N: usize, const PIECES: usize>(
        &self,
        block: &Block<M, N>,
        per_piece: usize,
        sums: &mut [M::Quad; N],
    ) {
        for piece in 0..PIECES {
            let whole = self.whole(block, piece * per_piece..(piece + 1) * per_piece, false);
            for n in 0..N {
                let products = M::mul(M::total(whole[n]), M::splat(block.steps[n]));
                sums[n] = M::mul_add(products, self.scales[piece], sums[n]);
                let all = M::splat(block.sums[piece][n]);
                sums[n] = M::mul_add(all, self.minima[piece], sums[n]);
            }
        }
        for (n, sum) in sums.iter_mut().enumerate() {
            *sum = M::mul_add(M::splat(block.middles[n]), self.sums, *sum);
        }
    }

    /// The same for rows that are rounded finely, each in two rows `n` and `n + 1` of the block: adds to `sums[n]` their
    /// products in steps, and to `sums[n + 1]` what minima come to.
    #[inline(always)]
    pub(crate) fn add_fine<const N: usize, const PIECES: usize>(
        &self,
        block: &Block<M, N>,
        per_piece: usize,
        sums: &mut [M::Quad; N],
    ) {
        for piece in 0..PIECES {
            let whole = self.whole(block, piece * per_piece..(piece + 1) * per_piece, M::WIDE);
            for n in (0..N).step_by(BOTH) {
                let (upper, lower) = (M::total(whole[n]), M::total(whole[n + 1]));
                let products =
                    if M::WIDE { upper } else { M::mul_add(upper, M::splat(UPPER), lower) };
                sums[n] = M::mul_add(products, self.scales[piece], sums[n]);
                let all = M::splat(block.sums[piece][n]);
                sums[n + 1] = M::mul_add(all, self.minima[piece], sums[n + 1]);
            }
        }
    }

    /// The products of whole numbers with some groups; of every two rows only the first if they are `alone`.
    #[inline(always)]
    fn whole<const N: usize>(
        &self,
        block: &Block<M, N>,
        groups: Range<usize>,
        alone: bool,
    ) -> [M::Sums; N] {
        let fours = &block.fours[groups.clone()];
        let mut whole = [M::nothing(); N];
        for (group, fours) in self.groups[groups].iter().zip(fours) {
            for n in 0..N {
                if !alone || n % BOTH == 0 {
                    whole[n] = M::dot(whole[n], *group, &fours[n]);
                }
            }
        }
        whole
    }
}

/// What [`Open::add_fine`] added up: a row of activations each two.
#[inline(always)]
pub(crate) fn fine_sum<M: Machine, const N: usize>(
    block: &Block<M, N>,
    sums: [M::Quad; N],
    n: usize,
) -> [f32; ROWS] {
    M::to_array(M::mul_add(sums[n], M::splat(block.steps[n]), sums[n + 1]))
}

/// Strips of four rows that were laid open, times all activations.
pub(crate) struct Many<'a, 'b, M: Machine, const PIECES: usize, const FORM: u8> {
    pub(crate) open: &'a [Open<M>], // (strips, columns / 32)
    pub(crate) rounded: &'a Rounded<M, MANY>,
    /// `(m, rows)`, or the other way round if it is [`TURNED`]; the strips are those from row `first` on.
    pub(crate) out: &'a mut [&'b mut [f32]],
    pub(crate) first: usize,
}

impl<K: Machine, const PIECES: usize, const FORM: u8> Work for Many<'_, '_, K, PIECES, FORM> {
    type Output = ();

    /// Entered by the machine that laid the weights open, which `M` therefore is.
    #[inline(always)]
    fn run<M: Machine>(self) {
        let Self { open, rounded, out, first } = self;
        // A loop of a known length is unrolled, and then all activations are read before the first product: more than
        // there are registers.
        let per_piece = std::hint::black_box(GROUPS / PIECES);
        let per_panel = if FORM == HALVED { MANY / BOTH } else { MANY };
        for (panel, blocks) in rounded.panels().enumerate() {
            for (strip, open) in open.chunks_exact(blocks.len()).enumerate() {
                let mut sums = [K::splat(0.); MANY];
                for (open, block) in open.iter().zip(blocks) {
                    match FORM {
                        HALVED => open.add_fine::<MANY, PIECES>(block, per_piece, &mut sums),
                        _ => open.add::<MANY, PIECES>(block, per_piece, &mut sums),
                    }
                }
                let (rows, from) = (first + strip * ROWS, panel * per_panel);
                if FORM == TURNED {
                    for (out, sums) in out[rows..].iter_mut().zip(K::turned(sums)) {
                        put(&mut out[from..], K::to_array(sums));
                    }
                    continue;
                }
                for (n, out) in out[from..].iter_mut().take(per_panel).enumerate() {
                    let sum = match FORM {
                        HALVED => fine_sum(&blocks[0], sums, BOTH * n),
                        _ => K::to_array(sums[n]),
                    };
                    put(&mut out[rows..], sum);
                }
            }
        }
    }
}
