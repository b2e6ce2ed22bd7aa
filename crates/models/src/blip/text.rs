use candle_core::Tensor;
use kernels::{Activation, KeyValues};

use super::Config;
use crate::{
    Breath, Result, Weights,
    attention::{Attention, Biased, Form, Projections},
    layers::{Embedding, LayerNorm, Linear, in_parts},
};

const PROJECTIONS: Projections = ["self.query", "self.key", "self.value", "output.dense"];

/// What is kept of states that texts look at: keys and values for each layer.
pub struct Memory(Vec<KeyValues>);

impl Memory {
    /// Bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(KeyValues::bytes).sum()
    }
}

/// What a [`Writer`] keeps of what it has written.
pub struct Past(Vec<KeyValues>);

/// Reads a text, alone or while it looks at something: a BlipTextModel without its pooler.
pub struct Reader {
    word_embeddings: Embedding,
    position_embeddings: Embedding,
    norm: LayerNorm,
    layers: Vec<Layer>,
}

impl Reader {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let text = &config.text;
        let (hidden, eps) = (text.hidden_size, text.layer_norm_eps);
        let embeddings = weights.at("embeddings");
        let table = async |name, rows| Embedding::load(&embeddings.at(name), rows, hidden).await;
        let (positions, inner) = (text.max_position_embeddings, weights.at("encoder.layer"));
        let mut layers = Vec::new();
        for index in 0..text.num_hidden_layers {
            layers.push(Layer::load(&inner.at(index), config).await?);
        }
        // Of files saved by early versions.
        embeddings.skip("position_ids");
        Ok(Self {
            word_embeddings: table("word_embeddings", text.vocab_size).await?,
            position_embeddings: table("position_embeddings", positions).await?,
            norm: LayerNorm::load(&embeddings.at("LayerNorm"), hidden, eps).await?,
            layers,
        })
    }

    /// What is kept of `states (n, width)` to look at.
    pub async fn remember(&self, states: &Tensor, breath: &Breath) -> Result<Memory> {
        let mut kept = Vec::new();
        for Layer { other: (attention, _), .. } in &self.layers {
            let mut keys = attention.nothing();
            attention.remember(states, states, &mut keys, breath).await?;
            kept.push(keys);
        }
        Ok(Memory(kept))
    }

    /// What is known of each token of a text, which may not be empty or longer than
    /// `max_position_embeddings`: `(ids, hidden_size)`. Tokens see each other, and what is remembered.
    pub async fn read(
        &self,
        ids: &[u32],
        memory: Option<&Memory>,
        breath: &Breath,
    ) -> Result<Tensor> {
        self.go_on(ids, &mut self.nothing(), memory, breath).await
    }

    fn nothing(&self) -> Past {
        Past(self.layers.iter().map(|layer| layer.own.0.nothing()).collect())
    }

    /// `ids` after those of `past`. They see all of it, and each other.
    async fn go_on(
        &self,
        ids: &[u32],
        past: &mut Past,
        memory: Option<&Memory>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let wrong = |why: &str| candle_core::Error::msg(why.to_owned());
        let from = past.0.first().map_or(0, KeyValues::len) as u32;
        let at: Vec<u32> = (from..).take(ids.len()).collect();
        if ids.is_empty() {
            return Err(wrong("there is nothing to read").into());
        }
        let xs = self.word_embeddings.look_up(ids)?;
        let xs = (xs + self.position_embeddings.look_up(&at)?)?;
        let mut xs = self.norm.forward(&xs)?;
        for (index, layer) in self.layers.iter().enumerate() {
            let own = past.0.get_mut(index).ok_or_else(|| wrong("the past is another model's"))?;
            let seen = match memory {
                Some(memory) => {
                    let seen = memory.0.get(index);
                    Some(seen.ok_or_else(|| wrong("the memory is another model's"))?)
                }
                None => None,
            };
            xs = layer.forward(xs, own, seen, breath).await?;
        }
        Ok(xs)
    }
}

/// Writes one token after the other while it looks at something: a BlipTextLMHeadModel.
pub struct Writer {
    bert: Reader,
    dense: Linear,
    norm: LayerNorm,
    activation: Activation,
    /// `(vocabulary)`.
    bias: Tensor,
}

