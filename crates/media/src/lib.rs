//! Pictures and sounds to plain arrays.
//!
//! Invariant: no network, no browser, no file. Files are decoded by whoever has them; what comes in is
//! already rows of red, green and blue, or samples.

mod letterbox;
pub mod masks;
mod mel;
pub mod outlines;
mod picture;
mod preprocess;
mod resize;
mod sound;

pub use crate::{
    letterbox::Letterbox,
    mel::{Frames, HOP, MEL_RATE, Mel},
    picture::Picture,
    preprocess::{Pixels, Preprocess},
    resize::{Filter, resize},
    sound::{Resampler, mono, resample},
};
