//! OWL-ViT: where a picture shows what is told in words.
//!
//! CLIP's two halves, but that each patch of a picture becomes a point among the texts, and says where the
//! thing is that it is a part of.

use candle_core::{Device, Tensor};
use kernels::{Activation, Kind, Matrix};
use serde::Deserialize;

use crate::{
    Breath, Error, Result, Weights,
    clip::{self, Text, TextConfig, Tower, VisionConfig},
    encoder,
    layers::{LayerNorm, Linear, in_parts},
    weights::Held,
};

/// Tokens of a text, where a `config.json` is silent.
const WINDOW: usize = 16;
/// Pixels to each side of a picture, where it is silent.
const SIDE_PX: usize = 768;
/// Added to lengths that are divided by.
const SHORT: f32 = 1e-6;
/// Keeps the biases of boxes finite.
const EDGE: f32 = 1e-4;

/// `config.json` of an OwlViTForObjectDetection, as far as we ask it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Of the half for texts.
    pub text: TextConfig,
    /// Of the half for pictures.
    pub vision: VisionConfig,
}

#[derive(Deserialize)]
#[serde(default)]
struct File {
    text_config: TextConfig,
    vision_config: VisionConfig,
    projection_dim: usize,
}

impl Default for File {
    fn default() -> Self {
        let (text_config, vision_config) = (TextConfig::default(), VisionConfig::default());
        Self { projection_dim: text_config.projection_dim, text_config, vision_config }
    }
}

/// What is not as CLIP has it where the file is silent.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Own {
    text_config: OwnText,
    vision_config: OwnVision,
}

#[derive(Default, Deserialize)]
struct OwnText {
    max_position_embeddings: Option<usize>,
}

#[derive(Default, Deserialize)]
struct OwnVision {
    image_size: Option<usize>,
}

impl Config {
    /// From the text of `config.json`.
    pub fn from_json(json: &str) -> Result<Self> {
        let File { text_config: mut text, vision_config: mut vision, projection_dim } =
            encoder::config(json)?;
        let own: Own = encoder::config(json)?;
        text.max_position_embeddings = own.text_config.max_position_embeddings.unwrap_or(WINDOW);
        vision.image_size = own.vision_config.image_size.unwrap_or(SIDE_PX);
        vision.patches()?;
        if projection_dim != text.hidden_size {
            return Err(Error::Damaged(format!(
                "texts of {projection_dim} numbers cannot be compared with patches of {}",
                text.hidden_size
            )));
        }
        text.projection_dim = projection_dim;
        // Its texts end at their largest id, whatever the file calls the end.
        text.eos_token_id = clip::WRONG_END;
        Ok(Self { text, vision })
    }
}

/// A loaded OwlViTForObjectDetection.
pub struct OwlVit {
    config: Config,
    text: Text,
    vision: Tower,
    layer_norm: LayerNorm,
    class_head: ClassHead,
    box_head: [Linear; 3],
    held: Held,
}

struct ClassHead {
    dense0: Linear,
    logit_shift: Linear,
    logit_scale: Linear,
}

/// A picture that was looked at.
pub struct Seen {
    /// Of each patch, of length one: `(patches, projection_dim)`.
    points: Tensor,
    /// Added to cosines: `(patches, 1)`.
    shift: Tensor,
    /// Their sum is multiplied by it: `(patches, 1)`.
    scale: Tensor,
    /// `(patches, 4)`: middle from the left and the top, width, height, in parts of the picture's size.
    pub boxes: Tensor,
}

/// Texts that were read, to be compared with pictures.
pub struct Labels(Linear);

impl OwlVit {
    /// Loads every tensor; what only compares whole pictures is left out.
    pub async fn load(weights: &Weights, config: Config) -> Result<Self> {
        let model = weights.at("owlvit");
        let (hidden, to) = (config.vision.hidden_size, config.text.hidden_size);
        let text = Text::part(&model, config.text.clone()).await?;
        let tower = model.at("vision_model");
        let vision = Tower::load(&tower, &config.vision, "pre_layernorm").await?;
        model.skip("visual_projection.weight");
        model.skip("logit_scale");
        let (eps, heads) = (config.vision.layer_norm_eps, weights.at("class_head"));
        let classes = async |name, to| Linear::load_with_bias(&heads.at(name), hidden, to).await;
        let boxes = weights.at("box_head");
        let boxes = async |name, to| Linear::load_with_bias(&boxes.at(name), hidden, to).await;
        let mut owl = Self {
            text,
            vision,
            layer_norm: LayerNorm::load(&weights.at("layer_norm"), hidden, eps).await?,
            class_head: ClassHead {
                dense0: classes("dense0", to).await?,
                logit_shift: classes("logit_shift", 1).await?,
                logit_scale: classes("logit_scale", 1).await?,
            },
            box_head: [
                boxes("dense0", hidden).await?,
                boxes("dense1", hidden).await?,
                boxes("dense2", 4).await?,
            ],
            held: Held::default(),
            config,
        };
        weights.check_all_taken()?;
        owl.held = weights.held();
        Ok(owl)
    }

