//! A picture on its way from the page to the engine.

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
