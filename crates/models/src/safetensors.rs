//! Safetensors headers, read as outside data.

use std::rc::Rc;

use crate::{Error, Result, Source};

/// One or several safetensors files whose headers have been checked.
pub struct Safetensors;

impl Safetensors {
    /// Reads and checks the headers of `files`, which are named as in `index`, the bytes of
    /// `model.safetensors.index.json`, needed when there are several.
    pub fn read(_files: Vec<(String, Rc<dyn Source>)>, _index: Option<&[u8]>) -> Result<Self> {
        Err(Error::Unsupported("reading safetensors files is not written yet".into()))
    }
}
