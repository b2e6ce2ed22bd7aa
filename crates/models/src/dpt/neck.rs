use candle_core::Tensor;
use kernels::{Activation, Between, Window};

use super::{
    Config,
    config::{Family, Map, MapSize, Readout},
    convolution,
};
use crate::{
    Breath, Result, Weights,
    layers::{Convolution, Enlarge, Linear, in_parts, resampled},
};

/// What brings a map to its size.
enum Resize {
    Larger(Enlarge),
    Smaller(Convolution),
    Same,
}

/// Makes a map of the states after a layer.
struct Reassemble {
    readout: Option<Linear>,
    projection: Convolution,
    resize: Resize,
}

impl Reassemble {
    async fn load(weights: &Weights, at: usize, map: Map, config: &Config) -> Result<Self> {
        let (hidden, channels) = (config.sizes.hidden, map.channels);
        let layer = weights.at("layers").at(at);
        let resize = layer.at("resize");
        Ok(Self {
            readout: match config.readout {
                Readout::Project => {
                    let weights = weights.at("readout_projects").at(at).at(0);
                    Some(Linear::load_with_bias(&weights, 2 * hidden, hidden).await?)
                }
                Readout::Ignore | Readout::Add => None,
            },
            projection: convolution(&layer.at("projection"), (hidden, channels), 1).await?,
            resize: match map.size {
                MapSize::Larger(times) => {
                    Resize::Larger(Enlarge::load(&resize, (channels, channels), times).await?)
                }
                MapSize::Smaller(part) => {
                    let window = Window { stride: [part; 2], padding: [1; 2], ..Window::square(3) };
                    let channels = (channels, channels);
                    Resize::Smaller(
                        Convolution::load_with_bias(&resize, channels, &[3; 2], window).await?,
                    )
                }
                MapSize::Same | MapSize::Given => Resize::Same,
            },
        })
    }

    /// States `(1 + patches, hidden)` to `(channels, rows, columns)`.
    async fn forward(
        &self,
        states: &Tensor,
        [rows, columns]: [usize; 2],
        activation: Activation,
        breath: &Breath,
    ) -> Result<Tensor> {
        let (count, hidden) = states.dims2()?;
        let mut patches = states.narrow(0, 1, count - 1)?;
        if let Some(readout) = &self.readout {
            let whole = states.narrow(0, 0, 1)?.broadcast_as((count - 1, hidden))?;
            let both = Tensor::cat(&[&patches, &whole], 1)?;
            let projected = in_parts(readout, &both, breath).await?;
            patches = projected.apply_op1_no_bwd(&activation)?;
        }
        let grid = patches.t()?.contiguous()?.reshape((hidden, rows, columns))?;
        let map = self.projection.in_parts(&grid, breath).await?;
        match &self.resize {
            Resize::Larger(larger) => larger.forward(&map, breath).await,
            Resize::Smaller(smaller) => smaller.in_parts(&map, breath).await,
            Resize::Same => Ok(map),
        }
    }
}

/// Two convolutions whose answer is added to what went in.
struct Residual([Convolution; 2]);

impl Residual {
    async fn load(weights: &Weights, size: usize) -> Result<Self> {
        let one = async |name| convolution(&weights.at(name), (size, size), 3).await;
        Ok(Self([one("convolution1").await?, one("convolution2").await?]))
    }

    async fn forward(&self, xs: &Tensor, breath: &Breath) -> Result<Tensor> {
        let mut inner = xs.clone();
        for convolution in &self.0 {
            let active = inner.apply_op1_no_bwd(&Activation::Relu)?;
            inner = convolution.in_parts(&active, breath).await?;
        }
        Ok((inner + xs)?)
    }
}

/// Adds a finer map to the sum of the coarser ones.
struct Fusion {
    /// Of the finer map; the first sum is a map alone.
    residual_layer1: Option<Residual>,
    residual_layer2: Residual,
    projection: Convolution,
}

