//! What networks are built of, whatever kind their weights are.

use candle_core::{CpuStorage, Device, Storage, Tensor};
use kernels::{Matrix, Norm, Product};

use crate::{Result, Weights};

/// A linear layer, `(.., from)` to `(.., to)`.
pub struct Linear {
    weight: Matrix, // (to, from)
    bias: Option<Tensor>,
}

impl Linear {
    /// Takes `weight`, and `bias` if there is one.
    pub async fn load(weights: &Weights, from: usize, to: usize) -> Result<Self> {
        let weight = weights.matrix("weight", to, from).await?;
        let bias = if weights.has("bias") { Some(weights.vector("bias", to).await?) } else { None };
        Ok(Self { weight, bias })
    }

    /// Takes `weight` and `bias`, which must be there.
    pub async fn load_with_bias(weights: &Weights, from: usize, to: usize) -> Result<Self> {
        let weight = weights.matrix("weight", to, from).await?;
        Ok(Self { weight, bias: Some(weights.vector("bias", to).await?) })
    }

    /// `xs` times the transposed weight, plus bias.
    pub fn forward(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        let xs = xs.apply_op1_no_bwd(&Product(&self.weight))?;
        match &self.bias {
            Some(bias) => xs.broadcast_add(bias),
            None => Ok(xs),
        }
    }
}

/// A table of one row per token.
pub struct Embedding(Matrix);

impl Embedding {
    /// Takes `weight`.
    pub async fn load(weights: &Weights, tokens: usize, size: usize) -> Result<Self> {
        Ok(Self(weights.matrix("weight", tokens, size).await?))
    }

    /// The rows of `ids`: `(ids, size)`. Only these become floats.
    pub fn look_up(&self, ids: &[u32]) -> candle_core::Result<Tensor> {
        Tensor::from_vec(self.0.look_up(ids)?, (ids.len(), self.0.columns()), &Device::Cpu)
    }

    /// The table used as a head: `(.., size)` to `(.., tokens)`.
    pub fn as_head(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        xs.apply_op1_no_bwd(&Product(&self.0))
    }
}

/// Root mean square norm over the last dimension.
pub struct RmsNorm {
    weight: Tensor,
    eps: f32,
}

impl RmsNorm {
    /// Takes `weight`.
    pub async fn load(weights: &Weights, size: usize, eps: f32) -> Result<Self> {
        Ok(Self { weight: weights.vector("weight", size).await?, eps })
    }

    /// For checkpoints whose weights are what is to be added to one.
    pub fn plus_one(self) -> Result<Self> {
        Ok(Self { weight: (self.weight + 1.)?, ..self })
    }

    /// `xs` with a mean square of one, times the weight.
    pub fn forward(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        xs.apply_op1_no_bwd(&Norm::Rms { weight: &self.weight, eps: self.eps })
    }
}

/// Calls `look` with the numbers of a contiguous tensor.
pub(crate) fn with_floats<T>(
    xs: &Tensor,
    look: impl FnOnce(&[f32]) -> candle_core::Result<T>,
) -> candle_core::Result<T> {
    let (storage, layout) = xs.storage_and_layout();
    match (&*storage, layout.contiguous_offsets()) {
        (Storage::Cpu(CpuStorage::F32(xs)), Some((from, end))) => look(&xs[from..end]),
        _ => candle_core::bail!("only contiguous floats can be looked at"),
    }
}
