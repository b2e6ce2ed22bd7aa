//! One weight matrix, in whatever kind of numbers the checkpoint stores it.

mod store;

use candle_core::{CpuStorage, CustomOp1, Error, Layout, Result, Shape, bail};

use self::store::Store;
use crate::{Kind, slices::floats};

/// A matrix `(rows, columns)` whose rows are multiplied with activations, or looked up.
///
/// Its numbers stay in the kind they came in, so it takes no more memory than in its file.
pub struct Matrix {
    kind: Kind,
    rows: usize,
    columns: usize,
    store: Box<dyn Store>,
}

impl Matrix {
    /// A matrix of zeros, to be filled through [`bytes_mut`](Self::bytes_mut).
    ///
    /// Fails if a row is no whole number of blocks, or if there is no memory for it.
    pub fn zeros(kind: Kind, rows: usize, columns: usize) -> Result<Self> {
        if !columns.is_multiple_of(kind.block_len()) {
            bail!("a row of {columns} numbers is not whole blocks of {kind:?}")
        }
        let blocks = (columns / kind.block_len())
            .checked_mul(rows)
            .ok_or_else(|| Error::msg("the matrix is larger than any memory"))?;
        Ok(Self { kind, rows, columns, store: store::zeros(kind, blocks)? })
    }

    /// A matrix of which only the shape is known. It takes no memory and cannot be used.
    pub fn outline(kind: Kind, rows: usize, columns: usize) -> Result<Self> {
        Ok(Self { rows, ..Self::zeros(kind, 0, columns)? })
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

    /// Its numbers as they lie in a checkpoint: row by row, little endian.
    pub fn bytes(&self) -> &[u8] {
        self.store.bytes()
    }

    /// See [`bytes`](Self::bytes).
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.store.bytes_mut()
    }

    /// Stores floats, rounded to its kind, from the start of row `first` on.
    pub fn pack(&mut self, first: usize, floats: &[f32]) -> Result<()> {
        let rows = floats.len() / self.columns;
        if !floats.len().is_multiple_of(self.columns) || first + rows > self.held() {
            bail!("{} numbers from row {first} on do not fit {self:?}", floats.len())
        }
        self.store.pack(first * self.columns / self.kind.block_len(), floats);
        Ok(())
    }

    /// Rows by number, as floats `(ids, columns)`.
    pub fn look_up(&self, ids: &[u32]) -> Result<Vec<f32>> {
        let mut found = vec![0f32; ids.len() * self.columns];
        for (id, into) in ids.iter().zip(found.chunks_exact_mut(self.columns)) {
            if *id as usize >= self.held() {
                bail!("no row {id} in {self:?}")
            }
            self.store.unpack(*id as usize * self.columns / self.kind.block_len(), into);
        }
        Ok(found)
    }

    /// Activations `(m, columns)` times the transposed matrix: `(m, rows)`.
    pub fn product(&self, xs: &[f32]) -> Result<Vec<f32>> {
        if self.held() != self.rows || !xs.len().is_multiple_of(self.columns) {
            bail!("{} activations do not fit {self:?}", xs.len())
        }
        let m = xs.len() / self.columns;
        let mut by_row = vec![0f32; m * self.rows]; // (rows, m)
        self.store.product(xs, self.columns, &mut by_row);
        if m == 1 { Ok(by_row) } else { Ok(transpose(&by_row, self.rows, m)) }
    }

    /// Rows whose numbers are there: all, or none of an outline.
    fn held(&self) -> usize {
        let row_bytes = self.columns / self.kind.block_len() * self.kind.block_bytes();
        self.store.bytes().len().checked_div(row_bytes).unwrap_or(0)
    }
}

impl std::fmt::Debug for Matrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let content = if self.held() == self.rows { "matrix" } else { "outline" };
        write!(f, "a {:?} {content} of {} x {}", self.kind, self.rows, self.columns)
    }
}

