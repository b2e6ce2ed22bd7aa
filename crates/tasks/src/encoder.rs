//! Opening a network that reads all of its input at once.

use api::{Failure, Precision, Task};
use models::{
    Breath, Numbers, Weights,
    bert::{self, Bert},
    clip::{Vision, VisionConfig},
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
    Whisper(whisper::Encoder),
}

/// What an encoder reads.
pub(crate) enum Input {
    Texts(Vec<Vec<u32>>),
    Numbers(Numbers),
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
        "whisper" => load_whisper(&weights, &config).await,
        other => {
            return Err(no_model(format!(
                "unsupported architecture \"{other}\" (supported: bert, clip_vision_model, whisper)"
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

async fn load_whisper(weights: &Weights, config: &str) -> models::Result<Encoder> {
    let config = whisper::Config::from_json(config)?;
    whisper::Encoder::load(weights, config).await.map(Encoder::Whisper)
}

impl Encoder {
    /// Input of the right shape that means nothing; `texts` are the lengths of those it is to read.
    pub(crate) fn any_input(
        &self,
        texts: &[u32],
        random: &mut ChaCha8Rng,
    ) -> models::Result<Input> {
        let shape = match self {
            Self::Bert(bert) => {
                let tokens = bert.config().vocab_size as u32;
                let mut text = |len: &u32| (0..*len).map(|_| random.next_u32() % tokens).collect();
                return Ok(Input::Texts(texts.iter().map(&mut text).collect()));
            }
            Self::Clip(vision) => vision.input_shape().to_vec(),
            Self::Whisper(encoder) => encoder.input_shape().to_vec(),
        };
        // Between -1 and 1.
        let number = |_| random.next_u32() as f32 / (1u32 << 31) as f32 - 1.;
        let numbers = (0..shape.iter().product::<usize>()).map(number).collect();
        models::numbers(numbers, &shape).map(Input::Numbers)
    }

    /// Runs the network; its answer is not looked at, only that it is finite.
    pub(crate) async fn forward(&self, input: &Input, breath: &Breath) -> models::Result<()> {
        let answer = match (self, input) {
            (Self::Bert(bert), Input::Texts(texts)) => bert.forward(texts, breath).await?,
            (Self::Clip(vision), Input::Numbers(pixels)) => vision.forward(pixels, breath).await?,
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
