use kernels::Activation;
use serde::Deserialize;

use crate::{
    Error, Result, bert,
    encoder::{self, HiddenAct},
};

/// Sizes beyond this are a lie.
const MOST: usize = 1 << 14;

/// `config.json` of a ClapModel, as far as we ask it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Of the half for sounds.
    pub audio: AudioConfig,
    /// Of the half for texts.
    pub text: TextConfig,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    audio_config: AudioConfig,
    text_config: TextConfig,
    projection_dim: Option<usize>,
    projection_hidden_act: Option<HiddenAct>,
}

impl Config {
    /// From the text of `config.json`.
    ///
    /// # Errors
    /// It is none, no network has these sizes, or it is of a kind that is not known.
    pub fn from_json(json: &str) -> Result<Self> {
        let File { mut audio_config, mut text_config, projection_dim, projection_hidden_act } =
            encoder::config(json)?;
        // `ClapConfig` gives both halves its own.
        for (dim, act) in [
            (&mut audio_config.projection_dim, &mut audio_config.projection_hidden_act),
            (&mut text_config.projection_dim, &mut text_config.projection_hidden_act),
        ] {
            *dim = projection_dim.unwrap_or(*dim);
            *act = projection_hidden_act.unwrap_or(*act);
        }
        audio_config.check()?;
        if audio_config.projection_dim != text_config.projection_dim {
            return Err(Error::Damaged("sounds and texts are in spaces of two sizes".into()));
        }
        Ok(Self { audio: audio_config, text: text_config })
    }
}

/// One size or two.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum Sides {
    One(usize),
    Two([usize; 2]),
}

/// `audio_config`; what it is silent about is as in laion/clap-htsat-unfused.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct AudioConfig {
    pub window_size: usize,
    pub num_mel_bins: usize,
    pub spec_size: usize,
    pub patch_size: usize,
    patch_stride: Sides,
    pub hidden_size: usize,
    pub projection_dim: usize,
    pub depths: Vec<usize>,
    pub num_attention_heads: Vec<usize>,
    enable_fusion: bool,
    enable_patch_layer_norm: bool,
    pub patch_embeds_hidden_size: usize,
    patch_embed_input_channels: usize,
    mlp_ratio: f64,
    qkv_bias: bool,
    pub layer_norm_eps: f32,
    hidden_act: HiddenAct,
    projection_hidden_act: HiddenAct,
}

impl Default for AudioConfig {
    fn default() -> Self {
        Self {
            window_size: 8,
            num_mel_bins: 64,
            spec_size: 256,
            patch_size: 4,
            patch_stride: Sides::Two([4, 4]),
            hidden_size: 768,
            projection_dim: 512,
            depths: vec![2, 2, 6, 2],
            num_attention_heads: vec![4, 8, 16, 32],
            enable_fusion: false,
            enable_patch_layer_norm: true,
            patch_embeds_hidden_size: 96,
            patch_embed_input_channels: 1,
            mlp_ratio: 4.,
            qkv_bias: true,
            layer_norm_eps: 1e-5,
            hidden_act: HiddenAct::Gelu,
            projection_hidden_act: HiddenAct::Relu,
        }
    }
}

/// A stage of the half that hears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stage {
    /// Cells to each side.
    pub(super) side: usize,
    pub(super) channels: usize,
    pub(super) inner: usize,
    pub(super) heads: usize,
    /// Cells to each side of a window.
    pub(super) window: usize,
    /// By how many cells windows of every second block are moved.
    pub(super) shift: usize,
}

