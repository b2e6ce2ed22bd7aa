//! Pictures to plain arrays.
//!
//! Invariant: no network, no browser, no file. Files are decoded by whoever has them; what comes in is
//! already rows of red, green and blue.

mod letterbox;
pub mod masks;
pub mod outlines;
mod picture;
mod preprocess;
mod resize;

pub use crate::{
    letterbox::Letterbox,
    picture::Picture,
    preprocess::{Pixels, Preprocess},
    resize::{Filter, resize},
};