    /// What the checkpoint says about its shape.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What its weights take.
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// `(3, image_size, image_size)`.
    pub fn input_shape(&self) -> [usize; 3] {
        self.vision.input_shape()
    }

    /// Texts as points `(texts, projection_dim)`, not yet of length one: see [`Text::forward`].
    pub async fn read(&self, texts: &[Vec<u32>], breath: &Breath) -> Result<Tensor> {
        self.text.forward(texts, breath).await
    }

    /// Texts to compare with, whose points were read some at a time.
    pub fn labels(&self, points: &[Tensor]) -> Result<Labels> {
        let points = Tensor::cat(points, 0)?;
        let (texts, width) = points.dims2()?;
        // The reference makes them of length one twice.
        let points = of_length_one(&of_length_one(&points, 0.)?, SHORT)?;
        let mut matrix = Matrix::zeros(Kind::F32, texts, width)?;
        matrix.pack(0, &points.flatten_all()?.to_vec1::<f32>()?)?;
        Ok(Labels(Linear::of(matrix, None)))
    }

    /// What is known of each patch of a picture `(3, image_size, image_size)`, row by row:
    /// `(patches, hidden_size)`.
    pub async fn features(&self, pixels: &Tensor, breath: &Breath) -> Result<Tensor> {
        let xs = self.vision.hidden_states(pixels, breath).await?;
        let xs = self.vision.post_layernorm.forward(&xs)?;
        let (whole, patches) = (xs.narrow(0, 0, 1)?, xs.narrow(0, 1, xs.dim(0)? - 1)?);
        breath().await?;
        Ok(self.layer_norm.forward(&patches.broadcast_mul(&whole)?)?)
    }

    /// A picture `(3, image_size, image_size)`, ready to be compared with texts.
    pub async fn look(&self, pixels: &Tensor, breath: &Breath) -> Result<Seen> {
        let xs = self.features(pixels, breath).await?;
        let ClassHead { dense0, logit_shift, logit_scale } = &self.class_head;
        let points = of_length_one(&in_parts(dense0, &xs, breath).await?, SHORT)?;
        let (shift, scale) = (logit_shift.forward(&xs)?, logit_scale.forward(&xs)?);
        let mut scale: Vec<f32> = scale.flatten_all()?.to_vec1()?;
        scale.iter_mut().for_each(|x| *x = if *x > 0. { *x + 1. } else { x.exp() });
        let scale = Tensor::from_vec(scale, shift.shape(), &Device::Cpu)?;
        Ok(Seen { points, shift, scale, boxes: self.boxes(xs, breath).await? })
    }

    async fn boxes(&self, mut xs: Tensor, breath: &Breath) -> Result<Tensor> {
        let [first, second, last] = &self.box_head;
        for layer in [first, second] {
            xs = in_parts(layer, &xs, breath).await?.apply_op1_no_bwd(&Activation::Gelu)?;
        }
        let biases = biases(self.config.vision.patches()?)?;
        Ok((last.forward(&xs)? + biases)?.apply_op1_no_bwd(&Activation::Sigmoid)?)
    }
}

impl Seen {
    /// How well each text tells what each patch is a part of: logits `(patches, texts)`.
    pub async fn logits(&self, labels: &Labels, breath: &Breath) -> Result<Tensor> {
        let cosines = in_parts(&labels.0, &self.points, breath).await?;
        Ok(cosines.broadcast_add(&self.shift)?.broadcast_mul(&self.scale)?)
    }
}

/// Rows divided by their lengths and `more`.
fn of_length_one(xs: &Tensor, more: f32) -> Result<Tensor> {
    let (rows, columns) = xs.dims2()?;
    let mut xs: Vec<f32> = xs.flatten_all()?.to_vec1()?;
    for row in xs.chunks_exact_mut(columns) {
        let length = row.iter().map(|x| x * x).sum::<f32>().sqrt() + more;
        row.iter_mut().for_each(|x| *x /= length);
    }
    Ok(Tensor::from_vec(xs, (rows, columns), &Device::Cpu)?)
}

/// What is added to the boxes of `side * side` patches: each begins at its patch's far corner, and as large
/// as a patch.
fn biases(side: usize) -> Result<Tensor> {
    let of = |part: f32| (part + EDGE).ln() - (EDGE - part).ln_1p();
    let corner = |at: usize| of((at + 1) as f32 / side as f32);
    let size = of(1. / side as f32);
    let bias = |i: usize| [corner(i % side), corner(i / side), size, size];
    let biases: Vec<f32> = (0..side * side).flat_map(bias).collect();
    Ok(Tensor::from_vec(biases, (side * side, 4), &Device::Cpu)?)
}
