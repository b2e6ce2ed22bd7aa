//! Text to speech: what is said of a text, and how.

pub mod phonemes;
mod spoken;
