//! BERT and the sentence models built on it, such as all-MiniLM-L6-v2.

use std::ops::Range;

use candle_core::Tensor;
use kernels::Sight;
use serde::Deserialize;

use crate::{
    Breath, Result, Weights,
    encoder::{self, Blocks, HiddenAct, KeyBias, Order, Parts, Sizes},
    layers::{Embedding, LayerNorm},
};

const PARTS: Parts = Parts {
    attention: [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
    ],
    attention_norm: "attention.output.LayerNorm",
    mlp: ["intermediate.dense", "output.dense"],
    mlp_norm: "output.LayerNorm",
    key_bias: KeyBias::Yes,
    order: Order::After,
    sight: Sight::All,
};

/// `config.json` as far as we ask it.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct Config {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub max_position_embeddings: usize,
    pub type_vocab_size: usize,
    pub layer_norm_eps: f32,
    pub(crate) hidden_act: HiddenAct,
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        encoder::config(json)
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            hidden: self.hidden_size,
            intermediate: self.intermediate_size,
            heads: self.num_attention_heads,
            eps: self.layer_norm_eps,
            activation: self.hidden_act.activation(),
        }
    }
}

/// A loaded BERT.
pub struct Bert {
    config: Config,
    word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Embedding,
    norm: LayerNorm,
    layers: Blocks,
    /// Positions are counted from here.
    first_position: u32,
}

impl Bert {
    /// Loads every tensor but those of the pooler, which sentence models do not use.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let bert = Self::part(weights, config, 0).await?;
        ["weight", "bias"].iter().for_each(|leaf| weights.at("pooler.dense").skip(leaf));
        weights.check_all_taken()?;
        Ok(bert)
    }

    /// The same as a part of something, its pooler left to that: RoBERTa is one whose positions are not counted from 0.
    pub(crate) async fn part(
        weights: &Weights,
        config: Config,
        first_position: u32,
    ) -> Result<Self> {
        config.sizes().check()?;
        let embeddings = weights.at("embeddings");
        let table = async |name, rows| {
            Embedding::load(&embeddings.at(name), rows, config.hidden_size).await
        };
        let (layers, sizes) = (config.num_hidden_layers, config.sizes());
        let bert = Self {
            word_embeddings: table("word_embeddings", config.vocab_size).await?,
            position_embeddings: table("position_embeddings", config.max_position_embeddings)
                .await?,
            token_type_embeddings: table("token_type_embeddings", config.type_vocab_size).await?,
            norm: LayerNorm::load(&embeddings.at("LayerNorm"), sizes.hidden, sizes.eps).await?,
            layers: Blocks::load(&weights.at("encoder.layer"), &PARTS, sizes, layers).await?,
            first_position,
            config,
        };
        ["position_ids", "token_type_ids"].iter().for_each(|leaf| embeddings.skip(leaf));
        Ok(bert)
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Hidden states `(all tokens, hidden_size)` of texts, one after the other. None may be empty or
    /// longer than `max_position_embeddings`.
    pub async fn forward(&self, texts: &[Vec<u32>], breath: &Breath) -> Result<Tensor> {
        let ids = texts.concat();
        let first = self.first_position;
        let positions = texts.iter().flat_map(|text| first..first + text.len() as u32);
        let positions: Vec<u32> = positions.collect();
        let xs = (self.word_embeddings.look_up(&ids)?
            + self.token_type_embeddings.look_up(&vec![0; ids.len()])?)?;
        let xs = (xs + self.position_embeddings.look_up(&positions)?)?;
        let mut end = 0;
        let span = |text: &Vec<u32>| -> Range<usize> {
            end += text.len();
            end - text.len()..end
        };
        let spans: Vec<_> = texts.iter().map(span).collect();
        self.layers.forward(self.norm.forward(&xs)?, &spans, breath).await
    }
}
