use std::ops::Range;

use candle_core::Tensor;
use kernels::Sight;
use serde::Deserialize;

use super::{ACTIVATION, EPS, PARTS, PROJECTION};
use crate::{
    Breath, Result, Weights,
    encoder::{Blocks, HiddenAct, Parts, Sizes},
    layers::{Embedding, LayerNorm, Linear},
};

/// An end that files from before 2023 name wrongly; there, the end of a text is its largest id.
// `CLIPTextTransformer.forward` of transformers 4.57.
pub(crate) const WRONG_END: u32 = 2;

/// `text_config` of a CLIPModel, as far as we ask it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct TextConfig {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub max_position_embeddings: usize,
    pub projection_dim: usize,
    pub layer_norm_eps: f32,
    pub eos_token_id: u32,
    hidden_act: HiddenAct,
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            vocab_size: 49408,
            hidden_size: 512,
            intermediate_size: 2048,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 77,
            projection_dim: PROJECTION,
            layer_norm_eps: EPS,
            eos_token_id: 49407,
            hidden_act: ACTIVATION,
        }
    }
}

/// The half for texts.
pub struct Text {
    config: TextConfig,
    token_embedding: Embedding,
    position_embedding: Embedding,
    layers: Blocks,
    final_layer_norm: LayerNorm,
    text_projection: Linear,
}

impl Text {
    /// Takes what of a CLIPModel, or of a network with the same half, is this half's.
    pub(crate) async fn part(weights: &Weights, config: TextConfig) -> Result<Self> {
        let sizes = Sizes {
            hidden: config.hidden_size,
            intermediate: config.intermediate_size,
            heads: config.num_attention_heads,
            eps: config.layer_norm_eps,
            activation: config.hidden_act.activation(),
        };
        sizes.check()?;
        let model = weights.at("text_model");
        let embeddings = model.at("embeddings");
        let table =
            async |name, rows| Embedding::load(&embeddings.at(name), rows, sizes.hidden).await;
        let parts = Parts { sight: Sight::Past { window: None }, ..PARTS };
        let (layers, count) = (model.at("encoder.layers"), config.num_hidden_layers);
        let norm = model.at("final_layer_norm");
        let projection = weights.at("text_projection");
        let text = Self {
            token_embedding: table("token_embedding", config.vocab_size).await?,
            position_embedding: table("position_embedding", config.max_position_embeddings).await?,
            layers: Blocks::load(&layers, &parts, sizes, count).await?,
            final_layer_norm: LayerNorm::load(&norm, sizes.hidden, sizes.eps).await?,
            text_projection: Linear::load(&projection, sizes.hidden, config.projection_dim).await?,
            config,
        };
        embeddings.skip("position_ids");
        Ok(text)
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &TextConfig {
        &self.config
    }

    /// Texts as points `(texts, projection_dim)`, not yet of length one. Each begins and ends as the
    /// tokenizer makes it; none may be empty or longer than `max_position_embeddings`.
    pub async fn forward(&self, texts: &[Vec<u32>], breath: &Breath) -> Result<Tensor> {
        let xs = self.hidden_states(texts, breath).await?;
        let mut first = 0;
        let ends = texts.iter().map(|ids| {
            let row = xs.narrow(0, first + self.end(ids), 1);
            first += ids.len();
            row
        });
        let ends = ends.collect::<candle_core::Result<Vec<_>>>()?;
        Ok(self.text_projection.forward(&Tensor::cat(&ends, 0)?)?)
    }

    /// What is known after each token of all texts, one after the other: `(all tokens, hidden_size)`.
    pub async fn hidden_states(&self, texts: &[Vec<u32>], breath: &Breath) -> Result<Tensor> {
        let positions: Vec<u32> = texts.iter().flat_map(|ids| 0..ids.len() as u32).collect();
        let xs = (self.token_embedding.look_up(&texts.concat())?
            + self.position_embedding.look_up(&positions)?)?;
        let mut end = 0;
        let span = |ids: &Vec<u32>| -> Range<usize> {
            end += ids.len();
            end - ids.len()..end
        };
        let spans: Vec<_> = texts.iter().map(span).collect();
        let xs = self.layers.forward(xs, &spans, breath).await?;
        Ok(self.final_layer_norm.forward(&xs)?)
    }

    /// Where all of a text has been read: its first end, or its first token if it has none.
    fn end(&self, ids: &[u32]) -> usize {
        let end = match self.config.eos_token_id {
            WRONG_END => ids.iter().copied().max().unwrap_or(WRONG_END),
            id => id,
        };
        ids.iter().position(|id| *id == end).unwrap_or(0)
    }
}
