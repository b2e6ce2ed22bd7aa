//! A picture on its way from the page to the engine, and what is told of places in it.

use serde::{Deserialize, Serialize};

/// Most pixels in a row, and most rows.
pub const LONGEST_SIDE_PX: u32 = 32_767;
/// Most pixels in all. The page makes a larger picture smaller, and says so, before it sends it.
pub const MOST_PIXELS: u64 = 100_000_000;

/// What the browser made of a file: rows from the top, three bytes a pixel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, `(height, width, 3)`.
    pub rgb: Vec<u8>,
}

/// A thing, and where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What it is.
    pub label: String,
    /// How sure the model is, between 0 and 1.
    pub score: f32,
    /// Where it is. A side may lie outside the picture.
    pub area: Area,
}

/// A rectangle, in pixels of the picture that was given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// Its left side.
    pub xmin: f32,
    /// Its upper side.
    pub ymin: f32,
    /// Its right side.
    pub xmax: f32,
    /// Its lower side.
    pub ymax: f32,
}

/// Some of a picture's pixels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    /// Pixels in a row of the picture.
    pub width: u32,
    /// Its rows.
    pub height: u32,
    /// Lengths of runs along rows, one row after the other from the left upper corner: alternately outside
    /// and inside, the first outside (it may be 0 long). They sum up to `width * height`.
    pub runs: Vec<u32>,
}
