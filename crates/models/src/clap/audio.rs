use candle_core::{Device, Tensor};
use kernels::{Activation, Bias, Window};

use super::config::{AudioConfig, Stage};
use crate::{
    Breath, Result, Weights,
    attention::{Attention, Biased, Form, Projections},
    layers::{Convolution, LayerNorm, Linear, Normed, in_parts},
    windows::Windows,
};

/// Of norms that take PyTorch's default.
const EPS: f32 = 1e-5;
const PROJECTIONS: Projections = ["self.query", "self.key", "self.value", "output.dense"];
/// What is added to a score of two cells that are no neighbours but for the turning.
// `get_attn_mask` of `ClapAudioLayer`.
const APART: f32 = -100.;

/// Hears: a Swin transformer over a sound's bands.
pub struct Audio {
    config: AudioConfig,
    /// What each band is multiplied with, and what is added to it.
    batch_norm: (Vec<f32>, Vec<f32>),
    projection: Convolution,
    patch_norm: LayerNorm,
    stages: Vec<(Vec<Block>, Option<Merging>)>,
    norm: LayerNorm,
}

impl Audio {
    pub(super) async fn load(weights: &Weights, config: &AudioConfig) -> Result<Self> {
        let (bands, patch) = (config.num_mel_bins, config.patch_size);
        let normed = Normed { path: "batch_norm", norm: "batch_norm", eps: EPS };
        let embed = weights.at("patch_embed");
        let channels = config.patch_embeds_hidden_size;
        let window = Window { stride: [patch; 2], ..Window::square(patch) };
        let mut stages = Vec::new();
        for (at, depth) in config.depths.iter().enumerate() {
            let (at_stage, stage) = (weights.at("layers").at(at), config.stage(at));
            let mut blocks = Vec::new();
            for index in 0..*depth {
                // Windows of every second block are moved.
                let shift = if index % 2 == 0 { 0 } else { stage.shift };
                let of_block = at_stage.at("blocks").at(index);
                blocks.push(Block::load(&of_block, config, Stage { shift, ..stage }).await?);
            }
            let merging = match at + 1 < config.depths.len() {
                true => Some(Merging::load(&at_stage.at("downsample"), stage).await?),
                false => None,
            };
            stages.push((blocks, merging));
        }
        Ok(Self {
            batch_norm: normed.folded(weights, bands).await?,
            projection: Convolution::load_with_bias(
                &embed.at("proj"),
                (1, channels),
                &[patch; 2],
                window,
            )
            .await?,
            patch_norm: LayerNorm::load(&embed.at("norm"), channels, EPS).await?,
            stages,
            norm: LayerNorm::load(&weights.at("norm"), config.hidden_size, EPS).await?,
            config: config.clone(),
        })
    }

    /// What each stage makes of the decibels of bands `(frames, num_mel_bins)`: `(cells, channels)`, and last what the
    /// norm makes of that.
    pub async fn levels(&self, bands: &Tensor, breath: &Breath) -> Result<Vec<Tensor>> {
        let side = self.config.spec_size;
        let square = Tensor::from_vec(self.square(bands)?, (1, side, side), &Device::Cpu)?;
        let xs = self.projection.in_parts(&square, breath).await?;
        let mut xs = self.patch_norm.forward(&xs.flatten_from(1)?.t()?.contiguous()?)?;
        let mut levels = Vec::new();
        for (blocks, merging) in &self.stages {
            for block in blocks {
                xs = block.forward(xs, breath).await?;
            }
            if let Some(merging) = merging {
                xs = merging.forward(&xs, breath).await?;
            }
            levels.push(xs.clone());
        }
        levels.push(self.norm.forward(&xs)?);
        Ok(levels)
    }

