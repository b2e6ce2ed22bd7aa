//! Pictures as they come from the page.

use api::{
    Failure,
    picture::{Area, LONGEST_SIDE_PX, MOST_PIXELS},
};
use media::{Pixels, Preprocess};

use crate::{checkpoint::no_model, grouped::grouped};

/// Says how pictures are prepared.
pub(crate) const PREPROCESSOR: &str = "preprocessor_config.json";

/// What `preprocessor_config.json` says.
pub(crate) fn preprocess(body: &[u8]) -> Result<Preprocess, Failure> {
    Preprocess::from_json(body)
        .map_err(|reason| Failure::Fetch { file: PREPROCESSOR.into(), reason })
}

/// The picture, if it is one that can be looked at.
pub(crate) fn checked(picture: api::picture::Picture) -> Result<media::Picture, Failure> {
    let api::picture::Picture { width, height, rgb } = picture;
    let wrong = |reason| Failure::input("picture", reason);
    if width.max(height) > LONGEST_SIDE_PX {
        let (longest, most) =
            (grouped(width.max(height) as usize), grouped(LONGEST_SIDE_PX as usize));
        return Err(wrong(format!(
            "its longer side has {longest} pixels: cut it to at most {most}"
        )));
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS {
        let (count, most) = (grouped(pixels as usize), grouped(MOST_PIXELS as usize));
        return Err(wrong(format!("it has {count} pixels: make it smaller, to at most {most}")));
    }
    media::Picture::new(width, height, rgb).map_err(wrong)
}

/// The picture as numbers, for a network that looks at squares of `side`.
pub(crate) fn squared(
    preprocess: &Preprocess,
    picture: &media::Picture,
    side: u32,
) -> Result<Pixels, Failure> {
    let pixels = preprocess.pixels(picture).map_err(|reason| Failure::input("picture", reason))?;
    let (wide, high) = (pixels.width, pixels.height);
    if [wide, high] != [side; 2] {
        return Err(no_model(format!(
            "{PREPROCESSOR} makes this picture {wide} × {high}, and the network looks at {side} × {side}: \
             they belong to two models"
        )));
    }
    Ok(pixels)
}

/// A box told as its middle, width and height in parts of a picture of `size`.
pub(crate) fn area(place: &[f32], size: [u32; 2]) -> Option<Area> {
    let [width, height] = size.map(|side| side as f32);
    let [x, y, wide, high] = *place else { return None };
    Some(Area {
        xmin: (x - 0.5 * wide) * width,
        ymin: (y - 0.5 * high) * height,
        xmax: (x + 0.5 * wide) * width,
        ymax: (y + 0.5 * high) * height,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(width: u32, height: u32, bytes: usize, want: &str) {
        let picture = api::picture::Picture { width, height, rgb: vec![0; bytes] };
        let told = checked(picture).err().map(|why| why.to_string()).unwrap_or_default();
        assert!(told.contains(want), "{told}");
    }

    #[test]
    fn a_picture_that_cannot_be_looked_at_is_told() {
        let fine = api::picture::Picture { width: 1, height: 2, rgb: vec![1; 6] };
        assert_eq!(checked(fine), media::Picture::new(1, 2, vec![1; 6]).map_err(Failure::Bug));
        check(0, 0, 0, "picture: a picture of 0 × 0 pixels has none");
        check(2, 2, 11, "picture: 2 × 2 pixels are 12 bytes, not 11");
        check(32_768, 1, 0, "picture: its longer side has 32,768 pixels: cut it to at most 32,767");
        check(20_000, 5_001, 0, "picture: it has 100,020,000 pixels: make it smaller");
    }
}
