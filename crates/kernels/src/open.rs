//! Quantized weights laid open: one shape for every kind, which one loop multiplies.

use crate::{
    machine::{Machine, Work},
    quants::{GROUPS, Quants},
    rounded::{Block, Rounded},
    slices::put,
    tile::ROWS,
};

/// Rows of activations that are multiplied at once with weights that were laid open: as many as have their sums in
/// registers.
pub(crate) const MANY: usize = 4;

/// Four rows by 32 columns: `scale * quant + minimum`.
#[derive(Clone, Copy)]
pub(crate) struct Open<M: Machine> {
    groups: [M::Group; GROUPS],
    start: M::Sums,
    /// Of each piece; where there is one, both are its.
    scales: [M::Quad; 2],
    /// Signed quants have none.
    minima: [M::Quad; 2],
}

impl<M: Machine> Open<M> {
    #[inline(always)]
    pub(crate) fn new<Q: Quants>(quants: &Q, scales: [M::Quad; 2], minima: [M::Quad; 2]) -> Self {
        let groups = quants.groups::<M>();
        let start = match Q::SIGNED {
            true => M::start::<true>(&groups),
            false => M::start::<false>(&[]),
        };
        Self { groups, start, scales, minima }
    }

    /// Adds to `sums[n]` the products of each row with row `n` of a block; a piece has `per_piece` groups.
    #[inline(always)]
    pub(crate) fn add<const N: usize, const SIGNED: bool, const PIECES: usize>(
        &self,
        block: &Block<N>,
        per_piece: usize,
        sums: &mut [M::Quad; N],
    ) {
        for piece in 0..PIECES {
            let mut whole = [self.start; N];
            let groups = &self.groups[piece * per_piece..][..per_piece];
            let stored = &block.stored[piece * per_piece..][..per_piece];
            for (group, stored) in groups.iter().zip(stored) {
                for n in 0..N {
                    whole[n] = M::dot::<SIGNED>(whole[n], *group, &stored[n]);
                }
            }
            for n in 0..N {
                sums[n] = M::mul_add(M::total::<SIGNED>(whole[n]), self.scales[piece], sums[n]);
                if !SIGNED {
                    let all = M::splat(block.sums[piece][n]);
                    sums[n] = M::mul_add(all, self.minima[piece], sums[n]);
                }
            }
        }
    }
}

/// Strips of four rows that were laid open, times all activations.
pub(crate) struct Many<'a, 'b, M: Machine, const SIGNED: bool, const PIECES: usize> {
    pub(crate) open: &'a [Open<M>], // (strips, columns / 32)
    pub(crate) rounded: &'a Rounded<MANY>,
    /// `(m, rows)`; the strips are those from row `first` on.
    pub(crate) out: &'a mut [&'b mut [f32]],
    pub(crate) first: usize,
}

impl<K: Machine, const SIGNED: bool, const PIECES: usize> Work for Many<'_, '_, K, SIGNED, PIECES> {
    type Output = ();

    /// Entered by the machine that laid the weights open, which `M` therefore is.
    #[inline(always)]
    fn run<M: Machine>(self) {
        let Self { open, rounded, out, first } = self;
        // A loop of a known length is unrolled, and then all activations are read before the first product: more than
        // there are registers.
        let per_piece = std::hint::black_box(GROUPS / PIECES);
        let panels = rounded.panels().zip(out.chunks_mut(MANY)).zip(rounded.scales.chunks(MANY));
        for ((blocks, out), scales) in panels {
            for (strip, open) in open.chunks_exact(blocks.len()).enumerate() {
                let mut sums = [K::splat(0.); MANY];
                for (open, block) in open.iter().zip(blocks) {
                    open.add::<MANY, SIGNED, PIECES>(block, per_piece, &mut sums);
                }
                for ((out, sum), scale) in out.iter_mut().zip(sums).zip(scales) {
                    put(&mut out[first + strip * ROWS..], scaled::<K>(sum, *scale));
                }
            }
        }
    }
}

/// Products of four rows, out of their sums and the scale of the activations.
#[inline(always)]
pub(crate) fn scaled<M: Machine>(sum: M::Quad, scale: f32) -> [f32; ROWS] {
    M::to_array(M::mul(sum, M::splat(scale)))
}
