//! Outlines through the worker's door, against `golden/sam.py`.

use crate::{
    engine::{Bytes, Engine, read},
    pictures::{png, square},
};
use api::{
    Asked, Failure, Precision,
    picture::{Area, Mask, Picture},
    segment::{
        Ask, Everything, MOST_POINTS, MOST_PROMPTS, Output, Partial, Prompt, Segment, Side, Spot,
        Wish,
    },
};
use serde_json::Value;

/// Pictures, and what is asked about them.
const TASK: &str = "golden/sam/task.json";

fn files() -> Vec<(&'static str, Bytes)> {
    let names = ["config.json", "model.safetensors", "preprocessor_config.json"];
    names.map(|name| (name, read(&format!("golden/sam/{name}")))).into()
}

fn engine() -> Engine {
    Engine::with("tiny", &files())
}

pub fn run(engine: &Engine, ask: Option<Ask>) -> (Vec<Partial>, Result<Output, Failure>) {
    let input = Asked { model: "tiny".into(), precision: Precision::Stored, ask };
    engine.call::<Segment>(&input, Box::new(|_| false))
}

/// What is asked, under which name, with the scores and the runs of the reference's masks.
pub type Wanted = (String, Prompt, Vec<f32>, Vec<Vec<u32>>);

pub struct Case {
    pub picture: Picture,
    pub asked: Vec<Wanted>,
}

fn of<T: for<'a> serde::Deserialize<'a>>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn prompt(told: &Value) -> Prompt {
    let points: Vec<Vec<f32>> = of(&told["points"]);
    let inside: Vec<u8> = of(&told["inside"]);
    let side = |inside: &u8| if *inside == 1 { Side::Inside } else { Side::Outside };
    let spot = |(at, inside): (&Vec<f32>, &u8)| Spot { x: at[0], y: at[1], side: side(inside) };
    let area: Option<[f32; 4]> = of(&told["box"]);
    Prompt {
        points: points.iter().zip(&inside).map(spot).collect(),
        area: area.map(|[xmin, ymin, xmax, ymax]| Area { xmin, ymin, xmax, ymax }),
    }
}

/// What a script wrote into a file.
pub fn cases(path: &str) -> Vec<Case> {
    let cases: Vec<Value> = serde_json::from_slice(&read(path)).unwrap();
    let case = |case: &Value| Case {
        picture: Picture {
            width: of(&case["width"]),
            height: of(&case["height"]),
            rgb: of(&case["rgb"]),
        },
        asked: (case["asked"].as_object().unwrap().iter())
            .map(|(name, told)| {
                (name.clone(), prompt(told), of(&told["scores"]), of(&told["runs"]))
            })
            .collect(),
    };
    cases.iter().map(case).collect()
}

fn inside(runs: &[u32]) -> Vec<bool> {
    let runs = runs.iter().enumerate();
    runs.flat_map(|(at, run)| std::iter::repeat_n(at % 2 == 1, *run as usize)).collect()
}

/// Pixels in which two masks differ, in parts of all.
pub fn differ(one: &[u32], other: &[u32]) -> f32 {
    let (one, other) = (inside(one), inside(other));
    assert_eq!(one.len(), other.len());
    one.iter().zip(&other).filter(|(a, b)| a != b).count() as f32 / one.len() as f32
}

#[test]
fn every_prompt_is_answered_as_the_references_processor_and_network_answer_it() {
    let engine = engine();
    let cases = cases(TASK);
    assert_eq!(cases.len(), 3);
    for Case { picture, asked } in cases {
        assert_eq!(asked.len(), 4);
        let prompts = asked.iter().map(|(_, prompt, ..)| prompt.clone()).collect();
        let ask = Ask { picture: picture.clone(), wish: Wish::Prompts(prompts) };
        let output = run(&engine, Some(ask)).1.unwrap();
        assert_eq!(output.things.len(), 4);
        for (found, (name, _, scores, runs)) in output.things.iter().zip(&asked) {
            let mut order: Vec<usize> = (0..scores.len()).collect();
            order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
            assert_eq!(found.len(), 3);
            for (candidate, at) in found.iter().zip(order) {
                assert!((candidate.score - scores[at]).abs() < 1e-4, "{name}");
                let Mask { width, height, runs: got } = &candidate.mask;
                assert_eq!((*width, *height), (picture.width, picture.height));
                // Where the network's numbers are next to nothing, another order of sums may tip them.
                assert!(differ(got, &runs[at]) <= 2e-3, "{name}: {}", differ(got, &runs[at]));
            }
        }
    }
}

#[test]
fn a_picture_is_looked_at_once_however_often_it_is_asked_about() {
    let engine = engine();
    let mut cases = cases(TASK).into_iter();
    let (one, other) = (cases.next().unwrap(), cases.next().unwrap());
    let looks = |picture: &Picture, wish: Wish| {
        let (partials, output) = run(&engine, Some(Ask { picture: picture.clone(), wish }));
        output.unwrap();
        partials.iter().filter(|partial| **partial == Partial::Looking).count()
    };
    let point = || Wish::Prompts(vec![one.asked[0].1.clone()]);
    assert_eq!(looks(&one.picture, Wish::Look), 1);
    assert_eq!(looks(&one.picture, point()), 0);
    assert_eq!(looks(&other.picture, Wish::Look), 1);
    assert_eq!(looks(&one.picture, Wish::Look), 1, "only the last one is kept");
    let mut changed = one.picture.clone();
    changed.rgb[0] ^= 1;
    assert_eq!(looks(&changed, Wish::Look), 1);
}