fn transpose(xs: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| (0..rows).map(move |row| xs[row * columns + column])).collect()
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

    /// The product by its definition, in f64.
    fn plain(xs: &[f32], matrix: &[f32], columns: usize) -> Vec<f32> {
        let one = |x: &[f32], w: &[f32]| {
            x.iter().zip(w).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum::<f64>() as f32
        };
        xs.chunks(columns).flat_map(|x| matrix.chunks(columns).map(move |w| one(x, w))).collect()
    }

    fn cosine(xs: &[f32], ys: &[f32]) -> f32 {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(xs, ys) / (dot(xs, xs) * dot(ys, ys)).sqrt()
    }

    /// The only error left is that of rounding the activations to 8 bits, which float kinds and
    /// those unpacked before the product do not have.
    #[test]
    fn every_kind_multiplies_as_its_unpacked_rows_do() {
        for &kind in Kind::ALL {
            for (m, rows) in [(1, 5), (3, 300), (7, 33)] {
                let matrix = packed(kind, rows, 512);
                let ids: Vec<u32> = (0..rows as u32).collect();
                let xs: Vec<f32> = ramp(m * 512).iter().map(|x| x * x - 0.02).collect();
                let want = plain(&xs, &matrix.look_up(&ids).unwrap(), 512);
                let got = matrix.product(&xs).unwrap();
                let cosine = cosine(&got, &want);
                assert!(cosine > 0.9995, "{kind:?} ({m}, {rows}): {cosine}");
            }
        }
    }

    #[test]
    fn floats_multiply_exactly_enough() {
        for kind in [Kind::F32, Kind::F16, Kind::BF16] {
            let matrix = packed(kind, 70, 96);
            let xs = ramp(4 * 96);
            let ids: Vec<u32> = (0..70).collect();
            let want = plain(&xs, &matrix.look_up(&ids).unwrap(), 96);
            for (got, want) in matrix.product(&xs).unwrap().iter().zip(want) {
                assert!((got - want).abs() < 1e-5, "{kind:?}: {got} for {want}");
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
    fn rows_of_a_single_block_multiply() {
        for &kind in Kind::ALL {
            let matrix = packed(kind, 4, kind.block_len());
            assert_eq!(matrix.product(&vec![0.; kind.block_len()]).unwrap(), [0.; 4], "{kind:?}");
        }
    }

    #[test]
    fn bytes_are_those_of_the_file() {
        let mut matrix = Matrix::zeros(Kind::F16, 1, 2).unwrap();
        matrix.bytes_mut().copy_from_slice(&[0x00, 0x3c, 0x00, 0xc0]);
        assert_eq!(matrix.look_up(&[0]).unwrap(), [1., -2.]);
        for &kind in Kind::ALL {
            let want = kind.bytes(6 * 256).unwrap();
            assert_eq!(packed(kind, 3, 512).bytes().len() as u64, want, "{kind:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert!(Matrix::zeros(Kind::Q8_0, 1, 31).is_err());
        assert!(Matrix::zeros(Kind::F32, usize::MAX, 8).is_err());
        assert!(Matrix::zeros(Kind::F32, usize::MAX / 64, 8).is_err());
        let mut matrix = packed(Kind::Q8_0, 2, 32);
        assert!(matrix.look_up(&[2]).is_err());
        assert!(matrix.product(&[0.; 33]).is_err());
        assert!(matrix.pack(2, &[0.; 32]).is_err());
    }

    #[test]
    fn an_outline_has_a_shape_and_no_numbers() {
        let outline = Matrix::outline(Kind::Q8_0, 1 << 20, 1 << 20).unwrap();
        assert_eq!((outline.rows(), outline.bytes().len()), (1 << 20, 0));
        assert!(outline.product(&vec![0.; 1 << 20]).is_err());
        assert!(outline.look_up(&[0]).is_err());
    }
}
