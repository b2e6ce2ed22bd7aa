//! Tell how well each of some labels says what a sound is.

use std::cell::RefCell;

use api::{
    Asked, Failure, Precision,
    classify_sound::{About, Ask, ClassifySound, Clip, Output, Partial},
    transcribe::Sound,
};
use media::{Frames, Mel};
use models::{
    Breath, Numbers,
    clap::{Clap, Config},
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use serde::Deserialize;

use crate::{
    Job, Kit,
    batches::batches,
    checkpoint::{self, ModelType, Told, failure, needed, no_model, parsed},
    classify::sorted,
    labels,
    text::Text,
    transcribe::sound,
};

const TOKENIZER: &str = "tokenizer.json";
pub(crate) const PREPROCESSOR: &str = "preprocessor_config.json";
/// Where a label goes in a template.
const PLACE: &str = "{}";
/// Frames measured between two breaths.
const FRAMES: usize = 50;
/// Decibels for each power of ten.
const DECIBELS: f32 = 10.;
/// Most samples that a model may listen to: a minute of the highest rate.
const MOST_SAMPLES: usize = 60 * 192_000;

/// A model that knows sounds and texts, ready to be asked.
struct Loaded {
    clap: Clap,
    text: Text,
    mel: Mel,
    form: Form,
    about: About,
    /// Texts that were read last, and where they are: whoever listens to a microphone asks the same again and again.
    known: RefCell<Option<(Vec<String>, Vec<Numbers>)>>,
}

impl Job for ClassifySound {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        if let Some(ask) = &ask {
            labels::check(&ask.labels)?;
            if !ask.template.contains(PLACE) {
                let reason = "it has no {} where the label goes";
                return Err(Failure::input("template", reason));
            }
        }
        let ask =
            ask.map(|ask| heard(ask.clip).map(|sound| (sound, ask.labels, ask.template, ask.seed)));
        let ask = ask.transpose()?;
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let scores = match ask {
            Some((sound, labels, template, seed)) => {
                let texts: Vec<_> = labels.iter().map(|l| template.replace(PLACE, l)).collect();
                // All of them first: a label that cannot be read is told before the long work, not in the middle.
                let read = labels::in_tokens(&loaded.text, &texts, loaded.about.window_tokens)?;
                let bands = loaded.bands(kit, sound, seed).await?;
                let logits = loaded.logits(kit, &bands, (texts, &read)).await?;
                checkpoint::finite(&loaded.about.name, &logits)?;
                sorted(labels, logits)
            }
            None => Vec::new(),
        };
        Ok(Output { model: loaded.about.clone(), scores })
    }
}

/// A sound that can be listened to.
fn heard(clip: Clip) -> Result<Sound, Failure> {
    let Clip { samples, channels, rate_hz } = clip;
    let sound = Sound { samples, channels, rate_hz, starts_s: 0, ends: true };
    sound::check(&sound)?;
    Ok(sound)
}

async fn open(
    kit: &Kit<ClassifySound>,
    model: &str,
    precision: Precision,
) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    if model_type != "clap" {
        return Err(no_model(format!(
            "\"{model_type}\" does not compare sounds with labels: choose a model of CLAP's kind"
        )));
    }
    let config = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let bytes = async |name: &str| needed(name, checkpoint::read(kit, model, &names, name).await?);
    let form: Form = parsed(PREPROCESSOR, &bytes(PREPROCESSOR).await?)?;
    let frames = form.frames(&config)?;
    let text = Text::from_json(&bytes(TOKENIZER).await?)?;
    let (known, places) = (text.vocab_size(), config.text.vocab_size);
    if known > places {
        return Err(no_model(format!(
            "{TOKENIZER} knows {known} tokens and config.json {places}: they belong to two models"
        )));
    }
    let about = About {
        name: checkpoint::name(model),
        rate_hz: form.sampling_rate,
        length_ms: form.max_length_s * 1000,
        window_tokens: u32::try_from(config.text.window()).unwrap_or(u32::MAX),
    };
    let mel = Mel::of(frames, config.audio.num_mel_bins);
    let told = Told::new(kit, Partial::Loading);
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    let clap = Clap::load(&weights, config).await.map_err(|error| failure(model, error))?;
    Ok(Loaded { clap, text, mel, form, about, known: RefCell::new(None) })
}

/// `preprocessor_config.json` of a `ClapFeatureExtractor`.
#[derive(Debug, Deserialize)]
pub(crate) struct Form {
    feature_size: usize,
    sampling_rate: u32,
    hop_length: usize,
    max_length_s: u32,
    fft_window_size: usize,
    #[serde(default)]
    frequency_min: f64,
    frequency_max: f64,
    truncation: String,
    padding: Padding,
    #[serde(default)]
    top_db: Option<f64>,
}

/// What a short sound is followed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Padding {
    /// By itself as often as it fits, then by silence.
    Repeatpad,
    /// By itself until there is no more room.
    Repeat,
    /// By silence.
    Pad,
}

impl Form {
    /// How the sound is cut; refuses what is not known.
    pub(crate) fn frames(&self, config: &Config) -> Result<Frames, Failure> {
        let refused = |why: String| Err(no_model(format!("{PREPROCESSOR}: {why}")));
        if self.truncation != "rand_trunc" {
            return refused(format!(
                "long sounds cut by \"{}\" are not known here",
                self.truncation
            ));
        }
        if self.top_db.is_some() {
            return refused("its bands are of a kind that is not known here".into());
        }
        let half = f64::from(self.sampling_rate) / 2.;
        let parts = parts(self.fft_window_size);
        let possible = self.feature_size == config.audio.num_mel_bins
            && (1..=self.len()).contains(&self.hop_length)
            && self.len() <= MOST_SAMPLES
            && (0. ..1000.).contains(&self.frequency_min)
            && (1000. ..=half).contains(&self.frequency_max)
            && self.len() / self.hop_length < config.audio.frames();
        match parts {
            Some(parts) if possible => Ok(Frames {
                rate_hz: self.sampling_rate,
                hop: self.hop_length,
                parts,
                bottom_hz: self.frequency_min,
                top_hz: self.frequency_max,
            }),
            _ => refused("no sound can be cut so for this model".into()),
        }
    }

