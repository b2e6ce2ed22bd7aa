//! Encoder-decoder language models: BART, Blenderbot, M2M100 and NLLB, Marian, mBART, T5.
//!
//! One network for all: families differ in the few places where [`Family`] is asked. An input is read
//! once ([`encode`](Seq2Seq::encode)), what the decoder keeps of it is computed once
//! ([`remember`](Seq2Seq::remember)), and then each [`step`](Seq2Seq::step) takes one token for each of
//! some beams, which are attempts at an answer to the same input:
//!
//! ```text
//! let states = model.encode(&ids, &breath).await?;
//! let memory = model.remember(&states, &breath).await?;
//! let mut pasts = vec![Past::new(&model)];
//! let logits = model.step(&memory, &[start], &mut pasts, &breath).await?; // (1, vocabulary)
//! ```

mod config;
mod layer;
mod positions;

use std::rc::Rc;

use candle_core::{Device, Tensor, bail};
use kernels::{Activation, KeyValues};

pub use self::config::{Config, Family};
use self::{
    config::Shape,
    layer::{Layer, Look, Norm, Side},
    positions::Positions,
};
use crate::{
    Breath, Result, Weights,
    breath::BREATH_PRODUCTS,
    layers::{Embedding, Linear},
    weights::Held,
};

/// Breaths that may be missed while logits are computed: beams that share the reading of a large
/// vocabulary are worth more.
const HEAD_BREATHS: usize = 16;

/// A loaded encoder-decoder model.
pub struct Seq2Seq {
    config: Config,
    encoder: Stack,
    decoder: Stack,
    /// None when the decoder's table is the head too.
    lm_head: Option<Linear>,
    /// `(1, decoder_vocab_size)`.
    final_logits_bias: Option<Tensor>,
    held: Held,
}

/// What a decoder keeps of an input: keys and values for each of its layers.
pub struct Memory {
    layers: Vec<KeyValues>,
}

impl Memory {
    /// Bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(KeyValues::bytes).sum()
    }
}

/// What a decoder keeps of one beam. Clones share what they have in common.
#[derive(Clone)]
pub struct Past {
    /// Positions beyond `len` are leftovers of a step that was given up.
    layers: Vec<KeyValues>,
    len: usize,
}

impl Past {
    /// A beam of which nothing is written yet.
    pub fn new(model: &Seq2Seq) -> Self {
        let Shape { layers, heads, head_dim, .. } = model.config.decoder;
        Self { layers: vec![KeyValues::new(heads, head_dim); layers], len: 0 }
    }

    /// Tokens taken so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none was taken.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where the next token goes, and what a layer keeps.
    fn layer(&mut self, index: usize) -> candle_core::Result<(usize, &mut KeyValues)> {
        match self.layers.get_mut(index) {
            Some(kept) => Ok((self.len, kept)),
            None => bail!("the beam is another model's"),
        }
    }
}

