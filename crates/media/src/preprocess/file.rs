//! `preprocessor_config.json`, in its forms of all years.

use serde::Deserialize;

use super::{Preprocess, Size};
use crate::{picture::CHANNELS, resize::Filter};

/// No side of a picture is longer for any network.
const LONGEST: u32 = 1 << 14;

/// What a processor does where its file is silent, or says less than it must: see its `__init__` in
/// `transformers` 4.57.
struct Kind {
    name: &'static str,
    number: Number,
    filter: Filter,
    crops: bool,
}

/// What `size` means where it is a number alone.
enum Number {
    Square,
    Shortest,
    /// As long as `max_size` allows, or this.
    ShortestUpTo(u32),
    Longest,
    /// A square, or near it: `keep_aspect_ratio` and `ensure_multiple_of` say so.
    Multiple,
}

const KINDS: &[Kind] = &[
    Kind { name: "CLIP", number: Number::Shortest, filter: Filter::Bicubic, crops: true },
    Kind {
        name: "Detr",
        number: Number::ShortestUpTo(1333),
        filter: Filter::Bilinear,
        crops: false,
    },
    Kind { name: "Sam", number: Number::Longest, filter: Filter::Bilinear, crops: false },
    Kind { name: "Blip", number: Number::Square, filter: Filter::Bicubic, crops: false },
    Kind { name: "OwlViT", number: Number::Square, filter: Filter::Bicubic, crops: false },
    Kind { name: "DPT", number: Number::Multiple, filter: Filter::Bicubic, crops: false },
    Kind { name: "ViT", number: Number::Square, filter: Filter::Bilinear, crops: false },
];

/// The fields that change a picture.
#[derive(Deserialize)]
struct File {
    image_processor_type: Option<String>,
    feature_extractor_type: Option<String>,
    do_resize: Option<bool>,
    size: Option<Sides>,
    max_size: Option<u32>,
    keep_aspect_ratio: Option<bool>,
    ensure_multiple_of: Option<u32>,
    resample: Option<u32>,
    do_center_crop: Option<bool>,
    crop_size: Option<Sides>,
    do_rescale: Option<bool>,
    rescale_factor: Option<f64>,
    do_normalize: Option<bool>,
    image_mean: Option<[f32; CHANNELS]>,
    image_std: Option<[f32; CHANNELS]>,
    do_pad: Option<bool>,
    pad_size: Option<Sides>,
    size_divisor: Option<u32>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Sides {
    Number(u32),
    HeightAndWidth([u32; 2]),
    Named(Named),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    height: Option<u32>,
    width: Option<u32>,
    shortest_edge: Option<u32>,
    longest_edge: Option<u32>,
}

pub(super) fn read(json: &[u8]) -> Result<Preprocess, String> {
    let file: File = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let kind = kind(&file)?;
    let crops = file.do_center_crop.unwrap_or(kind.crops);
    if matches!(kind.number, Number::Multiple) && file.do_pad == Some(true) {
        let divisor = file.size_divisor;
        return Err(format!("padding to a size_divisor of {divisor:?} is not supported"));
    }
    Ok(Preprocess {
        resize: resize(&file, kind)?,
        crop: crops.then(|| exact("crop_size", file.crop_size)).transpose()?,
        levels: levels(&file)?,
        // Without `pad_size` pictures are filled up to the largest of those read together: here, one.
        pad: match file.pad_size.filter(|_| file.do_pad.unwrap_or(true)) {
            Some(size) => Some(exact("pad_size", Some(size))?),
            None => None,
        },
    })
}

fn kind(file: &File) -> Result<&'static Kind, String> {
    let named = file.image_processor_type.as_ref().or(file.feature_extractor_type.as_ref());
    let named = named.ok_or("it names no image_processor_type")?;
    let plain = named.strip_suffix("Fast").unwrap_or(named);
    let plain =
        ["ImageProcessor", "FeatureExtractor"].iter().find_map(|end| plain.strip_suffix(end));
    KINDS.iter().find(|kind| Some(kind.name) == plain).ok_or_else(|| {
        let known: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        format!("the processor {named} is not supported (supported: {})", known.join(", "))
    })
}