/// Maps of the states, and their sum.
pub(super) struct Neck {
    reassemble: Vec<Option<Reassemble>>,
    convs: Vec<Convolution>,
    fusion: Vec<Fusion>,
}

impl Neck {
    pub(super) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        let (mut reassemble, mut convs, mut fusion) = (Vec::new(), Vec::new(), Vec::new());
        let size = config.fusion;
        for (i, map) in config.maps.iter().enumerate() {
            let stage = weights.at("reassemble_stage");
            reassemble.push(match map.size {
                MapSize::Given => None,
                _ => Some(Reassemble::load(&stage, i, *map, config).await?),
            });
            let window = Window { padding: [1; 2], ..Window::square(3) };
            let conv = weights.at("convs").at(i);
            convs.push(Convolution::load(&conv, (map.channels, size), &[3; 2], window).await?);
            let layer = weights.at("fusion_stage.layers").at(i);
            let first = layer.at("residual_layer1");
            fusion.push(Fusion {
                residual_layer1: match i {
                    0 => {
                        // The coarsest map is added to nothing; some checkpoints have these all the same.
                        for name in ["convolution1", "convolution2"] {
                            first.at(name).skip("weight");
                            first.at(name).skip("bias");
                        }
                        None
                    }
                    _ => Some(Residual::load(&first, size).await?),
                },
                residual_layer2: Residual::load(&layer.at("residual_layer2"), size).await?,
                projection: convolution(&layer.at("projection"), (size, size), 1).await?,
            });
        }
        Ok(Self { reassemble, convs, fusion })
    }

    /// The sum of the maps made of `states`: `(fusion, rows, columns)`.
    pub(super) async fn forward(
        &self,
        states: &[Tensor],
        grid: [usize; 2],
        config: &Config,
        breath: &Breath,
    ) -> Result<Tensor> {
        let mut maps = Vec::new();
        for ((states, reassemble), conv) in states.iter().zip(&self.reassemble).zip(&self.convs) {
            let map = match reassemble {
                Some(made) => made.forward(states, grid, config.sizes.activation, breath).await?,
                None => states.clone(),
            };
            maps.push(conv.in_parts(&map, breath).await?);
        }
        let mut sum = None;
        for fusion in &self.fusion {
            let map = maps.pop().ok_or_else(|| candle_core::Error::msg("a map is missing"))?;
            let to = match (config.family, maps.last()) {
                (Family::Anything, Some(next)) => Some(size_of(next)?),
                _ => None,
            };
            sum = Some(fusion.forward(sum.take(), map, to, breath).await?);
        }
        Ok(sum.ok_or_else(|| candle_core::Error::msg("there are no maps"))?)
    }
}

/// Rows and columns.
fn size_of(map: &Tensor) -> Result<[usize; 2]> {
    let (_, rows, columns) = map.dims3()?;
    Ok([rows, columns])
}

impl Fusion {
    /// The sum so far and the next finer map, at the size `to`, or twice their own.
    async fn forward(
        &self,
        sum: Option<Tensor>,
        map: Tensor,
        to: Option<[usize; 2]>,
        breath: &Breath,
    ) -> Result<Tensor> {
        let xs = match (sum, &self.residual_layer1) {
            (Some(sum), Some(residual)) => {
                let map = match size_of(&sum)? {
                    size if size == size_of(&map)? => map,
                    size => resampled(&map, size, Between::Bilinear, breath).await?,
                };
                (sum + residual.forward(&map, breath).await?)?
            }
            _ => map,
        };
        let xs = self.residual_layer2.forward(&xs, breath).await?;
        let to = match to {
            Some(to) => to,
            None => size_of(&xs)?.map(|side| side * 2),
        };
        let xs = resampled(&xs, to, Between::BilinearAligned, breath).await?;
        self.projection.in_parts(&xs, breath).await
    }
}
