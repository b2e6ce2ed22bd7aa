//! Tell which pixels belong to a thing: one that is pointed at, or everything there is.

mod fastsam;
mod sam;

use api::{
    Asked, Failure, Precision,
    picture::{Area, Mask},
    segment::{
        Ask, Candidate, Everything, MOST_POINTS, MOST_POINTS_PER_SIDE, MOST_PROMPTS, Output,
        Prompt, Segment, Wish,
    },
};
use media::outlines;

use self::{fastsam::FastSam, sam::Sam};
use crate::{
    Job, Kit,
    checkpoint::{self, ModelType, no_model, parsed},
    grouped::grouped,
    picture::checked,
};

/// A loaded network, with what it saw last.
enum Loaded {
    Sam(Box<Sam>),
    FastSam(Box<FastSam>),
}

impl Job for Segment {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        let ask = ask.map(|Ask { picture, wish }| {
            let picture = checked(picture)?;
            check(&wish, picture.size())?;
            Ok((picture, wish))
        });
        let ask = ask.transpose()?;
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let things = match ask {
            Some((picture, wish)) => match &*loaded {
                Loaded::Sam(sam) => sam.things(kit, picture, wish).await?,
                Loaded::FastSam(fast) => fast.things(kit, picture, wish).await?,
            },
            None => Vec::new(),
        };
        let model = match &*loaded {
            Loaded::Sam(sam) => sam.about(),
            Loaded::FastSam(fast) => fast.about(),
        };
        Ok(Output { model: model.clone(), things })
    }
}

/// The checkpoint's network, by what `config.json` says it is.
async fn open(kit: &Kit<Segment>, model: &str, precision: Precision) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    let files = (&names[..], &config[..]);
    match model_type.as_str() {
        "sam" | "mobile_sam" => {
            Ok(Loaded::Sam(Box::new(Sam::open(kit, model, files, precision).await?)))
        }
        "yolov8-seg" => {
            Ok(Loaded::FastSam(Box::new(FastSam::open(kit, model, files, precision).await?)))
        }
        other => Err(no_model(format!(
            "a model of the kind \"{other}\" draws no outlines: choose one of the kind sam, mobile_sam or yolov8-seg"
        ))),
    }
}

/// One prompt, counted from 1, is at fault.
fn wrong(number: usize, reason: impl Into<String>) -> Failure {
    Failure::input(format!("prompt {number}"), reason)
}

fn check(wish: &Wish, size: [u32; 2]) -> Result<(), Failure> {
    match wish {
        Wish::Look => Ok(()),
        Wish::Prompts(prompts) => {
            let refused = |reason: String| Err(Failure::input("prompts", reason));
            if prompts.is_empty() {
                return refused("there are none: point at something first".into());
            }
            if prompts.len() > MOST_PROMPTS {
                let (count, most) = (grouped(prompts.len()), grouped(MOST_PROMPTS));
                return refused(format!("{count} are too many at once: give at most {most}"));
            }
            (1..).zip(prompts).try_for_each(|(number, prompt)| check_prompt(number, prompt, size))
        }
        Wish::Everything(wanted) => check_everything(wanted),
    }
}

fn check_prompt(number: usize, prompt: &Prompt, size: [u32; 2]) -> Result<(), Failure> {
    let [width, height] = size.map(|side| side as f32);
    if prompt.points.is_empty() && prompt.area.is_none() {
        return Err(wrong(number, "it is empty: give a point or a box"));
    }
    if prompt.points.len() > MOST_POINTS {
        let count = grouped(prompt.points.len());
        return Err(wrong(
            number,
            format!("{count} points are too many: give at most {MOST_POINTS}"),
        ));
    }
    for spot in &prompt.points {
        let (x, y) = (spot.x, spot.y);
        if !((0. ..=width).contains(&x) && (0. ..=height).contains(&y)) {
            let reason = format!(
                "its point ({x}, {y}) is not in the picture of {width} × {height} pixels: point into it"
            );
            return Err(wrong(number, reason));
        }
    }
    let Some(Area { xmin, ymin, xmax, ymax }) = prompt.area else { return Ok(()) };
    let meets = xmin < width && ymin < height && xmax > 0. && ymax > 0.;
    if !(meets && xmin < xmax && ymin < ymax) {
        let reason = format!(
            "its box from ({xmin}, {ymin}) to ({xmax}, {ymax}) holds nothing of the picture of {width} × \
             {height} pixels: draw it around a thing"
        );
        return Err(wrong(number, reason));
    }
    Ok(())
}

fn check_everything(wanted: &Everything) -> Result<(), Failure> {
    let Everything { points_per_side, least_score, least_stability, most_overlap, .. } = *wanted;
    if !(1..=MOST_POINTS_PER_SIDE).contains(&points_per_side) {
        let reason = format!("{points_per_side} is not from 1 to {MOST_POINTS_PER_SIDE}");
        return Err(Failure::input("points per side", reason));
    }
    let limits = [
        ("least score", least_score),
        ("least stability", least_stability),
        ("most overlap", most_overlap),
    ];
    match limits.iter().find(|(_, limit)| !(0. ..=1.).contains(limit)) {
        Some((name, limit)) => Err(Failure::input(*name, format!("{limit} is not from 0 to 1"))),
        None => Ok(()),
    }
}

/// A mask of a picture, and how sure the model is of it.
fn candidate(runs: Vec<u32>, score: f32, [width, height]: [u32; 2]) -> Candidate {
    let area = outlines::around(&runs, width).map(|sides| {
        let [xmin, ymin, xmax, ymax] = sides.map(|side| side as f32);
        Area { xmin, ymin, xmax, ymax }
    });
    Candidate { mask: Mask { width, height, runs }, score, area }
}
