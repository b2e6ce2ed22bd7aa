use candle_core::{
    Error, Result,
    quantized::k_quants::{
        BlockQ2K, BlockQ3K, BlockQ4_0, BlockQ4_1, BlockQ4K, BlockQ5_0, BlockQ5_1, BlockQ5K,
        BlockQ6K, BlockQ8_0, GgmlType,
    },
};
use half::{bf16, f16};
use rayon::prelude::*;

use crate::{Kind, dot::dot};

/// Bytes of weights that are worth handing to another thread.
const SHARE_BYTES: usize = 64 << 10;
/// Products of fewer multiplications are done before another thread has woken up.
const WORTH_SHARING: usize = 200_000;

/// Blocks of some type. Places are counted in blocks, and lie within.
pub(super) trait Store {
    fn bytes(&self) -> &[u8];
    fn bytes_mut(&mut self) -> &mut [u8];
    fn pack(&mut self, first: usize, floats: &[f32]);
    fn unpack(&self, first: usize, into: &mut [f32]);
    /// `xs (m, columns)` times every row: `(rows, m)`.
    fn product(&self, xs: &[f32], columns: usize, by_row: &mut [f32]);
}

/// Zeros of a kind; fails if there is no memory for them.
pub(super) fn zeros(kind: Kind, blocks: usize) -> Result<Box<dyn Store>> {
    Ok(match kind {
        Kind::F32 => Box::new(Unpacked { blocks: zeroed::<f32>(blocks)?, floats: |row, _| row }),
        Kind::F16 => Unpacked::boxed(zeroed::<f16>(blocks)?),
        Kind::BF16 => Unpacked::boxed(zeroed::<bf16>(blocks)?),
        Kind::Q4_0 => Box::new(Packed(zeroed::<BlockQ4_0>(blocks)?)),
        // candle multiplies these three number by number: unpacking them first is faster.
        Kind::Q4_1 => Unpacked::boxed(zeroed::<BlockQ4_1>(blocks)?),
        Kind::Q5_0 => Unpacked::boxed(zeroed::<BlockQ5_0>(blocks)?),
        Kind::Q5_1 => Unpacked::boxed(zeroed::<BlockQ5_1>(blocks)?),
        Kind::Q8_0 => Box::new(Packed(zeroed::<BlockQ8_0>(blocks)?)),
        Kind::Q2_K => Box::new(Packed(zeroed::<BlockQ2K>(blocks)?)),
        Kind::Q3_K => Box::new(Packed(zeroed::<BlockQ3K>(blocks)?)),
        Kind::Q4_K => Box::new(Packed(zeroed::<BlockQ4K>(blocks)?)),
        Kind::Q5_K => Box::new(Packed(zeroed::<BlockQ5K>(blocks)?)),
        Kind::Q6_K => Box::new(Packed(zeroed::<BlockQ6K>(blocks)?)),
    })
}

fn zeroed<T: GgmlType>(blocks: usize) -> Result<Vec<T>> {
    let mut store = Vec::new();
    store
        .try_reserve_exact(blocks)
        .map_err(|_| Error::msg(format!("no memory for {blocks} blocks of {:?}", T::DTYPE)))?;
    store.resize(blocks, T::zeros());
    Ok(store)
}

/// Blocks that are multiplied with activations rounded to 8 bits.
struct Packed<T>(Vec<T>);

/// Blocks that become floats before they are multiplied.
struct Unpacked<T> {
    blocks: Vec<T>,
    /// A row as floats, which lie where they are, or in the scratch space.
    floats: for<'a> fn(&'a [T], &'a mut [f32]) -> &'a [f32],
}

impl<T: Plain> Unpacked<T> {
    fn boxed(blocks: Vec<T>) -> Box<dyn Store> {
        Box::new(Self { blocks, floats: unpacked_row })
    }
}

fn unpacked_row<'a, T: GgmlType>(row: &'a [T], scratch: &'a mut [f32]) -> &'a [f32] {
    T::to_float(row, scratch);
    scratch
}

impl<T: Plain> Store for Packed<T> {
    fn bytes(&self) -> &[u8] {
        T::bytes(&self.0)
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        T::bytes_mut(&mut self.0)
    }

    fn pack(&mut self, first: usize, floats: &[f32]) {
        pack(&mut self.0, first, floats);
    }

    fn unpack(&self, first: usize, into: &mut [f32]) {
        unpack(&self.0, first, into);
    }

