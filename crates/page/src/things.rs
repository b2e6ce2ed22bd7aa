//! Things that were found in a picture: which of them are shown, and what is saved of them.

pub mod views;

use std::collections::BTreeSet;

use api::picture::{Area, Found};
use leptos::prelude::*;
use serde_json::json;

use crate::{
    canvas::{Mark, Point, Shape},
    format::percent,
    narrate::narration,
    picture::header::Size,
};

/// Everything that was found, and what of it a person wants to see.
#[derive(Clone, Debug, PartialEq)]
pub struct Things {
    /// The surest first.
    pub all: Vec<Found>,
    /// Those that were hidden one by one, by their places in the list.
    pub hidden: BTreeSet<usize>,
}

/// How sure a model is, as people read it.
pub fn sure(score: f32) -> String {
    format!("{} %", percent((score * 1e4) as u64, 10_000))
}

impl Things {
    /// Nothing is hidden yet.
    pub fn new(all: Vec<Found>) -> Self {
        Self { all, hidden: BTreeSet::new() }
    }

    /// Those the model is surer of, by their places.
    pub fn above(&self, percent: u32) -> impl Iterator<Item = (usize, &Found)> {
        let least = percent as f32 / 100.0;
        self.all.iter().enumerate().filter(move |(_, found)| found.score > least)
    }

    /// Those of them that are not hidden.
    pub fn shown(&self, percent: u32) -> impl Iterator<Item = &Found> {
        let seen = self.above(percent).filter(|(at, _)| !self.hidden.contains(at));
        seen.map(|(_, found)| found)
    }

    /// Shows what is hidden, hides what is shown.
    pub fn turn(&mut self, at: usize) {
        if !self.hidden.remove(&at) {
            self.hidden.insert(at);
        }
    }

    /// Frames around those that are shown.
    pub fn shapes(&self, percent: u32) -> Vec<Shape> {
        let frame = |found: &Found| {
            Shape::Box(Mark {
                label: found.label.clone(),
                words: format!("{} {}", found.label, sure(found.score)),
                from: Point { x: found.area.xmin.into(), y: found.area.ymin.into() },
                to: Point { x: found.area.xmax.into(), y: found.area.ymax.into() },
            })
        };
        // The surest lies on top.
        let mut shapes: Vec<_> = self.shown(percent).map(frame).collect();
        shapes.reverse();
        shapes
    }

    /// What to say when nothing is sure enough; `None` if something is.
    pub fn nothing(&self, percent: u32) -> Option<String> {
        if self.above(percent).next().is_some() {
            return None;
        }
        let next = self.all.first().map(|best| {
            let (label, sure) = (&best.label, sure(best.score));
            format!(" The surest is a {label} with {sure}: lower the confidence to see it.")
        });
        Some(format!("Nothing found above {percent} %.{}", next.unwrap_or_default()))
    }

    /// Those that are shown as COCO writes them: https://cocodataset.org/#format-data, with scores.
    pub fn coco(&self, percent: u32, name: &str, size: Size) -> String {
        let shown: Vec<_> = self.shown(percent).collect();
        let labels: BTreeSet<&str> = shown.iter().map(|found| found.label.as_str()).collect();
        let id = |label: &str| labels.iter().position(|known| *known == label).map(|at| at + 1);
        let annotation = |(number, found): (usize, &&Found)| {
            let Area { xmin, ymin, xmax, ymax } = inside(found.area, size);
            let (width, height) = (xmax - xmin, ymax - ymin);
            json!({
                "id": number, "image_id": 1, "category_id": id(&found.label), "score": found.score,
                "bbox": [xmin, ymin, width, height], "area": width * height, "iscrowd": 0,
            })
        };
        let categories: Vec<_> = (1..)
            .zip(&labels)
            .map(|(id, name): (usize, _)| json!({ "id": id, "name": name }))
            .collect();
        let annotations: Vec<_> = (1..).zip(&shown).map(annotation).collect();
        let all = json!({
            "images": [{ "id": 1, "file_name": name, "width": size.width, "height": size.height }],
            "categories": categories,
            "annotations": annotations,
        });
        format!("{all:#}\n")
    }
}

