//! The benchmark's task through the worker's door: the same network and the same steps as `chat` takes.

use std::{
    cell::{Cell, RefCell},
    fs,
    path::Path,
    rc::Rc,
};

use api::{
    Failure, Precision, Task,
    measure::{Encode, Input, Measure, Output, Partial, Sounds, Stage, Timed, What, Write},
    wire,
};
use tasks::{Files, Later, Memory, Port, Resident, Source};

/// What the clock gains whenever it is looked at.
const TICK_MS: f64 = 5.0;
/// Positions of the tiny checkpoints.
const CONTEXT: u32 = 4096;

fn now<T: 'static>(value: Result<T, Failure>) -> Later<T> {
    Box::pin(std::future::ready(value))
}

/// Tiny checkpoints, by the names of their families.
struct Tiny;

/// Where they lie, and how long that is which they take.
const ENCODERS: &[(&str, &[u32])] = &[
    ("encoder/bert", &[5, 1, 7]),
    ("encoder/clip", &[]),
    ("encoder/whisper", &[]),
    ("detr/basic", &[64, 48]),
    ("dpt/plain", &[40, 40]),
    ("owlvit", &[]),
    ("sam", &[]),
    ("sam", &[2]),
];
const WRITERS: &[&str] = &["bart", "m2m_100", "marian", "flan-t5"];

/// Networks of sounds: stages of a run, and how many numbers it comes to, or a divisor of that.
const SOUNDS: &[(&str, usize, usize)] = &[("clap", 2, 32), ("vits", 3, 8), ("whisper", 3, 7)];

impl Files for Tiny {
    fn list(&self, model: &str) -> Later<Vec<String>> {
        let names: &[&str] = match model {
            "tiny" => &["model-q8_0.gguf"],
            "clap" => &["config.json", "model.safetensors", "preprocessor_config.json"],
            _ => &["config.json", "model.safetensors"],
        };
        now(Ok(names.iter().map(|name| (*name).to_owned()).collect()))
    }

    fn open(&self, model: &str, file: &str) -> Later<Rc<dyn Source>> {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
        let place = match model {
            "tiny" => golden.join("decoder/llama"),
            writer if WRITERS.contains(&writer) => golden.join("seq2seq").join(writer),
            other => golden.join(other),
        };
        now(Ok(Rc::new(Memory(fs::read(place.join(file)).unwrap()))))
    }
}

/// A driver that hears everything, and hangs up after so many stages.
struct Tape {
    resident: Rc<Resident>,
    clock_ms: Cell<f64>,
    heard: RefCell<Vec<Partial>>,
    enough: usize,
}

impl Tape {
    fn timed(&self) -> Vec<Timed> {
        let timed = |partial: &Partial| match partial {
            Partial::Timed(timed) => Some(timed.clone()),
            Partial::Loading(_) => None,
        };
        self.heard.borrow().iter().filter_map(timed).collect()
    }
}

impl Port for Tape {
    fn partial(&self, body: Vec<u8>) -> Later<()> {
        self.heard.borrow_mut().push(wire::decode(&body).unwrap());
        self.turn()
    }

    fn turn(&self) -> Later<()> {
        now(if self.timed().len() >= self.enough { Err(Failure::Stopped) } else { Ok(()) })
    }

    fn now_ms(&self) -> f64 {
        self.clock_ms.set(self.clock_ms.get() + TICK_MS);
        self.clock_ms.get()
    }

    fn files(&self) -> Rc<dyn Files> {
        Rc::new(Tiny)
    }

    fn resident(&self) -> Rc<Resident> {
        self.resident.clone()
    }
}

fn run(stages: &[Stage], enough: usize) -> (Rc<Tape>, Result<Output, Failure>) {
    ask("tiny", What::Decoder(stages.to_vec()), enough)
}

