use serde::Deserialize;

use crate::{
    Error, Result,
    encoder::{self, HiddenAct},
};

/// Sizes beyond this are a lie, and their products fit 32 bits.
const MOST: usize = 1 << 12;
/// Most layers of a kind.
const MOST_LAYERS: usize = 64;
/// Samples beyond this for one frame are a lie.
const MOST_HOP: usize = 1 << 12;

/// `config.json` of a VitsModel, as far as we ask it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names of config.json")]
pub struct Config {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub window_size: usize,
    pub use_bias: bool,
    pub ffn_dim: usize,
    pub ffn_kernel_size: usize,
    pub flow_size: usize,
    pub(crate) hidden_act: HiddenAct,
    pub layer_norm_eps: f32,
    pub use_stochastic_duration_prediction: bool,
    pub num_speakers: usize,
    pub upsample_initial_channel: usize,
    pub upsample_rates: Vec<usize>,
    pub upsample_kernel_sizes: Vec<usize>,
    pub resblock_kernel_sizes: Vec<usize>,
    pub resblock_dilation_sizes: Vec<Vec<usize>>,
    pub leaky_relu_slope: f32,
    pub depth_separable_channels: usize,
    pub depth_separable_num_layers: usize,
    pub duration_predictor_flow_bins: usize,
    pub duration_predictor_tail_bound: f32,
    pub duration_predictor_kernel_size: usize,
    pub duration_predictor_num_flows: usize,
    pub prior_encoder_num_flows: usize,
    pub prior_encoder_num_wavenet_layers: usize,
    pub wavenet_kernel_size: usize,
    pub wavenet_dilation_rate: usize,
    /// How fast it speaks by custom.
    pub speaking_rate: f32,
    /// How much its voice differs from one time to the next by custom.
    pub noise_scale: f32,
    /// How much its pace does.
    pub noise_scale_duration: f32,
    /// Samples a second.
    pub sampling_rate: u32,
}

/// What transformers takes where `config.json` is silent.
impl Default for Config {
    fn default() -> Self {
        Self {
            vocab_size: 38,
            hidden_size: 192,
            num_hidden_layers: 6,
            num_attention_heads: 2,
            window_size: 4,
            use_bias: true,
            ffn_dim: 768,
            ffn_kernel_size: 3,
            flow_size: 192,
            hidden_act: HiddenAct::Relu,
            layer_norm_eps: 1e-5,
            use_stochastic_duration_prediction: true,
            num_speakers: 1,
            upsample_initial_channel: 512,
            upsample_rates: vec![8, 8, 2, 2],
            upsample_kernel_sizes: vec![16, 16, 4, 4],
            resblock_kernel_sizes: vec![3, 7, 11],
            resblock_dilation_sizes: vec![vec![1, 3, 5]; 3],
            leaky_relu_slope: 0.1,
            depth_separable_channels: 2,
            depth_separable_num_layers: 3,
            duration_predictor_flow_bins: 10,
            duration_predictor_tail_bound: 5.,
            duration_predictor_kernel_size: 3,
            duration_predictor_num_flows: 4,
            prior_encoder_num_flows: 4,
            prior_encoder_num_wavenet_layers: 4,
            wavenet_kernel_size: 5,
            wavenet_dilation_rate: 1,
            speaking_rate: 1.,
            noise_scale: 0.667,
            noise_scale_duration: 0.8,
            sampling_rate: 16_000,
        }
    }
}

impl Config {
    /// From the text of `config.json`.
    ///
    /// # Errors
    /// It is none, no network has these sizes, or it is of a kind that is not known.
    pub fn from_json(json: &str) -> Result<Self> {
        let config: Self = encoder::config(json)?;
        config.check_kind()?;
        match config.is_possible() {
            true => Ok(config),
            false => Err(Error::Damaged("no voice has these sizes".into())),
        }
    }

    /// Samples for each frame.
    pub fn hop(&self) -> usize {
        self.upsample_rates.iter().product()
    }

    fn check_kind(&self) -> Result<()> {
        let refused = |why: &str| Err(Error::Unsupported(why.into()));
        if self.num_speakers > 1 {
            return refused("a model of several speakers is not known here: choose one of one");
        }
        if !self.use_stochastic_duration_prediction {
            return refused("durations that are not drawn are not known here");
        }
        if self.depth_separable_channels != 2 {
            return refused("durations of other than two channels are not known here");
        }
        Ok(())
    }

    fn is_possible(&self) -> bool {
        let sizes = [
            self.vocab_size,
            self.hidden_size,
            self.num_attention_heads,
            self.ffn_dim,
            self.flow_size,
            self.upsample_initial_channel,
        ];
        let layers = [
            self.num_hidden_layers,
            self.depth_separable_num_layers,
            self.duration_predictor_num_flows,
            self.prior_encoder_num_flows,
            self.prior_encoder_num_wavenet_layers,
            self.upsample_rates.len(),
            self.resblock_kernel_sizes.len(),
        ];
        // Steps between the numbers of the last layer's kernel.
        let steps = |base: usize, layers: usize| {
            u32::try_from(layers).ok().and_then(|layers| base.checked_pow(layers))
        };
        let widest = [
            steps(self.wavenet_dilation_rate, self.prior_encoder_num_wavenet_layers),
            steps(self.duration_predictor_kernel_size, self.depth_separable_num_layers),
        ];
        let numbers = [self.duration_predictor_tail_bound, self.speaking_rate, self.layer_norm_eps];
        let noises = [self.noise_scale, self.noise_scale_duration, self.leaky_relu_slope];
        sizes.iter().all(|size| (1..=MOST).contains(size))
            && layers.iter().all(|count| (1..=MOST_LAYERS).contains(count))
            && widest.iter().all(|steps| steps.is_some_and(|steps| (1..=MOST).contains(&steps)))
            && numbers.iter().all(|x| x.is_finite() && *x > 0.)
            && noises.iter().all(|x| (0. ..=10.).contains(x))
            && self.window_size <= MOST
            && (1..=100).contains(&self.duration_predictor_flow_bins)
            && (1000..=192_000).contains(&self.sampling_rate)
            && self.hidden_size.is_multiple_of(self.num_attention_heads)
            && self.flow_size.is_multiple_of(2)
            && self.is_decoder_possible()
    }

    /// Whether every kernel has a middle, and every frame becomes as many samples as rates say.
    fn is_decoder_possible(&self) -> bool {
        let middle = |kernel: usize| kernel % 2 == 1 && kernel < 100;
        let kernels =
            [self.ffn_kernel_size, self.duration_predictor_kernel_size, self.wavenet_kernel_size];
        let (rates, upsampled) = (&self.upsample_rates, &self.upsample_kernel_sizes);
        let enlarges = |(rate, kernel): (&usize, &usize)| {
            (1..=256).contains(rate) && (*rate..=MOST).contains(kernel) && (kernel - rate) % 2 == 0
        };
        let hop = rates.iter().try_fold(1usize, |hop, rate| hop.checked_mul(*rate));
        let (kinds, dilations) = (&self.resblock_kernel_sizes, &self.resblock_dilation_sizes);
        kernels.into_iter().chain(kinds.iter().copied()).all(middle)
            && rates.len() == upsampled.len()
            && rates.iter().zip(upsampled).all(enlarges)
            && hop.is_some_and(|hop| hop <= MOST_HOP)
            && self.upsample_initial_channel >> rates.len() > 0
            && kinds.len() == dilations.len()
            && dilations.iter().flatten().all(|steps| (1..=100).contains(steps))
            && dilations.iter().all(|steps| (1..=16).contains(&steps.len()))
    }
}