const ALL: Everything = Everything {
    points_per_side: 3,
    least_score: 0.0,
    least_stability: 0.0,
    most_overlap: 1.0,
    least_area_px: 0,
};

#[test]
fn everything_is_what_all_points_of_the_grid_mean_without_what_is_refused() {
    let engine = engine();
    let Case { picture, .. } = cases(TASK).remove(0);
    let found = |wanted: Everything| {
        let ask = Ask { picture: picture.clone(), wish: Wish::Everything(wanted) };
        run(&engine, Some(ask)).1.unwrap().things
    };
    let all = found(ALL);
    assert!(all.len() > 9 && all.iter().all(|thing| thing.len() == 1), "{}", all.len());
    let scores: Vec<f32> = all.iter().map(|thing| thing[0].score).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b));
    let above = scores.iter().filter(|score| **score > 0.5).count();
    assert!(above > 0 && above < scores.len(), "{scores:?}");
    assert_eq!(found(Everything { least_score: 0.5, ..ALL }).len(), above);
    let alone = found(Everything { most_overlap: 0.5, ..ALL });
    assert!(!alone.is_empty() && alone.len() < all.len());
    let pixels = |thing: &[api::segment::Candidate]| -> u32 {
        thing[0].mask.runs.iter().skip(1).step_by(2).sum()
    };
    let large = all.iter().map(|thing| pixels(thing)).max().unwrap();
    let large = found(Everything { least_area_px: large, ..ALL });
    assert!(!large.is_empty() && large.len() < all.len());
    let told = run(&engine, Some(Ask { picture, wish: Wish::Everything(ALL) })).0;
    assert!(told.contains(&Partial::Prompting { done_prompts: 8, total_prompts: 9 }));
}

#[track_caller]
fn refused(engine: &Engine, wish: Wish, words: &str) {
    let Case { picture, .. } = cases(TASK).remove(0);
    let said = run(engine, Some(Ask { picture, wish })).1.unwrap_err().to_string();
    assert!(said.contains(words), "`{said}` lacks `{words}`");
}

#[test]
fn bad_questions_are_told_in_words() {
    let engine = engine();
    let spot = |x, y| Spot { x, y, side: Side::Inside };
    let prompt = |points: Vec<Spot>, sides: Option<[f32; 4]>| {
        let area = sides.map(|[xmin, ymin, xmax, ymax]| Area { xmin, ymin, xmax, ymax });
        Wish::Prompts(vec![
            Prompt { points: vec![spot(1.0, 1.0)], area: None },
            Prompt { points, area },
        ])
    };
    refused(&engine, Wish::Prompts(Vec::new()), "prompts: there are none");
    let many = vec![Prompt { points: vec![spot(1.0, 1.0)], area: None }; MOST_PROMPTS + 1];
    refused(&engine, Wish::Prompts(many), "301 are too many");
    refused(&engine, prompt(Vec::new(), None), "prompt 2: it is empty");
    let points = vec![spot(1.0, 1.0); MOST_POINTS + 1];
    refused(&engine, prompt(points, None), "101 points are too many");
    refused(
        &engine,
        prompt(vec![spot(91.0, 3.0)], None),
        "(91, 3) is not in the picture of 90 × 48",
    );
    refused(&engine, prompt(vec![spot(f32::NAN, 3.0)], None), "is not in the picture");
    for sides in
        [[5.0, 5.0, 5.0, 9.0], [95.0, 0.0, 99.0, 9.0], [-9.0, 0.0, 0.0, 9.0], [f32::NAN; 4]]
    {
        refused(&engine, prompt(Vec::new(), Some(sides)), "holds nothing of the picture");
    }
    let all = |change: fn(&mut Everything)| {
        let mut wanted = ALL;
        change(&mut wanted);
        Wish::Everything(wanted)
    };
    refused(&engine, all(|w| w.points_per_side = 0), "points per side: 0 is not from 1 to 64");
    refused(&engine, all(|w| w.least_score = 1.5), "least score: 1.5 is not from 0 to 1");
    refused(&engine, all(|w| w.most_overlap = f32::NAN), "most overlap");
}

#[test]
fn a_model_of_another_kind_is_refused() {
    let mut files = files();
    files[0].1 = read("golden/detr/basic/config.json");
    let said = run(&Engine::with("tiny", &files), None).1.unwrap_err().to_string();
    assert!(said.contains("\"detr\" draws no outlines"), "{said}");
    let output = run(&engine(), None).1.unwrap();
    assert_eq!((output.model.side_px, output.things.len()), (64, 0));
}

