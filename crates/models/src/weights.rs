//! Where a network's weights come from, addressed by Hugging Face's names for them.
//!
//! Tensors are read one by one straight into the layout the kernels want, so that loading takes no
//! more memory than the network and a few megabytes.

mod names;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};

use candle_core::{Device, Tensor};
use kernels::{Kind, Matrix};

pub use self::names::Names;
use crate::{
    Breath, Error, Gguf, Result, Safetensors, Source, TensorInfo, no_breath, source::ReadAhead,
};

/// Bytes read between two breaths: as many as stay in a processor's cache until they are packed.
const READ_BYTES: usize = 1 << 20;

/// How far a load has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of tensors read so far.
    pub read_bytes: u64,
    /// Bytes of tensors there are to read.
    pub total_bytes: u64,
}

/// A checkpoint's tensors below some name. Clones share their progress.
#[derive(Clone)]
pub struct Weights {
    checkpoint: Rc<Checkpoint>,
    names: Names,
    path: String,
}

struct Checkpoint {
    /// Each tensor with where its numbers are; outlines have none.
    tensors: HashMap<String, (TensorInfo, Option<Rc<dyn Source>>)>,
    breath: Breath,
    quantize: Option<Kind>,
    total_bytes: u64,
    read_bytes: Cell<u64>,
    /// Where the tensor ends that was read last.
    read_to: Cell<u64>,
    taken: RefCell<HashSet<String>>,
    held: RefCell<Held>,
}

/// What a network holds, by kind.
#[derive(Clone, Debug, Default)]
pub struct Held(BTreeMap<Kind, OfKind>);

#[derive(Clone, Copy, Debug, Default)]
struct OfKind {
    numbers: u64,
    bytes: u64,
}

impl Held {
    /// Numbers in all weights.
    pub fn parameters(&self) -> u64 {
        self.0.values().map(|held| held.numbers).sum()
    }

    /// Memory the weights take.
    pub fn bytes(&self) -> u64 {
        self.0.values().map(|held| held.bytes).sum()
    }

    /// The kind of weights that takes the most bytes, such as `Q8_0`.
    pub fn quantization(&self) -> String {
        let most = self.0.iter().max_by_key(|(_, held)| held.bytes);
        most.map(|(kind, _)| format!("{kind:?}")).unwrap_or_default()
    }
}

impl Weights {
    /// The tensors of a GGUF file.
    pub fn gguf(file: Gguf, breath: Breath) -> Result<Self> {
        let (metadata, tensors, source) = file.into_parts();
        let names = Names::Gguf(metadata.string("general.architecture")?.to_owned());
        let source: Rc<dyn Source> = Rc::new(ReadAhead::new(source));
        let tensors = tensors.into_iter().map(|tensor| (tensor, Some(source.clone())));
        Ok(Self::new(names, tensors, breath, None))
    }

    /// The tensors of safetensors files.
    ///
    /// Matrices are packed as `quantize` on the way, if given; those whose rows are no whole blocks of
    /// it stay as they are.
    pub fn safetensors(files: Safetensors, breath: Breath, quantize: Option<Kind>) -> Self {
        let tensors = files.into_tensors().map(|(tensor, source)| (tensor, Some(source)));
        Self::new(Names::HuggingFace, tensors, breath, quantize)
    }

