//! Whisper against its reference: see `golden/whisper.py`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::near::{self, check, ids, numbers};
use candle_core::{Device, Tensor};
use media::{Mel, Resampler, mono, resample};
use models::{Kind, Memory, Names, Safetensors, Weights, no_breath, whisper::Whisper};
use pollster::block_on;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/whisper")
}

fn whisper(quantize: Option<Kind>) -> Whisper {
    let name = "model.safetensors";
    let file: Rc<dyn models::Source> = Rc::new(Memory(fs::read(folder().join(name)).unwrap()));
    let files = Safetensors::read(vec![(name.into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    let config = fs::read_to_string(folder().join("config.json")).unwrap();
    block_on(Whisper::load(&weights, &config)).unwrap()
}

fn most_likely(logits: &Tensor) -> u32 {
    let logits: Vec<f32> = numbers(logits);
    (0..logits.len()).max_by(|a, b| logits[*a].total_cmp(&logits[*b])).unwrap() as u32
}

#[test]
fn words_follow_a_sound_as_in_the_reference() {
    let golden = near::golden(&folder());
    let prompt = ids(&golden, "prompt");
    for quantize in [None, Some(Kind::Q8_0)] {
        let whisper = whisper(quantize);
        let Whisper { encoder, decoder, .. } = &whisper;
        let states = block_on(encoder.forward(&golden["mel"], &no_breath())).unwrap();
        check("states", quantize, &states, &golden["states"]);
        let heard = block_on(decoder.hear(&states, &no_breath())).unwrap();
        // One by one, and in every two parts.
        let mut written = decoder.nothing();
        let mut one_by_one = Vec::new();
        for id in &prompt {
            let id = std::slice::from_ref(id);
            one_by_one
                .push(block_on(decoder.step(&heard, id, &mut written, &no_breath())).unwrap());
        }
        check("logits", quantize, &Tensor::stack(&one_by_one, 0).unwrap(), &golden["logits"]);
        for cut in 1..prompt.len() {
            let (first, then) = prompt.split_at(cut);
            let mut written = decoder.nothing();
            for (ids, len) in [(first, cut), (then, prompt.len())] {
                let logits =
                    block_on(decoder.step(&heard, ids, &mut written, &no_breath())).unwrap();
                assert_eq!(written.len(), len);
                check("parts", None, &logits, &one_by_one[len - 1]);
            }
        }
    }
}

#[test]
fn greedy_tokens_are_the_reference_s() {
    let golden = near::golden(&folder());
    let (prompt, want) = (ids(&golden, "prompt"), ids(&golden, "tokens"));
    let whisper = whisper(None);
    let Whisper { encoder, decoder, .. } = &whisper;
    let states = block_on(encoder.forward(&golden["mel"], &no_breath())).unwrap();
    let heard = block_on(decoder.hear(&states, &no_breath())).unwrap();
    let mut written = decoder.nothing();
    let mut tokens = prompt.clone();
    let mut logits = block_on(decoder.step(&heard, &prompt, &mut written, &no_breath())).unwrap();
    while tokens.len() < want.len() {
        tokens.push(most_likely(&logits));
        let id = &tokens[tokens.len() - 1..];
        logits = block_on(decoder.step(&heard, id, &mut written, &no_breath())).unwrap();
    }
    assert_eq!(tokens, want);
    // The model has no more positions; what is refused changes nothing.
    let before = written.len();
    assert_eq!(before, decoder.config().max_target_positions);
    for ids in [&[][..], &[4], &[60]] {
        assert!(block_on(decoder.step(&heard, ids, &mut written, &no_breath())).is_err());
        assert_eq!(written.len(), before);
    }
    let short = states.narrow(0, 0, 8).unwrap();
    assert!(block_on(decoder.hear(&short, &no_breath())).is_err());
}

type Tensors = Vec<(String, Vec<u64>)>;

fn load(config: &str, tensors: &Tensors) -> models::Result<Whisper> {
    block_on(Whisper::load(&Weights::outline(tensors.clone(), Names::HuggingFace)?, config))
}

/// Every layer by its number.
fn expanded(layout: &serde_json::Value) -> Tensors {
    let shapes: HashMap<String, Vec<u64>> =
        serde_json::from_value(layout["tensors"].clone()).unwrap();
    let mut tensors = Vec::new();
    for (name, shape) in shapes {
        let side = if name.contains("encoder.layers.*") { "encoder" } else { "decoder" };
        let count = layout["config"][format!("{side}_layers")].as_u64().unwrap();
        let count = if name.contains('*') { count } else { 1 };
        tensors.extend((0..count).map(|i| (name.replace('*', &i.to_string()), shape.clone())));
    }
    tensors
}

#[test]
fn every_tensor_of_a_real_whisper_is_used_once() {
    let layouts = fs::read_to_string(folder().join("layout.json")).unwrap();
    let layouts: HashMap<String, serde_json::Value> = serde_json::from_str(&layouts).unwrap();
    assert_eq!(layouts.len(), 7);
    for (checkpoint, layout) in &layouts {
        let (config, tensors) = (layout["config"].to_string(), expanded(layout));
        load(&config, &tensors).unwrap();
        for (i, (name, _)) in tensors.iter().enumerate() {
            // Layers are alike: the first two stand for all.
            if name.split('.').any(|part| part.parse().is_ok_and(|layer: u32| layer > 1)) {
                continue;
            }
            let mut fewer = tensors.clone();
            fewer.remove(i);
            let told = load(&config, &fewer).err().unwrap().to_string();
            assert!(told.contains(name), "{checkpoint}: {told} for {name}");
            let mut other = tensors.clone();
            other[i].1[0] += 1;
            let told = load(&config, &other).err().unwrap().to_string();
            assert!(told.contains(name), "{checkpoint}: {told} for {name}");
        }
        let head = [layout["config"]["vocab_size"].as_u64().unwrap(), 1].to_vec();
        let mut more = tensors.clone();
        more.push(("proj_out.weight".into(), head.clone()));
        load(&config, &more).unwrap();
        more.push(("model.decoder.fc3.weight".into(), head));
        assert!(load(&config, &more).err().unwrap().to_string().contains("fc3"));
    }
}

#[test]
fn bands_of_a_sound_are_the_reference_s() {
    let golden =
        candle_core::safetensors::load(folder().join("mel.safetensors"), &Device::Cpu).unwrap();
    let sound = numbers(&golden["pcm"]);
    for bands in [80, 128] {
        let mel = Mel::new(bands);
        let want = &golden[&format!("mel_{bands}")];
        let frames = want.dim(1).unwrap();
        let logs = mel.logs(&sound, 480_000, 0..3000);
        let got = mel.scaled(&logs);
        let all = Tensor::from_vec(got, (bands, 3000), &Device::Cpu).unwrap();
        let got = numbers(&all.narrow(1, 0, frames).unwrap().contiguous().unwrap());
        let off = got.iter().zip(numbers(want)).map(|(a, b)| (a - b).abs()).fold(0., f32::max);
        assert!(off <= 1e-4, "{bands} bands: off by {off:e}");
        let rest = numbers(&all.narrow(1, frames, 3000 - frames).unwrap().contiguous().unwrap());
        let silence = numbers(want)[frames - 1];
        assert!(rest.iter().all(|x| (x - silence).abs() <= 1e-4));
        // In parts as at once.
        assert_eq!(mel.logs(&sound, 480_000, 10..20), logs[10 * bands..20 * bands]);
    }
}

#[test]
fn silence_and_next_to_nothing_have_bands() {
    let mel = Mel::new(80);
    for sound in [vec![0.; 1600], vec![], vec![0.5; 3]] {
        let got = mel.scaled(&mel.logs(&sound, 480_000, 0..3000));
        assert_eq!(got.len(), 80 * 3000);
        assert!(got.iter().all(|x| x.is_finite()));
    }
    assert!(mel.scaled(&mel.logs(&[], 480_000, 0..3000)).iter().all(|x| *x == -1.5));
}

#[test]
fn a_tone_is_the_same_tone_at_another_rate() {
    let tone = |rate: u32, len: u32| -> Vec<f32> {
        let turn = |i| std::f64::consts::TAU * 440. * f64::from(i) / f64::from(rate);
        (0..len).map(|i| turn(i).sin() as f32).collect()
    };
    for rate in [8_000, 11_025, 22_050, 44_100, 48_000, 192_000] {
        let got = resample(&tone(rate, rate / 5), rate, 16_000).unwrap();
        let want = tone(16_000, 3_200);
        assert_eq!(got.len(), want.len(), "{rate}");
        // Away from its ends; how flat the filter of six crossings is.
        let off = got.iter().zip(&want).skip(50).take(3_100).map(|(a, b)| (a - b).abs());
        let off = off.fold(0., f32::max);
        assert!(off <= 3e-3, "{rate}: off by {off}");
    }
    // What the lower rate cannot hold is gone.
    let high: Vec<f32> = (0..9_600).map(|i| if i % 2 == 0 { 1. } else { -1. }).collect();
    let got = resample(&high, 48_000, 16_000).unwrap();
    assert!(got.iter().skip(50).take(3_100).all(|x| x.abs() <= 3e-3));
}

/// What `golden/transcribe.py` says of sounds at other rates: sums of sines `(loudness, hertz, phase)`.
#[derive(serde::Deserialize)]
struct Resampled {
    rate: u32,
    tones: Vec<(f64, f64, f64)>,
    first: usize,
    answer: Vec<f32>,
}

#[test]
fn sounds_at_other_rates_are_what_they_are_known_to_be() {
    let text = fs::read_to_string(folder().join("../transcribe/resampled.json")).unwrap();
    let cases: Vec<Resampled> = serde_json::from_str(&text).unwrap();
    assert_eq!(cases.len(), 6);
    for Resampled { rate, tones, first, answer } in cases {
        let at = |rate: u32, i: usize| {
            let moment = i as f64 / f64::from(rate);
            let tone = |(loud, hertz, phase): &(f64, f64, f64)| {
                loud * (std::f64::consts::TAU * hertz * moment + phase).sin()
            };
            tones.iter().map(tone).sum::<f64>() as f32
        };
        let samples: Vec<f32> = (0..rate as usize / 4).map(|i| at(rate, i)).collect();
        let got = resample(&samples, rate, 16_000).unwrap();
        assert_eq!(got.len(), (rate as usize / 4 * 16_000).div_ceil(rate as usize));
        // The filter has six crossings: flat to some thousandths, as torchaudio's with the same numbers.
        for (turn, want) in answer.iter().enumerate() {
            let place = first + 3 * turn;
            let (exact, got) = (at(16_000, place), got[place]);
            assert!((got - exact).abs() <= 3e-3, "{rate}, {place}: {got} for {exact}");
            assert!((got - want).abs() <= 4e-3, "{rate}, {place}: {got} for scipy's {want}");
        }
    }
}

#[test]
fn a_sound_in_parts_is_the_sound_at_once() {
    // The last two have more places between samples than are kept.
    for (from, to) in
        [(44_100, 16_000), (8_000, 16_000), (16_000, 16_000), (44_101, 16_001), (15_999, 16_000)]
    {
        let samples: Vec<f32> =
            (0..9_000).map(|i: i32| (i * i % 977) as f32 / 977. - 0.5).collect();
        let whole = resample(&samples, from, to).unwrap();
        let resampler = Resampler::new(from, to).unwrap();
        assert_eq!(whole.len(), resampler.len(samples.len()));
        let parts = (0..whole.len()).step_by(1_000);
        let parts = parts.flat_map(|at| resampler.part(&samples, at..whole.len().min(at + 1_000)));
        assert_eq!(parts.collect::<Vec<_>>(), whole, "{from} to {to}");
        assert!(whole.iter().all(|x| x.abs() < 1.));
    }
}

#[test]
fn channels_become_their_mean_and_bad_sounds_are_refused() {
    assert_eq!(mono(&[0., 1., 0.5, -0.5], 2), Ok(vec![0.5, 0.]));
    assert_eq!(mono(&[0.25, 1.], 1), Ok(vec![0.25, 1.]));
    assert_eq!(resample(&[0.25, 1.], 16_000, 16_000), Ok(vec![0.25, 1.]));
    let told = |bad: Result<Vec<f32>, String>, what: &str| {
        let told = bad.unwrap_err();
        assert!(told.contains(what), "{told}");
    };
    told(mono(&[], 1), "no samples");
    told(mono(&[1., 2., 3.], 2), "2 channels");
    told(mono(&[1.], 0), "0 channels");
    told(mono(&[1., f32::NAN], 1), "sample 1");
    told(resample(&[1.], 0, 16_000), "0 Hz");
    told(resample(&[1.], 4_000_000_000, 16_000), "4000000000 Hz");
}
