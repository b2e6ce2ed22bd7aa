use kernels::Kind;

use crate::{Error, Result, extent::Extent};

/// A tensor of a checkpoint, as its header describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorInfo {
    /// The checkpoint's own name for it.
    pub name: String,
    /// Outermost dimension first, so a matrix is `[rows, columns]`.
    pub shape: Vec<u64>,
    /// How its numbers are stored.
    pub kind: Kind,
    /// Where its bytes start in the file.
    pub(crate) offset: u64,
    /// How many there are.
    pub(crate) bytes: u64,
}

impl TensorInfo {
    /// Fails if the shape is empty, no whole blocks, or its product does not fit 64 bits.
    pub(crate) fn new(name: String, shape: Vec<u64>, kind: Kind, offset: u64) -> Result<Self> {
        let count = shape.iter().try_fold(1u64, |product, dim| product.checked_mul(*dim));
        let bytes = count.filter(|count| *count > 0).and_then(|count| kind.bytes(count));
        let Some(bytes) = bytes else {
            return Err(Error::Damaged(format!(
                "tensor `{name}`: the shape {shape:?} is not possible for {kind:?}"
            )));
        };
        Ok(Self { name, shape, kind, offset, bytes })
    }

    /// Numbers it holds.
    pub(crate) fn count(&self) -> u64 {
        self.shape.iter().product()
    }

    pub(crate) fn extent(&self) -> Extent<'_> {
        Extent { name: &self.name, start: self.offset, bytes: self.bytes }
    }
}
