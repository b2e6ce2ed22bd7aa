//! Networks: weights and tensors in, tensors out.
//!
//! Invariant: a network is written once. Whether its weights are float or quantized is the business
//! of its layers alone. Nothing here sees a file, a tokenizer or a person's input.

mod breath;
mod error;
mod source;

pub use crate::{
    breath::{Breath, Turn, no_breath},
    error::{Error, Result},
    source::{Memory, Source},
};