    /// How many samples are listened to.
    fn len(&self) -> usize {
        (self.sampling_rate as usize).saturating_mul(self.max_length_s as usize)
    }

    /// So many samples of a sound.
    // `_get_input_mel` of transformers 4.57, which draws the part's beginning from numpy's own source.
    fn cut(&self, mut samples: Vec<f32>, seed: u64) -> Vec<f32> {
        let (len, count) = (self.len(), samples.len());
        if count > len {
            let places = (count - len + 1) as u64;
            let start = (ChaCha8Rng::seed_from_u64(seed).next_u64() % places) as usize;
            samples.drain(..start);
            samples.truncate(len);
            return samples;
        }
        match self.padding {
            Padding::Repeatpad => samples = samples.repeat(len / count.max(1)),
            Padding::Repeat => samples = samples.repeat(len / count.max(1) + 1),
            Padding::Pad => {}
        }
        samples.resize(len, 0.);
        samples
    }

    /// The decibels of the bands of samples at the right rate: `(frames, bands)`.
    pub(crate) async fn bands(
        &self,
        mel: &Mel,
        (samples, seed): (Vec<f32>, u64),
        breath: &Breath,
    ) -> Result<Numbers, Failure> {
        let named = |error| failure("the sound", error);
        let samples = self.cut(samples, seed);
        let frames = samples.len() / self.hop_length + 1;
        let mut logs = Vec::new();
        for first in (0..frames).step_by(FRAMES) {
            logs.extend(mel.logs(&samples, samples.len(), first..frames.min(first + FRAMES)));
            breath().await.map_err(named)?;
        }
        logs.iter_mut().for_each(|log| *log *= DECIBELS);
        models::numbers(logs, &[frames, mel.bands()]).map_err(named)
    }
}

/// The two factors of a frame's length that are nearest to each other.
fn parts(len: usize) -> Option<[usize; 2]> {
    if !(16..=1 << 14).contains(&len) || !len.is_multiple_of(2) {
        return None;
    }
    let first = (1..=len.isqrt()).rev().find(|first| len.is_multiple_of(*first))?;
    Some([first, len / first])
}

impl Loaded {
    /// The decibels of the sound's bands: `(frames, bands)`.
    async fn bands(
        &self,
        kit: &Kit<ClassifySound>,
        sound: Sound,
        seed: u64,
    ) -> Result<Numbers, Failure> {
        kit.send(Partial::Listening).await?;
        let breath = kit.breath();
        let samples = sound::one_channel(sound, self.form.sampling_rate, &breath).await?;
        self.form.bands(&self.mel, (samples, seed), &breath).await
    }

    async fn logits(
        &self,
        kit: &Kit<ClassifySound>,
        bands: &Numbers,
        (texts, read): (Vec<String>, &[Vec<u32>]),
    ) -> Result<Vec<f32>, Failure> {
        let failed = |error| failure(&self.about.name, error);
        let heard = self.clap.hear(bands, &kit.breath()).await.map_err(failed)?;
        let known = self.known.borrow_mut().take().filter(|(known, _)| *known == texts);
        let places = match known {
            Some((_, places)) => places,
            None => {
                let mut places = Vec::new();
                let mut done = 0;
                for batch in batches(read, Vec::len, labels::BATCH_TOKENS) {
                    let total_labels = read.len() as u32;
                    kit.send(Partial::Reading { done_labels: done, total_labels }).await?;
                    places.push(self.clap.read(batch, &kit.breath()).await.map_err(failed)?);
                    done += batch.len() as u32;
                }
                places
            }
        };
        let mut logits = Vec::new();
        for some in &places {
            logits.extend(self.clap.logits(&heard, some).map_err(failed)?);
        }
        *self.known.borrow_mut() = Some((texts, places));
        Ok(logits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_of_two_parts_that_are_alike() {
        assert_eq!(
            (parts(1024), parts(400), parts(256)),
            (Some([32, 32]), Some([20, 20]), Some([16, 16]))
        );
        assert_eq!((parts(0), parts(15), parts(1 << 20)), (None, None, None));
    }

    #[test]
    fn a_short_sound_is_repeated_and_filled_up() {
        let form = |padding| Form {
            feature_size: 8,
            sampling_rate: 1_000,
            hop_length: 1,
            max_length_s: 1,
            fft_window_size: 16,
            frequency_min: 0.,
            frequency_max: 500.,
            truncation: "rand_trunc".into(),
            padding,
            top_db: None,
        };
        let short: Vec<f32> = (0..300).map(|at| at as f32).collect();
        let filled = |padding| form(padding).cut(short.clone(), 0);
        assert_eq!(filled(Padding::Repeatpad), [short.repeat(3), vec![0.; 100]].concat());
        assert_eq!(filled(Padding::Repeat), short.repeat(4)[..1000]);
        assert_eq!(filled(Padding::Pad), [short.clone(), vec![0.; 700]].concat());
        let long: Vec<f32> = (0..5_000).map(|at| at as f32).collect();
        let part = form(Padding::Pad).cut(long.clone(), 7);
        let start = part[0] as usize;
        assert!(start > 0 && part == long[start..start + 1000]);
    }
}
