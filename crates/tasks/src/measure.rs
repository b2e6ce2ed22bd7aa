//! Time a model on tokens that mean nothing.

mod sounds;

use api::{
    Failure,
    chat::Sampling,
    measure::{Encode, Input, Measure, Output, Partial, Stage, Timed, What, Write},
};
use models::{Cache, seq2seq};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

use crate::{
    Job, Kit,
    chat::REPORT_TOKENS,
    checkpoint::{self, Checkpoint},
    encoder,
    generate::{self, Question, Settings},
    sampling::Sampler,
};

impl Job for Measure {
    async fn run(kit: &Kit<Self>, input: Input) -> Result<Output, Failure> {
        let Input { model, seed, what } = input;
        kit.resident().clear();
        let random = ChaCha8Rng::seed_from_u64(seed);
        match what {
            What::Decoder(stages) => decoder(kit, &model, stages, random).await,
            What::Encoder(wanted) => encoder(kit, &model, wanted, random).await,
            What::Writer(wanted) => writer(kit, &model, wanted).await,
            What::Sounds(wanted) => sounds::run(kit, &model, wanted).await,
        }
    }
}

async fn decoder(
    kit: &Kit<Measure>,
    model: &str,
    wanted: Vec<Stage>,
    mut random: ChaCha8Rng,
) -> Result<Output, Failure> {
    let began_ms = kit.now_ms();
    let checkpoint = checkpoint::open(kit, model, Partial::Loading).await?;
    let load_ms = kit.now_ms() - began_ms;
    check(&wanted, &checkpoint)?;
    let mut cache = Cache::new(&checkpoint.decoder);
    let mut stages = Vec::new();
    for stage in wanted {
        cache.truncate(stage.kept_tokens as usize);
        let timed = time(kit, &checkpoint, &mut cache, (stage, &mut random)).await?;
        kit.send(Partial::Timed(timed.clone())).await?;
        stages.push(timed);
    }
    Ok(Output::Decoder { model: checkpoint.about, load_ms, stages })
}

async fn encoder(
    kit: &Kit<Measure>,
    model: &str,
    Encode { precision, lengths, runs }: Encode,
    mut random: ChaCha8Rng,
) -> Result<Output, Failure> {
    let began_ms = kit.now_ms();
    let encoder = encoder::open(kit, model, precision, Partial::Loading).await?;
    let load_ms = kit.now_ms() - began_ms;
    let named = |error| checkpoint::failure("the model", error);
    let input = encoder.any_input(&lengths, &mut random, &kit.breath()).await.map_err(named)?;
    let mut run_ms = Vec::new();
    for _ in 0..runs {
        let began_ms = kit.now_ms();
        encoder.forward(&input, &kit.breath()).await.map_err(named)?;
        run_ms.push(kit.now_ms() - began_ms);
        kit.turn().await?;
    }
    Ok(Output::Encoder { load_ms, run_ms })
}

async fn writer(kit: &Kit<Measure>, model: &str, wanted: Write) -> Result<Output, Failure> {
    let began_ms = kit.now_ms();
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let shape = seq2seq::Config::from_json(&config)
        .map_err(|error| checkpoint::failure("config.json", error))?;
    let opened = (wanted.precision, shape);
    let network = crate::seq2seq::network(kit, model, opened, Partial::Loading).await?;
    let load_ms = kit.now_ms() - began_ms;
    let (mut runs, mut answer) = (Vec::new(), Vec::new());
    for _ in 0..wanted.runs {
        let (timed, ids) = written(kit, &network, &wanted).await?;
        kit.send(Partial::Timed(timed.clone())).await?;
        runs.push(timed);
        answer = ids;
    }
    Ok(Output::Writer { load_ms, runs, answer })
}

/// One run, and what it wrote: no token ends an answer, so all have the same length.
async fn written(
    kit: &Kit<Measure>,
    network: &seq2seq::Seq2Seq,
    wanted: &Write,
) -> Result<(Timed, Vec<u32>), Failure> {
    let settings = format!(
        r#"{{"decoder_start_token_id": 0, "num_beams": {}, "max_new_tokens": {}}}"#,
        wanted.beams, wanted.answer_tokens
    );
    let settings = Settings::read(Some(settings.as_bytes()), b"")?;
    let began_ms = kit.now_ms();
    let input = generate::Input::read(network, &wanted.source, &kit.breath()).await?;
    let mut last_ms = kit.now_ms();
    let prompt_ms = last_ms - began_ms;
    let question = Question { model: network, input: &input, settings: &settings, seed: 0 };
    let mut answer_ms = Vec::new();
    let tell = async |_: &[u32]| {
        kit.turn().await?;
        let now_ms = kit.now_ms();
        answer_ms.push(now_ms - last_ms);
        last_ms = now_ms;
        Ok(())
    };
    let answer = generate::write(question, &kit.breath(), tell).await?;
    Ok((Timed { prompt_ms, answer_ms }, answer.ids))
}

/// Stages fit into each other and into the model.
fn check(stages: &[Stage], checkpoint: &Checkpoint) -> Result<(), Failure> {
    let mut held_tokens = 0;
    for Stage { kept_tokens, prompt_tokens, answer_tokens } in stages {
        let refused = |reason: String| Err(Failure::input("stages", reason));
        if *kept_tokens > held_tokens {
            return refused(format!("{kept_tokens} tokens of {held_tokens} cannot be kept"));
        }
        if *prompt_tokens == 0 {
            return refused("a prompt needs at least one token".into());
        }
        let most = checkpoint.about.context_tokens;
        let sum = [*prompt_tokens, *answer_tokens]
            .iter()
            .try_fold(*kept_tokens, |sum, tokens| sum.checked_add(*tokens));
        match sum.filter(|sum| *sum <= most) {
            Some(sum) => held_tokens = sum,
            None => return refused(format!("the model holds {most} tokens")),
        }
    }
    Ok(())
}

/// One stage, in the steps in which a conversation is read and answered.
async fn time(
    kit: &Kit<Measure>,
    checkpoint: &Checkpoint,
    cache: &mut Cache,
    (stage, random): (Stage, &mut ChaCha8Rng),
) -> Result<Timed, Failure> {
    let vocab_size = checkpoint.decoder.config().vocab_size as u32;
    let prompt: Vec<u32> =
        (0..stage.prompt_tokens).map(|_| random.next_u32() % vocab_size).collect();
    let began_ms = kit.now_ms();
    let mut logits = Vec::new();
    for some in prompt.chunks(REPORT_TOKENS) {
        logits = forward(kit, checkpoint, cache, some).await?;
    }
    let prompt_ms = kit.now_ms() - began_ms;
    let sampling = Sampling::default();
    let mut sampler = Sampler::new(&sampling, 0, &prompt);
    let mut answer_ms = Vec::new();
    for _ in 0..stage.answer_tokens {
        let began_ms = kit.now_ms();
        let token = sampler.next(logits)?;
        logits = forward(kit, checkpoint, cache, &[token]).await?;
        kit.turn().await?;
        answer_ms.push(kit.now_ms() - began_ms);
    }
    Ok(Timed { prompt_ms, answer_ms })
}

async fn forward(
    kit: &Kit<Measure>,
    checkpoint: &Checkpoint,
    cache: &mut Cache,
    ids: &[u32],
) -> Result<Vec<f32>, Failure> {
    let logits = checkpoint.decoder.forward(ids, cache, &kit.breath()).await;
    let logits = logits.and_then(|logits| Ok(logits.to_vec1()?));
    logits.map_err(|error| checkpoint::failure("the model", error))
}
