//! ResNet: what lies where in a picture, at a resolution 8 to 32 times coarser.

use candle_core::Tensor;
use kernels::{Activation, MaxPool, Window};
use serde::Deserialize;

use crate::{
    Breath, Error, Result, Weights,
    layers::{Convolution, Normed},
};

/// Red, green, blue.
pub(crate) const CHANNELS: usize = 3;
/// Of every norm: PyTorch's default.
const EPS: f32 = 1e-5;
/// Dimensions beyond this are a lie, and products of three of them fit 64 bits.
const MOST: usize = 1 << 20;
/// So is a stage with more blocks: ResNet-152 has 36.
const DEEPEST: usize = 1000;
/// A bottleneck's inner channels, as a part of its outer ones.
const REDUCTION: usize = 4;

/// What a stage is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LayerType {
    /// Two kernels of 3.
    Basic,
    /// A kernel of 3 between two of 1.
    Bottleneck,
}

/// `backbone_config` of a `config.json`; the defaults are those of `ResNetConfig` in transformers 4.57.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Config {
    model_type: String,
    num_channels: usize,
    embedding_size: usize,
    hidden_sizes: Vec<usize>,
    depths: Vec<usize>,
    layer_type: LayerType,
    hidden_act: String,
    downsample_in_first_stage: bool,
    downsample_in_bottleneck: bool,
    out_features: Option<Vec<String>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model_type: "resnet".into(),
            num_channels: CHANNELS,
            embedding_size: 64,
            hidden_sizes: vec![256, 512, 1024, 2048],
            depths: vec![3, 4, 6, 3],
            layer_type: LayerType::Bottleneck,
            hidden_act: "relu".into(),
            downsample_in_first_stage: false,
            downsample_in_bottleneck: false,
            out_features: None,
        }
    }
}

impl Config {
    /// The network that the library timm has under this name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let (layer_type, depths) = match name {
            "resnet18" => (LayerType::Basic, [2, 2, 2, 2]),
            "resnet34" => (LayerType::Basic, [3, 4, 6, 3]),
            "resnet50" => (LayerType::Bottleneck, [3, 4, 6, 3]),
            "resnet101" => (LayerType::Bottleneck, [3, 4, 23, 3]),
            "resnet152" => (LayerType::Bottleneck, [3, 8, 36, 3]),
            _ => {
                return Err(Error::Unsupported(format!("the backbone `{name}` is not known here")));
            }
        };
        let wide = if layer_type == LayerType::Basic { 1 } else { REDUCTION };
        let hidden_sizes = [64, 128, 256, 512].map(|size| size * wide).into();
        Ok(Self { layer_type, depths: depths.into(), hidden_sizes, ..Self::default() })
    }

    /// Fails if there is no such network, or if it is another than is written here.
    pub(crate) fn check(&self) -> Result<()> {
        let Self { hidden_sizes, depths, embedding_size, .. } = self;
        let unsupported = |what: String| Err(Error::Unsupported(format!("backbone: {what}")));
        if self.model_type != "resnet" {
            return unsupported(format!("`{}` is not known here", self.model_type));
        }
        if self.num_channels != CHANNELS || self.hidden_act != "relu" {
            let Self { num_channels, hidden_act, .. } = self;
            return unsupported(format!(
                "{num_channels} channels with {hidden_act} are not known here"
            ));
        }
        let last = format!("stage{}", hidden_sizes.len());
        if let Some(out) = self.out_features.as_ref().and_then(|out| out.last())
            && *out != last
        {
            return unsupported(format!("what it answers must be {last}, not {out}"));
        }
        let part = if self.layer_type == LayerType::Basic { 1 } else { REDUCTION };
        let wide = |size: &usize| (1..=MOST).contains(size) && size.is_multiple_of(part);
        let possible = !hidden_sizes.is_empty()
            && hidden_sizes.len() == depths.len()
            && hidden_sizes.iter().all(wide)
            && (1..=MOST).contains(embedding_size)
            && depths.iter().all(|depth| (1..=DEEPEST).contains(depth));
        match possible {
            true => Ok(()),
            false => Err(Error::Damaged(format!(
                "a backbone with stages of {hidden_sizes:?} channels and {depths:?} layers is not possible"
            ))),
        }
    }

    /// Channels of what comes out.
    pub(crate) fn channels(&self) -> usize {
        self.hidden_sizes.last().copied().unwrap_or_default()
    }
}

/// Whose names a checkpoint has for the backbone's tensors.
#[derive(Clone, Copy, Debug)]
enum Layout {
    Timm,
    Transformers,
}

impl Layout {
    fn of(weights: &Weights) -> Self {
        if weights.at("conv1").has("weight") { Self::Timm } else { Self::Transformers }
    }

    /// Convolution and norm of the stem.
    fn stem(self) -> (&'static str, &'static str) {
        match self {
            Self::Timm => ("conv1", "bn1"),
            Self::Transformers => {
                ("embedder.embedder.convolution", "embedder.embedder.normalization")
            }
        }
    }