    fn product(&self, xs: &[f32], columns: usize, by_row: &mut [f32]) {
        let m = xs.len() / columns;
        let lhs_blocks = columns / T::VecDotType::BLCK_SIZE;
        let mut lhs = vec![T::VecDotType::zeros(); m * lhs_blocks];
        T::VecDotType::from_float(xs, &mut lhs);
        let row_blocks = columns / T::BLCK_SIZE;
        each_row(&self.0, row_blocks, columns, by_row, |row, out, _| {
            for (lhs, out) in lhs.chunks_exact(lhs_blocks).zip(out) {
                *out = T::vec_dot(columns, row, lhs);
            }
        });
    }
}

impl<T: Plain> Store for Unpacked<T> {
    fn bytes(&self) -> &[u8] {
        T::bytes(&self.blocks)
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        T::bytes_mut(&mut self.blocks)
    }

    fn pack(&mut self, first: usize, floats: &[f32]) {
        pack(&mut self.blocks, first, floats);
    }

    fn unpack(&self, first: usize, into: &mut [f32]) {
        unpack(&self.blocks, first, into);
    }

    fn product(&self, xs: &[f32], columns: usize, by_row: &mut [f32]) {
        each_row(&self.blocks, columns / T::BLCK_SIZE, columns, by_row, |row, out, scratch| {
            scratch.resize(columns, 0.);
            let row = (self.floats)(row, scratch);
            for (x, out) in xs.chunks_exact(columns).zip(out) {
                *out = dot(x, row);
            }
        });
    }
}

fn pack<T: GgmlType>(store: &mut [T], first: usize, floats: &[f32]) {
    T::from_float(floats, &mut store[first..first + floats.len() / T::BLCK_SIZE]);
}

fn unpack<T: GgmlType>(store: &[T], first: usize, into: &mut [f32]) {
    T::to_float(&store[first..first + into.len() / T::BLCK_SIZE], into);
}

/// Calls `one` with every row of `store` and its row of `by_row (rows, m)`, on as many threads as the
/// work is worth. Its last argument is scratch space.
fn each_row<T: Sync>(
    store: &[T],
    row_blocks: usize,
    columns: usize,
    by_row: &mut [f32],
    one: impl Fn(&[T], &mut [f32], &mut Vec<f32>) + Sync,
) {
    let rows = store.len() / row_blocks;
    let Some(m) = by_row.len().checked_div(rows).filter(|m| *m > 0) else { return };
    let some = |(store, by_row): (&[T], &mut [f32])| {
        let scratch = &mut Vec::new();
        for (row, out) in store.chunks_exact(row_blocks).zip(by_row.chunks_exact_mut(m)) {
            one(row, out, scratch);
        }
    };
    if by_row.len() * columns < WORTH_SHARING {
        return some((store, by_row));
    }
    let share = (SHARE_BYTES / (row_blocks * size_of::<T>())).max(1);
    store.par_chunks(share * row_blocks).zip(by_row.par_chunks_mut(share * m)).for_each(some);
}

/// Numbers without padding, of which every pattern of bits is one: what a file holds can be read
/// straight into them, and they lie in it as in memory on the little-endian machines we run on.
trait Plain: GgmlType + 'static {
    fn bytes(blocks: &[Self]) -> &[u8];
    fn bytes_mut(blocks: &mut [Self]) -> &mut [u8];
}

macro_rules! plain {
    ($($block:ty)*) => {$(
        impl Plain for $block {
            #[expect(unsafe_code, reason = "the file's bytes are the blocks")]
            fn bytes(blocks: &[Self]) -> &[u8] {
                // SAFETY: `plain!` lists only types without padding, and any byte is a `u8`.
                unsafe { std::slice::from_raw_parts(blocks.as_ptr().cast(), size_of_val(blocks)) }
            }

            #[expect(unsafe_code, reason = "the file's bytes are the blocks")]
            fn bytes_mut(blocks: &mut [Self]) -> &mut [u8] {
                let len = size_of_val(blocks);
                // SAFETY: as above, and `plain!` lists only types without forbidden patterns.
                unsafe { std::slice::from_raw_parts_mut(blocks.as_mut_ptr().cast(), len) }
            }
        }
    )*};
}

// Invariant: each is `repr(C)` or primitive, made of floats and integers only, without padding.
plain! {
    f32 f16 bf16 BlockQ4_0 BlockQ4_1 BlockQ5_0 BlockQ5_1 BlockQ8_0
    BlockQ2K BlockQ3K BlockQ4K BlockQ5K BlockQ6K
}

const _: () = assert!(cfg!(target_endian = "little"), "checkpoints are little endian");