fn resize(file: &File, kind: &Kind) -> Result<Option<(Size, Filter)>, String> {
    if file.do_resize == Some(false) {
        return Ok(None);
    }
    let filter = match file.resample {
        None => kind.filter,
        // Numbers are Pillow's.
        Some(1) => Filter::Lanczos,
        Some(2) => Filter::Bilinear,
        Some(3) => Filter::Bicubic,
        Some(other) => {
            return Err(format!("resample {other} is not supported (supported: 1, 2, 3)"));
        }
    };
    let size = match file.size.ok_or("it has no size")? {
        Sides::Number(side) => match kind.number {
            Number::Square => Size::Exact([side; 2]),
            Number::Shortest => Size::Shortest { edge: side, longest: None },
            Number::ShortestUpTo(most) => {
                Size::Shortest { edge: side, longest: Some(file.max_size.unwrap_or(most)) }
            }
            Number::Longest => Size::Longest(side),
            Number::Multiple => multiple(file, [side; 2])?,
        },
        Sides::HeightAndWidth([height, width]) => Size::Exact([width, height]),
        Sides::Named(Named { height: Some(height), width: Some(width), .. })
            if matches!(kind.number, Number::Multiple) =>
        {
            multiple(file, [width, height])?
        }
        Sides::Named(Named { height, width, shortest_edge, longest_edge }) => {
            match (height, width, shortest_edge, longest_edge) {
                (Some(height), Some(width), None, None) => Size::Exact([width, height]),
                (None, None, Some(edge), None) => Size::Shortest { edge, longest: None },
                (None, None, Some(edge), longest)
                    if matches!(kind.number, Number::ShortestUpTo(_)) =>
                {
                    Size::Shortest { edge, longest }
                }
                (None, None, None, Some(edge)) => Size::Longest(edge),
                _ => return Err("its size names no sides that go together".into()),
            }
        }
    };
    let sides = match size {
        Size::Exact(sides) | Size::Multiple { sides, .. } => sides,
        Size::Shortest { edge, longest } => [edge, longest.unwrap_or(edge)],
        Size::Longest(edge) => [edge; 2],
    };
    possible("size", sides)?;
    Ok(Some((size, filter)))
}

fn multiple(file: &File, sides: [u32; 2]) -> Result<Size, String> {
    let of = file.ensure_multiple_of.unwrap_or(1);
    possible("ensure_multiple_of", [of; 2])?;
    Ok(Size::Multiple { sides, of, keep: file.keep_aspect_ratio.unwrap_or(false) })
}

/// Width and height.
fn exact(name: &str, sides: Option<Sides>) -> Result<[u32; 2], String> {
    let size = match sides {
        Some(Sides::Number(side)) => [side; 2],
        Some(Sides::HeightAndWidth([height, width])) => [width, height],
        Some(Sides::Named(Named {
            height: Some(height),
            width: Some(width),
            shortest_edge: None,
            longest_edge: None,
        })) => [width, height],
        _ => return Err(format!("it has no {name} of height and width")),
    };
    possible(name, size)?;
    Ok(size)
}

fn possible(name: &str, sides: [u32; 2]) -> Result<(), String> {
    match sides.iter().all(|side| (1..=LONGEST).contains(side)) {
        true => Ok(()),
        false => Err(format!("a {name} of {} and {} is not possible", sides[0], sides[1])),
    }
}

fn levels(file: &File) -> Result<[Vec<f32>; CHANNELS], String> {
    let factor = match file.do_rescale {
        Some(false) => 1.,
        _ => file.rescale_factor.unwrap_or(1. / 255.),
    };
    let (mean, std) = match file.do_normalize {
        Some(false) => ([0.; CHANNELS], [1.; CHANNELS]),
        _ => (
            file.image_mean.ok_or("it has no image_mean of three numbers")?,
            file.image_std.ok_or("it has no image_std of three numbers")?,
        ),
    };
    let of = |channel: usize| -> Vec<f32> {
        let level = |byte: u8| ((f64::from(byte) * factor) as f32 - mean[channel]) / std[channel];
        (0..=255).map(level).collect()
    };
    let levels = std::array::from_fn(of);
    match levels.iter().flatten().all(|level| level.is_finite()) {
        true => Ok(levels),
        false => Err(format!(
            "a rescale_factor of {factor} with an image_std of {std:?} is not possible"
        )),
    }
}
