//! Squares of cells that see each other.

use std::ops::Range;

use candle_core::{DType, Device, Tensor};

use crate::Result;

/// Squares of cells that see each other, the last ones filled up with nothing.
pub(crate) struct Windows {
    /// Cells to each side of one.
    pub(crate) side: usize,
    /// How many there are.
    pub(crate) count: usize,
    /// For each place of each window its cell; `cells` is nothing.
    cells: Tensor,
    /// For each cell its place.
    places: Tensor,
}

impl Windows {
    /// Windows of `side` cells, at most `grid`, over a picture of `grid` cells to each side.
    pub(crate) fn new(grid: usize, side: usize) -> Result<Self> {
        Self::shifted(grid, side, 0)
    }

    /// The same, after the picture was turned by `shift` cells up and to the left.
    pub(crate) fn shifted(grid: usize, side: usize, shift: usize) -> Result<Self> {
        let across = grid.div_ceil(side);
        let nothing = (grid * grid) as u32;
        let (mut cells, mut places) = (Vec::new(), vec![0u32; grid * grid]);
        for window in 0..across * across {
            for place in 0..side * side {
                let row = window / across * side + place / side;
                let column = window % across * side + place % side;
                if row < grid && column < grid {
                    let cell = (row + shift) % grid * grid + (column + shift) % grid;
                    places[cell] = cells.len() as u32;
                    cells.push(cell as u32);
                } else {
                    cells.push(nothing);
                }
            }
        }
        let ids = |ids: Vec<u32>| Tensor::new(ids, &Device::Cpu);
        Ok(Self { side, count: across * across, cells: ids(cells)?, places: ids(places)? })
    }

    /// The places of each.
    pub(crate) fn spans(&self) -> impl Iterator<Item = Range<usize>> {
        let places = self.side * self.side;
        (0..self.count).map(move |window| window * places..(window + 1) * places)
    }

    /// `(cells, n)` to `(windows * side * side, n)`.
    pub(crate) fn apart(&self, xs: &Tensor) -> Result<Tensor> {
        if self.count == 1 {
            return Ok(xs.clone());
        }
        let nothing = Tensor::zeros((1, xs.dim(1)?), DType::F32, &Device::Cpu)?;
        Ok(Tensor::cat(&[xs, &nothing], 0)?.index_select(&self.cells, 0)?)
    }

    /// The way back.
    pub(crate) fn together(&self, xs: &Tensor) -> Result<Tensor> {
        if self.count == 1 { Ok(xs.clone()) } else { Ok(xs.index_select(&self.places, 0)?) }
    }
}
