use serde::Deserialize;

use super::{Config, DEFAULT_ROPE_THETA, Family, MOST_LAYERS, RopeScaling, windows};
use crate::{Error, Result};

/// What `transformers` takes where a Gemma's `config.json` is silent.
const GEMMA_HEAD_DIM: usize = 256;
const GEMMA_PRE_ATTN_SCALAR: f32 = 256.;
const GEMMA_PATTERN: usize = 6;
const GEMMA_ROPE_THETA: f32 = 1_000_000.;

/// `config.json` as far as we ask it.
#[derive(Deserialize)]
struct Json {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    partial_rotary_factor: Option<f32>,
    query_pre_attn_scalar: Option<f32>,
    rms_norm_eps: f32,
    rope_theta: Option<f32>,
    rope_local_base_freq: Option<f32>,
    rope_scaling: Option<Scaling>,
    rope_parameters: Option<serde::de::IgnoredAny>,
    original_max_position_embeddings: Option<usize>,
    max_position_embeddings: usize,
    sliding_window: Option<usize>,
    sliding_window_pattern: Option<usize>,
    _sliding_window_pattern: Option<usize>,
    layer_types: Option<Vec<String>>,
    use_sliding_window: Option<bool>,
    max_window_layers: Option<usize>,
    hidden_act: Option<String>,
    hidden_activation: Option<String>,
    final_logit_softcapping: Option<f32>,
    attn_logit_softcapping: Option<f32>,
    tie_word_embeddings: Option<bool>,
}

#[derive(Deserialize)]
struct Kind {
    model_type: String,
}

#[derive(Deserialize)]
struct Scaling {
    rope_type: Option<String>,
    /// Its older name; some files have both.
    r#type: Option<String>,
    factor: Option<f32>,
    low_freq_factor: Option<f32>,
    high_freq_factor: Option<f32>,
    original_max_position_embeddings: Option<f32>,
    short_factor: Option<Vec<f32>>,
    attention_factor: Option<f32>,
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(text: &str) -> Result<Self> {
        let damaged = |e: serde_json::Error| Error::Damaged(format!("config.json: {e}"));
        let Kind { model_type } = serde_json::from_str(text).map_err(damaged)?;
        let model_type = Family::by_name(&model_type, |row| row.1)?;
        let json: Json = serde_json::from_str(text).map_err(damaged)?;
        json.check_supported(model_type)?;
        let head_dim = json.head_dim(model_type);
        let rotary = json.partial_rotary_factor.unwrap_or(1.);
        let gemma = model_type == Family::Gemma3;
        let theta = if gemma { GEMMA_ROPE_THETA } else { DEFAULT_ROPE_THETA };
        let local = json.rope_local_base_freq.unwrap_or(DEFAULT_ROPE_THETA);
        let scalar = json.query_pre_attn_scalar.filter(|_| gemma);
        let default_scalar = if gemma { GEMMA_PRE_ATTN_SCALAR } else { head_dim as f32 };
        let rope_scaling = json.rope_scaling()?;
        Self {
            model_type,
            vocab_size: json.vocab_size,
            hidden_size: json.hidden_size,
            intermediate_size: json.intermediate_size,
            num_hidden_layers: json.num_hidden_layers,
            num_attention_heads: json.num_attention_heads,
            num_key_value_heads: json.num_key_value_heads.unwrap_or(json.num_attention_heads),
            head_dim,
            rotary_dim: (head_dim as f32 * rotary) as usize,
            query_pre_attn_scalar: scalar.unwrap_or(default_scalar),
            rms_norm_eps: json.rms_norm_eps,
            rope_theta: json.rope_theta.unwrap_or(theta),
            rope_local_base_freq: gemma.then_some(local),
            windows: json.windows(model_type)?,
            max_position_embeddings: match (&rope_scaling, json.original_max_position_embeddings) {
                (RopeScaling::Long { .. }, Some(original)) => original,
                _ => json.max_position_embeddings,
            },
            rope_scaling,
            tie_word_embeddings: Some(json.tie_word_embeddings.unwrap_or(gemma)),
        }
        .checked()
    }
}

