use serde::Deserialize;

use crate::{
    Error, Result,
    encoder::{HiddenAct, config},
};

/// Beyond this a dimension is a lie.
const MOST: usize = 1 << 14;
/// Cells to each side beyond this are more than fit memory.
const MOST_SIDE: usize = 256;

/// `config.json` of a SamModel, as far as we ask it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Config {
    pub(super) vision_config: VisionConfig,
    prompt_encoder_config: PromptConfig,
    pub(super) mask_decoder_config: DecoderConfig,
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
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let config: Self = config(json)?;
        config.check()?;
        Ok(config)
    }

    /// Pixels to each side of what the network sees.
    pub fn image_size(&self) -> usize {
        self.vision_config.image_size
    }

    /// Cells to each side of what it makes of that.
    pub fn side(&self) -> usize {
        self.vision_config.image_size / self.vision_config.patch_size
    }

    pub(super) fn hidden(&self) -> usize {
        self.mask_decoder_config.hidden_size
    }

    fn check(&self) -> Result<()> {
        let Self { vision_config: v, prompt_encoder_config: p, mask_decoder_config: d } = self;
        let impossible = |what: String| Err(Error::Damaged(format!("{what} is not possible")));
        let sizes = [
            v.hidden_size,
            v.output_channels,
            v.num_attention_heads,
            v.image_size,
            v.patch_size,
            v.mlp_dim(),
            d.mlp_dim,
            d.num_attention_heads,
            d.attention_downsample_rate,
            d.num_multimask_outputs,
            d.iou_head_hidden_dim,
        ];
        if let Some(size) = sizes.iter().find(|size| !(1..=MOST).contains(*size)) {
            return impossible(format!("a dimension of {size}"));
        }
        let side = v.image_size / v.patch_size;
        let fits = v.window_size <= side && side <= MOST_SIDE;
        if !fits || !v.image_size.is_multiple_of(v.patch_size) {
            let VisionConfig { image_size, patch_size, window_size, .. } = v;
            return impossible(format!(
                "a picture of {image_size} in patches of {patch_size} and windows of {window_size}"
            ));
        }
        if !v.hidden_size.is_multiple_of(v.num_attention_heads) {
            let (size, heads) = (v.hidden_size, v.num_attention_heads);
            return impossible(format!("a hidden size of {size} with {heads} heads"));
        }
        let inner = d.hidden_size / d.attention_downsample_rate;
        if !inner.is_multiple_of(d.num_attention_heads)
            || !d.hidden_size.is_multiple_of(8)
            || inner == 0
        {
            let (size, heads) = (d.hidden_size, d.num_attention_heads);
            return impossible(format!("a decoder of {size} with {heads} heads"));
        }
        let one = [v.output_channels, p.hidden_size].iter().all(|size| *size == d.hidden_size);
        if !one || (p.image_size, p.patch_size) != (v.image_size, v.patch_size) {
            return impossible("that its parts have other sizes".into());
        }
        if d.iou_head_depth < 2 {
            return impossible(format!("a head of {} layers", d.iou_head_depth));
        }
        match v.qkv_bias && v.use_abs_pos && v.use_rel_pos {
            true => Ok(()),
            false => Err(Error::Unsupported(
                "a SAM without relative positions, absolute ones or biases".into(),
            )),
        }
    }
}
