use std::f32::consts::TAU;

use kernels::Angles;

use super::{Config, RopeScaling};
use crate::{Error, Result, Weights};

/// How fast queries and keys turn with their position.
///
/// Sines and cosines are computed for the positions at hand only, once for all layers.
pub(super) struct Turning {
    frequencies: Vec<f32>,
    scale: f32,
    /// For layers with a window, where they differ.
    local_frequencies: Option<Vec<f32>>,
}

impl Turning {
    /// From the configuration, and from the factors some GGUF files hold as tensors.
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let mut frequencies = plain(config.rope_theta, config.rotary_dim);
        let mut scale = 1.;
        match &config.rope_scaling {
            RopeScaling::None => {}
            RopeScaling::Linear { factor } => frequencies.iter_mut().for_each(|f| *f /= factor),
            RopeScaling::Llama3 { .. } => {
                frequencies.iter_mut().for_each(|f| *f = llama3(*f, &config.rope_scaling));
            }
            RopeScaling::Long { short_factor, attention_factor } => {
                if ![0, frequencies.len()].contains(&short_factor.len()) {
                    return Err(Error::Damaged(format!(
                        "`short_factor` has {} numbers for {} frequencies",
                        short_factor.len(),
                        frequencies.len()
                    )));
                }
                frequencies.iter_mut().zip(short_factor).for_each(|(f, by)| *f /= by);
                scale = *attention_factor;
            }
        }
        for name in ["rope_freqs", "rope_factors_short"] {
            let factors = weights.at(name);
            if factors.has("weight") {
                let factors =
                    factors.vector("weight", frequencies.len()).await?.to_vec1::<f32>()?;
                frequencies.iter_mut().zip(factors).for_each(|(f, by)| *f /= by);
            }
        }
        // Needed only beyond `max_position_embeddings`, which is the original context for such files.
        weights.at("rope_factors_long").skip("weight");
        let local = config.rope_local_base_freq;
        let local_frequencies = local.map(|theta| plain(theta, config.rotary_dim));
        Ok(Self { frequencies, scale, local_frequencies })
    }

    pub(super) fn angles(&self, first: usize, count: usize) -> Angles {
        Angles::new(&self.frequencies, first, count, self.scale)
    }

    pub(super) fn local_angles(&self, first: usize, count: usize) -> Option<Angles> {
        self.local_frequencies.as_ref().map(|local| Angles::new(local, first, count, 1.))
    }
}

fn plain(theta: f32, rotary_dim: usize) -> Vec<f32> {
    let frequency = |i: usize| 1. / f64::from(theta).powf(i as f64 / rotary_dim as f64);
    (0..rotary_dim).step_by(2).map(|i| frequency(i) as f32).collect()
}

/// Slows what turns less than `low_freq_factor` times in the original context, leaves what turns more
/// than `high_freq_factor` times, and goes smoothly between.
fn llama3(frequency: f32, scaling: &RopeScaling) -> f32 {
    let RopeScaling::Llama3 { factor, low_freq_factor, high_freq_factor, original_positions } =
        *scaling
    else {
        return frequency;
    };
    let turns = original_positions * frequency / TAU;
    let smooth = ((turns - low_freq_factor) / (high_freq_factor - low_freq_factor)).clamp(0., 1.);
    (1. - smooth) * frequency / factor + smooth * frequency
}