impl Writer {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let sizes = config.text.sizes();
        let (hidden, words) = (sizes.hidden, config.text.vocab_size);
        let head = weights.at("cls.predictions");
        let (transform, decoder) = (head.at("transform"), head.at("decoder"));
        // One bias under two names: files have one of them, or both.
        let named = if decoder.has("bias") && !head.has("bias") { &decoder } else { &head };
        let bias = named.vector("bias", words).await?;
        // A copy of the table of words, which the reference passes over, too.
        ["weight", "bias"].iter().for_each(|leaf| decoder.skip(leaf));
        Ok(Self {
            bert: Reader::load(&weights.at("bert"), config).await?,
            dense: Linear::load_with_bias(&transform.at("dense"), hidden, hidden).await?,
            norm: LayerNorm::load(&transform.at("LayerNorm"), hidden, sizes.eps).await?,
            activation: sizes.activation,
            bias,
        })
    }

    /// See [`Reader::remember`].
    pub async fn remember(&self, states: &Tensor, breath: &Breath) -> Result<Memory> {
        self.bert.remember(states, breath).await
    }

    /// A text of which nothing is written yet.
    pub fn nothing(&self) -> Past {
        self.bert.nothing()
    }

    /// Takes one more token, of which there may be `max_position_embeddings`, and gives what is known
    /// then: `(1, hidden_size)`.
    pub async fn take(
        &self,
        id: u32,
        past: &mut Past,
        memory: &Memory,
        breath: &Breath,
    ) -> Result<Tensor> {
        // One at a time: none can see what comes after it.
        self.bert.go_on(&[id], past, Some(memory), breath).await
    }

    /// Logits of the next token, one for each of the vocabulary, after what [`take`](Self::take) gave.
    pub async fn head(&self, states: &Tensor, breath: &Breath) -> Result<Vec<f32>> {
        let xs = self.dense.forward(states)?.apply_op1_no_bwd(&self.activation)?;
        let logits = self.bert.word_embeddings.as_head(&self.norm.forward(&xs)?)?;
        breath().await?;
        Ok(logits.broadcast_add(&self.bias)?.squeeze(0)?.to_vec1()?)
    }
}

/// A block whose norms come after each sum: attention to the text itself, to what it looks at, and a
/// network of two layers.
struct Layer {
    own: (Attention, LayerNorm),
    other: (Attention, LayerNorm),
    intermediate: Linear,
    activation: Activation,
    output: (Linear, LayerNorm),
}

impl Layer {
    async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let sizes = config.text.sizes();
        let (hidden, inner) = (sizes.hidden, sizes.intermediate);
        let head_dim = hidden / sizes.heads;
        let scale = (head_dim as f32).powf(-0.5);
        let form =
            Form { d_model: hidden, heads: sizes.heads, head_dim, scale, biased: Biased::Yes };
        let attention = async |name, states| {
            let weights = weights.at(name);
            let attention = Attention::load_over(&weights, PROJECTIONS, form, states).await?;
            let norm = LayerNorm::load(&weights.at("output.LayerNorm"), hidden, sizes.eps).await?;
            Ok::<_, crate::Error>((attention, norm))
        };
        let output = weights.at("output");
        let intermediate = weights.at("intermediate.dense");
        Ok(Self {
            own: attention("attention", hidden).await?,
            other: attention("crossattention", config.vision.hidden_size).await?,
            intermediate: Linear::load_with_bias(&intermediate, hidden, inner).await?,
            activation: sizes.activation,
            output: (
                Linear::load_with_bias(&output.at("dense"), inner, hidden).await?,
                LayerNorm::load(&output.at("LayerNorm"), hidden, sizes.eps).await?,
            ),
        })
    }

    /// `xs (n, hidden)`, which come after `own` and are put there, to the same.
    async fn forward(
        &self,
        xs: Tensor,
        own: &mut KeyValues,
        seen: Option<&KeyValues>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let (attention, norm) = &self.own;
        attention.remember(&xs, &xs, own, breath).await?;
        let looked = attention.look(&xs, own, None, breath).await?;
        let mut xs = norm.forward(&(xs + looked)?)?;
        if let Some(seen) = seen {
            let (attention, norm) = &self.other;
            let looked = attention.look(&xs, seen, None, breath).await?;
            xs = norm.forward(&(xs + looked)?)?;
        }
        let inner = in_parts(&self.intermediate, &xs, breath).await?;
        let inner = inner.apply_op1_no_bwd(&self.activation)?;
        let (output, norm) = &self.output;
        let inner = in_parts(output, &inner, breath).await?;
        Ok(norm.forward(&(xs + inner)?)?)
    }
}
