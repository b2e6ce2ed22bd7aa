//! Float matrices as panels of eight rows: number `row % 8` of entry `column` of panel `row / 8`.
//!
//! One entry is multiplied with one activation at a time, in the order of columns, so a sum does not
//! depend on which others are computed beside it.

use half::{bf16, f16, slice::HalfFloatSliceExt};

use crate::{each::each, machine::Machine};

/// Rows of a panel.
pub(crate) const ROWS: usize = 8;

/// A number that can stand in a panel.
pub(crate) trait Float: Copy + Default + Send + Sync + 'static {
    const BYTES: usize;
    fn read(bytes: &[u8]) -> Self;
    fn to_f32(self) -> f32;
    fn octet<M: Machine>(entry: &[Self; ROWS]) -> M::Octet;
}

impl Float for f32 {
    const BYTES: usize = 4;

    fn read(bytes: &[u8]) -> Self {
        Self::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    fn to_f32(self) -> f32 {
        self
    }

    #[inline(always)]
    fn octet<M: Machine>(entry: &[Self; ROWS]) -> M::Octet {
        M::octet(entry)
    }
}

impl Float for f16 {
    const BYTES: usize = 2;

    fn read(bytes: &[u8]) -> Self {
        Self::from_le_bytes([bytes[0], bytes[1]])
    }

    fn to_f32(self) -> f32 {
        Self::to_f32(self)
    }

    #[inline(always)]
    fn octet<M: Machine>(entry: &[Self; ROWS]) -> M::Octet {
        M::octet_halves(entry.reinterpret_cast().first_chunk().unwrap_or(&[0; ROWS]))
    }
}

impl Float for bf16 {
    const BYTES: usize = 2;

    fn read(bytes: &[u8]) -> Self {
        Self::from_le_bytes([bytes[0], bytes[1]])
    }

    fn to_f32(self) -> f32 {
        Self::to_f32(self)
    }

    #[inline(always)]
    fn octet<M: Machine>(entry: &[Self; ROWS]) -> M::Octet {
        M::octet_brains(entry.reinterpret_cast().first_chunk().unwrap_or(&[0; ROWS]))
    }
}

/// Eight rows of a matrix; entry `k` begins at `stride * k`.
#[derive(Clone, Copy)]
pub(crate) struct Panel<'a, F> {
    entries: &'a [F],
    stride: usize,
}

impl<'a, F: Float> Panel<'a, F> {
    /// With entries side by side.
    pub(crate) fn dense(entries: &'a [[F; ROWS]]) -> Self {
        Self { entries: entries.as_flattened(), stride: ROWS }
    }

    /// With entries `stride` numbers apart.
    pub(crate) fn strided(entries: &'a [F], stride: usize) -> Self {
        Self { entries, stride }
    }

    fn holds(&self, columns: usize) -> bool {
        columns == 0 || (columns - 1) * self.stride + ROWS <= self.entries.len()
    }
}

/// Products of `P` panels with `N` rows of activations, each `(columns)`, added to `sums`.
#[inline(always)]
#[expect(unsafe_code, reason = "bounds are checked once, before the loop")]
pub(crate) fn multiply<M: Machine, F: Float, const P: usize, const N: usize>(
    panels: [Panel<'_, F>; P],
    xs: [&[f32]; N],
    mut sums: [[M::Octet; N]; P],
) -> [[M::Octet; N]; P] {
    let columns = xs[0].len();
    assert!(xs.iter().all(|xs| xs.len() == columns) && panels.iter().all(|p| p.holds(columns)));
    for k in 0..columns {
        let entries: [M::Octet; P] = each(|p| {
            let Panel { entries, stride } = panels[p];
            // SAFETY: `k < columns`, for which the panel was found to hold an entry.
            F::octet::<M>(unsafe { &*entries.as_ptr().add(stride * k).cast::<[F; ROWS]>() })
        });
        for n in 0..N {
            // SAFETY: `k < columns`, the length of each.
            let x = M::octet_splat(unsafe { *xs[n].get_unchecked(k) });
            for p in 0..P {
                sums[p][n] = M::octet_mul_add(entries[p], x, sums[p][n]);
            }
        }
    }
    sums
}

/// Sums that hold nothing yet.
#[inline(always)]
pub(crate) fn nothing<M: Machine, const P: usize, const N: usize>() -> [[M::Octet; N]; P] {
    [[M::octet_splat(0.); N]; P]
}