#[test]
fn a_checkpoint_may_say_how_everything_is_looked_for() {
    let about = |told: &str| {
        let mut files = files();
        let config = String::from_utf8(files[0].1.clone()).unwrap();
        files[0].1 = config.replacen("{", &format!("{{{told}"), 1).into_bytes();
        run(&Engine::with("tiny", &files), None).1.map(|output| output.model.usual)
    };
    let usual = Everything {
        points_per_side: 32,
        least_score: 0.88,
        least_stability: 0.95,
        most_overlap: 0.7,
        least_area_px: 0,
    };
    assert_eq!(about(""), Ok(usual));
    let told = about(r#""mask_generation": {"points_per_crop": 4, "pred_iou_thresh": 0.5},"#);
    assert_eq!(told, Ok(Everything { points_per_side: 4, least_score: 0.5, ..usual }));
    let said = about(r#""mask_generation": {"pred_iou_thresh": 7},"#).unwrap_err().to_string();
    assert!(said.contains("mask_generation: least score: 7 is not from 0 to 1"), "{said}");
}

/// Intersection over union.
fn overlap(one: &[bool], other: &[bool]) -> f64 {
    let count = |keep: fn(bool, bool) -> bool| {
        one.iter().zip(other).filter(|(a, b)| keep(**a, **b)).count() as f64
    };
    count(|a, b| a && b) / count(|a, b| a || b)
}

/// See `recipes/segment/evaluate.py`: the file says how the figures are found.
#[test]
fn the_shipped_model_is_as_good_as_its_card_says() {
    let golden: Value = serde_json::from_slice(&read("golden/default_segment.json")).unwrap();
    let (sheet, engine) = (png("golden/default_segment.png"), Engine::shipped("wick-segment"));
    let ask = |at: &Value, wish: Wish| {
        let picture = square(&sheet, of(&golden["side"]), of(at));
        let ask = Some(Ask { picture, wish });
        let input = Asked { model: "wick-segment".into(), precision: Precision::Stored, ask };
        engine.call::<Segment>(&input, Box::new(|_| false)).1.unwrap()
    };
    let usual = ask(&golden["cases"][0]["picture"], Wish::Look).model.usual;
    let ask = |at: &Value, wish: Wish| ask(at, wish).things;
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() > 90);
    let (mut sums, mut met) = ([0.0; 2], 0);
    for case in cases {
        let [x, y]: [f32; 2] = of(&case["point"]);
        let [xmin, ymin, xmax, ymax]: [f32; 4] = of(&case["box"]);
        let prompts = vec![
            Prompt { points: vec![Spot { x, y, side: Side::Inside }], area: None },
            Prompt { points: Vec::new(), area: Some(Area { xmin, ymin, xmax, ymax }) },
        ];
        let truth = inside(&of::<Vec<u32>>(&case["runs"]));
        let things = ask(&case["picture"], Wish::Prompts(prompts));
        let mut least = 1f64;
        for ((thing, name), sum) in things.iter().zip(["point", "box"]).zip(&mut sums) {
            let score: f32 = of(&case[format!("{name}_score")]);
            assert!((thing[0].score - score).abs() < 1e-3, "{case}");
            let shared = overlap(&inside(&thing[0].mask.runs), &truth);
            let wanted: f64 = of(&case[format!("{name}_overlap")]);
            assert!((shared - wanted).abs() < 0.02, "{shared} for {wanted}");
            (*sum, least) = (*sum + shared, least.min(shared));
        }
        met += usize::from(least >= 0.75);
    }
    let [points, boxes] = sums.map(|sum| sum / cases.len() as f64);
    eprintln!("points {points:.4}, boxes {boxes:.4}, {met} of {} met", cases.len());
    assert!((points - of::<f64>(&golden["points"])).abs() < 2e-3, "{points}");
    assert!((boxes - of::<f64>(&golden["boxes"])).abs() < 2e-3, "{boxes}");
    assert!(met as f64 / cases.len() as f64 >= of::<f64>(&golden["met"]) - 0.01, "{met}");
    let limits = &golden["limits"];
    let told = Everything {
        points_per_side: of(&limits["points_per_crop"]),
        least_score: of(&limits["pred_iou_thresh"]),
        least_stability: of(&limits["stability_score_thresh"]),
        most_overlap: of(&limits["crops_nms_thresh"]),
        least_area_px: 0,
    };
    assert_eq!(usual, told, "what the model says of itself is what was measured");
    for case in golden["everything"].as_array().unwrap() {
        let found = ask(&case["picture"], Wish::Everything(usual));
        let scores: Vec<f32> = of(&case["scores"]);
        let pixels: Vec<u32> = of(&case["pixels"]);
        assert_eq!(found.len(), scores.len(), "{case}");
        for ((thing, score), pixels) in found.iter().zip(&scores).zip(&pixels) {
            assert!((thing[0].score - score).abs() < 1e-3, "{case}");
            let mine: u32 = thing[0].mask.runs.iter().skip(1).step_by(2).sum();
            assert!(mine.abs_diff(*pixels) <= 4, "{mine} for {pixels}");
        }
    }
}
