//! YOLOv8-seg in the layout of FastSAM: the outline of every thing in a picture, in one look.
//!
//! A backbone sees the picture at strides 4 to 32, a neck brings what the coarse levels know to the fine
//! ones and back, and a head says of every cell whether it is the middle of a thing, how far its sides are
//! and which mixture of 32 common pictures is its mask.

mod answer;
mod blocks;
mod config;
mod head;

use candle_core::Tensor;

pub use self::{
    answer::{Answer, Thing},
    config::Config,
};
use self::{
    blocks::{C2f, Conv, Sppf},
    head::Segment,
};
use crate::{Breath, Error, Result, Weights, weights::Held};

/// Red, green, blue.
const CHANNELS: usize = 3;
/// Pixels between two cells of each level that the head looks at.
pub const STRIDES: [usize; 3] = [8, 16, 32];
/// Pixels between two numbers of a proto.
pub const PROTO_STRIDE: usize = 4;

/// A row of the yaml.
#[derive(Clone, Copy)]
enum Row {
    /// A kernel of 3 in steps of 2, to so many channels.
    Conv(usize),
    /// Channels and bottlenecks, which add what goes into them.
    Added(usize, usize),
    /// Channels and bottlenecks, which do not.
    C2f(usize, usize),
    Sppf(usize),
    /// Every cell becomes four.
    Up,
    /// What that row said is put beside it.
    Beside(usize),
}

/// The yaml of the family, before widths and depths are multiplied.
const ROWS: [Row; 22] = [
    Row::Conv(64),
    Row::Conv(128),
    Row::Added(128, 3),
    Row::Conv(256),
    Row::Added(256, 6),
    Row::Conv(512),
    Row::Added(512, 6),
    Row::Conv(1024),
    Row::Added(1024, 3),
    Row::Sppf(1024),
    Row::Up,
    Row::Beside(6),
    Row::C2f(512, 3),
    Row::Up,
    Row::Beside(4),
    Row::C2f(256, 3),
    Row::Conv(256),
    Row::Beside(12),
    Row::C2f(512, 3),
    Row::Conv(512),
    Row::Beside(9),
    Row::C2f(1024, 3),
];
/// The rows that the head looks at.
const SEEN: [usize; 3] = [15, 18, 21];

enum Layer {
    Conv(Conv),
    C2f(C2f),
    Sppf(Sppf),
    Up,
    Beside(usize),
}

/// A loaded YOLOv8-seg.
pub struct Yolo {
    config: Config,
    model: Vec<Layer>,
    segment: Segment,
    held: Held,
}

impl Yolo {
    /// Loads every tensor.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let below = weights.at("model");
        let (mut model, mut widths) = (Vec::new(), Vec::<usize>::new());
        for (at, row) in ROWS.into_iter().enumerate() {
            let (weights, from) = (below.at(at), widths.last().copied().unwrap_or(CHANNELS));
            let width = |of| config.width(of);
            let (layer, width) = match row {
                Row::Conv(of) => {
                    let conv = Conv::load(&weights, (from, width(of)), 3, 2).await?;
                    (Layer::Conv(conv), width(of))
                }
                Row::Added(of, depth) | Row::C2f(of, depth) => {
                    let (added, depth) = (matches!(row, Row::Added(..)), config.depth(depth));
                    let c2f = C2f::load(&weights, (from, width(of)), depth, added).await?;
                    (Layer::C2f(c2f), width(of))
                }
                Row::Sppf(of) => {
                    (Layer::Sppf(Sppf::load(&weights, (from, width(of))).await?), width(of))
                }
                Row::Up => (Layer::Up, from),
                Row::Beside(other) => (Layer::Beside(other), from + widths[other]),
            };
            model.push(layer);
            widths.push(width);
        }
        let (head, seen) = (below.at(ROWS.len()), SEEN.map(|at| widths[at]));
        let segment = Segment::load(&head, &seen, &config).await?;
        weights.check_all_taken()?;
        Ok(Self { config, model, segment, held: weights.held() })
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What its weights take.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// What is in a picture `(3, height, width)` of numbers from 0 to 1, whose sides are multiples of 32.
    pub async fn forward(&self, pixels: &Tensor, breath: &Breath) -> Result<Answer> {
        let levels = self.levels(pixels, breath).await?;
        self.segment.forward(levels, breath).await
    }

    /// What the neck knows of its cells, at strides 8, 16 and 32: `(channels, rows, columns)`.
    pub async fn levels(&self, pixels: &Tensor, breath: &Breath) -> Result<[Tensor; 3]> {
        let coarsest = STRIDES[2];
        match pixels.dims() {
            [CHANNELS, rows, columns]
                if [rows, columns]
                    .iter()
                    .all(|side| **side > 0 && side.is_multiple_of(coarsest)) => {}
            dims => return Err(candle_core::Error::msg(format!("a picture of {dims:?}")).into()),
        }
        let mut xs = pixels.clone();
        let mut kept: Vec<Option<Tensor>> = Vec::new();
        for (at, layer) in self.model.iter().enumerate() {
            xs = match layer {
                Layer::Conv(conv) => conv.forward(&xs, breath).await?,
                Layer::C2f(c2f) => c2f.forward(&xs, breath).await?,
                Layer::Sppf(sppf) => sppf.forward(&xs, breath).await?,
                Layer::Up => doubled(&xs)?,
                Layer::Beside(other) => match &kept[*other] {
                    Some(other) => Tensor::cat(&[&xs, other], 0)?,
                    None => return Err(lost(*other)),
                },
            };
            // Early rows are large, and nobody asks for them again.
            kept.push(is_asked_for(at).then(|| xs.clone()));
        }
        let [fine, middle, coarse] = SEEN.map(|at| kept[at].take());
        match (fine, middle, coarse) {
            (Some(fine), Some(middle), Some(coarse)) => Ok([fine, middle, coarse]),
            _ => Err(lost(SEEN[0])),
        }
    }
}

fn lost(row: usize) -> Error {
    candle_core::Error::msg(format!("row {row} was not kept")).into()
}

/// Whether a later row or the head looks at what row `at` says.
fn is_asked_for(at: usize) -> bool {
    SEEN.contains(&at) || ROWS.iter().any(|row| matches!(row, Row::Beside(other) if *other == at))
}

/// Every cell four times: `(channels, 2 * rows, 2 * columns)`.
fn doubled(xs: &Tensor) -> candle_core::Result<Tensor> {
    let (channels, rows, columns) = xs.dims3()?;
    let xs = xs.reshape((channels, rows, 1, columns, 1))?;
    xs.broadcast_as((channels, rows, 2, columns, 2))?.reshape((channels, 2 * rows, 2 * columns))
}
