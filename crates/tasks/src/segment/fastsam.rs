//! FastSAM: one look finds every thing, and what is asked after that chooses among them.

use std::{cell::RefCell, rc::Rc};

use api::{
    Failure, Precision,
    segment::{About, Candidate, Everything, Partial, Prompt, Segment, Side, Wish},
};
use media::{
    Letterbox, Picture,
    outlines::{self, Map},
};
use models::yolo::{Answer, Config, PROTO_STRIDE, STRIDES, Thing, Yolo};

use super::candidate;
use crate::{
    Kit,
    checkpoint::{self, Told, failure},
};

/// How sure the network must be of a thing, how much two boxes may share before they are one thing, and how
/// many are kept: what the family's library does where nothing else is asked for.
const CONFIDENCE: f32 = 0.25;
const MOST_OVERLAP: f32 = 0.7;
const MOST: usize = 300;

/// A loaded FastSAM, and what it saw in the last picture.
pub(super) struct FastSam {
    yolo: Yolo,
    about: About,
    seen: RefCell<Option<(Picture, Rc<Vec<Seen>>)>>,
}

/// A thing in a picture.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    score: f32,
    kind: usize,
    /// Left, top, right, bottom of its box, in pixels of what was looked at: as wide as the network said,
    /// so that two which are distinct stay so.
    sides: [f32; 4],
    /// Its mask.
    runs: Vec<u32>,
}

impl FastSam {
    pub(super) async fn open(
        kit: &Kit<Segment>,
        model: &str,
        (names, config): (&[String], &str),
        precision: Precision,
    ) -> Result<Self, Failure> {
        let config = Config::from_json(config).map_err(|error| failure("config.json", error))?;
        let told = Told::new(kit, Partial::Loading);
        let weights = checkpoint::weights(&told, model, names, precision).await?;
        let yolo = Yolo::load(&weights, config).await.map_err(|error| failure(model, error))?;
        let about = About {
            name: checkpoint::name(model),
            side_px: yolo.config().imgsz,
            parameters: yolo.held().parameters(),
            weight_bytes: yolo.held().bytes(),
            usual: Everything {
                points_per_side: 1,
                least_score: CONFIDENCE,
                least_stability: 0.,
                most_overlap: MOST_OVERLAP,
                least_area_px: 0,
            },
        };
        Ok(Self { yolo, about, seen: RefCell::default() })
    }

    pub(super) fn about(&self) -> &About {
        &self.about
    }

    /// What is wished for of the picture, as [`api::segment::Output::things`] has it.
    pub(super) async fn things(
        &self,
        kit: &Kit<Segment>,
        picture: Picture,
        wish: Wish,
    ) -> Result<Vec<Vec<Candidate>>, Failure> {
        let size = picture.size();
        let seen = self.look(kit, picture).await?;
        match wish {
            Wish::Look => Ok(Vec::new()),
            Wish::Everything(wish) => {
                let things = everything(&seen, wish).into_iter();
                Ok(things.map(|one| vec![candidate(one.runs.clone(), one.score, size)]).collect())
            }
            Wish::Prompts(prompts) => {
                let mut things = Vec::new();
                let total_prompts = prompts.len() as u32;
                for (done, prompt) in prompts.iter().enumerate() {
                    let done_prompts = done as u32;
                    kit.send(Partial::Prompting { done_prompts, total_prompts }).await?;
                    things.push(vec![meant(&seen, prompt, size)]);
                }
                Ok(things)
            }
        }
    }

    /// Everything in a picture, the surest first; remembered until another picture comes.
    async fn look(&self, kit: &Kit<Segment>, picture: Picture) -> Result<Rc<Vec<Seen>>, Failure> {
        if let Some((last, seen)) = &*self.seen.borrow()
            && *last == picture
        {
            return Ok(seen.clone());
        }
        self.seen.take();
        kit.send(Partial::Looking).await?;
        let letterbox = Letterbox::new(picture.size(), self.about.side_px, STRIDES[2] as u32)
            .map_err(|reason| Failure::input("picture", reason))?;
        let pixels = letterbox.pixels(&picture);
        let look = async || {
            let shape = [3, pixels.height as usize, pixels.width as usize];
            let pixels = models::numbers(pixels.planes, &shape)?;
            let answer = self.yolo.forward(&pixels, &kit.breath()).await?;
            let protos = answer.protos.flatten_all()?.to_vec1()?;
            Ok::<_, models::Error>((answer.things(CONFIDENCE)?, protos, answer))
        };
        let (things, protos, answer): (_, Vec<f32>, _) =
            look().await.map_err(|error| failure(&self.about.name, error))?;
        let mut seen = Vec::new();
        for thing in distinct(things) {
            let map = map(&thing, &protos, &answer, &letterbox)
                .map_err(|error| failure(&self.about.name, error))?;
            let runs = map.mask(letterbox.of, letterbox.back(thing.sides));
            let Thing { score, kind, sides, .. } = thing;
            seen.push(Seen { score, kind, sides, runs });
            kit.turn().await?;
        }
        let seen = Rc::new(seen);
        self.seen.replace(Some((picture, seen.clone())));
        Ok(seen)
    }
}