fn ask(model: &str, what: What, enough: usize) -> (Rc<Tape>, Result<Output, Failure>) {
    let tape = Rc::new(Tape {
        resident: Rc::new(Resident::default()),
        clock_ms: Cell::default(),
        heard: RefCell::default(),
        enough,
    });
    tape.resident.set(Rc::new("the model of the call before"));
    let input = Input { model: model.into(), seed: 7, what };
    let entry = tasks::find(Measure::NAME).unwrap();
    let end = pollster::block_on((entry.run)(tape.clone(), wire::encode(&input).unwrap()));
    (tape, end.map(|body| wire::decode(&body).unwrap()))
}

fn stage(kept_tokens: u32, prompt_tokens: u32, answer_tokens: u32) -> Stage {
    Stage { kept_tokens, prompt_tokens, answer_tokens }
}

#[test]
fn every_stage_is_timed_and_told_when_it_ends() {
    let (tape, output) = run(&[stage(0, 70, 3), stage(0, 5, 0), stage(5, 2, 4)], usize::MAX);
    let Output::Decoder { model, load_ms, stages } = output.unwrap() else { panic!("no decoder") };
    assert_eq!(model.architecture, "llama");
    assert!(load_ms > 0.0);
    let answers: Vec<_> = stages.iter().map(|timed| timed.answer_ms.len()).collect();
    assert_eq!(answers, [3, 0, 4]);
    // The clock ticks once per look: a time that misses its second look would be zero.
    for timed in &stages {
        assert!(timed.prompt_ms >= TICK_MS, "{timed:?}");
        assert!(timed.answer_ms.iter().all(|ms| *ms >= TICK_MS), "{timed:?}");
    }
    assert_eq!(tape.timed(), stages);
    assert!(tape.resident.get::<&str>().is_none(), "two models were held at once");
}

#[test]
fn stages_that_do_not_fit_are_refused_in_words() {
    for (stages, words) in [
        (vec![stage(1, 2, 3)], "1 tokens of 0 cannot be kept"),
        (vec![stage(0, 8, 2), stage(11, 1, 0)], "11 tokens of 10 cannot be kept"),
        (vec![stage(0, 0, 3)], "at least one token"),
        (vec![stage(0, CONTEXT, 1)], "the model holds 4096 tokens"),
        (vec![stage(0, u32::MAX, 1)], "the model holds 4096 tokens"),
    ] {
        let (tape, end) = run(&stages, usize::MAX);
        let said = end.unwrap_err().to_string();
        assert!(said.contains(words), "`{said}` lacks `{words}`");
        assert_eq!(tape.timed(), []);
    }
}

#[test]
fn a_measurement_can_be_stopped() {
    let (tape, end) = run(&[stage(0, 3, 1), stage(0, 3, 1)], 1);
    assert_eq!(end, Err(Failure::Stopped));
    assert_eq!(tape.timed().len(), 1);
}

#[test]
fn every_run_of_an_encoder_is_timed() {
    for (model, lengths) in ENCODERS {
        for precision in [Precision::Stored, Precision::Q8_0] {
            let wanted = Encode { precision, lengths: lengths.to_vec(), runs: 3 };
            let (_, output) = ask(model, What::Encoder(wanted), usize::MAX);
            let Output::Encoder { load_ms, run_ms } = output.unwrap() else { panic!("no encoder") };
            assert!(load_ms > 0.0 && run_ms.len() == 3, "{model}: {run_ms:?}");
            assert!(run_ms.iter().all(|ms| *ms >= TICK_MS), "{model}: {run_ms:?}");
        }
    }
}

#[test]
fn what_an_encoder_cannot_read_is_an_error() {
    let wanted = |lengths| Encode { precision: Precision::Stored, lengths, runs: 1 };
    let told = ask("encoder/bert", What::Encoder(wanted(vec![5, 0])), usize::MAX).1.unwrap_err();
    assert!(told.to_string().contains("spans"), "{told}");
    let told = ask("detr/basic", What::Encoder(wanted(Vec::new())), usize::MAX).1.unwrap_err();
    assert!(told.to_string().contains("a picture needs rows and columns"), "{told}");
    let told = ask("tiny", What::Encoder(wanted(vec![5])), usize::MAX).1.unwrap_err();
    assert!(told.to_string().contains("config.json is missing"), "{told}");
}

