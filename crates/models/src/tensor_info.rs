/// A tensor of a checkpoint, as its header describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorInfo {
    /// The checkpoint's own name for it.
    pub name: String,
    /// Outermost dimension first, so a matrix is `[rows, columns]`.
    pub shape: Vec<u64>,
    /// How its numbers are stored.
    pub kind: kernels::Kind,
}
