use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    decoder::LAST_EPS,
    tiny_vit::{self, TinyVitConfig},
};
use crate::{
    Error, Names, Result,
    encoder::{HiddenAct, config},
};

/// Beyond this a dimension is a lie.
const MOST: usize = 1 << 14;
/// Cells to each side beyond this are more than fit memory.
pub(super) const MOST_SIDE: usize = 256;
/// `model_type` of a network that is a SamModel but for its encoder.
const MOBILE_SAM: &str = "mobile_sam";

/// `config.json` of a SamModel, as far as we ask it, or of a MobileSAM: see [`TinyVitConfig`].
#[derive(Clone, Debug)]
pub struct Config {
    pub(super) vision_config: Encoder,
    pub(super) mask_decoder_config: DecoderConfig,
}

/// What looks at the picture.
#[derive(Clone, Debug)]
pub(super) enum Encoder {
    Vit(VisionConfig),
    TinyVit(TinyVitConfig),
}

/// What a SamModel's `config.json` holds.
#[derive(Deserialize)]
#[serde(default)]
struct File {
    model_type: String,
    prompt_encoder_config: PromptConfig,
    vision_config: Value,
    mask_decoder_config: DecoderConfig,
}

impl Default for File {
    fn default() -> Self {
        Self {
            model_type: "sam".into(),
            prompt_encoder_config: PromptConfig::default(),
            vision_config: Value::Object(Map::default()),
            mask_decoder_config: DecoderConfig::default(),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(super) struct VisionConfig {
    pub(super) hidden_size: usize,
    pub(super) output_channels: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) num_attention_heads: usize,
    pub(super) image_size: usize,
    pub(super) patch_size: usize,
    pub(super) hidden_act: HiddenAct,
    pub(super) layer_norm_eps: f32,
    qkv_bias: bool,
    use_abs_pos: bool,
    use_rel_pos: bool,
    pub(super) window_size: usize,
    pub(super) global_attn_indexes: Vec<usize>,
    mlp_ratio: f32,
    mlp_dim: Option<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
struct PromptConfig {
    hidden_size: usize,
    image_size: usize,
    patch_size: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(super) struct DecoderConfig {
    pub(super) hidden_size: usize,
    pub(super) hidden_act: HiddenAct,
    pub(super) mlp_dim: usize,
    pub(super) num_hidden_layers: usize,
    pub(super) num_attention_heads: usize,
    pub(super) attention_downsample_rate: usize,
    pub(super) num_multimask_outputs: usize,
    pub(super) iou_head_depth: usize,
    pub(super) iou_head_hidden_dim: usize,
    pub(super) layer_norm_eps: f32,
}

// The defaults of transformers 4.57, `configuration_sam.py`.
impl Default for VisionConfig {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            output_channels: 256,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            image_size: 1024,
            patch_size: 16,
            hidden_act: HiddenAct::Gelu,
            layer_norm_eps: 1e-6,
            qkv_bias: true,
            use_abs_pos: true,
            use_rel_pos: true,
            window_size: 14,
            global_attn_indexes: vec![2, 5, 8, 11],
            mlp_ratio: 4.0,
            mlp_dim: None,
        }
    }
}

impl Default for PromptConfig {
    fn default() -> Self {
        Self { hidden_size: 256, image_size: 1024, patch_size: 16 }
    }
}

impl Default for DecoderConfig {
    fn default() -> Self {
        Self {
            hidden_size: 256,
            hidden_act: HiddenAct::Relu,
            mlp_dim: 2048,
            num_hidden_layers: 2,
            num_attention_heads: 8,
            attention_downsample_rate: 2,
            num_multimask_outputs: 3,
            iou_head_depth: 3,
            iou_head_hidden_dim: 256,
            layer_norm_eps: 1e-6,
        }
    }
}

impl VisionConfig {
    pub(super) fn mlp_dim(&self) -> usize {
        self.mlp_dim.unwrap_or((self.hidden_size as f32 * self.mlp_ratio) as usize)
    }

    /// Cells to each side.
    pub(super) fn side(&self) -> usize {
        self.image_size / self.patch_size
    }

    fn check(&self) -> Result<()> {
        let Self { hidden_size, image_size, patch_size, window_size, .. } = self;
        let heads = self.num_attention_heads;
        sized(&[*hidden_size, self.output_channels, heads, *image_size, *patch_size])?;
        sized(&[self.mlp_dim()])?;
        let fits = *window_size <= self.side() && self.side() <= MOST_SIDE;
        if !fits || !image_size.is_multiple_of(*patch_size) {
            return impossible(format!(
                "a picture of {image_size} in patches of {patch_size} and windows of {window_size}"
            ));
        }
        if !hidden_size.is_multiple_of(heads) {
            return impossible(format!("a hidden size of {hidden_size} with {heads} heads"));
        }
        match self.qkv_bias && self.use_abs_pos && self.use_rel_pos {
            true => Ok(()),
            false => Err(Error::Unsupported(
                "a SAM without relative positions, absolute ones or biases".into(),
            )),
        }
    }
}

impl DecoderConfig {
    fn check(&self) -> Result<()> {
        let (size, heads) = (self.hidden_size, self.num_attention_heads);
        let less = self.attention_downsample_rate;
        sized(&[size, self.mlp_dim, heads, less, self.num_multimask_outputs])?;
        sized(&[self.iou_head_hidden_dim])?;
        let inner = size / less;
        if !inner.is_multiple_of(heads) || !size.is_multiple_of(8) || inner == 0 {
            return impossible(format!("a decoder of {size} with {heads} heads"));
        }
        match self.iou_head_depth {
            depth @ ..2 => impossible(format!("a head of {depth} layers")),
            _ => Ok(()),
        }
    }
}

impl Config {
    /// From the text of `config.json`. Fails if there is no such network.
    pub fn from_json(json: &str) -> Result<Self> {
        let file: File = config(json)?;
        let decoder = file.mask_decoder_config;
        let vision_config = match file.model_type.as_str() {
            MOBILE_SAM => {
                let tiny: TinyVitConfig = read(file.vision_config)?;
                tiny.check()?;
                Encoder::TinyVit(tiny)
            }
            _ => {
                let (vit, prompt) =
                    (read::<VisionConfig>(file.vision_config)?, file.prompt_encoder_config);
                vit.check()?;
                let sizes = (vit.image_size, vit.patch_size, vit.output_channels);
                if sizes != (prompt.image_size, prompt.patch_size, prompt.hidden_size)
                    || prompt.hidden_size != decoder.hidden_size
                {
                    return impossible("that its parts have other sizes".into());
                }
                Encoder::Vit(vit)
            }
        };
        decoder.check()?;
        Ok(Self { vision_config, mask_decoder_config: decoder })
    }

    /// The same for a checkpoint with such names: all norms of segment-anything's transformer have PyTorch's own eps,
    /// where transformers gives most of them another.
    pub(super) fn for_names(mut self, names: &Names) -> Self {
        if *names == Names::SegmentAnything {
            self.mask_decoder_config.layer_norm_eps = LAST_EPS;
        }
        self
    }

    /// Pixels to each side of what the network sees.
    pub fn image_size(&self) -> usize {
        match &self.vision_config {
            Encoder::Vit(vit) => vit.image_size,
            Encoder::TinyVit(tiny) => tiny.image_size,
        }
    }

    /// Cells to each side of what it makes of that.
    pub fn side(&self) -> usize {
        match &self.vision_config {
            Encoder::Vit(vit) => vit.side(),
            Encoder::TinyVit(tiny) => tiny.sides()[tiny_vit::STAGES - 1],
        }
    }

    /// Whether the mask for whoever wants only one is as good as the others. transformers asks a SamModel for several
    /// if it is not told otherwise, so one that was trained with it may never have learned the single one.
    pub fn answers_one(&self) -> bool {
        matches!(self.vision_config, Encoder::TinyVit(_))
    }

    /// Channels of what the encoder makes, and of what the decoder takes.
    pub(super) fn neck(&self) -> (usize, usize) {
        match &self.vision_config {
            Encoder::Vit(vit) => (vit.hidden_size, self.hidden()),
            Encoder::TinyVit(tiny) => (tiny.embed_dims[tiny_vit::STAGES - 1], self.hidden()),
        }
    }

    pub(super) fn hidden(&self) -> usize {
        self.mask_decoder_config.hidden_size
    }
}

fn read<T: for<'a> Deserialize<'a>>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|e| Error::Damaged(format!("vision_config: {e}")))
}

pub(super) fn impossible<T>(what: String) -> Result<T> {
    Err(Error::Damaged(format!("{what} is not possible")))
}

/// Fails if a dimension is none.
pub(super) fn sized(sizes: &[usize]) -> Result<()> {
    match sizes.iter().find(|size| !(1..=MOST).contains(*size)) {
        Some(size) => impossible(format!("a dimension of {size}")),
        None => Ok(()),
    }
}
