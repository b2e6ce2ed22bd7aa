//! CLIP: pictures and texts as points of one space, near to each other where they tell the same.

mod text;
mod vision;

use candle_core::Tensor;
use kernels::Sight;
use serde::Deserialize;

pub(crate) use self::{text::WRONG_END, vision::Tower};
pub use self::{
    text::{Text, TextConfig},
    vision::{Vision, VisionConfig},
};
use crate::{
    Result, Weights,
    encoder::{self, HiddenAct, KeyBias, Order, Parts},
};

/// Of the half for pictures; that for texts sees the past alone.
const PARTS: Parts = Parts {
    attention: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj"],
    attention_norm: "layer_norm1",
    mlp: ["mlp.fc1", "mlp.fc2"],
    mlp_norm: "layer_norm2",
    key_bias: KeyBias::Yes,
    order: Order::Before,
    sight: Sight::All,
};

/// What `transformers` takes where a `config.json` is silent: the shape of clip-vit-base-patch32.
const EPS: f32 = 1e-5;
/// The same.
const ACTIVATION: HiddenAct = HiddenAct::QuickGelu;
/// The same.
const PROJECTION: usize = 512;

/// `config.json` of a CLIPModel, as far as we ask it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Of the half for texts.
    pub text: TextConfig,
    /// Of the half for pictures.
    pub vision: VisionConfig,
}

#[derive(Deserialize)]
#[serde(default)]
struct File {
    text_config: TextConfig,
    vision_config: VisionConfig,
    /// Older files may have these too, and then they hold.
    text_config_dict: Option<TextConfig>,
    vision_config_dict: Option<VisionConfig>,
    projection_dim: usize,
}

impl Default for File {
    fn default() -> Self {
        Self {
            text_config: TextConfig::default(),
            vision_config: VisionConfig::default(),
            text_config_dict: None,
            vision_config_dict: None,
            projection_dim: PROJECTION,
        }
    }
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let file: File = encoder::config(json)?;
        let mut text = file.text_config_dict.unwrap_or(file.text_config);
        let mut vision = file.vision_config_dict.unwrap_or(file.vision_config);
        vision.patches()?;
        text.projection_dim = file.projection_dim;
        vision.projection_dim = file.projection_dim;
        Ok(Self { text, vision })
    }
}

/// Both halves.
pub struct Clip {
    /// The half for texts.
    pub text: Text,
    /// The half for pictures.
    pub vision: Vision,
    /// What cosines are multiplied by.
    scale: f32,
}

impl Clip {
    /// Loads every tensor of a CLIPModel.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let text = Text::part(weights, config.text).await?;
        let vision = Vision::part(weights, config.vision).await?;
        let scale = weights.number("logit_scale").await?.exp();
        weights.check_all_taken()?;
        Ok(Self { text, vision, scale })
    }

    /// How well each of `texts (n, projection_dim)` tells what `picture (projection_dim)` shows: `n`
    /// logits.
    pub fn logits(&self, picture: &Tensor, texts: &Tensor) -> Result<Vec<f32>> {
        let picture: Vec<f32> = picture.to_vec1()?;
        let texts: Vec<Vec<f32>> = texts.to_vec2()?;
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let length = |a: &[f32]| dot(a, a).sqrt();
        let long = length(&picture);
        let logit = |text: &Vec<f32>| self.scale * dot(&picture, text) / (long * length(text));
        Ok(texts.iter().map(logit).collect())
    }
}
