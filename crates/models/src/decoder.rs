//! Decoder-only language models: Llama, Qwen, Gemma 3, Phi-3.
//!
//! One network for all: families differ in the few places where [`Family`] is asked.

mod cache;
mod config;
mod layer;
mod rope;

use candle_core::{Tensor, bail};
use kernels::Angles;

pub use self::{
    cache::Cache,
    config::{Config, Family, RopeScaling},
};
use self::{
    layer::{Layer, Run, norm},
    rope::Turning,
};
use crate::{
    Breath, Result, Weights,
    breath::BREATH_PRODUCTS,
    layers::{Embedding, Linear, RmsNorm},
    weights::Held,
};

/// Positions computed at once at most.
const MOST_AT_ONCE: usize = 64;

/// A loaded language model.
pub struct Decoder {
    config: Config,
    embed_tokens: Embedding,
    layers: Vec<Layer>,
    norm: RmsNorm,
    /// None when the embedding is the head too.
    lm_head: Option<Linear>,
    turning: Turning,
    held: Held,
}

impl Decoder {
    /// Loads every tensor; each is used exactly once, or it is an error.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let model = weights.at("model");
        let (vocab_size, hidden_size) = (config.vocab_size, config.hidden_size);
        let embed_tokens =
            Embedding::load(&model.at("embed_tokens"), vocab_size, hidden_size).await?;
        let mut layers = Vec::new();
        for index in 0..config.num_hidden_layers {
            layers.push(Layer::load(&model.at("layers").at(index), &config, index).await?);
        }
        let norm = norm(&model.at("norm"), hidden_size, &config).await?;
        let head = weights.at("lm_head");
        let lm_head = if config.tie_word_embeddings.unwrap_or(!head.has("weight")) {
            // Some checkpoints store the same table a second time.
            head.skip("weight");
            None
        } else {
            Some(Linear::load(&head, hidden_size, vocab_size).await?)
        };
        let turning = Turning::load(weights, &config).await?;
        weights.check_all_taken()?;
        let held = weights.held();
        Ok(Self { config, embed_tokens, layers, norm, lm_head, turning, held })
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What its weights are.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// Logits `(vocab_size)` that follow the last of `ids`, which come after what `cache` holds.
    ///
    /// When it is stopped or fails, or its future is dropped, `cache` is as before.
    pub async fn forward(&self, ids: &[u32], cache: &mut Cache, breath: &Breath) -> Result<Tensor> {
        self.check(ids, cache)?;
        let mut at = cache.len;
        let mut rest = ids;
        loop {
            let (some, later) = rest.split_at(self.at_once(at).min(rest.len()));
            let xs = self.run(some, at, cache, self.layers.len(), breath).await?;
            at += some.len();
            rest = later;
            if rest.is_empty() {
                let logits = self.head(&xs.narrow(0, some.len() - 1, 1)?)?;
                // Invariant: nothing can fail or wait any more, so all of `ids` are held, or none.
                cache.len = at;
                return Ok(logits);
            }
        }
    }

    /// Hidden states `(ids, hidden_size)` after the first `layers`, for comparison with others'.
    pub async fn hidden_states(&self, ids: &[u32], layers: usize) -> Result<Tensor> {
        let mut cache = Cache::new(self);
        self.check(ids, &cache)?;
        self.run(ids, 0, &mut cache, layers, &crate::no_breath()).await
    }

    fn check(&self, ids: &[u32], cache: &Cache) -> candle_core::Result<()> {
        if ids.is_empty() {
            bail!("there are no tokens to follow")
        }
        if let Some(id) = ids.iter().find(|id| **id as usize >= self.config.vocab_size) {
            bail!("token {id} is beyond the vocabulary of {}", self.config.vocab_size)
        }
        let most = self.config.max_position_embeddings;
        if ids.len() > most.saturating_sub(cache.len) {
            bail!("{} tokens after {} are more than the model's {most}", ids.len(), cache.len)
        }
        if cache.layers.len() != self.layers.len() {
            bail!("the cache is another model's")
        }
        Ok(())
    }

    /// How many positions from `at` on can be computed without a breath taking too long to come.
    fn at_once(&self, at: usize) -> usize {
        let Config { hidden_size, intermediate_size, num_attention_heads, head_dim, .. } =
            self.config;
        let widest = 2 * intermediate_size.max(num_attention_heads * head_dim);
        let per_position = (hidden_size * widest).max(2 * at * num_attention_heads * head_dim);
        (BREATH_PRODUCTS / per_position.max(1)).clamp(1, MOST_AT_ONCE)
    }

    /// Hidden states `(ids, hidden_size)` of the positions from `at` on, after `layers` layers.
    async fn run(
        &self,
        ids: &[u32],
        at: usize,
        cache: &mut Cache,
        layers: usize,
        breath: &Breath,
    ) -> Result<Tensor> {
        let mut xs = self.embed_tokens.look_up(ids)?;
        if self.config.model_type == Family::Gemma3 {
            xs = (xs * (self.config.hidden_size as f64).sqrt())?;
        }
        let angles: Angles = self.turning.angles(at, ids.len());
        let local_angles = self.turning.local_angles(at, ids.len());
        for (layer, kept) in self.layers.iter().zip(&mut cache.layers).take(layers) {
            let local_angles = local_angles.as_ref().unwrap_or(&angles);
            xs = layer
                .forward(xs, &mut Run { at, angles: &angles, local_angles, kept, breath })
                .await?;
        }
        Ok(xs)
    }

    /// `(1, hidden_size)` to `(vocab_size)`.
    fn head(&self, xs: &Tensor) -> candle_core::Result<Tensor> {
        let xs = self.norm.forward(xs)?;
        let logits = match &self.lm_head {
            Some(head) => head.forward(&xs)?,
            None => self.embed_tokens.as_head(&xs)?,
        };
        logits.squeeze(0)
    }
}
