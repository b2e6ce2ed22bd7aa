//! VITS against its reference: see `golden/vits.py`.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::{
    breaths::stop_at_any,
    near::{self, check, numbers},
};
use models::{
    Kind, Memory, Names, Numbers, Safetensors, Weights, no_breath,
    vits::{Config, Vits},
};
use pollster::block_on;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/vits")
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn vits(quantize: Option<Kind>) -> Vits {
    let bytes = fs::read(folder().join("model.safetensors")).unwrap();
    let file: Rc<dyn models::Source> = Rc::new(Memory(bytes));
    let files = Safetensors::read(vec![("model.safetensors".into(), file)], None).unwrap();
    let weights = Weights::safetensors(files, no_breath(), quantize);
    let config = Config::from_json(&json("config.json").to_string()).unwrap();
    block_on(Vits::load(&weights, config)).unwrap()
}

fn rows(golden: &HashMap<String, Numbers>) -> [Vec<f32>; 2] {
    let rows: Vec<Vec<f32>> = golden["duration_noise"].to_vec2().unwrap();
    rows.try_into().unwrap()
}

fn counts(golden: &HashMap<String, Numbers>, name: &str) -> Vec<usize> {
    numbers(&golden[name]).into_iter().map(|x| x as usize).collect()
}

#[test]
fn every_stage_says_what_the_reference_says() {
    let golden = near::golden(&folder());
    for quantize in [None, Some(Kind::Q8_0)] {
        let (vits, breath) = (vits(quantize), no_breath());
        let read = block_on(vits.read(&near::ids(&golden, "ids"), &breath)).unwrap();
        check("means", quantize, &read.means, &golden["means"]);
        check("variances", quantize, &read.log_variances, &golden["log_variances"]);
        let logs = block_on(vits.log_durations(&read, rows(&golden), &breath)).unwrap();
        let logs = models::numbers(logs, golden["log_durations"].dims()).unwrap();
        check("durations", quantize, &logs, &golden["log_durations"]);
        // Rounded weights may move a duration over a whole number: what follows is said as the reference does.
        let frames = counts(&golden, "frames");
        let latents = block_on(vits.latents(&read, &frames, &golden["noise"], &breath)).unwrap();
        check("latents", quantize, &latents, &golden["latents"]);
        let wave = block_on(vits.waveform(&golden["latents"], &breath)).unwrap();
        let wave = models::numbers(wave, golden["waveform"].dims()).unwrap();
        check("waveform", quantize, &wave, &golden["waveform"]);
    }
}

#[test]
fn tokens_take_as_many_frames_as_the_reference_gives_them() {
    let (golden, vits) = (near::golden(&folder()), vits(None));
    let logs = numbers(&golden["log_durations"]);
    assert_eq!(vits.frames(&logs, 1.).unwrap(), counts(&golden, "frames"));
    assert_eq!(vits.frames(&logs, 0.7).unwrap(), counts(&golden, "slow"));
    for logs in [[f32::NAN, 1.], [100., 1.], [11., 11.5]] {
        let told = vits.frames(&logs, 1.).unwrap_err().to_string();
        assert!(told.contains("more than 120 seconds"), "{told}");
    }
}

#[test]
fn noise_and_tokens_that_do_not_fit_are_errors() {
    let (golden, vits, breath) = (near::golden(&folder()), vits(None), no_breath());
    for ids in [vec![], vec![40], vec![0, u32::MAX]] {
        assert!(block_on(vits.read(&ids, &breath)).is_err(), "{ids:?}");
    }
    let read = block_on(vits.read(&near::ids(&golden, "ids"), &breath)).unwrap();
    for noise in [[vec![0.; 3], vec![0.; 3]], [rows(&golden)[0].clone(), vec![]]] {
        assert!(block_on(vits.log_durations(&read, noise, &breath)).is_err());
    }
    let frames = counts(&golden, "frames");
    let fewer = golden["noise"].narrow(0, 1, 9).unwrap();
    assert!(block_on(vits.latents(&read, &frames, &fewer, &breath)).is_err());
    assert!(block_on(vits.latents(&read, &frames[1..], &golden["noise"], &breath)).is_err());
}