/// One of those that are the same thing, the surest first.
fn distinct(things: Vec<Thing>) -> Vec<Thing> {
    let boxes: Vec<_> = things.iter().map(|thing| thing.sides).collect();
    let scores: Vec<_> = things.iter().map(|thing| thing.score).collect();
    let kinds: Vec<_> = things.iter().map(|thing| thing.kind).collect();
    let kept = outlines::distinct(&boxes, &scores, &kinds, (MOST_OVERLAP, MOST));
    kept.into_iter().filter_map(|at| things.get(at).cloned()).collect()
}

/// The mixture of protos that is a thing's mask, without what is around the picture.
fn map(
    thing: &Thing,
    protos: &[f32],
    answer: &Answer,
    letterbox: &Letterbox,
) -> Result<Map, models::Error> {
    let (_, high, wide) = answer.protos.dims3()?;
    let [[left, columns], [top, rows]] = letterbox.coarse(PROTO_STRIDE as u32);
    let (columns, rows) = (columns.min(wide - left.min(wide)), rows.min(high - top.min(high)));
    let mut numbers = vec![0f32; rows * columns];
    for (part, proto) in thing.coefficients.iter().zip(protos.chunks_exact(high * wide)) {
        let from = proto.chunks_exact(wide).skip(top);
        for (row, proto) in numbers.chunks_exact_mut(columns.max(1)).zip(from) {
            for (number, proto) in row.iter_mut().zip(&proto[left.min(wide)..]) {
                *number += part * proto;
            }
        }
    }
    Ok(Map { numbers, rows, columns })
}

/// Those that are sure, large and distinct enough. This network does not say how its masks change with
/// their threshold, and has no grid: the other wishes change nothing.
fn everything(seen: &[Seen], wish: Everything) -> Vec<&Seen> {
    let boxes: Vec<_> = seen.iter().map(|one| one.sides).collect();
    let scores: Vec<_> = seen.iter().map(|one| one.score).collect();
    let kinds: Vec<_> = seen.iter().map(|one| one.kind).collect();
    let kept = outlines::distinct(&boxes, &scores, &kinds, (wish.most_overlap, MOST));
    let fits = |one: &&Seen| {
        one.score >= wish.least_score && outlines::pixels(&one.runs) >= wish.least_area_px.max(1)
    };
    kept.into_iter().filter_map(|at| seen.get(at)).filter(fits).collect()
}

/// What a prompt means: of an area the mask that fits it best, and over that what its points paint.
fn meant(seen: &[Seen], prompt: &Prompt, size: [u32; 2]) -> Candidate {
    let masks: Vec<&[u32]> = seen.iter().map(|one| &one.runs[..]).collect();
    let area = prompt.area.map(|area| [area.xmin, area.ymin, area.xmax, area.ymax]);
    let fitting = area.and_then(|sides| outlines::fitting(&masks, size, sides));
    let points: Vec<_> = prompt
        .points
        .iter()
        .map(|spot| ([spot.x as u32, spot.y as u32], spot.side == Side::Inside))
        .collect();
    let base = fitting.and_then(|at| masks.get(at).copied());
    let runs = outlines::painted(&masks, size, &points, base);
    let meets = |one: &Seen| {
        points.iter().any(|(at, inside)| *inside && outlines::covers(&one.runs, size[0], *at))
    };
    let meant = seen.iter().enumerate().filter(|(at, one)| fitting == Some(*at) || meets(one));
    let score = meant.map(|(_, one)| one.score).fold(0., f32::max);
    candidate(runs, score, size)
}
