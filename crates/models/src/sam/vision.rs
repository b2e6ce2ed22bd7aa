use candle_core::Tensor;
use kernels::{Activation, Bias, Kind, Matrix, Product, Sight, Window};

use super::{CHANNELS, config::VisionConfig};
use crate::{
    Breath, Result, Weights,
    attention::Among,
    layers::{Convolution, LayerNorm, Linear, in_parts},
    windows::Windows,
};

/// Looks at a picture.
pub(super) struct Vision {
    projection: Convolution,
    pos_embed: Tensor, // (cells, hidden)
    layers: Vec<Layer>,
}

impl Vision {
    pub(super) async fn load(weights: &Weights, v: &VisionConfig) -> Result<Self> {
        let side = v.side();
        let patch = [v.patch_size; 2];
        let window = Window { stride: patch, ..Window::square(v.patch_size) };
        let mut layers = Vec::new();
        for index in 0..v.num_hidden_layers {
            let all = v.window_size == 0 || v.global_attn_indexes.contains(&index);
            let windows = Windows::new(side, if all { side } else { v.window_size })?;
            layers.push(Layer::load(&weights.at("layers").at(index), v, windows).await?);
        }
        Ok(Self {
            projection: Convolution::load_with_bias(
                &weights.at("patch_embed.projection"),
                (CHANNELS, v.hidden_size),
                &patch,
                window,
            )
            .await?,
            pos_embed: weights
                .block("pos_embed", &[1, side, side, v.hidden_size])
                .await?
                .reshape((side * side, v.hidden_size))?,
            layers,
        })
    }

    /// `(3, image_size, image_size)` to `(cells, hidden_size)`.
    pub(super) async fn forward(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        let patches = self.projection.in_parts(pixels, breath).await?;
        let mut xs = (patches.flatten_from(1)?.t()?.contiguous()? + &self.pos_embed)?;
        for layer in &self.layers {
            xs = layer.forward(xs, breath).await?;
        }
        Ok(xs)
    }
}

/// Cells of a window look at each other; then each by itself goes through two layers.
struct Layer {
    layer_norm1: LayerNorm,
    qkv: Linear,
    proj: Linear,
    /// `(2 * side - 1, head_dim)` each, for how far a row, or a column, is from the query's.
    rel_pos: [Vec<f32>; 2],
    layer_norm2: LayerNorm,
    lin1: Linear,
    lin2: Linear,
    windows: Windows,
    heads: usize,
    activation: Activation,
}

impl Layer {
    async fn load(weights: &Weights, v: &VisionConfig, windows: Windows) -> Result<Self> {
        let (hidden, heads) = (v.hidden_size, v.num_attention_heads);
        let (head_dim, far) = (hidden / heads, 2 * windows.side - 1);
        let norm = async |name| LayerNorm::load(&weights.at(name), hidden, v.layer_norm_eps).await;
        let linear =
            async |name, from, to| Linear::load_with_bias(&weights.at(name), from, to).await;
        let attn = weights.at("attn");
        let relative = async |name| -> Result<Vec<f32>> {
            Ok(attn.table(name, far, head_dim).await?.flatten_all()?.to_vec1()?)
        };
        Ok(Self {
            layer_norm1: norm("layer_norm1").await?,
            qkv: linear("attn.qkv", hidden, 3 * hidden).await?,
            proj: linear("attn.proj", hidden, hidden).await?,
            rel_pos: [relative("rel_pos_h").await?, relative("rel_pos_w").await?],
            layer_norm2: norm("layer_norm2").await?,
            lin1: linear("mlp.lin1", hidden, v.mlp_dim()).await?,
            lin2: linear("mlp.lin2", v.mlp_dim(), hidden).await?,
            windows,
            heads,
            activation: v.hidden_act.activation(),
        })
    }

    async fn forward(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let apart = self.windows.apart(&self.layer_norm1.forward(&xs)?)?;
        let seen = self.windows.together(&self.attention(&apart, breath).await?)?;
        let xs = (xs + in_parts(&self.proj, &seen, breath).await?)?;
        let inner = in_parts(&self.lin1, &self.layer_norm2.forward(&xs)?, breath).await?;
        let inner = inner.apply_op1_no_bwd(&self.activation)?;
        Ok((xs + in_parts(&self.lin2, &inner, breath).await?)?)
    }

    /// `(windows * side * side, hidden)` to the same.
    async fn attention(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let hidden = xs.dim(1)?;
        let (heads, width) = (self.heads, self.windows.side);
        let places = width * width;
        let qkv = in_parts(&self.qkv, xs, breath).await?;
        let part = |at: usize| qkv.narrow(1, at * hidden, hidden)?.contiguous();
        let apart = [part(0)?, part(1)?, part(2)?];
        drop(qkv);
        let rows = self.beside(&apart[0], 0, breath).await?;
        let columns = self.beside(&apart[0], 1, breath).await?;
        let among = Among {
            heads,
            scale: 1. / ((hidden / heads) as f32).sqrt(),
            sight: Sight::All,
            rounded: self.qkv.is_rounded(),
        };
        let bias = |window: usize| {
            let from = window * places * heads * width;
            Some(Bias::ByPlace { rows: &rows[from..], columns: &columns[from..], width })
        };
        among.see(&apart, self.windows.spans(), bias, breath).await
    }

    /// What each query adds for the row (`axis` 0) or the column (1) of a key: `(queries, heads * side)`.
    async fn beside(&self, q: &Tensor, axis: usize, breath: &Breath) -> Result<Vec<f32>> {
        let Windows { side, count, .. } = self.windows;
        let hidden = q.dim(1)?;
        let head_dim = hidden / self.heads;
        let by_place = q.reshape((count, side, side, hidden))?;
        let mut found = Vec::new();
        for at in 0..side {
            // All queries of the row, or of the column, have the same distances.
            let some = by_place.narrow(1 + axis, at, 1)?.contiguous()?;
            let some = some.reshape((count * side * self.heads, head_dim))?;
            let table = self.distances(axis, at, head_dim)?;
            let told = some.apply_op1_no_bwd(&Product(&table))?; // (.., side)
            let (rows, columns) = if axis == 0 { (1, side) } else { (side, 1) };
            found.push(told.reshape((count, rows, columns, self.heads * side))?);
            breath().await?;
        }
        Ok(Tensor::cat(&found, 1 + axis)?.flatten_all()?.to_vec1()?)
    }

    /// `(side, head_dim)`: for keys of each row what a query of row `at` is multiplied with.
    fn distances(&self, axis: usize, at: usize, head_dim: usize) -> Result<Matrix> {
        let side = self.windows.side;
        let by_far = self.rel_pos[axis].chunks_exact(head_dim);
        let numbers: Vec<f32> = by_far.skip(at).take(side).rev().flatten().copied().collect();
        let mut table = Matrix::zeros(Kind::F32, side, head_dim)?;
        table.pack(0, &numbers)?;
        Ok(table)
    }
}
