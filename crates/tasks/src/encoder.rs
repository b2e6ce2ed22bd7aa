//! Opening a network that takes all of its input at once.

use api::{Failure, Precision, Task};
use models::{
    Breath, Numbers, Weights,
    bert::{self, Bert},
    clip::{Vision, VisionConfig},
    detr::{self, Detr},
    dpt::{self, Dpt},
    owlvit::{self, OwlVit},
    sam::{self, Masks, Sam},
    whisper,
};
use rand_chacha::{ChaCha8Rng, rand_core::RngCore};

use crate::{
    Kit,
    checkpoint::{self, ModelType, Tell, Told, failure, no_model, parsed},
};

/// A loaded encoder.
pub(crate) enum Encoder {
    Bert(Bert),
    Clip(Vision),
    Detr(Box<Detr>),
    Dpt(Box<Dpt>),
    OwlVit(Box<OwlVit>),
    Sam(Box<Sam>),
    Whisper(whisper::Encoder),
}

/// What an encoder takes.
pub(crate) enum Input {
    Texts(Vec<Vec<u32>>),
    Numbers(Numbers),
    /// A picture that SAM has seen, and what it is asked about it.
    Asked(Box<sam::Seen>, sam::Prompt),
}

/// Loads an encoder from safetensors, telling how far it has come.
pub(crate) async fn open<T: Task>(
    kit: &Kit<T>,
    model: &str,
    precision: Precision,
    tell: Tell<T>,
) -> Result<Encoder, Failure> {
    let told = Told::new(kit, tell);
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    let loaded = match model_type.as_str() {
        "bert" => load_bert(&weights, &config).await,
        "clip_vision_model" => load_clip(&weights, &config).await,
        "depth_anything" | "dpt" => load_dpt(&weights, &config).await,
        "detr" => load_detr(&weights, &config).await,
        "owlvit" => load_owlvit(&weights, &config).await,
        "sam" => load_sam(&weights, &config).await,
        "whisper" => load_whisper(&weights, &config).await,
        other => {
            return Err(no_model(format!(
                "unsupported architecture \"{other}\" (supported: bert, clip_vision_model, depth_anything, detr, dpt, \
                 owlvit, sam, whisper)"
            )));
        }
    };
    loaded.map_err(|error| failure(model, error))
}

async fn load_bert(weights: &Weights, config: &str) -> models::Result<Encoder> {
    Bert::load(weights, bert::Config::from_json(config)?).await.map(Encoder::Bert)
}

async fn load_clip(weights: &Weights, config: &str) -> models::Result<Encoder> {
    Vision::load(weights, VisionConfig::from_json(config)?).await.map(Encoder::Clip)
}

async fn load_detr(weights: &Weights, config: &str) -> models::Result<Encoder> {
    let detr = Detr::load(weights, detr::Config::from_json(config)?).await?;
    Ok(Encoder::Detr(Box::new(detr)))
}

async fn load_dpt(weights: &Weights, config: &str) -> models::Result<Encoder> {
    let dpt = Dpt::load(weights, dpt::Config::from_json(config)?).await?;
    Ok(Encoder::Dpt(Box::new(dpt)))
}

async fn load_owlvit(weights: &Weights, config: &str) -> models::Result<Encoder> {
    let owlvit = OwlVit::load(weights, owlvit::Config::from_json(config)?).await?;
    Ok(Encoder::OwlVit(Box::new(owlvit)))
}

async fn load_sam(weights: &Weights, config: &str) -> models::Result<Encoder> {
    Ok(Encoder::Sam(Box::new(Sam::load(weights, sam::Config::from_json(config)?).await?)))
}

async fn load_whisper(weights: &Weights, config: &str) -> models::Result<Encoder> {
    let config = whisper::Config::from_json(config)?;
    whisper::Encoder::load(weights, config).await.map(Encoder::Whisper)
}

impl Encoder {
    /// Input that means nothing and is as long as [`api::measure::Encode::lengths`] says.
    pub(crate) async fn any_input(
        &self,
        lengths: &[u32],
        random: &mut ChaCha8Rng,
        breath: &Breath,
    ) -> models::Result<Input> {
        let shape = match self {
            Self::Bert(bert) => {
                let tokens = bert.config().vocab_size as u32;
                let mut text = |len: &u32| (0..*len).map(|_| random.next_u32() % tokens).collect();
                return Ok(Input::Texts(lengths.iter().map(&mut text).collect()));
            }
            Self::Clip(vision) => vision.input_shape().to_vec(),
            Self::Detr(_) | Self::Dpt(_) => {
                let [rows, columns] = *lengths else {
                    return Err(models::Error::Damaged("a picture needs rows and columns".into()));
                };
                vec![3, rows as usize, columns as usize]
            }
            Self::OwlVit(owlvit) => owlvit.input_shape().to_vec(),
            Self::Sam(sam) => sam.input_shape().to_vec(),
            Self::Whisper(encoder) => encoder.input_shape().to_vec(),
        };
        // Between -1 and 1.
        let mut number = || random.next_u32() as f32 / (1u32 << 31) as f32 - 1.;
        let numbers = (0..shape.iter().product::<usize>()).map(|_| number()).collect();
        let numbers = models::numbers(numbers, &shape)?;
        let (Self::Sam(sam), [points]) = (self, lengths) else {
            return Ok(Input::Numbers(numbers));
        };
        let side = sam.config().image_size() as f32;
        let mut point =
            || sam::Spot { at: [0; 2].map(|_| (number() + 1.) / 2. * side), inside: true };
        let points = (0..*points).map(|_| point()).collect();
        let seen = sam.look(&numbers, breath).await?;
        Ok(Input::Asked(Box::new(seen), sam::Prompt { points, area: None }))
    }

    /// Runs the network; its answer is not looked at, only that it is finite.
    pub(crate) async fn forward(&self, input: &Input, breath: &Breath) -> models::Result<()> {
        let answer = match (self, input) {
            (Self::Bert(bert), Input::Texts(texts)) => bert.forward(texts, breath).await?,
            (Self::Clip(vision), Input::Numbers(pixels)) => vision.forward(pixels, breath).await?,
            (Self::Detr(detr), Input::Numbers(pixels)) => detr.forward(pixels, breath).await?.boxes,
            (Self::Dpt(dpt), Input::Numbers(pixels)) => dpt.forward(pixels, breath).await?,
            (Self::OwlVit(owlvit), Input::Numbers(pixels)) => {
                owlvit.look(pixels, breath).await?.boxes
            }
            (Self::Sam(sam), Input::Numbers(pixels)) => sam.look(pixels, breath).await?.embedding,
            (Self::Sam(sam), Input::Asked(seen, prompt)) => {
                sam.ask(seen, (prompt, Masks::Several), breath).await?.masks
            }
            (Self::Whisper(whisper), Input::Numbers(mel)) => whisper.forward(mel, breath).await?,
            _ => return Err(models::Error::Damaged("input of another kind".into())),
        };
        let numbers = answer.flatten_all()?.to_vec1::<f32>()?;
        match numbers.iter().all(|x| x.is_finite()) {
            true => Ok(()),
            false => Err(models::Error::Damaged("the answer is not finite".into())),
        }
    }
}
