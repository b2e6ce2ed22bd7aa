//! SAM asked as its reference asks it: `SamProcessor` and the pipeline `mask-generation` of `transformers` 4.57.

use std::{cell::RefCell, rc::Rc};

use api::{
    Failure, Precision,
    picture::Area,
    segment::{About, Candidate, Everything, Partial, Prompt, Segment, Side, Wish},
};
use media::{
    Picture, Preprocess,
    masks::{self, Frame},
    outlines,
};
use models::sam::{self, Answer, Config, Masks, Seen, Spot};
use serde::Deserialize;
use serde_json::json;

use super::candidate;
use crate::{
    Kit,
    checkpoint::{self, Told, failure, finite, parsed},
    picture::{PREPROCESSOR, preprocess, squared},
};

/// How often the page is told how many prompts were answered.
const TELL_EVERY: usize = 8;

/// The network with what it saw last.
pub(super) struct Sam {
    network: sam::Sam,
    preprocess: Preprocess,
    about: About,
    last: RefCell<Option<Rc<Looked>>>,
}

/// A picture, and what was seen in it.
struct Looked {
    picture: Picture,
    frame: Frame,
    seen: Seen,
}

/// A mask in small, before it is one of the picture.
struct Small {
    numbers: Vec<f32>,
    side: usize,
    score: f32,
}

impl Sam {
    pub(super) async fn open(
        kit: &Kit<Segment>,
        model: &str,
        (names, config): (&[String], &str),
        precision: Precision,
    ) -> Result<Self, Failure> {
        let usual = usual(config)?;
        let config = Config::from_json(config).map_err(|error| failure("config.json", error))?;
        let preprocess = match checkpoint::read(kit, model, names, PREPROCESSOR).await? {
            None if config.answers_one() => preprocess(&original(config.image_size()))?,
            file => preprocess(&checkpoint::needed(PREPROCESSOR, file)?)?,
        };
        let told = Told::new(kit, Partial::Loading);
        let weights = checkpoint::weights(&told, model, names, precision).await?;
        let network =
            sam::Sam::load(&weights, config).await.map_err(|error| failure(model, error))?;
        let about = About {
            name: checkpoint::name(model),
            side_px: network.config().image_size() as u32,
            parameters: network.held().parameters(),
            weight_bytes: network.held().bytes(),
            usual,
        };
        Ok(Self { network, preprocess, about, last: RefCell::default() })
    }

    pub(super) fn about(&self) -> &About {
        &self.about
    }

    /// What is wished of a picture: see [`api::segment::Output`].
    pub(super) async fn things(
        &self,
        kit: &Kit<Segment>,
        picture: Picture,
        wish: Wish,
    ) -> Result<Vec<Vec<Candidate>>, Failure> {
        let looked = self.look(kit, picture).await?;
        match wish {
            Wish::Look => Ok(Vec::new()),
            Wish::Prompts(prompts) => self.prompted(kit, &looked, &prompts).await,
            Wish::Everything(wanted) => self.everything(kit, &looked, wanted).await,
        }
    }

    async fn look(&self, kit: &Kit<Segment>, picture: Picture) -> Result<Rc<Looked>, Failure> {
        let last = self.last.borrow().clone();
        if let Some(looked) = last.filter(|looked| looked.picture == picture) {
            return Ok(looked);
        }
        // Room for what comes.
        *self.last.borrow_mut() = None;
        kit.send(Partial::Looking).await?;
        let (side, size) = (self.about.side_px, picture.size());
        let pixels = squared(&self.preprocess, &picture, side)?;
        let wrong = |reason| Failure::input("picture", reason);
        let shown = self.preprocess.shown(size).map_err(wrong)?;
        let failed = |error| failure(&self.about.name, error);
        let shape = [3, pixels.height as usize, pixels.width as usize];
        let pixels = models::numbers(pixels.planes, &shape).map_err(failed)?;
        let seen = self.network.look(&pixels, &kit.breath()).await.map_err(failed)?;
        let looked = Rc::new(Looked { picture, frame: Frame { side, shown, size }, seen });
        *self.last.borrow_mut() = Some(looked.clone());
        Ok(looked)
    }

    async fn prompted(
        &self,
        kit: &Kit<Segment>,
        looked: &Looked,
        prompts: &[Prompt],
    ) -> Result<Vec<Vec<Candidate>>, Failure> {
        let mut things = Vec::new();
        for prompt in prompts {
            self.tell(kit, things.len(), prompts.len()).await?;
            let mut candidates = Vec::new();
            for small in self.ask(kit, looked, prompt).await? {
                let outline = self.outline(&small, looked)?;
                candidates.push(candidate(outline.runs, small.score, looked.frame.size));
                kit.turn().await?;
            }
            candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
            things.push(candidates);
        }
        Ok(things)
    }

