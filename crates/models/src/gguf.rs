//! GGUF headers, read as outside data.

mod metadata;

use std::rc::Rc;

pub use self::metadata::Metadata;
use crate::{Error, Result, Source, TensorInfo};

/// A GGUF file whose header has been checked.
pub struct Gguf {
    metadata: Metadata,
    tensors: Vec<TensorInfo>,
    _source: Rc<dyn Source>,
}

impl Gguf {
    /// Reads and checks a file's header; the weights stay where they are.
    pub fn read(_source: Rc<dyn Source>) -> Result<Self> {
        Err(Error::Unsupported("reading GGUF files is not written yet".into()))
    }

    /// What the file says about itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Its tensors, in the order of the file.
    pub fn tensors(&self) -> impl Iterator<Item = &TensorInfo> {
        self.tensors.iter()
    }
}
