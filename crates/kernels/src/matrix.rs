//! One weight matrix, in whatever kind of numbers the checkpoint stores it.

mod share;
mod store;

use candle_core::{CpuStorage, CustomOp1, Error, Layout, Result, Shape, bail};

pub(crate) use self::store::FINE;
use self::store::Store;
use crate::{Kind, machine::On, rounded::Columns, slices::floats};

/// A matrix `(rows, columns)` whose rows are multiplied with activations, or looked up.
///
/// Its numbers stay in the kind they came in, laid out for the processor once, when they come.
pub struct Matrix {
    kind: Kind,
    rows: usize,
    columns: usize,
    /// None in an outline.
    store: Option<Box<dyn Store>>,
}

impl Matrix {
    /// A matrix of zeros, to be filled through [`put`](Self::put) or [`pack`](Self::pack).
    ///
    /// Fails if a row is no whole number of blocks, or if there is no memory for it.
    pub fn zeros(kind: Kind, rows: usize, columns: usize) -> Result<Self> {
        Ok(Self {
            store: Some(store::zeros(kind, rows, columns)?),
            ..Self::outline(kind, rows, columns)?
        })
    }

    /// A matrix of which only the shape is known. It takes no memory and cannot be used.
    pub fn outline(kind: Kind, rows: usize, columns: usize) -> Result<Self> {
        if rows == 0 || columns == 0 || !columns.is_multiple_of(kind.block_len()) {
            bail!("{rows} rows of {columns} numbers are not whole blocks of {kind:?}")
        }
        Ok(Self { kind, rows, columns, store: None })
    }

    /// How its numbers are stored.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its rows: what a product has for each row of activations.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Its columns: what a row of activations has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Memory its numbers take.
    pub fn memory_bytes(&self) -> usize {
        self.store.as_ref().map_or(0, |store| store.bytes())
    }

    /// Takes whole rows from row `first` on, as they lie in a checkpoint: little endian.
    pub fn put(&mut self, first: usize, bytes: &[u8]) -> Result<()> {
        let row_bytes = self.columns / self.kind.block_len() * self.kind.block_bytes();
        let fits =
            bytes.len().is_multiple_of(row_bytes) && first + bytes.len() / row_bytes <= self.rows;
        match &mut self.store {
            Some(store) if fits => match store.put(first, bytes) {
                true => Ok(()),
                false => bail!("a scale in the rows from {first} on is not finite"),
            },
            _ => bail!("{} bytes from row {first} on do not fit {self:?}", bytes.len()),
        }
    }

    /// Stores floats, rounded to its kind, from the start of row `first` on.
    pub fn pack(&mut self, first: usize, floats: &[f32]) -> Result<()> {
        if !floats.len().is_multiple_of(self.columns) {
            bail!("{} numbers are no whole rows of {self:?}", floats.len())
        }
        self.put(first, &self.kind.encode(floats)?)
    }

    /// Rows by number, as floats `(ids, columns)`.
    pub fn look_up(&self, ids: &[u32]) -> Result<Vec<f32>> {
        let store = self.held()?;
        let mut found = vec![0f32; ids.len() * self.columns];
        for (id, into) in ids.iter().zip(found.chunks_exact_mut(self.columns)) {
            if *id as usize >= self.rows {
                bail!("no row {id} in {self:?}")
            }
            store.row(*id as usize, into);
        }
        Ok(found)
    }

    /// Activations `(m, columns)` times the transposed matrix: `(m, rows)`.
    pub fn product(&self, xs: &[f32]) -> Result<Vec<f32>> {
        self.product_on(On::Best, xs)
    }

    pub(crate) fn product_on(&self, on: On, xs: &[f32]) -> Result<Vec<f32>> {
        let store = self.held()?;
        if !xs.len().is_multiple_of(self.columns) {
            bail!("{} activations do not fit {self:?}", xs.len())
        }
        let mut out = vec![0f32; xs.len() / self.columns * self.rows];
        store.product(on, xs, &mut out);
        Ok(out)
    }

    /// The same of activations that lie column by column, into rows that do: as many as the matrix has, each as long
    /// as there are rows of activations.
    pub(crate) fn product_turned(
        &self,
        on: On,
        xs: Columns<'_>,
        out: &mut [&mut [f32]],
    ) -> Result<()> {
        let store = self.held()?;
        let enough = xs.rows == 0 || xs.xs.len() >= xs.stride * (self.columns - 1) + xs.rows;
        if !enough || out.len() != self.rows || out.iter().any(|out| out.len() != xs.rows) {
            bail!("{} activations in columns of {} do not fit {self:?}", xs.xs.len(), xs.stride)
        }
        store.product_turned(on, xs, out);
        Ok(())
    }

    fn held(&self) -> Result<&dyn Store> {
        self.store.as_deref().ok_or_else(|| Error::msg(format!("{self:?} has no numbers")))
    }
}

impl std::fmt::Debug for Matrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let content = if self.store.is_some() { "matrix" } else { "outline" };
        write!(f, "a {:?} {content} of {} x {}", self.kind, self.rows, self.columns)
    }
}

/// Activations `(.., columns)` times a transposed matrix: `(.., rows)`.
pub struct Product<'a>(pub &'a Matrix);

