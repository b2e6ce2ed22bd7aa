use serde::Deserialize;

use super::bit;
use crate::{
    Error, Result,
    encoder::{self, HiddenAct, Sizes},
};

/// Sizes beyond this are a lie, and products of three of them fit 64 bits.
const MOST: usize = 1 << 16;
/// So are more layers, or maps, than this.
const DEEPEST: usize = 256;
/// Channels of the last map but one, which DPT has fixed: `DPTDepthEstimationHead` of transformers 4.57.
const HEAD: usize = 32;

/// `config.json` of a DPTForDepthEstimation or a DepthAnythingForDepthEstimation.
#[derive(Clone, Debug)]
pub struct Config {
    pub(super) family: Family,
    pub(super) sizes: Sizes,
    pub(super) layers: usize,
    /// After how many layers what is known is asked for, ascending.
    pub(super) asked: Vec<usize>,
    /// Side of the pictures the positions were learnt for.
    pub(super) image_size: usize,
    pub(super) patch_size: usize,
    /// Whether what is asked for is normed.
    pub(super) normed: bool,
    pub(super) readout: Readout,
    pub(super) maps: Vec<Map>,
    pub(super) fusion: usize,
    pub(super) head: usize,
    /// What a hybrid sees through.
    pub(super) bit: Option<bit::Config>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Dpt,
    Hybrid,
    Anything,
}

/// What becomes of the state that stands for the whole picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Readout {
    /// Nothing.
    Ignore,
    /// It is added to each patch, which is said to be possible and never was.
    Add,
    /// Each patch is seen together with it.
    Project,
}

/// What becomes of the states after an asked layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map {
    pub(super) channels: usize,
    pub(super) size: MapSize,
}

/// How large a map is, next to the grid of patches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MapSize {
    Larger(usize),
    Same,
    Smaller(usize),
    /// It comes out of a convolution as it is.
    Given,
}

#[derive(Deserialize)]
struct Named {
    model_type: String,
}

/// As it is written; the defaults are those of `DPTConfig` in transformers 4.57.
#[derive(Deserialize)]
#[serde(default)]
struct DptFile {
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    hidden_act: HiddenAct,
    layer_norm_eps: f32,
    image_size: usize,
    patch_size: usize,
    num_channels: usize,
    is_hybrid: bool,
    qkv_bias: bool,
    backbone_out_indices: Option<Vec<usize>>,
    readout_type: Readout,
    reassemble_factors: Vec<f32>,
    neck_hidden_sizes: Vec<usize>,
    fusion_hidden_size: usize,
    head_in_index: i32,
    use_batch_norm_in_fusion_residual: Option<bool>,
    use_bias_in_fusion_residual: Option<bool>,
    add_projection: bool,
    neck_ignore_stages: Option<Vec<usize>>,
    backbone: Option<String>,
    backbone_config: Option<serde_json::Value>,
}

impl Default for DptFile {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            intermediate_size: 3072,
            hidden_act: HiddenAct::Gelu,
            layer_norm_eps: 1e-12,
            image_size: 384,
            patch_size: 16,
            num_channels: super::CHANNELS,
            is_hybrid: false,
            qkv_bias: true,
            backbone_out_indices: None,
            readout_type: Readout::Project,
            reassemble_factors: vec![4., 2., 1., 0.5],
            neck_hidden_sizes: vec![96, 192, 384, 768],
            fusion_hidden_size: 256,
            head_in_index: -1,
            use_batch_norm_in_fusion_residual: None,
            use_bias_in_fusion_residual: None,
            add_projection: false,
            neck_ignore_stages: None,
            backbone: None,
            backbone_config: None,
        }
    }
}

/// The same of `DepthAnythingConfig`.
#[derive(Deserialize)]
#[serde(default)]
struct AnythingFile {
    backbone: Option<String>,
    backbone_config: Option<Dinov2>,
    patch_size: usize,
    reassemble_hidden_size: usize,
    reassemble_factors: Vec<f32>,
    neck_hidden_sizes: Vec<usize>,
    fusion_hidden_size: usize,
    head_in_index: i32,
    head_hidden_size: usize,
    depth_estimation_type: Option<String>,
}