    /// The mean of all cells: `(hidden_size)`.
    pub(super) async fn forward(&self, bands: &Tensor, breath: &Breath) -> Result<Tensor> {
        let levels = self.levels(bands, breath).await?;
        let Some(last) = levels.last() else {
            return Err(candle_core::Error::msg("a network of no stage").into());
        };
        let (cells, channels) = last.dims2()?;
        let mut mean = vec![0.; channels];
        for row in last.flatten_all()?.to_vec1::<f32>()?.chunks_exact(channels) {
            mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += x / cells as f32);
        }
        crate::numbers(mean, &[channels])
    }

    /// Bands below each other, part after part of the sound: `(spec_size, spec_size)`.
    fn square(&self, bands: &Tensor) -> Result<Vec<f32>> {
        let (frames, count) = bands.dims2()?;
        let (most, ratio) = (self.config.frames(), self.config.ratio());
        if count != self.config.num_mel_bins || frames == 0 || frames > most {
            let why = format!(
                "{frames} frames of {count} bands for {most} of {}",
                self.config.num_mel_bins
            );
            return Err(candle_core::Error::msg(why).into());
        }
        let mut normed: Vec<f32> = bands.flatten_all()?.to_vec1()?;
        let (scale, bias) = &self.batch_norm;
        for row in normed.chunks_exact_mut(count) {
            row.iter_mut().zip(scale.iter().zip(bias)).for_each(|(x, (s, b))| *x = *x * s + b);
        }
        let drawn = drawn_out(&normed, count, most);
        let width = most / ratio;
        let at =
            |row: usize, column: usize| drawn[(row / count * width + column) * count + row % count];
        let side = self.config.spec_size;
        Ok((0..side * side).map(|cell| at(cell / side, cell % side)).collect())
    }
}

/// Rows of `count` drawn out to `to` of them, by a cubic curve through the four nearest.
// `interpolate(mode="bicubic", align_corners=True)` of PyTorch, whose curve has -0.75.
fn drawn_out(rows: &[f32], count: usize, to: usize) -> Vec<f32> {
    let from = rows.len() / count;
    if from == to {
        return rows.to_vec();
    }
    let step = if to > 1 { (from - 1) as f32 / (to - 1) as f32 } else { 0. };
    let near = |x: f32| (1.25 * x - 2.25) * x * x + 1.;
    let far = |x: f32| ((-0.75 * x + 3.75) * x - 6.) * x + 3.;
    let mut drawn = Vec::with_capacity(to * count);
    for row in 0..to {
        let at = row as f32 * step;
        let (whole, part) = (at.floor(), at - at.floor());
        let weights = [far(part + 1.), near(part), near(1. - part), far(2. - part)];
        let nearest: [usize; 4] = std::array::from_fn(|i| {
            (whole as i64 + i as i64 - 1).clamp(0, from as i64 - 1) as usize
        });
        let value = |column: usize| -> f32 {
            nearest
                .iter()
                .zip(weights)
                .map(|(row, weight)| rows[row * count + column] * weight)
                .sum()
        };
        drawn.extend((0..count).map(value));
    }
    drawn
}

/// From a stage to the next: four cells become one.
struct Merging {
    norm: LayerNorm,
    reduction: Linear,
    /// Of each new cell the four old ones.
    cells: Tensor,
}

impl Merging {
    async fn load(weights: &Weights, stage: Stage) -> Result<Self> {
        let (side, channels) = (stage.side, stage.channels);
        let mut cells = Vec::new();
        for cell in 0..side * side / 4 {
            let (row, column) = (cell / (side / 2) * 2, cell % (side / 2) * 2);
            // Down before to the right.
            cells.extend(
                [(0, 0), (1, 0), (0, 1), (1, 1)]
                    .map(|(y, x)| ((row + y) * side + column + x) as u32),
            );
        }
        Ok(Self {
            norm: LayerNorm::load(&weights.at("norm"), 4 * channels, EPS).await?,
            reduction: Linear::load(&weights.at("reduction"), 4 * channels, 2 * channels).await?,
            cells: Tensor::new(cells, &Device::Cpu)?,
        })
    }

    /// `(cells, channels)` to `(cells / 4, 2 * channels)`.
    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let (cells, channels) = xs.dims2()?;
        let four = xs.index_select(&self.cells, 0)?.reshape((cells / 4, 4 * channels))?;
        in_parts(&self.reduction, &self.norm.forward(&four)?, breath).await
    }
}