    /// A checkpoint of which only names and shapes are known, to see whether a network can be loaded
    /// from it. The network takes next to no memory and cannot be run.
    pub fn outline(tensors: Vec<(String, Vec<u64>)>, names: Names) -> Result<Self> {
        let tensors = tensors
            .into_iter()
            .map(|(name, shape)| Ok((TensorInfo::new(name, shape, Kind::BF16, 0)?, None)))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self::new(names, tensors.into_iter(), no_breath(), None))
    }

    fn new(
        names: Names,
        tensors: impl Iterator<Item = (TensorInfo, Option<Rc<dyn Source>>)>,
        breath: Breath,
        quantize: Option<Kind>,
    ) -> Self {
        let tensors: HashMap<_, _> =
            tensors.map(|(tensor, source)| (tensor.name.clone(), (tensor, source))).collect();
        let total_bytes = tensors.values().map(|(tensor, _)| tensor.bytes).sum();
        let checkpoint = Checkpoint {
            tensors,
            breath,
            quantize,
            total_bytes,
            read_bytes: Cell::new(0),
            read_to: Cell::new(0),
            taken: RefCell::default(),
            held: RefCell::default(),
        };
        Self { checkpoint: Rc::new(checkpoint), names, path: String::new() }
    }

    /// The weights below `name`.
    pub fn at(&self, name: impl ToString) -> Self {
        let (checkpoint, names) = (self.checkpoint.clone(), self.names.clone());
        Self { checkpoint, names, path: self.name(&name.to_string()) }
    }

    /// The same weights, in a checkpoint that has other names for them.
    pub(crate) fn named(&self, names: Names) -> Self {
        Self { names, ..self.clone() }
    }

    /// How far the load has come; a clone may ask while another loads.
    pub fn progress(&self) -> Progress {
        Progress {
            read_bytes: self.checkpoint.read_bytes.get(),
            total_bytes: self.checkpoint.total_bytes,
        }
    }

    /// Whose names the checkpoint uses.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, leaf: &str) -> bool {
        self.checkpoint.tensors.contains_key(&self.file_name(leaf))
    }

    /// A vector of `len` floats.
    pub async fn vector(&self, leaf: &str, len: usize) -> Result<Tensor> {
        self.floats(leaf, &[len], 1, len).await
    }

    /// A number without a dimension.
    pub async fn number(&self, leaf: &str) -> Result<f32> {
        Ok(self.floats(leaf, &[], 1, 1).await?.to_scalar()?)
    }

    /// A small table as floats, `(rows, columns)`: one that is added, not multiplied with.
    pub async fn table(&self, leaf: &str, rows: usize, columns: usize) -> Result<Tensor> {
        self.floats(leaf, &[rows, columns], rows, columns).await
    }

    /// The same of a tensor `(1, rows, columns)`.
    pub(crate) async fn rows(&self, leaf: &str, rows: usize, columns: usize) -> Result<Tensor> {
        Ok(self.floats(leaf, &[1, rows, columns], rows, columns).await?.squeeze(0)?)
    }

    /// A small tensor of any shape as floats.
    pub(crate) async fn block(&self, leaf: &str, shape: &[usize]) -> Result<Tensor> {
        let rows = shape.first().copied().unwrap_or(1);
        let columns = shape.iter().skip(1).product();
        self.floats(leaf, shape, rows, columns).await
    }

    /// A matrix in the kind of numbers the checkpoint has, or is packed as.
    pub async fn matrix(&self, leaf: &str, rows: usize, columns: usize) -> Result<Matrix> {
        self.kernel(leaf, &[rows, columns]).await
    }

    /// The same of a tensor whose dimensions after the first are the columns.
    pub async fn kernel(&self, leaf: &str, shape: &[usize]) -> Result<Matrix> {
        self.scaled_kernel(leaf, shape, &[]).await
    }

    /// The same with each row times its own number of `scale`, which may be empty. If it is not, numbers
    /// that are not packed become f32: rounded to 16 bits once more, a detector's scores moved by 0.02.
    pub(crate) async fn scaled_kernel(
        &self,
        leaf: &str,
        shape: &[usize],
        scale: &[f32],
    ) -> Result<Matrix> {
        let (tensor, source) = self.take(leaf, shape)?;
        let (rows, columns) = (shape[0], shape[1..].iter().product::<usize>());
        let packed =
            self.checkpoint.quantize.filter(|kind| columns.is_multiple_of(kind.block_len()));
        let stored = if scale.is_empty() { tensor.kind } else { Kind::F32 };
        let kind = packed.unwrap_or(stored);
        let Some(source) = source else {
            self.checkpoint.hold(
                kind,
                tensor.count(),
                kind.bytes(tensor.count()).unwrap_or_default(),
            );
            return Ok(Matrix::outline(kind, rows, columns)?);
        };
        let mut matrix = Matrix::zeros(kind, rows, columns)
            .map_err(|e| Error::Memory(format!("tensor `{}`: {e}", tensor.name)))?;
        self.checkpoint.hold(kind, tensor.count(), matrix.memory_bytes() as u64);
        self.checkpoint.fill(tensor, source, &mut matrix, scale).await?;
        Ok(matrix)
    }

    /// The matrix `(rows, columns)` that `change` makes of a tensor's floats: in f32, or packed.
    pub(crate) async fn made_kernel(
        &self,
        leaf: &str,
        shape: &[usize],
        [rows, columns]: [usize; 2],
        change: impl FnOnce(Vec<f32>) -> Vec<f32>,
    ) -> Result<Matrix> {
        let (tensor, source) = self.take(leaf, shape)?;
        let packed =
            self.checkpoint.quantize.filter(|kind| columns.is_multiple_of(kind.block_len()));
        let kind = packed.unwrap_or(Kind::F32);
        let bytes = kind.bytes(tensor.count()).unwrap_or_default();
        self.checkpoint.hold(kind, tensor.count(), bytes);
        let Some(source) = source else { return Ok(Matrix::outline(kind, rows, columns)?) };
        let inner = shape[1..].iter().product::<usize>();
        let mut stored = Matrix::zeros(tensor.kind, shape[0], inner)?;
        self.checkpoint.fill(tensor, source, &mut stored, &[]).await?;
        let ids: Vec<u32> = (0..shape[0] as u32).collect();
        let mut matrix = Matrix::zeros(kind, rows, columns)
            .map_err(|e| Error::Memory(format!("tensor `{}`: {e}", tensor.name)))?;
        matrix
            .pack(0, &change(stored.look_up(&ids)?))
            .map_err(|e| Error::Damaged(format!("tensor `{}`: {e}", tensor.name)))?;
        Ok(matrix)
    }

    async fn floats(
        &self,
        leaf: &str,
        shape: &[usize],
        rows: usize,
        columns: usize,
    ) -> Result<Tensor> {
        let (tensor, source) = self.take(leaf, shape)?;
        self.checkpoint.hold(Kind::F32, tensor.count(), 4 * tensor.count());
        let mut table = Matrix::zeros(tensor.kind, rows, columns)?;
        if let Some(source) = source {
            self.checkpoint.fill(tensor, source, &mut table, &[]).await?;
        }
        let ids: Vec<u32> = (0..rows as u32).collect();
        Ok(Tensor::from_vec(table.look_up(&ids)?, shape, &Device::Cpu)?)
    }

    /// Marks a tensor as one the network does not need.
    pub(crate) fn skip(&self, leaf: &str) {
        self.checkpoint.taken.borrow_mut().insert(self.file_name(leaf));
    }

    /// Marks every tensor below this name as one the network does not need.
    pub(crate) fn skip_all(&self) {
        let names = self.checkpoint.tensors.keys().filter(|name| self.is_above(name));
        self.checkpoint.taken.borrow_mut().extend(names.cloned());
    }

    /// Fails if a tensor below this name was left over: then the network is not the checkpoint's.
    pub(crate) fn check_all_taken(&self) -> Result<()> {
        let taken = self.checkpoint.taken.borrow();
        let tensors = self.checkpoint.tensors.keys().filter(|name| self.is_above(name));
        let left = tensors.filter(|name| !taken.contains(*name)).min();
        match left {
            Some(name) => Err(Error::Unsupported(format!(
                "tensor `{name}` has no place in this architecture, so its answers would be wrong"
            ))),
            None => Ok(()),
        }
    }

    /// What was handed out so far, by kind.
    pub(crate) fn held(&self) -> Held {
        self.checkpoint.held.borrow().clone()
    }

    /// Whether the tensor `name` is below this name.
    fn is_above(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&self.path);
        rest.is_some_and(|rest| self.path.is_empty() || rest.starts_with('.'))
    }

    fn name(&self, leaf: &str) -> String {
        if self.path.is_empty() { leaf.to_owned() } else { format!("{}.{leaf}", self.path) }
    }

    fn file_name(&self, leaf: &str) -> String {
        self.names.of(&self.name(leaf))
    }

    fn take(&self, leaf: &str, shape: &[usize]) -> Result<(&TensorInfo, Option<&dyn Source>)> {
        let name = self.file_name(leaf);
        let Some((tensor, source)) = self.checkpoint.tensors.get(&name) else {
            return Err(Error::Damaged(format!("the checkpoint lacks tensor `{name}`")));
        };
        if !tensor.shape.iter().copied().eq(shape.iter().map(|dim| *dim as u64)) {
            return Err(Error::Damaged(format!(
                "tensor `{name}` is {:?}, its configuration wants {shape:?}",
                tensor.shape
            )));
        }
        if !self.checkpoint.taken.borrow_mut().insert(name) {
            return Err(Error::Damaged(format!("tensor `{}` was taken twice", tensor.name)));
        }
        Ok((tensor, source.as_deref()))
    }
}