#[test]
fn every_run_of_an_encoder_decoder_is_timed() {
    let wanted = |source_tokens, beams| {
        let (precision, answer_tokens) = (Precision::Q8_0, 6);
        let source = (0..source_tokens).collect();
        What::Writer(Write { precision, source, answer_tokens, beams, runs: 2 })
    };
    for model in WRITERS {
        for beams in [1, 4] {
            let (tape, output) = ask(model, wanted(9, beams), usize::MAX);
            let Output::Writer { load_ms, runs, answer } = output.unwrap() else {
                panic!("no writer")
            };
            assert!(load_ms > 0.0 && runs.len() == 2, "{model}");
            assert_eq!((answer.len(), answer[0]), (7, 0), "{model}");
            for timed in &runs {
                assert!(timed.prompt_ms >= TICK_MS && timed.answer_ms.len() == 6, "{timed:?}");
                assert!(timed.answer_ms.iter().all(|ms| *ms >= TICK_MS), "{timed:?}");
            }
            assert_eq!(tape.timed(), runs);
        }
    }
    let refused = |what, words| {
        let told = ask("bart", what, usize::MAX).1.unwrap_err().to_string();
        assert!(told.contains(words), "{told}");
    };
    refused(wanted(0, 4), "empty");
    refused(wanted(81, 4), "81 tokens");
    refused(wanted(9, 0), "num_beams");
    assert_eq!(ask("bart", wanted(9, 1), 1).1, Err(Failure::Stopped));
}

fn sounds(precision: Precision, ids: &[u32]) -> Sounds {
    let samples = (0..9_600).map(|at| (at as f32 / 7.).sin()).collect();
    Sounds { precision, samples, ids: ids.to_vec(), answer_tokens: 6, runs: 2 }
}

#[test]
fn every_stage_of_a_network_of_sounds_is_timed() {
    for (model, stages, numbers) in SOUNDS {
        for precision in [Precision::Stored, Precision::Q8_0] {
            let (_, output) = ask(model, What::Sounds(sounds(precision, &[3])), usize::MAX);
            let Output::Sounds { load_ms, runs, answer } = output.unwrap() else {
                panic!("no network of sounds")
            };
            assert!(load_ms > 0.0 && runs.len() == 2, "{model}");
            for ms in &runs {
                assert_eq!(ms.len(), *stages, "{model}: {ms:?}");
                assert!(ms.iter().all(|ms| *ms >= TICK_MS), "{model}: {ms:?}");
            }
            // As many samples as durations say, eight for each frame.
            let is_whole = match *model {
                "vits" => !answer.is_empty() && answer.len().is_multiple_of(*numbers),
                _ => answer.len() == *numbers,
            };
            assert!(is_whole, "{model}: {}", answer.len());
            let loudest = answer.iter().fold(0f32, |most, x| most.max(x.abs()));
            assert!(loudest > 0., "{model}: {answer:?}");
        }
    }
}

#[test]
fn what_a_network_of_sounds_cannot_take_is_an_error() {
    let refused = |model, wanted, words| {
        let told = ask(model, What::Sounds(wanted), usize::MAX).1.unwrap_err().to_string();
        assert!(told.contains(words), "{told}");
    };
    let plain = |ids: &[u32]| sounds(Precision::Stored, ids);
    refused("whisper", plain(&[]), "0 tokens after 0");
    refused("whisper", Sounds { answer_tokens: 25, ..plain(&[3]) }, "for a model of 24 positions");
    refused("whisper", Sounds { samples: Vec::new(), ..plain(&[3]) }, "there is none");
    refused("vits", plain(&[40]), "40");
    refused("encoder/bert", plain(&[3]), "\"bert\" is no network of sounds");
}
