use candle_core::{Device, Tensor};
use kernels::{Activation, Kind, Matrix, Norm};

use super::Config;
use crate::{
    Breath, Error, Result, Weights,
    layers::{Embedding, LayerNorm, Linear, in_parts, with_floats},
    line::{LineConvolution, Steps},
};

/// Reads tokens: the half that knows how a text is said.
pub(super) struct Encoder {
    embed_tokens: Embedding,
    layers: Vec<Layer>,
    project: LineConvolution,
    config: Config,
}

/// What was read.
pub struct Read {
    /// `(tokens, hidden_size)`.
    pub(super) hidden: Tensor,
    /// `(tokens, flow_size)`.
    pub means: Tensor,
    /// Logarithms of the variances' roots, of the same shape.
    pub log_variances: Tensor,
}

impl Encoder {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let hidden = config.hidden_size;
        let embed_tokens =
            Embedding::load(&weights.at("embed_tokens"), config.vocab_size, hidden).await?;
        let mut layers = Vec::new();
        for at in 0..config.num_hidden_layers {
            layers.push(Layer::load(&weights.at("encoder.layers").at(at), config).await?);
        }
        let stats = (hidden, 2 * config.flow_size);
        let project =
            LineConvolution::load(&weights.at("project"), stats, Steps::by_one(1)).await?;
        Ok(Self { embed_tokens, layers, project, config: config.clone() })
    }

    /// Of `ids`, of which there are some.
    pub(super) async fn forward(&self, ids: &[u32], breath: &Breath) -> Result<Read> {
        let known = self.config.vocab_size;
        if ids.is_empty() || ids.iter().any(|id| *id as usize >= known) {
            let count = ids.len();
            return Err(Error::Damaged(format!("{count} tokens, not all among {known}")));
        }
        let scale = (self.config.hidden_size as f64).sqrt();
        let mut hidden = (self.embed_tokens.look_up(ids)? * scale)?;
        for layer in &self.layers {
            hidden = layer.forward(&hidden, breath).await?;
        }
        let stats = self.project.forward(&hidden, breath).await?;
        let size = self.config.flow_size;
        let half = |at| stats.narrow(1, at * size, size)?.contiguous();
        Ok(Read { means: half(0)?, log_variances: half(1)?, hidden })
    }
}

struct Layer {
    attention: Attention,
    layer_norm: LayerNorm,
    conv_1: LineConvolution,
    conv_2: LineConvolution,
    activation: Activation,
    final_layer_norm: LayerNorm,
}

impl Layer {
    async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (hidden, ffn_dim) = (config.hidden_size, config.ffn_dim);
        let norm =
            async |name| LayerNorm::load(&weights.at(name), hidden, config.layer_norm_eps).await;
        let conv = async |name: &str, channels| {
            let weights = weights.at("feed_forward").at(name);
            LineConvolution::load(&weights, channels, Steps::by_one(config.ffn_kernel_size)).await
        };
        Ok(Self {
            attention: Attention::load(&weights.at("attention"), config).await?,
            layer_norm: norm("layer_norm").await?,
            conv_1: conv("conv_1", (hidden, ffn_dim)).await?,
            conv_2: conv("conv_2", (ffn_dim, hidden)).await?,
            activation: config.hidden_act.activation(),
            final_layer_norm: norm("final_layer_norm").await?,
        })
    }

    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let seen = self.attention.forward(xs, breath).await?;
        let xs = self.layer_norm.forward(&(xs + seen)?)?;
        let inner = self.conv_1.forward(&xs, breath).await?;
        let inner = self.conv_2.after(Some(self.activation), &inner, breath).await?;
        Ok(self.final_layer_norm.forward(&(xs + inner)?)?)
    }
}

/// Attention in which near positions have keys and values of their own besides.
struct Attention {
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    out_proj: Linear,
    near: Option<Near>,
    heads: usize,
    head_dim: usize,
}

/// Keys and values of how far a position is from another.
struct Near {
    /// `(2 * reach + 1, head_dim)`.
    keys: Vec<f32>,
    /// The same.
    values: Vec<f32>,
    reach: usize,
}

