//! GGUF headers, read as outside data.
//!
//! Every count, length, offset and product is checked in 64 bits against the size of the file before
//! it is used, so no file can make the reader trap, or take memory that its own size does not warrant.

mod cursor;
mod metadata;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, rc::Rc};

use kernels::Kind;

use self::cursor::Cursor;
pub use self::metadata::Metadata;
use crate::{Error, Result, Source, TensorInfo, extent::Extent};

/// What `general.alignment` is when the file does not say.
const DEFAULT_ALIGNMENT: u32 = 32;
/// Alignments beyond this are a lie.
const MAX_ALIGNMENT: u32 = 1 << 16;
/// Dimensions a tensor can have in this format.
const MAX_DIMENSIONS: u32 = 4;
/// The shortest tensor description: a name of no letters, one dimension, kind and offset.
const LEAST_TENSOR_BYTES: u64 = 8 + 4 + 8 + 4 + 8;

/// A GGUF file whose header has been checked.
pub struct Gguf {
    metadata: Metadata,
    tensors: Vec<TensorInfo>,
    source: Rc<dyn Source>,
}

impl Gguf {
    /// Reads and checks a file's header; the weights stay where they are.
    pub fn read(source: Rc<dyn Source>) -> Result<Self> {
        let cursor = &mut Cursor::new(source.clone());
        check_version(cursor)?;
        let tensor_count = cursor.u64("number of tensors")?;
        let metadata = Metadata::read(cursor)?;
        cursor.check_room(tensor_count, LEAST_TENSOR_BYTES, "tensors")?;
        let mut names = HashSet::new();
        let mut tensors = Vec::new();
        for _ in 0..tensor_count {
            let tensor = read_tensor(cursor)?;
            if !names.insert(tensor.name.clone()) {
                return Err(Error::Damaged(format!("tensor `{}` is there twice", tensor.name)));
            }
            tensors.push(tensor);
        }
        let alignment = alignment(&metadata)?;
        let data_at = cursor.position().next_multiple_of(alignment);
        place(&mut tensors, data_at, alignment)?;
        Extent::check_all(tensors.iter().map(TensorInfo::extent).collect(), source.size())?;
        Ok(Self { metadata, tensors, source })
    }

    /// What the file says about itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Its tensors, in the order of the file.
    pub fn tensors(&self) -> impl Iterator<Item = &TensorInfo> {
        self.tensors.iter()
    }

    pub(crate) fn into_parts(self) -> (Metadata, Vec<TensorInfo>, Rc<dyn Source>) {
        (self.metadata, self.tensors, self.source)
    }
}

fn check_version(cursor: &mut Cursor) -> Result<()> {
    if cursor.left() < 8 || &cursor.array("magic")? != b"GGUF" {
        return Err(Error::Damaged("not a GGUF file".into()));
    }
    match cursor.u32("version")? {
        2 | 3 => Ok(()),
        version if [1, 2, 3].contains(&version.swap_bytes()) => {
            Err(Error::Unsupported("big-endian GGUF files are not supported".into()))
        }
        version => {
            Err(Error::Unsupported(format!("unsupported GGUF version {version} (supported: 2, 3)")))
        }
    }
}

fn alignment(metadata: &Metadata) -> Result<u64> {
    let alignment = metadata.find_u32("general.alignment")?.unwrap_or(DEFAULT_ALIGNMENT);
    if !alignment.is_power_of_two() || alignment > MAX_ALIGNMENT {
        return Err(Error::Damaged(format!(
            "`general.alignment` is {alignment}, not a power of two up to {MAX_ALIGNMENT}"
        )));
    }
    Ok(alignment.into())
}

/// A tensor whose place is still counted from the start of the data.
fn read_tensor(cursor: &mut Cursor) -> Result<TensorInfo> {
    let name = cursor.string("tensor name")?;
    let dimensions = cursor.u32(&name)?;
    if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
        return Err(Error::Damaged(format!("tensor `{name}` has {dimensions} dimensions")));
    }
    let mut shape = Vec::new();
    for _ in 0..dimensions {
        shape.push(cursor.u64(&name)?);
    }
    let row = shape[0];
    shape.reverse();
    let kind = kind(cursor.u32(&name)?, &name)?;
    let offset = cursor.u64(&name)?;
    if !row.is_multiple_of(kind.block_len() as u64) {
        return Err(Error::Damaged(format!(
            "tensor `{name}`: a row of {row} numbers is not whole blocks of {kind:?}"
        )));
    }
    TensorInfo::new(name, shape, kind, offset)
}

/// Moves the tensors' places from the start of the data to the start of the file.
fn place(tensors: &mut [TensorInfo], data_at: u64, alignment: u64) -> Result<()> {
    for tensor in tensors {
        if !tensor.offset.is_multiple_of(alignment) {
            return Err(Error::Damaged(format!(
                "tensor `{}` starts at {}, which is not aligned to {alignment}",
                tensor.name, tensor.offset
            )));
        }
        tensor.offset = data_at.checked_add(tensor.offset).ok_or_else(|| {
            Error::Damaged(format!("tensor `{}` starts beyond any file", tensor.name))
        })?;
    }
    Ok(())
}

/// Numbers and names as in ggml's `ggml_type`.
fn kind(id: u32, tensor: &str) -> Result<Kind> {
    let unsupported = match id {
        0 => return Ok(Kind::F32),
        1 => return Ok(Kind::F16),
        2 => return Ok(Kind::Q4_0),
        3 => return Ok(Kind::Q4_1),
        6 => return Ok(Kind::Q5_0),
        7 => return Ok(Kind::Q5_1),
        8 => return Ok(Kind::Q8_0),
        10 => return Ok(Kind::Q2_K),
        11 => return Ok(Kind::Q3_K),
        12 => return Ok(Kind::Q4_K),
        13 => return Ok(Kind::Q5_K),
        14 => return Ok(Kind::Q6_K),
        30 => return Ok(Kind::BF16),
        9 => "Q8_1",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        34 => "TQ1_0",
        35 => "TQ2_0",
        39 => "MXFP4",
        40 => "NVFP4",
        _ => return Err(Error::Unsupported(format!("tensor `{tensor}` has unknown type {id}"))),
    };
    Err(Error::Unsupported(format!(
        "tensor `{tensor}` has unsupported type {unsupported} (supported: {:?})",
        Kind::ALL
    )))
}
