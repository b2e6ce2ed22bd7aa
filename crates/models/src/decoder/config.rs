mod gguf;
mod json;

use crate::{Error, Result};

/// Dimensions beyond this are a lie, and their products fit 32 bits and 64.
const MOST: usize = 1 << 24;
/// The same for layers.
const MOST_LAYERS: usize = 1 << 10;
/// Wherever a checkpoint does not say otherwise.
const DEFAULT_ROPE_THETA: f32 = 10_000.;

/// The families of decoders, which differ in details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Llama, SmolLM2 and what copies them.
    Llama,
    /// Qwen 2 and 2.5: biases on queries, keys and values.
    Qwen2,
    /// Qwen 3: norms on queries and keys.
    Qwen3,
    /// Gemma 3: norms around everything, windows in most layers.
    Gemma3,
    /// Phi 3: fused projections.
    Phi3,
}

impl Family {
    /// Its names in `config.json` and in GGUF.
    const NAMES: &[(Self, &str, &str)] = &[
        (Self::Llama, "llama", "llama"),
        (Self::Qwen2, "qwen2", "qwen2"),
        (Self::Qwen3, "qwen3", "qwen3"),
        (Self::Gemma3, "gemma3_text", "gemma3"),
        (Self::Phi3, "phi3", "phi3"),
    ];

    fn by_name(
        name: &str,
        name_of: impl Fn(&(Self, &'static str, &'static str)) -> &'static str,
    ) -> Result<Self> {
        let found = Self::NAMES.iter().find(|row| name_of(row) == name);
        found.map(|row| row.0).ok_or_else(|| {
            let supported: Vec<_> = Self::NAMES.iter().map(name_of).collect();
            let supported = supported.join(", ");
            Error::Unsupported(format!(
                "unsupported architecture \"{name}\" (supported: {supported})"
            ))
        })
    }
}

impl std::fmt::Display for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let row = Self::NAMES.iter().find(|row| row.0 == *self);
        f.write_str(row.map_or("", |row| row.2))
    }
}

/// How positions beyond the original context are reached.
#[derive(Clone, Debug, PartialEq)]
pub enum RopeScaling {
    /// Not at all, or by factors the checkpoint holds as a tensor.
    None,
    /// Everything turns slower.
    Linear {
        /// By how much.
        factor: f32,
    },
    /// Slow frequencies turn slower, as in Llama 3.
    Llama3 {
        /// By how much.
        factor: f32,
        /// Below as many turns in the original context all of `factor` counts.
        low_freq_factor: f32,
        /// Above as many turns nothing of it does.
        high_freq_factor: f32,
        /// Positions of the original context.
        original_positions: f32,
    },
    /// LongRoPE, within its original context: beyond it, other factors would hold for all positions.
    Long {
        /// Divide the frequencies; empty if the checkpoint holds them as a tensor.
        short_factor: Vec<f32>,
        /// Multiplies sines and cosines.
        attention_factor: f32,
    },
}

/// The shape of a decoder, in the words of `config.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Which family's network it is.
    pub model_type: Family,
    /// Tokens known.
    pub vocab_size: usize,
    /// Numbers per position between layers.
    pub hidden_size: usize,
    /// Numbers per position within a layer's network.
    pub intermediate_size: usize,
    /// Layers.
    pub num_hidden_layers: usize,
    /// Heads of the queries.
    pub num_attention_heads: usize,
    /// Heads of keys and values, shared by queries in groups.
    pub num_key_value_heads: usize,
    /// Numbers per head.
    pub head_dim: usize,
    /// How many of them turn with the position.
    pub rotary_dim: usize,
    /// Scores are divided by its square root.
    pub query_pre_attn_scalar: f32,
    /// Added to a mean square before the root is taken.
    pub rms_norm_eps: f32,
    /// How slowly the slowest numbers turn.
    pub rope_theta: f32,
    /// The same for layers with a window, if they differ.
    pub rope_local_base_freq: Option<f32>,
    /// How positions beyond the original context are reached.
    pub rope_scaling: RopeScaling,
    /// Positions each layer looks back on, itself included; `None` is all.
    pub windows: Vec<Option<usize>>,
    /// Positions the network can take.
    pub max_position_embeddings: usize,
    /// Whether the embedding is the head too; `None` is: if there is no other.
    pub tie_word_embeddings: Option<bool>,
}

impl Config {
    /// Invariant: both readers end here, so no number in use can wrap, divide by zero, or be absurd.
    fn checked(self) -> Result<Self> {
        let dimensions = [
            ("vocab_size", self.vocab_size, MOST),
            ("hidden_size", self.hidden_size, MOST),
            ("intermediate_size", self.intermediate_size, MOST),
            ("num_hidden_layers", self.num_hidden_layers, MOST_LAYERS),
            ("num_attention_heads", self.num_attention_heads, MOST_LAYERS),
            ("num_key_value_heads", self.num_key_value_heads, MOST_LAYERS),
            ("head_dim", self.head_dim, MOST_LAYERS),
            ("rotary_dim", self.rotary_dim, self.head_dim),
            ("max_position_embeddings", self.max_position_embeddings, MOST),
        ];
        for (name, value, most) in dimensions {
            if !(1..=most).contains(&value) {
                return Err(Error::Damaged(format!("`{name}` is {value}, which no model has")));
            }
        }
        let scales = [
            ("query_pre_attn_scalar", self.query_pre_attn_scalar),
            ("rms_norm_eps", self.rms_norm_eps),
            ("rope_theta", self.rope_theta),
            ("rope_local_base_freq", self.rope_local_base_freq.unwrap_or(DEFAULT_ROPE_THETA)),
        ];
        for (name, value) in scales {
            if !(value.is_finite() && value > 0.) {
                return Err(Error::Damaged(format!("`{name}` is {value}, which no model has")));
            }
        }
        if !self.num_attention_heads.is_multiple_of(self.num_key_value_heads) {
            return Err(Error::Damaged(format!(
                "{} heads cannot share {} keys",
                self.num_attention_heads, self.num_key_value_heads
            )));
        }
        if !self.rotary_dim.is_multiple_of(2) {
            return Err(Error::Damaged(format!("`rotary_dim` is {}, not even", self.rotary_dim)));
        }
        if self.windows.len() != self.num_hidden_layers || self.windows.contains(&Some(0)) {
            return Err(Error::Damaged("the layers' windows are not what any model has".into()));
        }
        Ok(self)
    }
}

/// A window for every layer except each `pattern`-th.
fn windows(layers: usize, window: Option<usize>, pattern: usize) -> Vec<Option<usize>> {
    (1..=layers.min(MOST_LAYERS + 1))
        .map(|n| window.filter(|_| !n.is_multiple_of(pattern)))
        .collect()
}