impl Seq2Seq {
    /// Loads every tensor; each is used exactly once, or it is an error. Copies of a shared table,
    /// which some files hold, are passed over.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let root = match config.family {
            Family::T5 => weights.clone(),
            _ => weights.at("model"),
        };
        let (from, to) = tables(weights, &root, &config).await?;
        let encoder = Stack::load(&root.at("encoder"), &config, (Side::Encoder, from)).await?;
        let decoder = Stack::load(&root.at("decoder"), &config, (Side::Decoder, to)).await?;
        let head = weights.at("lm_head");
        let lm_head = if config.tied_head {
            head.skip("weight");
            None
        } else {
            Some(Linear::load(&head, config.d_model, config.decoder_vocab_size).await?)
        };
        let bias = "final_logits_bias";
        let final_logits_bias = match weights.has(bias) {
            true => Some(weights.table(bias, 1, config.decoder_vocab_size).await?),
            false => None,
        };
        // Of early T5 files: a bias that nothing has ever read.
        root.at("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias").skip("weight");
        weights.check_all_taken()?;
        let held = weights.held();
        Ok(Self { config, encoder, decoder, lm_head, final_logits_bias, held })
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What its weights are.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// Hidden states `(ids, d_model)` of an input, which may not be empty or longer than
    /// `max_position_embeddings`.
    pub async fn encode(&self, ids: &[u32], breath: &Breath) -> Result<Tensor> {
        if ids.is_empty() {
            return Err(candle_core::Error::msg("there is nothing to read").into());
        }
        let at: Vec<_> = (0..ids.len()).collect();
        let mut xs = self.encoder.embed(ids, &at, &self.config)?;
        for layer in &self.encoder.layers {
            xs = layer.encode(xs, self.encoder.positions.bias(), breath).await?;
        }
        Ok(self.encoder.finish(xs)?)
    }

    /// What the decoder keeps of an input's hidden states.
    pub async fn remember(&self, states: &Tensor, breath: &Breath) -> Result<Memory> {
        let mut layers = Vec::new();
        for layer in &self.decoder.layers {
            layers.push(layer.remember(states, breath).await?);
        }
        Ok(Memory { layers })
    }

    /// Logits `(beams, decoder_vocab_size)` that follow one more token of each beam.
    ///
    /// When it is stopped or fails, or its future is dropped, `pasts` are as before.
    pub async fn step(
        &self,
        memory: &Memory,
        ids: &[u32],
        pasts: &mut [Past],
        breath: &Breath,
    ) -> Result<Tensor> {
        if ids.is_empty() || ids.len() != pasts.len() {
            let count = pasts.len();
            return Err(candle_core::Error::msg(format!("{} ids for {count}", ids.len())).into());
        }
        let at: Vec<_> = pasts.iter().map(Past::len).collect();
        let mut xs = self.decoder.embed(ids, &at, &self.config)?;
        for (index, layer) in self.decoder.layers.iter().enumerate() {
            let Some(input) = memory.layers.get(index) else {
                return Err(candle_core::Error::msg("the memory is another model's").into());
            };
            let bias = self.decoder.positions.bias();
            let look = Look { layer: index, input, pasts: &mut *pasts, bias };
            xs = layer.decode(xs, look, breath).await?;
        }
        let logits = self.head(&self.decoder.finish(xs)?, breath).await?;
        // Invariant: nothing can fail or wait any more, so all beams have taken their token, or none.
        pasts.iter_mut().for_each(|past| past.len += 1);
        Ok(logits)
    }

    /// `(beams, d_model)` to `(beams, decoder_vocab_size)`.
    async fn head(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let Config { family, d_model, decoder_vocab_size, .. } = self.config;
        // T5 has its table at another scale than its hidden states.
        let xs = match (&self.lm_head, family) {
            (None, Family::T5) => (xs * (d_model as f64).powf(-0.5))?,
            _ => xs.clone(),
        };
        let most = (HEAD_BREATHS * BREATH_PRODUCTS / (d_model * decoder_vocab_size)).max(1);
        let (beams, _) = xs.dims2()?;
        let mut logits = Vec::new();
        for first in (0..beams).step_by(most) {
            let some = xs.narrow(0, first, most.min(beams - first))?;
            logits.push(match &self.lm_head {
                Some(head) => head.forward(&some)?,
                None => self.decoder.embed_tokens.as_head(&some)?,
            });
            breath().await?;
        }
        let logits = Tensor::cat(&logits, 0)?;
        match &self.final_logits_bias {
            Some(bias) => Ok(logits.broadcast_add(bias)?),
            None => Ok(logits),
        }
    }
}

/// The logarithms of the probabilities that rows of logits `(rows, tokens)` stand for.
pub fn log_probabilities(logits: &Tensor) -> Result<Vec<Vec<f32>>> {
    let mut rows = logits.to_vec2::<f32>()?;
    for row in &mut rows {
        let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        row.iter_mut().for_each(|logit| *logit -= most);
        let powers = Tensor::new(row.as_slice(), &Device::Cpu)?;
        let powers: Vec<f32> = powers.apply_op1_no_bwd(&Activation::Exp)?.to_vec1()?;
        let log = powers.iter().map(|power| f64::from(*power)).sum::<f64>().ln() as f32;
        row.iter_mut().for_each(|logit| *logit -= log);
    }
    Ok(rows)
}