/// What was found last, and how sure the model must be of what is shown; both are followed by whoever reads.
#[derive(Clone, Copy)]
pub struct Shown {
    /// `None` before anything is asked.
    pub things: RwSignal<Option<Things>, LocalStorage>,
    /// In percent.
    pub percent: RwSignal<u32>,
}

impl Shown {
    /// What `read` makes of the things and the confidence.
    pub fn read<T: Default>(self, read: impl FnOnce(&Things, u32) -> T) -> T {
        let percent = self.percent.get();
        self.things.with(|things| things.as_ref().map(|t| read(t, percent)).unwrap_or_default())
    }

    /// Frames around what is shown.
    pub fn shapes(self) -> Vec<Shape> {
        self.read(Things::shapes)
    }

    /// What is shown, in a sentence.
    pub fn told(self) -> String {
        self.read(|things, percent| {
            narration(things.shown(percent).map(|found| found.label.as_str()))
        })
    }

    /// Shows what is hidden, hides what is shown.
    pub fn turn(self, at: usize) {
        self.things.update(|things| {
            if let Some(things) = things {
                things.turn(at);
            }
        });
    }
}

/// The part of a rectangle that is in the picture.
fn inside(area: Area, size: Size) -> Area {
    let (width, height) = (size.width as f32, size.height as f32);
    Area {
        xmin: area.xmin.clamp(0.0, width),
        ymin: area.ymin.clamp(0.0, height),
        xmax: area.xmax.clamp(0.0, width),
        ymax: area.ymax.clamp(0.0, height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(label: &str, score: f32, [xmin, ymin, xmax, ymax]: [f32; 4]) -> Found {
        Found { label: label.into(), score, area: Area { xmin, ymin, xmax, ymax } }
    }

    fn things() -> Things {
        Things::new(vec![
            found("star", 0.999_9, [1.0, 2.0, 4.0, 6.0]),
            found("car", 0.95, [0.0, 0.0, 8.0, 8.0]),
            found("star", 0.5, [-5.0, 5.0, 6.0, 60.0]),
        ])
    }

    #[test]
    fn only_what_is_sure_enough_and_not_hidden_is_shown() {
        let mut things = things();
        let labels = |things: &Things, percent| {
            things.shown(percent).map(|found| found.label.clone()).collect::<Vec<_>>()
        };
        assert_eq!(labels(&things, 90), ["star", "car"]);
        assert_eq!(labels(&things, 50), ["star", "car"], "as the reference: more than half");
        assert_eq!(labels(&things, 49), ["star", "car", "star"]);
        things.turn(0);
        assert_eq!(labels(&things, 49), ["car", "star"]);
        let Shape::Box(lowest) = &things.shapes(49)[0];
        assert_eq!(lowest.words, "star 50 %");
        things.turn(0);
        assert_eq!(things.shapes(90).len(), 2);
    }

    #[test]
    fn nothing_found_is_said_and_how_to_see_more() {
        let things = things();
        assert_eq!(things.nothing(90), None);
        let why = "Nothing found above 100 %. The surest is a star with 99 %: lower the confidence to see it.";
        assert_eq!(things.nothing(100).as_deref(), Some(why));
        let none = Things::new(Vec::new());
        assert_eq!(none.nothing(0).as_deref(), Some("Nothing found above 0 %."));
    }

    #[test]
    fn a_file_holds_what_is_shown() {
        let mut things = things();
        things.turn(1);
        let text = things.coco(10, "a.png", Size { width: 8, height: 9 });
        let all: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            all["images"][0],
            json!({ "id": 1, "file_name": "a.png", "width": 8, "height": 9 })
        );
        assert_eq!(all["categories"], json!([{ "id": 1, "name": "star" }]));
        assert_eq!(all["annotations"][0]["bbox"], json!([1.0, 2.0, 3.0, 4.0]));
        assert_eq!(all["annotations"][0]["area"], json!(12.0));
        assert_eq!(all["annotations"][1]["category_id"], json!(1));
        assert_eq!(
            all["annotations"][1]["bbox"],
            json!([0.0, 5.0, 6.0, 4.0]),
            "within the picture"
        );
        assert_eq!(all["annotations"].as_array().unwrap().len(), 2);
    }
}