impl AudioConfig {
    fn check(&self) -> Result<()> {
        let unknown = [
            (self.enable_fusion, "it looks at a sound in several parts (enable_fusion)"),
            (!self.enable_patch_layer_norm, "it has no norm of its patches"),
            (!self.qkv_bias, "its attention has no bias"),
            (self.patch_embed_input_channels != 1, "it hears more than one channel"),
        ];
        if let Some((_, what)) = unknown.iter().find(|(holds, _)| *holds) {
            return Err(Error::Unsupported(format!("{what}: such a CLAP is not known here")));
        }
        let Self { patch_size, spec_size, num_mel_bins, patch_embeds_hidden_size, .. } = self;
        let stride = match self.patch_stride {
            Sides::One(stride) => [stride; 2],
            Sides::Two(strides) => strides,
        };
        let sizes = [*patch_size, *spec_size, *num_mel_bins, *patch_embeds_hidden_size];
        let sound = sizes.iter().all(|size| (1..=MOST).contains(size))
            && stride == [*patch_size; 2]
            && spec_size.is_multiple_of(*patch_size)
            && spec_size.is_multiple_of(*num_mel_bins)
            && (1..=8).contains(&self.depths.len())
            && self.depths.iter().all(|depth| (1..=MOST).contains(depth))
            && self.num_attention_heads.len() == self.depths.len()
            && self.window_size >= 1
            && (0.1..=64.).contains(&self.mlp_ratio);
        let stages = || (0..self.depths.len()).map(|at| self.stage(at));
        let merges = |stage: Stage, last: bool| last || stage.side.is_multiple_of(2);
        let possible = sound
            && stages().enumerate().all(|(at, stage)| {
                stage.side >= 1
                    && stage.side.is_multiple_of(stage.window)
                    && merges(stage, at + 1 == self.depths.len())
                    && stage.heads >= 1
                    && stage.channels.is_multiple_of(stage.heads)
            })
            && stages().next_back().is_some_and(|stage| stage.channels == self.hidden_size);
        match possible {
            true => Ok(()),
            false => Err(Error::Damaged("no half that hears has these sizes".into())),
        }
    }

    /// Stage number `at`; each has half the side and twice the channels of the one before.
    pub(super) fn stage(&self, at: usize) -> Stage {
        let side = (self.spec_size / self.patch_size) >> at;
        let channels = self.patch_embeds_hidden_size << at;
        // Where one window holds all, it is not moved.
        let (window, shift) = match side <= self.window_size {
            true => (side.max(1), 0),
            false => (self.window_size, self.window_size / 2),
        };
        let heads = self.num_attention_heads[at];
        Stage {
            side,
            channels,
            inner: (channels as f64 * self.mlp_ratio) as usize,
            heads,
            window,
            shift,
        }
    }

    /// How many times all bands lie below each other in the square that is looked at.
    pub(super) fn ratio(&self) -> usize {
        self.spec_size / self.num_mel_bins
    }

    /// Most frames it hears: fewer are drawn out to so many.
    pub fn frames(&self) -> usize {
        self.spec_size * self.ratio()
    }

    pub(super) fn activation(&self) -> Activation {
        self.hidden_act.activation()
    }

    pub(super) fn projection(&self) -> Activation {
        self.projection_hidden_act.activation()
    }
}

/// `text_config`: RoBERTa; what it is silent about is as in laion/clap-htsat-unfused.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct TextConfig {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub intermediate_size: usize,
    pub max_position_embeddings: usize,
    pub type_vocab_size: usize,
    pub layer_norm_eps: f32,
    pub pad_token_id: u32,
    pub projection_dim: usize,
    hidden_act: HiddenAct,
    projection_hidden_act: HiddenAct,
}

impl Default for TextConfig {
    fn default() -> Self {
        Self {
            vocab_size: 50_265,
            hidden_size: 768,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            intermediate_size: 3072,
            max_position_embeddings: 514,
            type_vocab_size: 1,
            layer_norm_eps: 1e-12,
            pad_token_id: 1,
            projection_dim: 512,
            hidden_act: HiddenAct::Gelu,
            projection_hidden_act: HiddenAct::Relu,
        }
    }
}

impl TextConfig {
    /// Positions are counted from here: those before it are of what fills texts up.
    // `create_position_ids_from_input_ids` of transformers 4.57.
    pub(super) fn first_position(&self) -> u32 {
        self.pad_token_id.saturating_add(1)
    }

    /// Most tokens of a text, those around it included.
    pub fn window(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position() as usize)
    }

    pub(super) fn bert(&self) -> bert::Config {
        bert::Config {
            vocab_size: self.vocab_size,
            hidden_size: self.hidden_size,
            num_hidden_layers: self.num_hidden_layers,
            num_attention_heads: self.num_attention_heads,
            intermediate_size: self.intermediate_size,
            max_position_embeddings: self.max_position_embeddings,
            type_vocab_size: self.type_vocab_size,
            layer_norm_eps: self.layer_norm_eps,
            hidden_act: self.hidden_act,
        }
    }

    pub(super) fn projection(&self) -> Activation {
        self.projection_hidden_act.activation()
    }
}
