//! Timing networks of sounds, from samples or ids to what they come to, stage by stage.

use api::{
    Failure, Precision,
    chat::Sampling,
    measure::{Measure, Output, Partial, Sounds},
    transcribe::Sound,
};
use media::{MEL_RATE, Mel};
use models::{
    Breath, Error,
    clap::{self, Clap},
    vits::{self, Vits},
    whisper::{Heard, Whisper},
};

use crate::{
    Kit,
    checkpoint::{self, ModelType, Told, failure, needed, no_model, parsed},
    classify_sound::{Form, PREPROCESSOR},
    sampling::Sampler,
    transcribe::sound::{self, Piece},
};

/// A loaded network, and what makes bands for it.
enum Network {
    Clap(Box<Clap>, Mel, Form),
    Vits(Box<Vits>),
    Whisper(Box<Whisper>, Mel),
}

/// Loads the network and runs it as often as is wanted.
pub(super) async fn run(
    kit: &Kit<Measure>,
    model: &str,
    wanted: Sounds,
) -> Result<Output, Failure> {
    let began_ms = kit.now_ms();
    let network = open(kit, model, wanted.precision).await?;
    let load_ms = kit.now_ms() - began_ms;
    let (mut runs, mut answer) = (Vec::new(), Vec::new());
    for _ in 0..wanted.runs {
        let mut laps = Laps { kit, last_ms: kit.now_ms(), ms: Vec::new() };
        answer = match &network {
            Network::Clap(clap, mel, form) => place((clap, mel, form), &wanted, &mut laps).await?,
            Network::Vits(vits) => waveform(vits, &wanted, &mut laps).await?,
            Network::Whisper(whisper, mel) => tokens((whisper, mel), &wanted, &mut laps).await?,
        };
        checkpoint::finite(model, &answer)?;
        runs.push(laps.ms);
    }
    Ok(Output::Sounds { load_ms, runs, answer })
}

/// The stages of a run.
struct Laps<'a> {
    kit: &'a Kit<Measure>,
    last_ms: f64,
    ms: Vec<f64>,
}

impl Laps<'_> {
    /// Ends a stage.
    async fn lap(&mut self) -> Result<(), Failure> {
        let now_ms = self.kit.now_ms();
        self.ms.push(now_ms - self.last_ms);
        self.kit.turn().await?;
        self.last_ms = self.kit.now_ms();
        Ok(())
    }
}

fn named(error: Error) -> Failure {
    failure("the model", error)
}

async fn open(kit: &Kit<Measure>, model: &str, precision: Precision) -> Result<Network, Failure> {
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    let told = Told::new(kit, Partial::Loading);
    let weights = async || checkpoint::weights(&told, model, &names, precision).await;
    match model_type.as_str() {
        "clap" => {
            let form = checkpoint::read(kit, model, &names, PREPROCESSOR).await?;
            let form: Form = parsed(PREPROCESSOR, &needed(PREPROCESSOR, form)?)?;
            let config = clap::Config::from_json(&config).map_err(named)?;
            let mel = Mel::of(form.frames(&config)?, config.audio.num_mel_bins);
            let clap = Clap::load(&weights().await?, config).await.map_err(named)?;
            Ok(Network::Clap(Box::new(clap), mel, form))
        }
        "vits" => {
            let config = vits::Config::from_json(&config).map_err(named)?;
            let vits = Vits::load(&weights().await?, config).await.map_err(named)?;
            Ok(Network::Vits(Box::new(vits)))
        }
        "whisper" => {
            let whisper = Whisper::load(&weights().await?, &config).await.map_err(named)?;
            let mel = Mel::new(whisper.encoder.config().num_mel_bins);
            Ok(Network::Whisper(Box::new(whisper), mel))
        }
        other => Err(no_model(format!(
            "\"{other}\" is no network of sounds: give clap, vits or whisper"
        ))),
    }
}

/// Where CLAP puts a sound.
async fn place(
    (clap, mel, form): (&Clap, &Mel, &Form),
    wanted: &Sounds,
    laps: &mut Laps<'_>,
) -> Result<Vec<f32>, Failure> {
    let breath = laps.kit.breath();
    let bands = form.bands(mel, (wanted.samples.clone(), 0), &breath).await?;
    laps.lap().await?;
    let place = clap.hear(&bands, &breath).await;
    let place = place.and_then(|place| Ok(place.to_vec1()?)).map_err(named)?;
    laps.lap().await?;
    Ok(place)
}

/// What VITS makes of ids without any noise.
async fn waveform(vits: &Vits, wanted: &Sounds, laps: &mut Laps<'_>) -> Result<Vec<f32>, Failure> {
    let breath = laps.kit.breath();
    let read = vits.read(&wanted.ids, &breath).await.map_err(named)?;
    let quiet = || vec![0.; wanted.ids.len()];
    let logs = vits.log_durations(&read, [quiet(), quiet()], &breath).await.map_err(named)?;
    let frames = vits.frames(&logs, vits.config().speaking_rate).map_err(named)?;
    laps.lap().await?;
    let shape = [frames.iter().sum(), vits.config().flow_size];
    let noise = models::numbers(vec![0.; shape.iter().product()], &shape).map_err(named)?;
    let latents = vits.latents(&read, &frames, &noise, &breath).await.map_err(named)?;
    laps.lap().await?;
    let samples = vits.waveform(&latents, &breath).await.map_err(named)?;
    laps.lap().await?;
    Ok(samples)
}

/// What Whisper writes of a sound.
async fn tokens(
    (whisper, mel): (&Whisper, &Mel),
    wanted: &Sounds,
    laps: &mut Laps<'_>,
) -> Result<Vec<f32>, Failure> {
    let breath = laps.kit.breath();
    let samples = wanted.samples.clone();
    let sound = Sound { samples, channels: 1, rate_hz: MEL_RATE, starts_s: 0, ends: true };
    sound::check(&sound)?;
    let frames = whisper.encoder.input_shape()[1];
    let piece = Piece::of(sound, &breath).await?;
    let bands = piece.bands(mel, frames, &breath).await?;
    let window = bands.window(mel, (0, frames), bands.loudest)?;
    laps.lap().await?;
    let states = whisper.encoder.forward(&window, &breath).await.map_err(named)?;
    laps.lap().await?;
    let heard = whisper.decoder.hear(&states, &breath).await.map_err(named)?;
    let ids = written((whisper, &heard), wanted, &breath).await?;
    laps.lap().await?;
    Ok(ids.into_iter().map(|id| id as f32).collect())
}

/// The likeliest token after the other; no token ends it.
async fn written(
    (whisper, heard): (&Whisper, &Heard),
    wanted: &Sounds,
    breath: &Breath,
) -> Result<Vec<u32>, Failure> {
    let sampling = Sampling { temperature: 0., ..Sampling::default() };
    let mut sampler = Sampler::new(&sampling, 0, &[]);
    let mut past = whisper.decoder.nothing();
    let mut ids = wanted.ids.clone();
    for _ in 0..wanted.answer_tokens {
        let logits = whisper.decoder.step(heard, &ids[past.len()..], &mut past, breath).await;
        let logits = logits.and_then(|logits| Ok(logits.to_vec1()?)).map_err(named)?;
        ids.push(sampler.next(logits)?);
    }
    Ok(ids)
}
