//! Tell which pixels belong to a thing.

mod fastsam;

use api::{
    Asked, Failure, Precision,
    picture::Area,
    segment::{Ask, MOST_POINTS, MOST_PROMPTS, Output, Segment, Wish},
};

use self::fastsam::FastSam;
use crate::{
    Job, Kit,
    checkpoint::{self, ModelType, no_model, parsed},
    picture::checked,
};

impl Job for Segment {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        let asked = ask.map(asked).transpose()?;
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let things = match asked {
            Some((picture, wish)) => loaded.things(kit, picture, wish).await?,
            None => Vec::new(),
        };
        Ok(Output { model: loaded.about().clone(), things })
    }
}

/// The checkpoint's network, by what `config.json` says it is.
async fn open(kit: &Kit<Segment>, model: &str, precision: Precision) -> Result<FastSam, Failure> {
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    match model_type.as_str() {
        "yolov8-seg" => FastSam::open(kit, model, (&names, &config), precision).await,
        _ => Err(no_model(format!(
            "a model of the kind \"{model_type}\" does not find outlines: choose one of the kind yolov8-seg"
        ))),
    }
}

/// The picture and the wish, if they can be answered.
fn asked(ask: Ask) -> Result<(media::Picture, Wish), Failure> {
    let Ask { picture, wish } = ask;
    let picture = checked(picture)?;
    let Wish::Prompts(prompts) = &wish else { return Ok((picture, wish)) };
    let wrong = |reason: String| Err(Failure::input("prompts", reason));
    if prompts.len() > MOST_PROMPTS {
        return wrong(format!("{} at once: ask at most {MOST_PROMPTS}", prompts.len()));
    }
    for prompt in prompts {
        if prompt.points.is_empty() && prompt.area.is_none() {
            return wrong("one has neither a point nor an area: give it one".into());
        }
        if prompt.points.len() > MOST_POINTS {
            return wrong(format!(
                "{} points in one: give at most {MOST_POINTS}",
                prompt.points.len()
            ));
        }
        let [width, height] = picture.size().map(|side| side as f32);
        let inside = |x: f32, y: f32| (0. ..width).contains(&x) && (0. ..height).contains(&y);
        if let Some(spot) = prompt.points.iter().find(|spot| !inside(spot.x, spot.y)) {
            return wrong(format!("the point {}, {} is not in the picture", spot.x, spot.y));
        }
        if let Some(Area { xmin, ymin, xmax, ymax }) = prompt.area
            && !(xmin < xmax && ymin < ymax)
        {
            return wrong(format!("an area from {xmin}, {ymin} to {xmax}, {ymax} has no pixel"));
        }
    }
    Ok((picture, wish))
}