impl Json {
    fn check_supported(&self, model_type: Family) -> Result<()> {
        let unsupported = |what: String| Err(Error::Unsupported(format!("config.json: {what}")));
        if self.rope_theta.is_none() && self.rope_parameters.is_some() {
            return unsupported("`rope_parameters` without `rope_theta` is not supported".into());
        }
        let (act, want) = match model_type {
            Family::Gemma3 => (&self.hidden_activation, "gelu_pytorch_tanh"),
            _ => (&self.hidden_act, "silu"),
        };
        if let Some(act) = act.as_ref().filter(|act| *act != want) {
            return unsupported(format!("unsupported activation `{act}` (supported: {want})"));
        }
        if self.final_logit_softcapping.is_some() || self.attn_logit_softcapping.is_some() {
            return unsupported("soft caps on logits are not supported".into());
        }
        Ok(())
    }

    fn head_dim(&self, model_type: Family) -> usize {
        let even = self.hidden_size.checked_div(self.num_attention_heads).unwrap_or_default();
        let default = if model_type == Family::Gemma3 { GEMMA_HEAD_DIM } else { even };
        self.head_dim.unwrap_or(default)
    }

    fn windows(&self, model_type: Family) -> Result<Vec<Option<usize>>> {
        let layers = self.num_hidden_layers.min(MOST_LAYERS + 1);
        if let Some(types) = &self.layer_types {
            let window = |kind: &String| match kind.as_str() {
                "full_attention" => Ok(None),
                "sliding_attention" => self.sliding_window.map(Some).ok_or_else(|| {
                    Error::Damaged(
                        "config.json: `sliding_attention` without a `sliding_window`".into(),
                    )
                }),
                other => Err(Error::Unsupported(format!("unsupported layer type `{other}`"))),
            };
            return types.iter().map(window).collect();
        }
        Ok(match model_type {
            Family::Gemma3 => {
                let pattern = self
                    .sliding_window_pattern
                    .or(self._sliding_window_pattern)
                    .unwrap_or(GEMMA_PATTERN);
                windows(layers, self.sliding_window, pattern)
            }
            Family::Qwen2 | Family::Qwen3 if self.use_sliding_window == Some(true) => {
                let first = self.max_window_layers.unwrap_or(0);
                (0..layers).map(|n| self.sliding_window.filter(|_| n >= first)).collect()
            }
            Family::Qwen2 | Family::Qwen3 | Family::Llama => vec![None; layers],
            Family::Phi3 => vec![self.sliding_window; layers],
        })
    }

    fn rope_scaling(&self) -> Result<RopeScaling> {
        let Some(scaling) = &self.rope_scaling else { return Ok(RopeScaling::None) };
        let wanted = |value: Option<f32>, name: &str| {
            value.filter(|value| value.is_finite() && *value > 0.).ok_or_else(|| {
                Error::Damaged(format!("config.json: `rope_scaling` needs a `{name}` above zero"))
            })
        };
        match scaling.rope_type.as_ref().or(scaling.r#type.as_ref()).map(String::as_str) {
            None | Some("default") => Ok(RopeScaling::None),
            Some("linear") => Ok(RopeScaling::Linear { factor: wanted(scaling.factor, "factor")? }),
            Some("llama3") => Ok(RopeScaling::Llama3 {
                factor: wanted(scaling.factor, "factor")?,
                low_freq_factor: wanted(scaling.low_freq_factor, "low_freq_factor")?,
                high_freq_factor: wanted(scaling.high_freq_factor, "high_freq_factor")?,
                original_positions: wanted(
                    scaling.original_max_position_embeddings,
                    "original_max_position_embeddings",
                )?,
            }),
            Some("longrope" | "su") => self.long(scaling),
            Some(other) => Err(Error::Unsupported(format!("unsupported rope scaling `{other}`"))),
        }
    }

    fn long(&self, scaling: &Scaling) -> Result<RopeScaling> {
        let (Some(short_factor), Some(original)) =
            (scaling.short_factor.clone(), self.original_max_position_embeddings)
        else {
            return Err(Error::Damaged(
                "config.json: `longrope` needs `short_factor` and `original_max_position_embeddings`".into(),
            ));
        };
        // transformers 4.57, `_compute_longrope_parameters`.
        let factor = self.max_position_embeddings as f32 / original as f32;
        let default =
            if factor > 1. { (1. + factor.ln() / (original as f32).ln()).sqrt() } else { 1. };
        let attention_factor = scaling.attention_factor.unwrap_or(default);
        Ok(RopeScaling::Long { short_factor, attention_factor })
    }
}
