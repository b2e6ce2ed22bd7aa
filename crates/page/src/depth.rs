//! How near everything in a picture is, as its panel holds it and as files have it.

pub mod files;

use api::{
    depth::{About, Depth, Map, Output, Partial},
    picture::Picture,
};

use crate::{
    desk::{Held, Stage},
    picker::title,
};

/// How depth is shown; near is bright in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shades {
    /// From black to white.
    Grey,
    /// From dark violet over red to pale yellow.
    Warm,
}

/// Colours of [`Shades::Warm`] at equal distances: evenly brighter from one to the next, so that equal steps
/// of depth look equal.
const WARM: [[u8; 3]; 7] = [
    [4, 4, 20],
    [58, 12, 92],
    [122, 28, 109],
    [186, 54, 85],
    [234, 105, 40],
    [250, 172, 30],
    [252, 253, 180],
];

impl Shades {
    /// The colour of a level.
    pub fn of(self, level: u16) -> [u8; 3] {
        match self {
            Self::Grey => [(level / 257) as u8; 3],
            Self::Warm => {
                let at = f32::from(level) / 65_535.0 * (WARM.len() - 1) as f32;
                let first = (at as usize).min(WARM.len() - 2);
                let part = at - first as f32;
                let pairs = WARM.get(first).zip(WARM.get(first + 1));
                let (from, to) = pairs.unwrap_or((&WARM[0], &WARM[1]));
                let mixed = |channel: usize| {
                    let [a, b] = [from, to].map(|colour| f32::from(colour[channel]));
                    (a + (b - a) * part).round() as u8
                };
                [0, 1, 2].map(mixed)
            }
        }
    }
}

/// The levels of a map, row by row: 0 is far, 65535 the nearest there is.
pub fn levels(map: &Map) -> impl Iterator<Item = u16> {
    map.levels.as_chunks::<2>().0.iter().map(|two| u16::from_le_bytes(*two))
}

/// The map as colours, four bytes a pixel.
pub fn coloured(map: &Map, shades: Shades) -> Vec<u8> {
    let pixel = |level| {
        let [red, green, blue] = shades.of(level);
        [red, green, blue, 255]
    };
    levels(map).flat_map(pixel).collect()
}

/// What the numbers are, in a sentence.
pub fn told(map: &Map) -> String {
    if map.most <= 0.0 {
        return "The model sees no depth here: everything is equally far.".into();
    }
    format!(
        "Near is bright. The model's numbers go from 0, far, to {:.3}, the nearest here; they are relative and no metres: twice the number is not half the distance, and those of two pictures cannot be compared.",
        map.most
    )
}

impl Held for Depth {
    type Ask = Picture;
    type About = About;

    fn about(output: &Output) -> &About {
        &output.model
    }

    fn described(about: &About) -> String {
        format!("{} · tells what is near", title(&about.name))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn map(levels: &[u16], most: f32) -> Map {
        let bytes = levels.iter().flat_map(|level| level.to_le_bytes()).collect();
        Map { width: levels.len() as u32, height: 1, most, levels: bytes }
    }

    #[test]
    fn near_is_brighter_in_all_shades() {
        for shades in [Shades::Grey, Shades::Warm] {
            let bright = |level| {
                let [red, green, blue] = shades.of(level).map(f32::from);
                0.299 * red + 0.587 * green + 0.114 * blue
            };
            let all: Vec<f32> = (0..=255).map(|at| bright(at * 257)).collect();
            assert!(all.windows(2).all(|two| two[0] <= two[1]), "{shades:?}: {all:?}");
            assert!(all[0] < 10.0 && all[255] > 230.0, "{shades:?}");
        }
        assert_eq!(Shades::Warm.of(65_535), WARM[6]);
    }

    #[test]
    fn greys_are_cut_off_as_the_course_cuts_them() {
        let greys = coloured(&map(&[0, 256, 257, 65_534, 65_535], 1.0), Shades::Grey);
        let reds: Vec<u8> = greys.iter().step_by(4).copied().collect();
        assert_eq!(reds, [0, 0, 1, 254, 255]);
        assert!(greys.chunks(4).all(|pixel| pixel[3] == 255));
    }

    #[test]
    fn a_flat_picture_is_told() {
        assert!(told(&map(&[0, 0], 0.0)).contains("no depth"));
        assert!(told(&map(&[0, 9], 2.5)).contains("to 2.500, the nearest"));
    }
}
