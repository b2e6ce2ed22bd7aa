//! What the tasks of BLIP's checkpoints share: opening one, looking at a picture once, and writing.

use std::{cell::RefCell, rc::Rc};

use api::{
    Failure, Precision, Task,
    blip::{About, MOST_CHARACTERS, Partial, Written},
    chat::Sampling,
};
use media::{Picture, Preprocess};
use models::{
    Breath, Error,
    blip::{Blip, Config, Memory, Seen, Skill, Writer},
};

use crate::{
    Kit,
    checkpoint::{self, ModelType, Told, failure, finite, needed, no_model, parsed},
    grouped::grouped,
    sampling::Sampler,
    text::Text,
};

const PREPROCESSOR: &str = "preprocessor_config.json";
const TOKENIZER: &str = "tokenizer.json";

/// A BLIP, ready to be asked.
pub(crate) struct Loaded {
    pub(crate) blip: Blip,
    pub(crate) text: Text,
    pub(crate) about: About,
    preprocess: Preprocess,
    /// What was looked at last, by what the network saw of it.
    seen: RefCell<Option<(Vec<f32>, Rc<Seen>)>>,
}

/// Loads a BLIP, telling how far it has come.
pub(crate) async fn open<T: Task<Partial = Partial>>(
    kit: &Kit<T>,
    model: &str,
    precision: Precision,
) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let bytes = async |name: &str| {
        let body = checkpoint::read(kit, model, &names, name).await?;
        needed(name, body)
    };
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    if model_type != "blip" {
        return Err(no_model(format!(
            "\"{model_type}\" does not tell of pictures in words: choose a model of BLIP's kind"
        )));
    }
    let config = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let text = Text::from_json(&bytes(TOKENIZER).await?)?;
    let (known, places) = (text.vocab_size(), config.text.vocab_size);
    if known > places {
        return Err(no_model(format!(
            "{TOKENIZER} knows {known} tokens and config.json {places}: they belong to two models"
        )));
    }
    let preprocess = Preprocess::from_json(&bytes(PREPROCESSOR).await?)
        .map_err(|reason| Failure::Fetch { file: PREPROCESSOR.into(), reason })?;
    let about = About {
        name: checkpoint::name(model),
        side_px: config.vision.image_size as u32,
        window_tokens: config.text.max_position_embeddings as u32,
    };
    let told = Told::new(kit, Partial::Loading);
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    let blip = Blip::load(&weights, config).await.map_err(|error| failure(model, error))?;
    Ok(Loaded { blip, text, about, preprocess, seen: RefCell::default() })
}

/// Whether a text can be read at all; `field` is what it is called.
pub(crate) fn check_text(field: &str, text: &str) -> Result<(), Failure> {
    let characters = text.chars().count();
    if text.trim().is_empty() {
        return Err(Failure::input(field, "it is empty: write something"));
    }
    if characters > MOST_CHARACTERS {
        let (count, most) = (grouped(characters), grouped(MOST_CHARACTERS));
        return Err(Failure::input(
            field,
            format!("it has {count} characters: give at most {most}"),
        ));
    }
    Ok(())
}

impl Loaded {
    /// For a task that this checkpoint was not trained for.
    pub(crate) fn other_skill(&self) -> Failure {
        let (can, task) = match self.blip.skill {
            Skill::Caption(_) => ("describes pictures", "caption"),
            Skill::Answer(..) => ("answers questions about pictures", "vqa"),
            Skill::Match(_) => ("tells how well a text fits a picture", "itm"),
        };
        no_model(format!("this one {can}: open it where that is asked for ({task})"))
    }

    /// What went wrong in the network.
    pub(crate) fn failed(&self, error: Error) -> Failure {
        failure(&self.about.name, error)
    }

    /// Ids of a text, with what comes before and after it.
    pub(crate) fn ids(&self, field: &str, text: &str) -> Result<Vec<u32>, Failure> {
        let (ids, most) = (self.text.whole(text)?, self.about.window_tokens as usize);
        match ids.len() > most {
            true => {
                let count = ids.len();
                let reason =
                    format!("it takes {count} tokens, and this model reads {most}: shorten it");
                Err(Failure::input(field, reason))
            }
            false => Ok(ids),
        }
    }

    /// Looks at a picture, unless it is the one that was looked at last.
    pub(crate) async fn look<T: Task<Partial = Partial>>(
        &self,
        kit: &Kit<T>,
        picture: &Picture,
    ) -> Result<Rc<Seen>, Failure> {
        let wrong = |reason| Failure::input("picture", reason);
        let pixels = self.preprocess.pixels(picture).map_err(wrong)?;
        let (wide, high, side) = (pixels.width, pixels.height, self.about.side_px);
        if [wide, high] != [side; 2] {
            return Err(no_model(format!(
                "{PREPROCESSOR} makes this picture {wide} × {high}, and the network looks at {side} × {side}: \
                 they belong to two models"
            )));
        }
        let before = self.seen.borrow().clone();
        if let Some((_, seen)) = before.filter(|(planes, _)| *planes == pixels.planes) {
            return Ok(seen);
        }
        kit.send(Partial::Looking).await?;
        let shape = self.blip.vision.input_shape();
        let planes = pixels.planes.clone();
        let look = async || self.blip.look(&models::numbers(planes, &shape)?, &kit.breath()).await;
        let seen = Rc::new(look().await.map_err(|error| self.failed(error))?);
        self.seen.replace(Some((pixels.planes, seen.clone())));
        Ok(seen)
    }

    /// Goes on from `ids`, of which the first stands for nothing, with the likeliest token each time, of
    /// which there are at most `most`.
    pub(crate) async fn write<T: Task<Partial = Partial>>(
        &self,
        kit: &Kit<T>,
        (writer, memory): (&Writer, &Memory),
        mut ids: Vec<u32>,
        most: usize,
    ) -> Result<Written, Failure> {
        let failed = |error| self.failed(error);
        let (begun, breath) = (ids.len(), kit.breath());
        let end = self.blip.config().text.sep_token_id;
        let most = begun.saturating_add(most).min(self.about.window_tokens as usize);
        let (sampling, mut past, mut taken) = (Sampling::default(), writer.nothing(), 0);
        let mut sampler = Sampler::new(&sampling, 0, &[]);
        while ids.len() < most {
            let logits = next(writer, memory, (&mut past, &ids[taken..]), &breath).await;
            let logits = logits.map_err(failed)?;
            taken = ids.len();
            finite(&self.about.name, &logits)?;
            let id = sampler.next(logits)?;
            if id == end {
                return self.written(&ids, begun, false);
            }
            ids.push(id);
            kit.send(Partial::Text(self.text.spell(&ids[1..])?)).await?;
        }
        self.written(&ids, begun, true)
    }

    fn written(&self, ids: &[u32], begun: usize, unfinished: bool) -> Result<Written, Failure> {
        let text = self.text.spell(ids.get(1..).unwrap_or_default())?;
        Ok(Written { text, new_tokens: (ids.len() - begun) as u32, unfinished })
    }
}

/// What follows `ids`.
async fn next(
    writer: &Writer,
    memory: &Memory,
    (past, ids): (&mut models::blip::Past, &[u32]),
    breath: &Breath,
) -> models::Result<Vec<f32>> {
    let mut states = None;
    for id in ids {
        states = Some(writer.take(*id, past, memory, breath).await?);
    }
    match states {
        Some(states) => writer.head(&states, breath).await,
        None => Ok(Vec::new()),
    }
}
