//! Say a text, sentence by sentence.

pub mod phonemes;
mod spoken;
pub mod tokens;

use api::{
    Asked, Failure, Precision,
    speak::{About, Ask, MOST_CHARACTERS, MOST_NOISE, Output, Partial, RATES, Said, Speak},
};
use models::vits::{Config, Vits};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use self::{
    phonemes::Phonemes,
    tokens::{Reads, Tokens},
};
use crate::{
    Job, Kit,
    checkpoint::{self, ModelType, Told, failure, needed, no_model, parsed},
    sentences::{self, Piece},
};

const VOCAB: &str = "vocab.json";
const TOKENIZER: &str = "tokenizer_config.json";
/// How letters sound: of the model itself, or of the site's.
const PHONEMES: &str = "phonemes.txt";
/// The model of the site that knows.
const KNOWS: &str = "wick-speak";
/// Most tokens that are said at once: some twenty seconds.
const MOST_TOKENS: usize = 800;

/// A model that speaks, ready to be asked.
struct Loaded {
    vits: Vits,
    tokens: Tokens,
    /// Of a model that reads them.
    phonemes: Option<Phonemes>,
    about: About,
}

impl Job for Speak {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        if let Some(ask) = &ask {
            check(ask)?;
        }
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let left_out = match &ask {
            Some(ask) => loaded.speak(kit, ask).await?,
            None => String::new(),
        };
        Ok(Output { model: loaded.about.clone(), left_out })
    }
}

fn check(ask: &Ask) -> Result<(), Failure> {
    let refused = |field, reason: String| Err(Failure::input(field, reason));
    let characters = ask.text.chars().count();
    if ask.text.trim().is_empty() {
        return refused("text", "there is none".into());
    }
    if characters > MOST_CHARACTERS {
        let reason =
            format!("it has {characters} characters, at most {MOST_CHARACTERS} can be said");
        return refused("text", reason);
    }
    let [slowest, fastest] = RATES;
    if !(slowest..=fastest).contains(&ask.speaking_rate) {
        return refused("speaking rate", format!("it goes from {slowest} to {fastest}"));
    }
    for (field, noise) in
        [("noise", ask.noise_scale), ("noise of durations", ask.noise_scale_duration)]
    {
        if noise.is_some_and(|noise| !(0. ..=MOST_NOISE).contains(&noise)) {
            return refused(field, format!("it goes from 0 to {MOST_NOISE}"));
        }
    }
    Ok(())
}

async fn open(kit: &Kit<Speak>, model: &str, precision: Precision) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    if model_type != "vits" {
        return Err(no_model(format!(
            "\"{model_type}\" does not speak: choose a model of VITS's kind, such as MMS-TTS"
        )));
    }
    let config = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let bytes = async |name: &str| needed(name, checkpoint::read(kit, model, &names, name).await?);
    let tokens = Tokens::read(&bytes(VOCAB).await?, &bytes(TOKENIZER).await?, config.vocab_size)?;
    let phonemes = match tokens.reads() {
        Reads::Letters => None,
        Reads::Phonemes => {
            let own = names.iter().any(|name| name == PHONEMES);
            Some(phonemes(kit, if own { model } else { KNOWS }).await?)
        }
    };
    let about = About {
        name: checkpoint::name(model),
        sampling_rate: config.sampling_rate,
        phonemes: phonemes.is_some(),
        noise_scale: config.noise_scale,
        noise_scale_duration: config.noise_scale_duration,
    };
    let told = Told::new(kit, Partial::Loading);
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    let vits = Vits::load(&weights, config).await.map_err(|error| failure(model, error))?;
    Ok(Loaded { vits, tokens, phonemes, about })
}

/// How letters sound, as `model` knows.
async fn phonemes(kit: &Kit<Speak>, model: &str) -> Result<Phonemes, Failure> {
    let names = kit.files().list(model).await?;
    let bytes = needed(PHONEMES, checkpoint::read(kit, model, &names, PHONEMES).await?)?;
    Phonemes::from_bytes(&bytes).map_err(no_model)
}

/// A piece of a text as the model reads it.
struct Line {
    read: String,
    ids: Vec<u32>,
    left_out: Vec<char>,
}