#[test]
fn saying_can_be_stopped_at_any_breath() {
    let (golden, vits) = (near::golden(&folder()), vits(None));
    stop_at_any(50, 7, async |breath| {
        let read = vits.read(&near::ids(&golden, "ids"), breath).await?;
        vits.log_durations(&read, rows(&golden), breath).await?;
        let frames = counts(&golden, "frames");
        let latents = vits.latents(&read, &frames, &golden["noise"], breath).await?;
        vits.waveform(&latents, breath).await
    });
}

/// With `weight_norm`'s names since PyTorch 2.0, as the reference has them now, and with those before, as the
/// published checkpoints have them.
#[test]
fn every_tensor_of_the_real_checkpoints_is_used_once() {
    let layout = json("layout.json");
    let tensors: HashMap<String, Vec<u64>> =
        serde_json::from_value(layout["tensors"].clone()).unwrap();
    let old = |name: &str| {
        let name = name.replace("parametrizations.weight.original0", "weight_g");
        name.replace("parametrizations.weight.original1", "weight_v")
    };
    let config = layout["config"].to_string();
    let load = |tensors: &[(String, Vec<u64>)]| {
        let weights = Weights::outline(tensors.to_vec(), Names::HuggingFace)?;
        block_on(Vits::load(&weights, Config::from_json(&config)?)).map(drop)
    };
    let now: Vec<_> = tensors.into_iter().collect();
    let before: Vec<_> = now.iter().map(|(name, shape)| (old(name), shape.clone())).collect();
    load(&before).unwrap();
    load(&now).unwrap();
    // Only training needs them.
    let idle = ["posterior_encoder.", "duration_predictor.post_", "duration_predictor.flows.1."];
    for (at, (name, shape)) in now.iter().enumerate() {
        // Layers are alike: the first two stand for all.
        if name.split('.').any(|part| part.parse().is_ok_and(|layer: u32| layer > 2)) {
            continue;
        }
        let mut fewer = now.clone();
        fewer.remove(at);
        match load(&fewer) {
            Ok(()) => assert!(idle.iter().any(|idle| name.starts_with(idle)), "{name}"),
            Err(told) if name.ends_with("original1") => {
                assert!(told.to_string().contains("weight"), "{told} for {name}");
            }
            Err(told) => assert!(told.to_string().contains(name), "{told} for {name}"),
        }
        let mut other = now.clone();
        other[at].1 = shape.iter().map(|size| size + 1).collect();
        let is_idle = idle.iter().any(|idle| name.starts_with(idle));
        assert_eq!(load(&other).is_ok(), is_idle, "{name} of another shape");
    }
    let mut more = now.clone();
    more.push(("decoder.resblocks.12.convs1.0.weight".into(), vec![1]));
    assert!(load(&more).unwrap_err().to_string().contains("resblocks.12"));
}

#[test]
fn a_kind_that_is_not_known_is_refused() {
    let refused = |json: &str, words: &str| {
        let told = Config::from_json(json).unwrap_err().to_string();
        assert!(told.contains(words), "`{told}` lacks `{words}`");
    };
    refused(r#"{"num_speakers":109}"#, "several speakers");
    refused(r#"{"use_stochastic_duration_prediction":false}"#, "not drawn");
    refused(r#"{"depth_separable_channels":4}"#, "two channels");
    for size in [
        r#""hidden_size":193"#,
        r#""flow_size":191"#,
        r#""upsample_rates":[8,8,2]"#,
        r#""upsample_kernel_sizes":[16,16,4,5]"#,
        r#""upsample_rates":[256,256,256,256],"upsample_kernel_sizes":[256,256,256,256]"#,
        r#""upsample_initial_channel":8"#,
        r#""resblock_kernel_sizes":[3,7,10]"#,
        r#""resblock_dilation_sizes":[[1],[1]]"#,
        r#""wavenet_dilation_rate":1000"#,
        r#""duration_predictor_flow_bins":0"#,
        r#""sampling_rate":0"#,
        r#""noise_scale":-1"#,
        r#""speaking_rate":0"#,
        r#""num_hidden_layers":1000000"#,
    ] {
        refused(&format!("{{{size}}}"), "no voice has these sizes");
    }
    refused("1", "invalid");
    assert_eq!(Config::from_json("{}").unwrap().hop(), 256);
}