    async fn everything(
        &self,
        kit: &Kit<Segment>,
        looked: &Looked,
        wanted: Everything,
    ) -> Result<Vec<Vec<Candidate>>, Failure> {
        let points = masks::grid(wanted.points_per_side, looked.frame.size);
        let (mut found, mut boxes, mut scores) = (Vec::new(), Vec::new(), Vec::new());
        for (at, [x, y]) in points.iter().copied().enumerate() {
            if at.is_multiple_of(TELL_EVERY) {
                self.tell(kit, at, points.len()).await?;
            }
            let spot = api::segment::Spot { x, y, side: Side::Inside };
            let prompt = Prompt { points: vec![spot], area: None };
            for small in self.ask(kit, looked, &prompt).await? {
                // As the reference: a limit of 0 is none.
                if wanted.least_score > 0. && small.score <= wanted.least_score {
                    continue;
                }
                let outline = self.outline(&small, looked)?;
                kit.turn().await?;
                let stable =
                    wanted.least_stability <= 0. || outline.stability > wanted.least_stability;
                let Some(area) = outlines::around(&outline.runs, looked.frame.size[0]) else {
                    continue;
                };
                if stable && outlines::pixels(&outline.runs) >= wanted.least_area_px {
                    let [left, top, right, bottom] = area.map(|side| side as f32);
                    // The reference's boxes end with the last pixel.
                    boxes.push([left, top, right - 1., bottom - 1.]);
                    scores.push(small.score);
                    found.push(outline.runs);
                }
            }
        }
        let kinds = vec![0; found.len()];
        let kept = outlines::distinct(&boxes, &scores, &kinds, (wanted.most_overlap, usize::MAX));
        let size = looked.frame.size;
        Ok(kept
            .into_iter()
            .map(|at| vec![candidate(std::mem::take(&mut found[at]), scores[at], size)])
            .collect())
    }

    async fn tell(&self, kit: &Kit<Segment>, done: usize, total: usize) -> Result<(), Failure> {
        let [done_prompts, total_prompts] = [done, total].map(|count| count as u32);
        kit.send(Partial::Prompting { done_prompts, total_prompts }).await
    }

    /// One mask for what can mean one thing only, if the network is good at it: a point alone may mean a thing or its
    /// part, but a box or several points were drawn so that they do not.
    fn meant(&self, prompt: &Prompt) -> Masks {
        let clear = prompt.area.is_some() || prompt.points.len() > 1;
        match clear && self.network.config().answers_one() {
            true => Masks::One,
            false => Masks::Several,
        }
    }

    /// What a prompt in pixels of the picture may mean.
    async fn ask(
        &self,
        kit: &Kit<Segment>,
        looked: &Looked,
        prompt: &Prompt,
    ) -> Result<Vec<Small>, Failure> {
        let failed = |error| failure(&self.about.name, error);
        let masks = self.meant(prompt);
        let prompt = scaled(prompt, &looked.frame);
        let Answer { masks, scores } = self
            .network
            .ask(&looked.seen, (&prompt, masks), &kit.breath())
            .await
            .map_err(failed)?;
        let read = || {
            let scores: Vec<f32> = scores.to_vec1()?;
            let masks: Vec<Vec<f32>> = masks.flatten_from(1)?.to_vec2()?;
            Ok::<_, models::Error>((masks, scores))
        };
        let (masks, scores) = read().map_err(failed)?;
        finite(&self.about.name, scores.iter().chain(masks.iter().flatten()))?;
        let side = 4 * self.network.config().side();
        let small = |(numbers, score)| Small { numbers, side, score };
        Ok(masks.into_iter().zip(scores).map(small).collect())
    }

    fn outline(&self, small: &Small, looked: &Looked) -> Result<masks::Outline, Failure> {
        masks::outline(&small.numbers, small.side, looked.frame)
            .ok_or_else(|| Failure::Bug(format!("a mask of {:?}", looked.frame)))
    }
}

/// What a checkpoint may say of how everything is looked for, in the words of the reference's pipeline.
#[derive(Deserialize)]
#[serde(default)]
struct MaskGeneration {
    points_per_crop: u8,
    pred_iou_thresh: f32,
    stability_score_thresh: f32,
    crops_nms_thresh: f32,
}

impl Default for MaskGeneration {
    fn default() -> Self {
        Self {
            points_per_crop: 32,
            pred_iou_thresh: 0.88,
            stability_score_thresh: 0.95,
            crops_nms_thresh: 0.7,
        }
    }
}

/// How everything is looked for with a checkpoint: as `mask_generation` of its `config.json` says, which is ours,
/// and else as the reference does.
fn usual(config: &str) -> Result<Everything, Failure> {
    #[derive(Deserialize)]
    struct Told {
        #[serde(default)]
        mask_generation: MaskGeneration,
    }
    let Told { mask_generation: told } = parsed("config.json", config.as_bytes())?;
    let usual = Everything {
        points_per_side: told.points_per_crop,
        least_score: told.pred_iou_thresh,
        least_stability: told.stability_score_thresh,
        most_overlap: told.crops_nms_thresh,
        least_area_px: 0,
    };
    let wrong = |failure: Failure| Failure::Fetch {
        file: "config.json".into(),
        reason: format!("mask_generation: {failure}"),
    };
    super::check_everything(&usual).map_err(wrong)?;
    Ok(usual)
}

/// How pictures are prepared for a network of `side` where no file says it: as the original does, whose means and
/// deviations are these of ImageNet times 255.
fn original(side: usize) -> Vec<u8> {
    json!({
        "image_processor_type": "SamImageProcessor",
        "size": { "longest_edge": side },
        "pad_size": { "height": side, "width": side },
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
    })
    .to_string()
    .into_bytes()
}

/// A prompt in pixels of what the network saw.
fn scaled(prompt: &Prompt, frame: &Frame) -> sam::Prompt {
    let [across, down] = [0, 1].map(|axis| frame.shown[axis] as f32 / frame.size[axis] as f32);
    let spot = |spot: &api::segment::Spot| Spot {
        at: [spot.x * across, spot.y * down],
        inside: spot.side == Side::Inside,
    };
    let area =
        |Area { xmin, ymin, xmax, ymax }| [xmin * across, ymin * down, xmax * across, ymax * down];
    sam::Prompt { points: prompt.points.iter().map(spot).collect(), area: prompt.area.map(area) }
}
