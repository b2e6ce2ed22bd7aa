//! Tell how near each pixel of a picture is.

use serde::{Deserialize, Serialize};

use crate::{Asked, Loading, Task, picture::Picture};

/// Marker for this task.
pub struct Depth;

impl Task for Depth {
    const NAME: &'static str = "depth";
    type Input = Asked<Picture>;
    type Partial = Partial;
    type Output = Output;
}

/// What arrives while the model loads and looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partial {
    /// The checkpoint is being read.
    Loading(Loading),
    /// The picture is in the network's hands.
    Looking {
        /// Pixels in a row of what the network sees.
        width: u32,
        /// Its rows.
        height: u32,
    },
}

/// The loaded model, and what it told if there was a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// What answered.
    pub model: About,
    /// How near everything is.
    pub depth: Option<Map>,
}

/// Relative inverse depth of each pixel: what is larger is nearer. It has no unit, and zero is as far as it
/// goes, not infinity.
///
/// Of a picture of 16 megapixels it takes 32 MB: 16 bits a pixel, because the finest use is a grey PNG of 16
/// bits. They are cut off, not rounded, so that the upper part of `level / 257` is the 8-bit grey that
/// `depth * 255 / depth.max()` becomes in the reference, exactly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Map {
    /// Pixels in a row: those of the picture.
    pub width: u32,
    /// Rows: those of the picture.
    pub height: u32,
    /// The model's own number for the nearest pixel; 0 if all are equally far.
    pub most: f32,
    /// `(height, width)`: two bytes a pixel, the lower first, 65535 being `most`. What is below zero is 0.
    pub levels: Vec<u8>,
}

/// What a loaded model says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub name: String,
    /// Weights.
    pub parameters: u64,
    /// Memory they take.
    pub weight_bytes: u64,
}