/// Cells of a window look at each other; then each by itself goes through two layers.
struct Block {
    layernorm_before: LayerNorm,
    attention: Attention,
    layernorm_after: LayerNorm,
    intermediate: Linear,
    output: Linear,
    activation: Activation,
    windows: Windows,
    /// For each kind of window what a score gains, `(heads, places, places)`: whether it is at the bottom, whether at
    /// the right, where the turning has brought what is no neighbour.
    biases: Vec<Vec<f32>>,
    /// The kind of each window.
    kinds: Vec<usize>,
}

impl Block {
    async fn load(weights: &Weights, config: &AudioConfig, stage: Stage) -> Result<Self> {
        let Stage { side, channels, inner, heads, window, shift } = stage;
        let eps = config.layer_norm_eps;
        let norm = async |name| LayerNorm::load(&weights.at(name), channels, eps).await;
        let head_dim = channels / heads;
        let scale = 1. / (head_dim as f32).sqrt();
        let form = Form { d_model: channels, heads, head_dim, scale, biased: Biased::Yes };
        let attention = weights.at("attention");
        let table = attention.at("self");
        let offsets = (2 * window - 1) * (2 * window - 1);
        let by_offset = table.table("relative_position_bias_table", offsets, heads).await?;
        // Says which row of the table is for which pair, in the order that is always taken.
        table.skip("relative_position_index");
        let across = side / window;
        let last = |at: usize| usize::from(shift > 0 && at + 1 == across);
        let kind = |number: usize| 2 * last(number / across) + last(number % across);
        let by_offset: Vec<f32> = by_offset.flatten_all()?.to_vec1()?;
        let biases = (0..if shift > 0 { 4 } else { 1 }).map(|kind| bias(&by_offset, stage, kind));
        Ok(Self {
            layernorm_before: norm("layernorm_before").await?,
            attention: Attention::load(&attention, PROJECTIONS, form).await?,
            layernorm_after: norm("layernorm_after").await?,
            intermediate: Linear::load_with_bias(
                &weights.at("intermediate.dense"),
                channels,
                inner,
            )
            .await?,
            output: Linear::load_with_bias(&weights.at("output.dense"), inner, channels).await?,
            activation: config.activation(),
            windows: Windows::shifted(side, window, shift)?,
            biases: biases.collect(),
            kinds: (0..across * across).map(kind).collect(),
        })
    }

    /// `(cells, channels)` to the same.
    async fn forward(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let apart = self.windows.apart(&self.layernorm_before.forward(&xs)?)?;
        let places = self.windows.side * self.windows.side;
        let bias = |window: usize| {
            let by_pair = &self.biases[self.kinds[window]];
            Some(Bias::ByPair { by_pair, keys: places, first: 0 })
        };
        let seen = self.attention.within(&apart, self.windows.spans(), bias, breath).await?;
        let seen = self.windows.together(&seen)?;
        let xs = (xs + seen)?;
        let inner =
            in_parts(&self.intermediate, &self.layernorm_after.forward(&xs)?, breath).await?;
        let inner = inner.apply_op1_no_bwd(&self.activation)?;
        Ok((&xs + in_parts(&self.output, &inner, breath).await?)?)
    }
}

/// What scores of a kind of window gain: `(heads, places, places)`.
fn bias(by_offset: &[f32], stage: Stage, kind: usize) -> Vec<f32> {
    let Stage { heads, window, shift, .. } = stage;
    let places = window * window;
    // Which side of the turning a place is on.
    let beyond = |place: usize| {
        let (row, column) = (place / window, place % window);
        (kind >= 2 && row >= window - shift, kind % 2 == 1 && column >= window - shift)
    };
    let mut all = Vec::with_capacity(heads * places * places);
    for head in 0..heads {
        for query in 0..places {
            for key in 0..places {
                let row = query / window + window - 1 - key / window;
                let column = query % window + window - 1 - key % window;
                let apart = if beyond(query) == beyond(key) { 0. } else { APART };
                all.push(by_offset[(row * (2 * window - 1) + column) * heads + head] + apart);
            }
        }
    }
    all
}
