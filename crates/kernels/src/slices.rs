use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor};

/// The numbers of a contiguous f32 tensor.
pub(crate) fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (from, to) =
        layout.contiguous_offsets().ok_or_else(|| Error::msg("a kernel needs contiguous input"))?;
    Ok(&storage.as_slice::<f32>()?[from..to])
}

/// A copy of them, for what is small.
pub(crate) fn floats_of(tensor: &Tensor) -> Result<Vec<f32>> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(floats(storage, layout)?.to_vec()),
        _ => Err(Error::msg("kernels run on the processor only")),
    }
}

/// Puts numbers at the front of `out`, as many as it has room for.
///
/// A copy of a length that is not known takes a browser as long as many products.
#[inline(always)]
pub(crate) fn put<const N: usize>(out: &mut [f32], numbers: [f32; N]) {
    match out.first_chunk_mut() {
        Some(all) => *all = numbers,
        None => out.iter_mut().zip(numbers).for_each(|(out, number)| *out = number),
    }
}

/// Calls `change` with those of each row of a grid as wide, of which the first is of number `first`: their row, the column of
/// the first of them, and themselves.
#[inline(always)]
pub(crate) fn by_rows(
    first: usize,
    width: usize,
    mut xs: &mut [f32],
    mut change: impl FnMut(usize, usize, &mut [f32]),
) {
    let (mut row, mut column) = (first / width, first % width);
    while !xs.is_empty() {
        let count = (width - column).min(xs.len());
        let (some, rest) = xs.split_at_mut(count);
        change(row, column, some);
        (row, column, xs) = (row + 1, 0, rest);
    }
}