impl Attention {
    async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (hidden, heads) = (config.hidden_size, config.num_attention_heads);
        let linear = async |name| match config.use_bias {
            true => Linear::load_with_bias(&weights.at(name), hidden, hidden).await,
            false => Linear::load(&weights.at(name), hidden, hidden).await,
        };
        let (reach, head_dim) = (config.window_size, hidden / heads);
        let table = async |name| -> Result<Vec<f32>> {
            Ok(weights.rows(name, 2 * reach + 1, head_dim).await?.flatten_all()?.to_vec1()?)
        };
        let near = match reach {
            0 => None,
            reach => Some(Near {
                keys: table("emb_rel_k").await?,
                values: table("emb_rel_v").await?,
                reach,
            }),
        };
        Ok(Self {
            q_proj: linear("q_proj").await?,
            k_proj: linear("k_proj").await?,
            v_proj: linear("v_proj").await?,
            out_proj: linear("out_proj").await?,
            near,
            heads,
            head_dim,
        })
    }

    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let q = in_parts(&self.q_proj, xs, breath).await?;
        let k = in_parts(&self.k_proj, xs, breath).await?;
        let v = in_parts(&self.v_proj, xs, breath).await?;
        let mut seen = Vec::new();
        for head in 0..self.heads {
            let part =
                |xs: &Tensor| xs.narrow(1, head * self.head_dim, self.head_dim)?.contiguous();
            seen.push(self.look(&part(&q)?, &part(&k)?, &part(&v)?)?);
            breath().await?;
        }
        in_parts(&self.out_proj, &Tensor::cat(&seen, 1)?, breath).await
    }

    /// What the queries of one head see, all `(n, head_dim)`.
    fn look(&self, q: &Tensor, k: &Tensor, v: &Tensor) -> candle_core::Result<Tensor> {
        let (n, head_dim) = q.dims2()?;
        let q = (q * (head_dim as f64).powf(-0.5))?;
        let (keys, values) = (matrix(k)?, matrix(&v.t()?.contiguous()?)?);
        let mut scores = with_floats(&q, |q| keys.product(q))?; // (n, n)
        if let Some(near) = &self.near {
            with_floats(&q, |q| {
                near.add_scores(q, &mut scores);
                Ok(())
            })?;
        }
        let shares = Tensor::from_vec(scores, (n, n), &Device::Cpu)?;
        let shares = shares.apply_op1_no_bwd(&Norm::Softmax)?;
        let seen = with_floats(&shares, |shares| {
            let mut seen = values.product(shares)?; // (n, head_dim)
            if let Some(near) = &self.near {
                near.add_values(shares, &mut seen);
            }
            Ok(seen)
        })?;
        Tensor::from_vec(seen, (n, head_dim), &Device::Cpu)
    }
}

fn matrix(xs: &Tensor) -> candle_core::Result<Matrix> {
    let (rows, columns) = xs.dims2()?;
    let mut matrix = Matrix::zeros(Kind::F32, rows, columns)?;
    with_floats(xs, |xs| matrix.pack(0, xs))?;
    Ok(matrix)
}

impl Near {
    fn dim(&self) -> usize {
        self.keys.len() / (2 * self.reach + 1)
    }

    /// Calls `one` with each position, each near it of `n`, and the number of their distance.
    fn pairs(&self, n: usize, mut one: impl FnMut(usize, usize, usize)) {
        for at in 0..n {
            for other in at.saturating_sub(self.reach)..n.min(at + self.reach + 1) {
                one(at, other, other + self.reach - at);
            }
        }
    }

    /// Adds to `scores (n, n)` what `queries (n, dim)` have in common with the keys of distances.
    fn add_scores(&self, queries: &[f32], scores: &mut [f32]) {
        let dim = self.dim();
        let n = queries.len() / dim;
        self.pairs(n, |at, other, distance| {
            let key = self.keys[distance * dim..][..dim].iter();
            let common = queries[at * dim..][..dim].iter().zip(key).map(|(q, k)| q * k);
            scores[at * n + other] += common.sum::<f32>();
        });
    }

    /// Adds to `seen (n, dim)` the values of distances, by the share that `shares (n, n)` gives them.
    fn add_values(&self, shares: &[f32], seen: &mut [f32]) {
        let dim = self.dim();
        let n = seen.len() / dim;
        self.pairs(n, |at, other, distance| {
            let share = shares[at * n + other];
            let value = self.values[distance * dim..][..dim].iter();
            seen[at * dim..][..dim].iter_mut().zip(value).for_each(|(sum, x)| *sum += share * x);
        });
    }
}