/// The tables of the input's and of the answer's tokens: one and the same, if they are shared.
async fn tables(
    weights: &Weights,
    root: &Weights,
    config: &Config,
) -> Result<(Rc<Embedding>, Rc<Embedding>)> {
    let Config { vocab_size, decoder_vocab_size, d_model, .. } = *config;
    let encoders = root.at("encoder.embed_tokens");
    let decoders = root.at("decoder.embed_tokens");
    if !config.shared {
        let from = Embedding::load(&encoders, vocab_size, d_model).await?;
        let to = Embedding::load(&decoders, decoder_vocab_size, d_model).await?;
        return Ok((Rc::new(from), Rc::new(to)));
    }
    let mut names = vec![root.at("shared"), encoders, decoders];
    names.extend(config.tied_head.then(|| weights.at("lm_head")));
    let held = names.iter().find(|name| name.has("weight")).unwrap_or(&names[0]);
    let table = Rc::new(Embedding::load(held, vocab_size, d_model).await?);
    names.iter().for_each(|name| name.skip("weight"));
    Ok((table.clone(), table))
}

/// Layers one after the other, and what comes before and after them.
struct Stack {
    embed_tokens: Rc<Embedding>,
    positions: Positions,
    layernorm_embedding: Option<Norm>,
    layers: Vec<Layer>,
    /// None where every layer ends in a norm.
    layer_norm: Option<Norm>,
}

impl Stack {
    async fn load(
        weights: &Weights,
        config: &Config,
        (side, embed_tokens): (Side, Rc<Embedding>),
    ) -> Result<Self> {
        let shape = match side {
            Side::Encoder => config.encoder,
            Side::Decoder => config.decoder,
        };
        let positions = Positions::load(weights, config, (side, shape)).await?;
        let norm = async |name: Option<&str>| match name {
            Some(name) => Norm::load(&weights.at(name), config).await.map(Some),
            None => Ok(None),
        };
        let layernorm_embedding =
            norm(config.has_embedding_norm().then_some("layernorm_embedding")).await?;
        let (block, last) = match config.family {
            Family::T5 => ("block", Some("final_layer_norm")),
            Family::Bart | Family::Marian => ("layers", None),
            Family::Blenderbot | Family::M2m100 | Family::Mbart => ("layers", Some("layer_norm")),
        };
        let mut layers = Vec::new();
        for index in 0..shape.layers {
            layers.push(Layer::load(&weights.at(block).at(index), config, side).await?);
        }
        let layer_norm = norm(last).await?;
        Ok(Self { embed_tokens, positions, layernorm_embedding, layers, layer_norm })
    }

    /// Tokens at their positions: `(ids, d_model)`.
    fn embed(&self, ids: &[u32], at: &[usize], config: &Config) -> candle_core::Result<Tensor> {
        let most = config.max_position_embeddings.unwrap_or(usize::MAX);
        if let Some(at) = at.iter().find(|at| **at >= most) {
            bail!("position {at} is beyond the model's {most}")
        }
        let mut xs = self.embed_tokens.look_up(ids)?;
        if config.scale_embedding {
            xs = (xs * (config.d_model as f64).sqrt())?;
        }
        if let Some(rows) = self.positions.rows(at)? {
            xs = (xs + rows)?;
        }
        match &self.layernorm_embedding {
            Some(norm) => norm.forward(&xs),
            None => Ok(xs),
        }
    }

    /// After the last layer.
    fn finish(&self, xs: Tensor) -> candle_core::Result<Tensor> {
        match &self.layer_norm {
            Some(norm) => norm.forward(&xs),
            None => Ok(xs),
        }
    }
}
