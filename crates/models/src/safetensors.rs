//! Safetensors headers, read as outside data.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt, rc::Rc};

use kernels::Kind;
use serde::{
    Deserialize,
    de::{Deserializer, Error as _, MapAccess, Visitor},
};

use crate::{Error, Result, Source, TensorInfo, extent::Extent, source::ReadAhead};

/// Headers larger than this are refused. The largest in use take less than 1 MB.
const MAX_HEADER_BYTES: u64 = 16 << 20;
/// What is not a tensor in a header.
const NOTES: &str = "__metadata__";

/// One or several safetensors files whose headers have been checked.
pub struct Safetensors {
    /// Each tensor with its file's place in `sources`.
    tensors: Vec<(TensorInfo, usize)>,
    sources: Vec<Rc<dyn Source>>,
}

impl Safetensors {
    /// Reads and checks the headers of `files`, which are named as in `index`, the bytes of
    /// `model.safetensors.index.json`, needed when there are several.
    pub fn read(files: Vec<(String, Rc<dyn Source>)>, index: Option<&[u8]>) -> Result<Self> {
        if files.len() != 1 && index.is_none() {
            return Err(Error::Damaged(format!(
                "{} safetensors files need a model.safetensors.index.json",
                files.len()
            )));
        }
        let (names, sources): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        let mut tensors = Vec::new();
        let mut file_of = HashMap::new();
        for (place, (file, source)) in names.iter().zip(&sources).enumerate() {
            for tensor in read_file(file, source.as_ref())? {
                if let Some(first) = file_of.insert(tensor.name.clone(), file.as_str()) {
                    let name = tensor.name;
                    return Err(Error::Damaged(format!(
                        "tensor `{name}` is in `{first}` and in `{file}`"
                    )));
                }
                tensors.push((tensor, place));
            }
        }
        if let Some(index) = index {
            check_index(index, &file_of)?;
        }
        Ok(Self { tensors, sources })
    }

    /// Its tensors, file by file.
    pub fn tensors(&self) -> impl Iterator<Item = &TensorInfo> {
        self.tensors.iter().map(|(tensor, _)| tensor)
    }

    pub(crate) fn into_tensors(self) -> impl Iterator<Item = (TensorInfo, Rc<dyn Source>)> {
        let Self { tensors, sources } = self;
        let ahead = |source| Rc::new(ReadAhead::new(source)) as Rc<dyn Source>;
        let sources: Vec<_> = sources.into_iter().map(ahead).collect();
        tensors.into_iter().map(move |(tensor, place)| (tensor, sources[place].clone()))
    }
}

/// Fails unless index and files name the same tensors in the same places.
fn check_index(index: &[u8], file_of: &HashMap<String, &str>) -> Result<()> {
    let Index { weight_map: Once(listed) } = serde_json::from_slice(index)
        .map_err(|e| Error::Damaged(format!("model.safetensors.index.json: {e}")))?;
    for (tensor, file) in &listed {
        match file_of.get(tensor) {
            Some(found) if found == file => {}
            Some(found) => {
                return Err(Error::Damaged(format!(
                    "tensor `{tensor}` is in `{found}`, the index says `{file}`"
                )));
            }
            None => return Err(Error::Damaged(format!("tensor `{tensor}` is not in `{file}`"))),
        }
    }
    if listed.len() != file_of.len() {
        let listed: HashMap<_, _> = listed.into_iter().collect();
        let lost = file_of.keys().find(|tensor| !listed.contains_key(*tensor));
        return Err(Error::Damaged(format!(
            "tensor `{}` is not in the index",
            lost.map_or("", |t| t)
        )));
    }
    Ok(())
}

/// The tensors of one file, which fill it without holes.
fn read_file(file: &str, source: &dyn Source) -> Result<Vec<TensorInfo>> {
    let in_file = |e: &dyn fmt::Display| Error::Damaged(format!("{file}: {e}"));
    let size = source.size();
    let mut len = [0; 8];
    if size < len.len() as u64 {
        return Err(in_file(&"not a safetensors file"));
    }
    source.read_at(0, &mut len)?;
    let header_bytes = u64::from_le_bytes(len);
    if header_bytes > MAX_HEADER_BYTES || header_bytes > size - 8 {
        return Err(in_file(&format!("not a safetensors file: a header of {header_bytes} bytes")));
    }
    let mut header = vec![0; header_bytes as usize];
    source.read_at(8, &mut header)?;
    let Once(entries) = serde_json::from_slice::<Once<Info>>(&header).map_err(|e| in_file(&e))?;
    drop(header);
    let data_at = 8 + header_bytes;
    let mut tensors = Vec::new();
    for (name, info) in entries {
        tensors.push(checked(name, info, data_at)?);
    }
    Extent::check_all(tensors.iter().map(TensorInfo::extent).collect(), size)?;
    let held: u64 = tensors.iter().map(|tensor| tensor.bytes).sum();
    if data_at + held != size {
        return Err(in_file(&format!("{} bytes belong to no tensor", size - data_at - held)));
    }
    Ok(tensors)
}

fn checked(name: String, mut info: Info, data_at: u64) -> Result<TensorInfo> {
    let kind = match info.dtype.as_str() {
        "F32" => Kind::F32,
        "F16" => Kind::F16,
        "BF16" => Kind::BF16,
        // Numbers of positions, which some checkpoints hold and no network of ours reads. They count as
        // pairs of 32 bits, so that the file adds up; as weights they would be refused by their shape.
        "I64" => {
            info.shape.push(2);
            Kind::F32
        }
        other => {
            return Err(Error::Unsupported(format!(
                "tensor `{name}` has unsupported type {other} (supported: F32, F16, BF16)"
            )));
        }
    };
    let [from, to] = info.data_offsets;
    let start = data_at.checked_add(from);
    let start =
        start.ok_or_else(|| Error::Damaged(format!("tensor `{name}` starts beyond any file")))?;
    let tensor = TensorInfo::new(name, info.shape, kind, start)?;
    if to.checked_sub(from) != Some(tensor.bytes) {
        return Err(Error::Damaged(format!(
            "tensor `{}` takes {} bytes, its offsets are {from} and {to}",
            tensor.name, tensor.bytes
        )));
    }
    Ok(tensor)
}

#[derive(Deserialize)]
struct Index {
    weight_map: Once<String>,
}

#[derive(Deserialize)]
struct Info {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// A JSON object in its order, in which no key comes twice; notes are left out.
struct Once<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Once<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Entries<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Once<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Once<T>, A::Error> {
                let mut seen = std::collections::HashSet::new();
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if !seen.insert(name.clone()) {
                        return Err(A::Error::custom(format!("`{name}` is there twice")));
                    }
                    let named = |e| A::Error::custom(format!("`{name}`: {e}"));
                    if name == NOTES {
                        map.next_value::<HashMap<String, String>>().map_err(named)?;
                    } else {
                        let value = map.next_value().map_err(named)?;
                        entries.push((name, value));
                    }
                }
                Ok(Once(entries))
            }
        }

        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}
