//! Things cut out of a picture: what was pointed at and what came of it, edits, and files.

pub mod coco;
pub mod draw;
pub mod edit;
pub mod work;

use api::segment::{About, Ask, Output, Partial, Prompt, Segment, Side};

use crate::{
    desk::{Held, Stage},
    format::percent,
    picker::title,
};

impl Held for Segment {
    type Ask = Ask;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        format!("{} · looks at {} pixels a side", title(&about.name), about.side_px)
    }

    fn stage(partial: &Partial, _: Option<Stage>) -> Stage {
        match *partial {
            Partial::Loading(loading) => Stage::Loading(loading),
            Partial::Looking => Stage::Working {
                words: "Looking at the picture…",
                done: 0,
                total: 1,
                pieces: "pictures",
            },
            Partial::Prompting { done_prompts, total_prompts } => Stage::Working {
                words: "Drawing outlines…",
                done: done_prompts,
                total: total_prompts,
                pieces: "prompts",
            },
        }
    }
}

/// A part of a whole as people read it.
pub fn share(part: u64, whole: u64) -> String {
    let tenths = (u128::from(part) * 1000).checked_div(whole.into()).unwrap_or(0);
    match tenths {
        0 if part > 0 => "under 0.1 %".into(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// How well the model believes to have met an outline, as people read it.
pub fn believed(score: f32) -> String {
    format!("{} %", percent((f64::from(score) * 1e4).round() as u64, 10_000))
}

/// What was pointed at, in words.
pub fn pointed(prompt: &Prompt) -> String {
    let count = |side, name: &str| {
        let count = prompt.points.iter().filter(|spot| spot.side == side).count();
        (count > 0).then(|| format!("{count} point{} {name}", if count == 1 { "" } else { "s" }))
    };
    let boxed = prompt.area.map(|_| "a box".to_owned());
    let parts = [count(Side::Inside, "in it"), count(Side::Outside, "beside it"), boxed];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The phrases in a line: commas and line ends part them, and none comes twice.
pub fn phrases(typed: &str) -> Vec<String> {
    let mut phrases: Vec<String> = Vec::new();
    for phrase in typed.split([',', '\n']).map(str::trim).filter(|phrase| !phrase.is_empty()) {
        if !phrases.iter().any(|known| known == phrase) {
            phrases.push(phrase.into());
        }
    }
    phrases
}

#[cfg(test)]
mod tests {
    use api::{picture::Area, segment::Spot};

    use super::*;

    #[test]
    fn numbers_are_read_by_people() {
        assert_eq!(share(123, 1_000), "12.3 %");
        assert_eq!(share(1, 10_000), "under 0.1 %");
        assert_eq!([share(0, 9), share(9, 9)], ["0.0 %", "100.0 %"]);
        assert_eq!([believed(0.958_3), believed(1.02)], ["95 %", "100 %"]);
    }

    #[test]
    fn what_was_pointed_at_is_told() {
        let spot = |side| Spot { x: 1.0, y: 1.0, side };
        let area = Area { xmin: 0.0, ymin: 0.0, xmax: 1.0, ymax: 1.0 };
        let points = vec![spot(Side::Inside), spot(Side::Outside), spot(Side::Inside)];
        assert_eq!(
            pointed(&Prompt { points, area: Some(area) }),
            "2 points in it, 1 point beside it, a box"
        );
        assert_eq!(pointed(&Prompt::default()), "");
    }

    #[test]
    fn phrases_are_parted_by_commas() {
        assert_eq!(phrases(" a dog,, a cat\na dog,"), ["a dog", "a cat"]);
        assert!(phrases(" , ").is_empty());
    }
}