impl Default for AnythingFile {
    fn default() -> Self {
        Self {
            backbone: None,
            backbone_config: None,
            patch_size: 14,
            reassemble_hidden_size: 384,
            reassemble_factors: vec![4., 2., 1., 0.5],
            neck_hidden_sizes: vec![48, 96, 192, 384],
            fusion_hidden_size: 64,
            head_in_index: -1,
            head_hidden_size: 32,
            depth_estimation_type: None,
        }
    }
}

/// The same of `Dinov2Config`.
#[derive(Deserialize)]
#[serde(default)]
struct Dinov2 {
    model_type: String,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    mlp_ratio: f32,
    hidden_act: HiddenAct,
    layer_norm_eps: f32,
    image_size: usize,
    patch_size: usize,
    num_channels: usize,
    qkv_bias: bool,
    use_swiglu_ffn: bool,
    out_features: Option<Vec<String>>,
    apply_layernorm: bool,
}

impl Default for Dinov2 {
    fn default() -> Self {
        Self {
            model_type: "dinov2".into(),
            hidden_size: 768,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            mlp_ratio: 4.,
            hidden_act: HiddenAct::Gelu,
            layer_norm_eps: 1e-6,
            image_size: 224,
            patch_size: 14,
            num_channels: super::CHANNELS,
            qkv_bias: true,
            use_swiglu_ffn: false,
            out_features: None,
            apply_layernorm: true,
        }
    }
}

fn unsupported<T>(what: impl Into<String>) -> Result<T> {
    Err(Error::Unsupported(what.into()))
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let Named { model_type } = encoder::config(json)?;
        let config = match model_type.as_str() {
            "dpt" => dpt(encoder::config(json)?)?,
            "depth_anything" => anything(encoder::config(json)?)?,
            other => return unsupported(format!("a {other} does not tell depth")),
        };
        config.check()?;
        Ok(config)
    }

    /// Rows, and columns, of patches that the positions were learnt for.
    pub(super) fn side(&self) -> usize {
        self.image_size / self.patch_size
    }

    fn check(&self) -> Result<()> {
        self.sizes.check()?;
        let Self { layers, asked, image_size, patch_size, maps, fusion, head, .. } = self;
        let possible = |size: &usize| (1..=MOST).contains(size);
        let convolved = maps.iter().filter(|map| map.size == MapSize::Given).count();
        let ascending = asked.windows(2).all(|pair| pair[0] < pair[1]);
        if !(1..=DEEPEST).contains(layers)
            || maps.is_empty()
            || maps.len() != asked.len() + convolved
            || !ascending
            || !asked.iter().all(|at| (1..=*layers).contains(at))
        {
            return Err(Error::Damaged(format!(
                "{} maps of the states after layers {asked:?} of {layers} are not possible",
                maps.len()
            )));
        }
        let side = image_size.checked_div(*patch_size).unwrap_or(0);
        if !possible(image_size)
            || !(1..=1024).contains(&side)
            || ![*fusion, *head].iter().all(possible)
            || fusion / 2 == 0
            || !maps.iter().all(|map| possible(&map.channels))
        {
            return Err(Error::Damaged(format!(
                "pictures of {image_size} in patches of {patch_size}, {fusion} channels of maps and {head} at the end are not possible"
            )));
        }
        Ok(())
    }
}

/// Maps of these channels, as many times the size of the grid.
fn maps(channels: &[usize], factors: &[f32], given: usize) -> Result<Vec<Map>> {
    if channels.len() != factors.len() || channels.len() > DEEPEST {
        return Err(Error::Damaged(format!(
            "{} sizes and {} factors of maps do not go together",
            channels.len(),
            factors.len()
        )));
    }
    let one = |(at, (channels, factor)): (usize, (&usize, &f32))| {
        let whole = |x: f32| ((1. ..=64.).contains(&x) && x.fract() == 0.).then_some(x as usize);
        let size = match (whole(*factor), whole((1. / factor).round())) {
            _ if at < given => MapSize::Given,
            (Some(1), _) => MapSize::Same,
            (Some(times), _) => MapSize::Larger(times),
            (None, Some(part)) if *factor < 1. => MapSize::Smaller(part),
            _ => {
                return Err(Error::Damaged(format!(
                    "a map {factor} times as large is not possible"
                )));
            }
        };
        Ok(Map { channels: *channels, size })
    };
    channels.iter().zip(factors).enumerate().map(one).collect()
}

