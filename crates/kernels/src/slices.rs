use candle_core::{CpuStorage, Error, Layout, Result};

/// The numbers of a contiguous f32 tensor.
pub(crate) fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (from, to) =
        layout.contiguous_offsets().ok_or_else(|| Error::msg("a kernel needs contiguous input"))?;
    Ok(&storage.as_slice::<f32>()?[from..to])
}
