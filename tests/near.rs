//! How near a network comes to its reference.

use std::{collections::HashMap, path::Path};

use candle_core::{DType, Device, Tensor};
use models::Kind;

/// Relative error of f32: the longest difference over the longest reference. Two correct programs add
/// in another order, which is worth a few units of the last of 24 bits per layer.
pub const FLOAT_ERROR: f32 = 1e-4;
/// Cosine of Q8_0: weights are rounded to 8 bits, and so are activations where there are 16 rows of them or more, and
/// keys of 64 positions or more; fewer rows have 14.
pub const Q8_0_COSINE: f32 = 0.999;

/// What a reference said of a checkpoint in this folder.
pub fn golden(folder: &Path) -> HashMap<String, Tensor> {
    candle_core::safetensors::load(folder.join("golden.safetensors"), &Device::Cpu).unwrap()
}

pub fn ids(golden: &HashMap<String, Tensor>, name: &str) -> Vec<u32> {
    golden[name].to_dtype(DType::U32).unwrap().to_vec1().unwrap()
}

pub fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[track_caller]
pub fn relative_error(got: &[f32], want: &[f32]) -> f32 {
    assert_eq!(got.len(), want.len());
    let most = |xs: &mut dyn Iterator<Item = f32>| xs.map(f32::abs).fold(0., f32::max);
    assert!(got.iter().all(|x| x.is_finite()));
    most(&mut got.iter().zip(want).map(|(got, want)| got - want)) / most(&mut want.iter().copied())
}

pub fn cosine(got: &[f32], want: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(got, want) / (dot(got, got) * dot(want, want)).sqrt()
}

/// Fails unless a network's numbers are its reference's: to [`FLOAT_ERROR`] in floats, to [`Q8_0_COSINE`]
/// where weights were rounded, which must show.
#[track_caller]
pub fn check(what: &str, quantize: Option<Kind>, got: &Tensor, want: &Tensor) {
    assert_eq!(got.dims(), want.dims(), "{what}");
    let (got, want) = (numbers(got), numbers(want));
    let (error, cosine) = (relative_error(&got, &want), cosine(&got, &want));
    match quantize {
        None => assert!(error <= FLOAT_ERROR, "{what}: relative error {error:e}"),
        Some(kind) => {
            assert!(cosine >= Q8_0_COSINE, "{what} in {kind:?}: cosine {cosine}");
            assert!(error > FLOAT_ERROR, "{what} in {kind:?}: was never rounded");
        }
    }
}