impl Loaded {
    /// Says all of it; what it has no sounds for.
    async fn speak(&self, kit: &Kit<Speak>, ask: &Ask) -> Result<String, Failure> {
        if self.tokens.wants_roman(&ask.text) {
            let reason = "this model reads Roman letters: write it in them first, as the program uroman does";
            return Err(Failure::input("text", reason));
        }
        let fits = |piece: &str| Ok(self.line(piece).ids.len() <= MOST_TOKENS);
        let pieces = sentences::pieces(kit, &ask.text, MOST_TOKENS, fits).await?;
        let lines = pieces.iter().map(|piece| self.line(&ask.text[piece.at.clone()]));
        let lines: Vec<(&Piece, Line)> = pieces.iter().zip(lines).collect();
        let mut left_out: Vec<char> =
            lines.iter().flat_map(|(_, line)| &line.left_out).copied().collect();
        left_out.sort_unstable();
        left_out.dedup();
        let said = lines.iter().filter(|(_, line)| !line.read.trim().is_empty());
        let total = said.clone().count() as u32;
        if total == 0 {
            return Err(Failure::input("text", "it has nothing that this model can say"));
        }
        for (at, (piece, line)) in said.enumerate() {
            let samples = self.say(kit, ask, at as u64, &line.ids).await?;
            let text = ask.text[piece.at.clone()].to_owned();
            let read = line.read.clone();
            let done = at as u32 + 1;
            kit.send(Partial::Said(Said { text, read, samples, done, total })).await?;
        }
        Ok(left_out.into_iter().collect())
    }

    fn line(&self, text: &str) -> Line {
        let english = self.phonemes.is_some() || self.tokens.is_english();
        let (text, mut left_out) = match english {
            true => {
                let spoken = spoken::spoken(text);
                (spoken.text, spoken.left_out)
            }
            false => (text.to_owned(), Vec::new()),
        };
        let text = match &self.phonemes {
            Some(phonemes) => phonemes.of(&text),
            None => text,
        };
        let (read, unknown) = self.tokens.known(&text);
        left_out.extend(unknown);
        Line { ids: self.tokens.ids(&read), read, left_out }
    }

    /// The samples of piece number `at`.
    async fn say(
        &self,
        kit: &Kit<Speak>,
        ask: &Ask,
        at: u64,
        ids: &[u32],
    ) -> Result<Vec<f32>, Failure> {
        let failed = |error| failure(&self.about.name, error);
        let (vits, breath) = (&self.vits, kit.breath());
        // Each piece has a stream of its own: it sounds the same whatever comes before it.
        let mut random = ChaCha8Rng::seed_from_u64(ask.seed);
        random.set_stream(at);
        let mut noise = |count: usize, scale: f32| -> Vec<f32> {
            (0..count).map(|_| scale * normal(&mut random)).collect()
        };
        let read = vits.read(ids, &breath).await.map_err(failed)?;
        let pace = ask.noise_scale_duration.unwrap_or(self.about.noise_scale_duration);
        let rows = [noise(ids.len(), pace), noise(ids.len(), pace)];
        let logs = vits.log_durations(&read, rows, &breath).await.map_err(failed)?;
        let frames = vits.frames(&logs, ask.speaking_rate * vits.config().speaking_rate);
        let frames = frames.map_err(failed)?;
        let (size, total) = (vits.config().flow_size, frames.iter().sum::<usize>());
        let voice = ask.noise_scale.unwrap_or(self.about.noise_scale);
        let noise = models::numbers(noise(size * total, voice), &[total, size]).map_err(failed)?;
        let latents = vits.latents(&read, &frames, &noise, &breath).await.map_err(failed)?;
        let samples = vits.waveform(&latents, &breath).await.map_err(failed)?;
        checkpoint::finite(&self.about.name, &samples)?;
        Ok(samples)
    }
}

/// A number of the normal distribution, by Box and Muller.
fn normal(random: &mut ChaCha8Rng) -> f32 {
    // Above 0 and up to 1, where there is a logarithm.
    let mut even = || (f64::from(random.next_u32()) + 1.) / (f64::from(u32::MAX) + 1.);
    let (radius, turn) = ((-2. * even().ln()).sqrt(), std::f64::consts::TAU * even());
    (radius * turn.cos()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_mean_and_the_variance_it_should_have() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let drawn: Vec<f64> = (0..100_000).map(|_| normal(&mut random).into()).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.).abs() < 0.02, "{mean} {variance}");
        // Within one and two of the middle.
        for (bound, share) in [(1., 0.6827), (2., 0.9545)] {
            let within = drawn.iter().filter(|x| x.abs() < bound).count() as f64 / 1e5;
            assert!((within - share).abs() < 0.01, "{bound}: {within}");
        }
    }
}
