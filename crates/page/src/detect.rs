//! A detector as its panel holds it.

use crate::{
    desk::{Held, Stage},
    picker::title,
};
use api::{
    detect::{About, Detect, Output, Partial},
    picture::Picture,
};

/// What the reference takes for found unless it is told otherwise.
pub const SURE_PERCENT: u32 = 90;

impl Held for Detect {
    type Ask = Picture;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        let kinds = about.labels.len();
        format!(
            "{} · finds {kinds} kind{} of things",
            title(&about.name),
            if kinds == 1 { "" } else { "s" }
        )
    }

    fn stage(partial: &Partial, _: Option<Stage>) -> Stage {
        match *partial {
            Partial::Loading(loading) => Stage::Loading(loading),
            Partial::Looking { .. } => Stage::Working {
                words: "Looking at the picture…",
                done: 0,
                total: 1,
                pieces: "pictures",
            },
        }
    }
}