impl Checkpoint {
    /// Fills `matrix` some rows at a time, each times its own number of `scale` unless that is empty,
    /// rounding them if they change or are of another kind than `tensor`, and breathes in between.
    async fn fill(
        &self,
        tensor: &TensorInfo,
        source: &dyn Source,
        matrix: &mut Matrix,
        scale: &[f32],
    ) -> Result<()> {
        let row_bytes = tensor.bytes / matrix.rows() as u64;
        let some = (READ_BYTES as u64 / row_bytes).clamp(1, matrix.rows() as u64) as usize;
        let mut bytes = vec![0; some * row_bytes as usize];
        let in_order = self.read_to.replace(tensor.offset + tensor.bytes) == tensor.offset;
        for first in (0..matrix.rows()).step_by(some) {
            let count = some.min(matrix.rows() - first);
            let bytes = &mut bytes[..count * row_bytes as usize];
            let at = tensor.offset + first as u64 * row_bytes;
            source.read_at(at, bytes)?;
            let is_last = first + count == matrix.rows();
            let rows = Rows { first, bytes, scale: scale.get(first..).unwrap_or_default() };
            let mut put = Ok(());
            kernels::beside(
                || put = take(matrix, tensor, rows),
                || {
                    if !is_last || in_order {
                        source.look_ahead(at + bytes.len() as u64);
                    }
                },
            );
            put?;
            self.read_bytes.set(self.read_bytes.get() + bytes.len() as u64);
            (self.breath)().await?;
        }
        Ok(())
    }

    fn hold(&self, kind: Kind, numbers: u64, bytes: u64) {
        let mut held = self.held.borrow_mut();
        let held = held.0.entry(kind).or_default();
        held.numbers += numbers;
        held.bytes += bytes;
    }
}

/// Rows of a tensor as its file has them.
struct Rows<'a> {
    /// Number of the first.
    first: usize,
    bytes: &'a [u8],
    /// What each is multiplied with; empty if that is nothing.
    scale: &'a [f32],
}

/// Rows of a tensor, as the matrix has them.
fn take(matrix: &mut Matrix, tensor: &TensorInfo, rows: Rows<'_>) -> Result<()> {
    let Rows { first, bytes, scale } = rows;
    let named = |e| Error::Damaged(format!("tensor `{}`: {e}", tensor.name));
    if matrix.kind() == tensor.kind && scale.is_empty() {
        return matrix.put(first, bytes).map_err(named);
    }
    let mut numbers = tensor.kind.decode(bytes)?;
    for (row, scale) in numbers.chunks_exact_mut(matrix.columns()).zip(scale) {
        row.iter_mut().for_each(|x| *x *= scale);
    }
    matrix.pack(first, &numbers).map_err(named)
}
