use candle_core::{DType, Device, Tensor};

use crate::Result;

/// Squares of cells that see each other, the last ones filled up with nothing.
pub(super) struct Windows {
    /// Cells to each side of one.
    pub(super) side: usize,
    /// How many there are.
    pub(super) count: usize,
    /// For each place of each window its cell; `cells` is nothing.
    cells: Tensor,
    /// For each cell its place.
    places: Tensor,
}

impl Windows {
    /// Windows of `side` cells, at most `grid`, over a picture of `grid` cells to each side.
    pub(super) fn new(grid: usize, side: usize) -> Result<Self> {
        let across = grid.div_ceil(side);
        let nothing = (grid * grid) as u32;
        let (mut cells, mut places) = (Vec::new(), vec![0u32; grid * grid]);
        for window in 0..across * across {
            for place in 0..side * side {
                let row = window / across * side + place / side;
                let column = window % across * side + place % side;
                if row < grid && column < grid {
                    places[row * grid + column] = cells.len() as u32;
                    cells.push((row * grid + column) as u32);
                } else {
                    cells.push(nothing);
                }
            }
        }
        let ids = |ids: Vec<u32>| Tensor::new(ids, &Device::Cpu);
        Ok(Self { side, count: across * across, cells: ids(cells)?, places: ids(places)? })
    }

    /// `(cells, n)` to `(windows * side * side, n)`.
    pub(super) fn apart(&self, xs: &Tensor) -> Result<Tensor> {
        if self.count == 1 {
            return Ok(xs.clone());
        }
        let nothing = Tensor::zeros((1, xs.dim(1)?), DType::F32, &Device::Cpu)?;
        Ok(Tensor::cat(&[xs, &nothing], 0)?.index_select(&self.cells, 0)?)
    }

    /// The way back.
    pub(super) fn together(&self, xs: &Tensor) -> Result<Tensor> {
        if self.count == 1 { Ok(xs.clone()) } else { Ok(xs.index_select(&self.places, 0)?) }
    }
}
