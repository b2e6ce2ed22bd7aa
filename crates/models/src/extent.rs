use crate::{Error, Result};

/// Where a tensor lies in its file.
pub(crate) struct Extent<'a> {
    pub(crate) name: &'a str,
    pub(crate) start: u64,
    pub(crate) bytes: u64,
}

impl Extent<'_> {
    /// Fails if one ends beyond the file, or two share a byte.
    pub(crate) fn check_all(mut extents: Vec<Self>, file_bytes: u64) -> Result<()> {
        extents.sort_by_key(|extent| extent.start);
        let (mut last_end, mut last_name) = (0, "");
        for Self { name, start, bytes } in extents {
            let end = start.checked_add(bytes).filter(|end| *end <= file_bytes).ok_or_else(|| {
                Error::Damaged(format!(
                    "tensor `{name}` needs {bytes} bytes from {start} on, the file has {file_bytes}"
                ))
            })?;
            if start < last_end {
                return Err(Error::Damaged(format!("tensors `{last_name}` and `{name}` overlap")));
            }
            (last_end, last_name) = (end, name);
        }
        Ok(())
    }
}
