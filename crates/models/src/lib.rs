//! Networks: weights and tensors in, tensors out.
//!
//! Invariant: a network is written once. Whether its weights are float or quantized is the business
//! of its layers alone. Nothing here sees a file, a tokenizer or a person's input.

mod attention;
pub mod bert;
pub mod blip;
mod breath;
pub mod clap;
pub mod clip;
pub mod decoder;
pub mod detr;
pub mod dpt;
mod encoder;
mod error;
mod extent;
pub mod gguf;
pub mod layers;
mod line;
pub mod owlvit;
mod resnet;
pub mod safetensors;
pub mod sam;
pub mod seq2seq;
mod source;
mod tensor_info;
pub mod vits;
pub mod weights;
pub mod whisper;
mod windows;
pub mod yolo;

pub use candle_core::Tensor as Numbers;
pub use kernels::{Kind, check as check_kernels};

pub use crate::{
    breath::{Breath, Turn, no_breath},
    decoder::{Cache, Config, Decoder},
    error::{Error, Result},
    gguf::{Gguf, Metadata},
    safetensors::Safetensors,
    source::{Memory, Source},
    tensor_info::TensorInfo,
    weights::{Held, Names, Progress, Weights},
};

/// Numbers in a shape, as networks take them.
pub fn numbers(numbers: Vec<f32>, shape: &[usize]) -> Result<Numbers> {
    Ok(Numbers::from_vec(numbers, shape, &candle_core::Device::Cpu)?)
}