fn dpt(file: DptFile) -> Result<Config> {
    let hybrid = file.is_hybrid;
    if !hybrid && (file.backbone.is_some() || file.backbone_config.is_some()) {
        return unsupported("a DPT with a backbone of another family is not known here");
    }
    if !file.qkv_bias
        || file.num_channels != super::CHANNELS
        || file.head_in_index != -1
        || file.add_projection
        || file.use_batch_norm_in_fusion_residual == Some(true)
        || file.use_bias_in_fusion_residual == Some(false)
        || file.readout_type == Readout::Add
    {
        return unsupported(
            "a DPT without biases, with batch norms, a further projection, or an added readout is not known here",
        );
    }
    let given = match (hybrid, file.neck_ignore_stages.as_deref()) {
        (false, _) => 0,
        (true, None | Some([0, 1])) => 2,
        (true, Some(other)) => return unsupported(format!("maps {other:?} as they are")),
    };
    if hybrid && file.readout_type != Readout::Project {
        return unsupported("a hybrid DPT without a projected readout is not known here");
    }
    let asked = file.backbone_out_indices.unwrap_or_else(|| vec![2, 5, 8, 11]);
    let bit = hybrid.then(|| {
        file.backbone_config.map_or_else(|| Ok(bit::Config::default()), bit::Config::read)
    });
    Ok(Config {
        family: if hybrid { Family::Hybrid } else { Family::Dpt },
        sizes: Sizes {
            hidden: file.hidden_size,
            intermediate: file.intermediate_size,
            heads: file.num_attention_heads,
            eps: file.layer_norm_eps,
            activation: file.hidden_act.activation(),
        },
        layers: file.num_hidden_layers,
        asked: asked.iter().skip(given).map(|at| at.saturating_add(1)).collect(),
        image_size: file.image_size,
        patch_size: file.patch_size,
        normed: false,
        readout: file.readout_type,
        maps: maps(&file.neck_hidden_sizes, &file.reassemble_factors, given)?,
        fusion: file.fusion_hidden_size,
        head: HEAD,
        bit: bit.transpose()?,
    })
}

fn anything(file: AnythingFile) -> Result<Config> {
    if file.backbone.is_some() {
        return unsupported("a Depth Anything whose backbone is only named is not known here");
    }
    if let Some(kind) = file.depth_estimation_type.filter(|kind| kind != "relative") {
        return unsupported(format!(
            "a Depth Anything that tells {kind} depth is not known here: take one of relative depth"
        ));
    }
    let Some(backbone) = file.backbone_config else {
        return unsupported("a Depth Anything without its backbone_config is not known here");
    };
    if backbone.model_type != "dinov2"
        || backbone.use_swiglu_ffn
        || !backbone.qkv_bias
        || backbone.num_channels != super::CHANNELS
        || file.head_in_index != -1
    {
        return unsupported(format!(
            "a Depth Anything with this {} backbone is not known here: its sizes small, base and large are",
            backbone.model_type
        ));
    }
    if backbone.patch_size != file.patch_size || backbone.hidden_size != file.reassemble_hidden_size
    {
        return Err(Error::Damaged("its backbone has other sizes than its neck".into()));
    }
    let stage = |name: &String| name.strip_prefix("stage").and_then(|at| at.parse::<usize>().ok());
    let asked: Option<Vec<usize>> = backbone.out_features.iter().flatten().map(stage).collect();
    let asked = asked.filter(|asked| !asked.is_empty()).ok_or_else(|| {
        Error::Damaged("config.json: out_features names no layers as stage1, stage2".into())
    })?;
    Ok(Config {
        family: Family::Anything,
        sizes: Sizes {
            hidden: backbone.hidden_size,
            intermediate: (backbone.hidden_size as f32 * backbone.mlp_ratio) as usize,
            heads: backbone.num_attention_heads,
            eps: backbone.layer_norm_eps,
            activation: backbone.hidden_act.activation(),
        },
        layers: backbone.num_hidden_layers,
        asked,
        image_size: backbone.image_size,
        patch_size: backbone.patch_size,
        normed: backbone.apply_layernorm,
        readout: Readout::Ignore,
        maps: maps(&file.neck_hidden_sizes, &file.reassemble_factors, 0)?,
        fusion: file.fusion_hidden_size,
        head: file.head_hidden_size,
        bit: None,
    })
}
