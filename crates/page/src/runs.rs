//! What models were asked about pictures, kept in this browser to be compared.

pub mod shelf;

use std::collections::BTreeSet;

use api::picture::{Area, Found};
use gloo::storage::{LocalStorage, Storage};
use serde::{Deserialize, Serialize};

use crate::picture::header::Size;

/// Most runs that are kept; older ones go first.
pub const MOST_RUNS: usize = 200;
/// Most bytes they may take.
pub const MOST_BYTES: u64 = 64_000_000;
/// Pictures are kept with at most so many pixels: enough to compare by eye.
pub const SHOWN_PIXELS: u64 = 480_000;

/// Set in the browser's storage while nothing is to be kept.
const OFF: &str = "wick-runs-off";

/// Whether runs are kept.
pub fn is_on() -> bool {
    LocalStorage::raw().get_item(OFF).is_ok_and(|off| off.is_none())
}

/// Keeps runs from now on, or no more.
pub fn set_on(on: bool) {
    // A browser that keeps nothing keeps no runs either.
    let _ = match on {
        true => LocalStorage::raw().remove_item(OFF),
        false => LocalStorage::raw().set_item(OFF, "1"),
    };
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// When it was answered, in milliseconds since 1970.
    pub at_unix_ms: u64,
    /// What the panel is called that asked.
    pub title: String,
    /// What answered.
    pub model: String,
    /// From asking to the answer, a model that had to be loaded first included.
    pub took_ms: u64,
    /// What the picture is called.
    pub picture: String,
    /// Its size in pixels; what was found has its places there.
    pub width: u32,
    /// Its rows.
    pub height: u32,
    /// What was asked beside the picture, each with its name.
    pub options: Vec<(String, String)>,
    /// Things that were found, the surest first.
    pub found: Vec<Found>,
    /// The rest of the answer, as a person reads it.
    pub lines: Vec<String>,
}

/// A run with its number and the bytes it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// No other run has it.
    pub id: u32,
    /// The run.
    pub run: Run,
    /// With its picture.
    pub bytes: u64,
}

impl Run {
    /// What was found, with its places in the picture that was kept of it.
    pub fn found_in(&self, shown: Size) -> Vec<Found> {
        let (x, y) = (
            shown.width as f32 / self.width.max(1) as f32,
            shown.height as f32 / self.height.max(1) as f32,
        );
        let at = |Area { xmin, ymin, xmax, ymax }: Area| Area {
            xmin: xmin * x,
            ymin: ymin * y,
            xmax: xmax * x,
            ymax: ymax * y,
        };
        self.found.iter().map(|found| Found { area: at(found.area), ..found.clone() }).collect()
    }

    /// All that was asked, each with its name.
    fn asked(&self) -> Vec<(&str, String)> {
        let Self { title, model, picture, width, height, options, took_ms, .. } = self;
        let first = [
            ("Question", title.clone()),
            ("Model", model.clone()),
            ("Picture", format!("{picture}, {width} × {height}")),
        ];
        let options = options.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let last = [("Time", took(*took_ms))];
        first.into_iter().chain(options).chain(last).collect()
    }
}

/// A time as people read it.
pub fn took(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{:.1} s", ms as f64 / 1e3),
        _ => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
    }
}

/// One line of two runs side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// On the left and on the right; empty where a run does not have it.
    pub values: [String; 2],
}

/// What two runs were asked and how long they took, side by side.
pub fn compared(left: &Run, right: &Run) -> Vec<Line> {
    let (left, right) = (left.asked(), right.asked());
    let mut seen = BTreeSet::new();
    let names = left.iter().chain(&right).map(|(name, _)| *name).filter(|name| seen.insert(*name));
    let of = |run: &[(&str, String)], name| {
        run.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    };
    let mut lines: Vec<_> = names
        .map(|name| Line {
            name: name.to_owned(),
            values: [&left, &right].map(|run| of(run, name).unwrap_or_default()),
        })
        .collect();
    // The time comes last, whatever only the right one was asked.
    lines.sort_by_key(|line| line.name == "Time");
    lines
}

/// The runs that must go, given all from the oldest to the newest.
pub fn too_many(kept: &[(u32, u64)]) -> Vec<u32> {
    let mut bytes: u64 = kept.iter().map(|(_, bytes)| bytes).sum();
    let mut count = kept.len();
    let goes = |(id, its): &(u32, u64)| {
        let goes = count > MOST_RUNS || bytes > MOST_BYTES;
        if goes {
            count -= 1;
            bytes -= its;
        }
        goes.then_some(*id)
    };
    kept.iter().map_while(goes).collect()
}

/// All runs as a file, the newest first, without their pictures.
pub fn file(kept: &[Kept]) -> String {
    let runs: Vec<_> = kept.iter().map(|kept| &kept.run).collect();
    format!("{:#}\n", serde_json::json!({ "runs": runs }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        Run {
            at_unix_ms: 1,
            title: "Find things".into(),
            model: "a".into(),
            took_ms: 1_260,
            picture: "x.png".into(),
            width: 100,
            height: 50,
            options: vec![("Labels".into(), "cat".into())],
            found: vec![Found {
                label: "cat".into(),
                score: 0.5,
                area: Area { xmin: 10.0, ymin: 5.0, xmax: 30.0, ymax: 50.0 },
            }],
            lines: Vec::new(),
        }
    }

    #[test]
    fn times_are_read_easily() {
        let told = [0, 999, 1_000, 59_949, 61_500].map(took);
        assert_eq!(told, ["0 ms", "999 ms", "1.0 s", "59.9 s", "1 min 1 s"]);
    }

    #[test]
    fn two_runs_lie_side_by_side_whatever_each_was_asked() {
        let other = Run { options: vec![("Radius".into(), "5".into())], took_ms: 7, ..run() };
        let line = |name: &str, left: &str, right: &str| Line {
            name: name.into(),
            values: [left.into(), right.into()],
        };
        let want = [
            line("Question", "Find things", "Find things"),
            line("Model", "a", "a"),
            line("Picture", "x.png, 100 × 50", "x.png, 100 × 50"),
            line("Labels", "cat", ""),
            line("Radius", "", "5"),
            line("Time", "1.3 s", "7 ms"),
        ];
        assert_eq!(compared(&run(), &other), want);
    }

    #[test]
    fn places_fit_the_picture_that_was_kept() {
        let found = run().found_in(Size { width: 50, height: 100 });
        assert_eq!(found[0].area, Area { xmin: 5.0, ymin: 10.0, xmax: 15.0, ymax: 100.0 });
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_too_much() {
        assert_eq!(too_many(&[(1, 5), (2, MOST_BYTES - 5)]), [0_u32; 0]);
        assert_eq!(too_many(&[(1, 5), (2, 5), (7, MOST_BYTES - 5)]), [1]);
        assert_eq!(too_many(&[(1, MOST_BYTES + 1)]), [1]);
        let many: Vec<_> = (0..MOST_RUNS as u32 + 2).map(|id| (id, 1)).collect();
        assert_eq!(too_many(&many), [0, 1]);
    }

    #[test]
    fn a_file_of_runs_can_be_read_again() {
        let kept = Kept { id: 3, run: run(), bytes: 9 };
        let read: serde_json::Value = serde_json::from_str(&file(&[kept])).unwrap();
        assert_eq!(serde_json::from_value::<Run>(read["runs"][0].clone()).unwrap(), run());
    }
}