impl CustomOp1 for Product<'_> {
    fn name(&self) -> &'static str {
        "product"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut dims = layout.dims().to_vec();
        match dims.last_mut() {
            Some(last) if *last == self.0.columns => *last = self.0.rows,
            _ => bail!("activations {:?} do not fit {:?}", layout.dims(), self.0),
        }
        let out = self.0.product(floats(storage, layout)?)?;
        Ok((CpuStorage::F32(out), dims.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(count: usize) -> Vec<f32> {
        (0..count).map(|i| ((i * 37 % 101) as f32 / 101. - 0.5) * 0.4).collect()
    }

    fn packed(kind: Kind, rows: usize, columns: usize) -> Matrix {
        let mut matrix = Matrix::zeros(kind, rows, columns).unwrap();
        matrix.pack(0, &ramp(rows * columns)).unwrap();
        matrix
    }

    fn cosine(xs: &[f32], ys: &[f32]) -> f32 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(xs, ys) / (dot(xs, xs) * dot(ys, ys)).sqrt()
    }

    /// candle reads the same bytes by its own code.
    #[test]
    fn rows_are_what_candle_reads_in_the_same_bytes() {
        use std::borrow::Cow;

        use candle_core::{
            Device,
            quantized::{QStorage, QTensor},
        };
        for &kind in Kind::ALL {
            let bytes = kind.encode(&ramp(5 * 512)).unwrap();
            let mut matrix = Matrix::zeros(kind, 5, 512).unwrap();
            matrix.put(0, &bytes).unwrap();
            let storage =
                QStorage::from_data(Cow::Owned(bytes), &Device::Cpu, kind.ggml()).unwrap();
            let theirs = QTensor::new(storage, (5, 512)).unwrap().dequantize(&Device::Cpu).unwrap();
            let theirs: Vec<f32> = theirs.flatten_all().unwrap().to_vec1().unwrap();
            let ours = matrix.look_up(&[0, 1, 2, 3, 4]).unwrap();
            for (ours, theirs) in ours.iter().zip(theirs) {
                // They multiply in another order.
                assert!((ours - theirs).abs() <= 1e-6 * theirs.abs(), "{kind:?}: {ours} {theirs}");
            }
        }
    }

    #[test]
    fn packing_loses_no_more_than_its_bits() {
        for &kind in Kind::ALL {
            let back = packed(kind, 2, 256).look_up(&[0, 1]).unwrap();
            let cosine = cosine(&back, &ramp(512));
            assert!(cosine > if kind == Kind::Q2_K { 0.95 } else { 0.99 }, "{kind:?}: {cosine}");
        }
    }

    #[test]
    fn bytes_are_those_of_the_file() {
        let mut matrix = Matrix::zeros(Kind::F16, 1, 2).unwrap();
        matrix.put(0, &[0x00, 0x3c, 0x00, 0xc0]).unwrap();
        assert_eq!(matrix.look_up(&[0]).unwrap(), [1., -2.]);
    }

    #[test]
    fn memory_is_that_of_the_file() {
        for &kind in Kind::ALL {
            let (file, memory) =
                (kind.bytes(8 * 1024).unwrap(), packed(kind, 8, 1024).memory_bytes());
            // Factors of fewer than eight bits are kept in eight.
            let most = match kind {
                Kind::Q2_K => file as usize * 120 / 100,
                Kind::Q3_K | Kind::Q4_K | Kind::Q5_K => file as usize * 104 / 100,
                _ => file as usize,
            };
            assert!(memory <= most, "{kind:?}: {memory} for {file}");
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert!(Matrix::zeros(Kind::Q8_0, 1, 31).is_err());
        assert!(Matrix::zeros(Kind::Q8_0, 1, 0).is_err());
        assert!(Matrix::zeros(Kind::F32, usize::MAX, 8).is_err());
        assert!(Matrix::zeros(Kind::F32, usize::MAX / 64, 8).is_err());
        let mut matrix = packed(Kind::Q8_0, 2, 32);
        assert!(matrix.look_up(&[2]).is_err());
        assert!(matrix.product(&[0.; 33]).is_err());
        assert!(matrix.pack(2, &[0.; 32]).is_err());
        assert!(matrix.put(1, &[0; 33]).is_err());
    }

    #[test]
    fn a_scale_that_is_not_finite_is_refused() {
        for (kind, at) in [(Kind::Q8_0, 0), (Kind::Q4_1, 2), (Kind::Q4_K, 2), (Kind::Q6_K, 208)] {
            let mut bytes = kind.encode(&ramp(2 * 256)).unwrap();
            bytes[at..at + 2].copy_from_slice(&0x7c00u16.to_le_bytes());
            let columns = kind.block_len();
            let mut matrix = Matrix::zeros(kind, 512 / columns, columns).unwrap();
            let told = matrix.put(0, &bytes).unwrap_err().to_string();
            assert!(told.contains("not finite"), "{kind:?}: {told}");
        }
    }

    #[test]
    fn an_outline_has_a_shape_and_no_numbers() {
        let outline = Matrix::outline(Kind::Q8_0, 1 << 20, 1 << 20).unwrap();
        assert_eq!((outline.rows(), outline.memory_bytes()), (1 << 20, 0));
        assert!(outline.product(&vec![0.; 1 << 20]).is_err());
        assert!(outline.look_up(&[0]).is_err());
    }
}