    fn block(self, stage: usize, block: usize) -> String {
        match self {
            Self::Timm => format!("layer{}.{block}", stage + 1),
            Self::Transformers => format!("encoder.stages.{stage}.layers.{block}"),
        }
    }

    /// Number `i` of the convolutions of a block, and its norm.
    fn inner(self, i: usize) -> (String, String) {
        match self {
            Self::Timm => (format!("conv{}", i + 1), format!("bn{}", i + 1)),
            Self::Transformers => {
                (format!("layer.{i}.convolution"), format!("layer.{i}.normalization"))
            }
        }
    }

    fn shortcut(self) -> (&'static str, &'static str) {
        match self {
            Self::Timm => ("downsample.0", "downsample.1"),
            Self::Transformers => ("shortcut.convolution", "shortcut.normalization"),
        }
    }
}

/// A loaded ResNet without its classifier; its batch norms are part of its convolutions.
pub(crate) struct ResNet {
    stem: Convolution,
    blocks: Vec<Block>,
}

/// A few convolutions whose answer is added to what went in.
struct Block {
    layers: Vec<Convolution>,
    /// Brings what went in to the shape of the answer.
    shortcut: Option<Convolution>,
}

/// A kernel of `size`, in steps of `stride`, that sees as much before as after a position.
fn window(size: usize, stride: usize) -> Window {
    Window { stride: [stride; 2], padding: [size / 2; 2], ..Window::square(size) }
}

impl ResNet {
    /// Takes all that is below `weights`, in the names of timm or of transformers.
    pub(crate) async fn load(weights: &Weights, config: &Config) -> Result<Self> {
        config.check()?;
        let layout = Layout::of(weights);
        let mut from = config.embedding_size;
        let (path, norm) = layout.stem();
        let stem = Normed { path, norm, eps: EPS };
        let stem = Convolution::load_normed(weights, stem, (CHANNELS, from), window(7, 2)).await?;
        let mut blocks = Vec::new();
        for (stage, (to, depth)) in config.hidden_sizes.iter().zip(&config.depths).enumerate() {
            for block in 0..*depth {
                let coarser = block == 0 && (stage > 0 || config.downsample_in_first_stage);
                let sizes = Sizes { from, to: *to, stride: if coarser { 2 } else { 1 } };
                let weights = weights.at(layout.block(stage, block));
                blocks.push(Block::load(&weights, layout, sizes, config).await?);
                from = *to;
            }
        }
        weights.check_all_taken()?;
        Ok(Self { stem, blocks })
    }

    /// A picture `(3, height, width)` to `(channels, height', width')`.
    pub(crate) async fn forward(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        let xs = self.stem.in_parts(pixels, breath).await?;
        let xs = xs.apply_op1_no_bwd(&Activation::Relu)?;
        let mut xs = xs.apply_op1_no_bwd(&MaxPool(window(3, 2)))?;
        for block in &self.blocks {
            xs = block.forward(xs, breath).await?;
        }
        Ok(xs)
    }
}

#[derive(Clone, Copy)]
struct Sizes {
    from: usize,
    to: usize,
    stride: usize,
}

impl Block {
    async fn load(
        weights: &Weights,
        layout: Layout,
        sizes: Sizes,
        config: &Config,
    ) -> Result<Self> {
        let Sizes { from, to, stride } = sizes;
        let inner = to / REDUCTION;
        let (first, second) =
            if config.downsample_in_bottleneck { (stride, 1) } else { (1, stride) };
        let steps = match config.layer_type {
            LayerType::Basic => vec![((from, to), window(3, stride)), ((to, to), window(3, 1))],
            LayerType::Bottleneck => vec![
                ((from, inner), window(1, first)),
                ((inner, inner), window(3, second)),
                ((inner, to), window(1, 1)),
            ],
        };
        let mut layers = Vec::new();
        for (i, (channels, window)) in steps.into_iter().enumerate() {
            let (conv, norm) = layout.inner(i);
            let normed = Normed { path: &conv, norm: &norm, eps: EPS };
            layers.push(Convolution::load_normed(weights, normed, channels, window).await?);
        }
        let shortcut = if from != to || stride != 1 {
            let (path, norm) = layout.shortcut();
            let normed = Normed { path, norm, eps: EPS };
            Some(Convolution::load_normed(weights, normed, (from, to), window(1, stride)).await?)
        } else {
            None
        };
        Ok(Self { layers, shortcut })
    }

    async fn forward(&self, xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let mut inner = xs.clone();
        for (i, layer) in self.layers.iter().enumerate() {
            if i > 0 {
                inner = inner.apply_op1_no_bwd(&Activation::Relu)?;
            }
            inner = layer.in_parts(&inner, breath).await?;
        }
        let xs = match &self.shortcut {
            Some(shortcut) => shortcut.in_parts(&xs, breath).await?,
            None => xs,
        };
        Ok((xs + inner)?.apply_op1_no_bwd(&Activation::Relu)?)
    }
}
