use serde::Deserialize;

use crate::{
    Error, Result,
    encoder::{self, HiddenAct, Sizes},
};

/// Layers, tokens or patches to a side beyond this are a lie.
const MOST: usize = 1 << 20;

/// `config.json` of a BLIP, as far as we ask it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Of what reads and writes.
    pub text: TextConfig,
    /// Of what sees.
    pub vision: VisionConfig,
    /// Numbers by which a picture and a text are compared, each by itself.
    pub image_text_hidden_size: usize,
}

/// Defaults here and below are those of `configuration_blip.py` in transformers 4.57.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    text_config: TextConfig,
    #[serde(default)]
    vision_config: VisionConfig,
    #[serde(default = "shared")]
    image_text_hidden_size: usize,
}

fn shared() -> usize {
    256
}

/// `text_config`.
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
    pub layer_norm_eps: f32,
    pub bos_token_id: u32,
    pub sep_token_id: u32,
    is_decoder: bool,
    tie_word_embeddings: bool,
    hidden_act: HiddenAct,
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            vocab_size: 30524,
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 512,
            layer_norm_eps: 1e-12,
            bos_token_id: 30522,
            sep_token_id: 102,
            is_decoder: true,
            tie_word_embeddings: true,
            hidden_act: HiddenAct::Gelu,
        }
    }
}

impl TextConfig {
    pub(super) fn sizes(&self) -> Sizes {
        Sizes {
            hidden: self.hidden_size,
            intermediate: self.intermediate_size,
            heads: self.num_attention_heads,
            eps: self.layer_norm_eps,
            activation: self.hidden_act.activation(),
        }
    }
}

/// `vision_config`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct VisionConfig {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub image_size: usize,
    pub patch_size: usize,
    pub layer_norm_eps: f32,
    hidden_act: HiddenAct,
}

impl Default for VisionConfig {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            image_size: 384,
            patch_size: 16,
            layer_norm_eps: 1e-5,
            hidden_act: HiddenAct::Gelu,
        }
    }
}

impl VisionConfig {
    pub(super) fn sizes(&self) -> Sizes {
        Sizes {
            hidden: self.hidden_size,
            intermediate: self.intermediate_size,
            heads: self.num_attention_heads,
            eps: self.layer_norm_eps,
            activation: self.hidden_act.activation(),
        }
    }
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let File { text_config: text, vision_config: vision, image_text_hidden_size } =
            encoder::config(json)?;
        text.sizes().check()?;
        vision.sizes().check()?;
        if !text.is_decoder || !text.tie_word_embeddings {
            return Err(Error::Unsupported(
                "a BLIP whose texts do not look at pictures, or with a second table of words, is not known here"
                    .into(),
            ));
        }
        let side = vision.image_size.checked_div(vision.patch_size).unwrap_or(0);
        let counts = [
            text.vocab_size,
            text.num_hidden_layers,
            text.max_position_embeddings,
            vision.num_hidden_layers,
            image_text_hidden_size,
            side.saturating_mul(1024),
        ];
        if !counts.iter().all(|count| (1..=MOST).contains(count)) {
            return Err(Error::Damaged(format!(
                "a BLIP of {} and {} layers for pictures of {} in patches of {} and texts of {} tokens is not possible",
                vision.num_hidden_layers,
                text.num_hidden_layers,
                vision.image_size,
                vision.patch_size,
                text.max_position_embeddings
            )));
        }
        for (name, id) in [("bos_token_id", text.bos_token_id), ("sep_token_id", text.sep_token_id)]
        {
            if id as usize >= text.vocab_size {
                let size = text.vocab_size;
                return Err(Error::Damaged(format!("{name} is {id}, of {size} tokens")));
            }
        }
        Ok(Self { text, vision, image_text_hidden_size })
    }
}
