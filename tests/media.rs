//! Pictures against Pillow and the image processors of transformers: see `golden/picture.py`.

use std::collections::HashMap;

use crate::engine::read;
use candle_core::{Device, Tensor};
use media::{Filter, Picture, Preprocess, resize};
use serde_json::{Value, json};

fn pictures() -> HashMap<String, Picture> {
    let tensors = read("golden/picture.safetensors");
    let tensors = candle_core::safetensors::load_buffer(&tensors, &Device::Cpu).unwrap();
    let picture = |(name, tensor): (String, Tensor)| {
        let (height, width, _) = tensor.dims3().unwrap();
        let rgb = tensor.flatten_all().unwrap().to_vec1().unwrap();
        (name, Picture::new(width as u32, height as u32, rgb).unwrap())
    };
    tensors.into_iter().map(picture).collect()
}

#[test]
fn pictures_in_other_sizes_are_pillows_byte_for_byte() {
    let pictures = pictures();
    let mut compared = 0;
    for (name, want) in &pictures {
        let parts: Vec<&str> = name.split('/').collect();
        let [filter, from, _] = parts[..] else { continue };
        let filter = match filter {
            "bilinear" => Filter::Bilinear,
            "bicubic" => Filter::Bicubic,
            _ => Filter::Lanczos,
        };
        let got = resize(&pictures[from], want.size(), filter);
        let off = got.rgb.iter().zip(&want.rgb).filter(|(got, want)| got != want).count();
        assert_eq!((got.size(), off), (want.size(), 0), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 7 * 3 * 6);
}

/// What the processors of transformers say of a picture, against what we make of it.
fn check(named: &str, picture: &Picture) {
    let golden: Value = serde_json::from_slice(&read("golden/preprocess.json")).unwrap();
    let files = golden.as_array().unwrap();
    assert!(files.len() > 10);
    for file in files {
        let what = format!("{} of {named}", file["name"]);
        let preprocess = Preprocess::from_json(file["json"].to_string().as_bytes()).unwrap();
        let got = preprocess.pixels(picture).unwrap();
        let want = &file["pictures"][named];
        assert_eq!(json!([3, got.height, got.width]), want["shape"], "{what}");
        assert_eq!(preprocess.size(picture.size()), Ok([got.width, got.height]));
        assert_eq!(got.planes.len(), 3 * (got.height * got.width) as usize);
        let stride = want["stride"].as_u64().unwrap() as usize;
        let want: Vec<f32> = serde_json::from_value(want["numbers"].clone()).unwrap();
        let got: Vec<f32> = got.planes.into_iter().step_by(stride).collect();
        // To the last bit: the arithmetic is the same.
        assert_eq!(got, want, "{what}");
    }
}

#[test]
fn networks_are_given_what_the_reference_gives_them() {
    for named in ["5x4", "17x30", "61x44", "100x13", "40x40"] {
        check(named, &pictures()[named]);
    }
}

/// The photo of two cats that the references' own tests use, where somebody has it: a PPM in
/// `WICK_PHOTO`, as `golden/picture.py` writes it. Without one this test says so and nothing else.
#[test]
fn a_photo_is_what_the_reference_makes_of_it() {
    let Some(path) = std::env::var_os("WICK_PHOTO") else {
        println!("not run: WICK_PHOTO names no PPM of the photo");
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let head = b"P6\n640 480\n255\n";
    assert!(bytes.starts_with(head));
    check("photo", &Picture::new(640, 480, bytes[head.len()..].to_vec()).unwrap());
}

#[track_caller]
fn refused(json: Value, words: &str) {
    let told = Preprocess::from_json(json.to_string().as_bytes()).unwrap_err();
    assert!(told.contains(words), "`{told}` lacks `{words}`");
}

/// A file of CLIP's with some fields changed.
fn clip(fields: Value) -> Value {
    let mut file = json!({
        "image_processor_type": "CLIPImageProcessor", "size": 8, "crop_size": 8,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
    });
    let fields = fields.as_object().unwrap().clone();
    file.as_object_mut().unwrap().extend(fields);
    file
}

#[test]
fn a_file_that_cannot_be_followed_is_refused() {
    assert!(Preprocess::from_json(clip(json!({})).to_string().as_bytes()).is_ok());
    assert!(Preprocess::from_json(b"{").is_err());
    refused(json!({}), "no image_processor_type");
    refused(
        clip(json!({"image_processor_type": "PixtralImageProcessor"})),
        "PixtralImageProcessor",
    );
    refused(clip(json!({"resample": 0})), "resample 0");
    refused(clip(json!({"size": null})), "no size");
    refused(clip(json!({"size": 0})), "a size of 0 and 0");
    refused(clip(json!({"size": {"height": 8}})), "go together");
    refused(clip(json!({"size": {"shortest_edge": 8, "longest_edge": 9}})), "go together");
    refused(clip(json!({"size": {"edge": 8}})), "did not match");
    refused(clip(json!({"crop_size": null})), "no crop_size");
    refused(clip(json!({"crop_size": 100_000})), "a crop_size of 100000");
    refused(clip(json!({"image_mean": null})), "no image_mean");
    refused(clip(json!({"image_std": [0.0, 1.0, 1.0]})), "image_std");
    let dpt = |fields| {
        let mut file = clip(fields);
        file["image_processor_type"] = "DPTImageProcessor".into();
        file
    };
    assert!(Preprocess::from_json(dpt(json!({})).to_string().as_bytes()).is_ok());
    refused(dpt(json!({"do_pad": true, "size_divisor": 14})), "a size_divisor of Some(14)");
    refused(dpt(json!({"ensure_multiple_of": 0})), "a ensure_multiple_of of 0");
}

#[test]
fn a_picture_that_would_not_fit_is_refused_in_its_own_sizes() {
    let picture = |width, height| {
        Picture::new(width, height, vec![9; (width * height * 3) as usize]).unwrap()
    };
    let said = |fields: Value, of: &Picture| {
        Preprocess::from_json(clip(fields).to_string().as_bytes()).unwrap().pixels(of).unwrap_err()
    };
    let longest = json!({"size": {"longest_edge": 8}, "do_center_crop": false});
    let told = said(longest, &picture(100, 1));
    assert!(told.contains("100 × 1 pixels would become 8 × 0"), "{told}");
    let uncut = json!({"size": 800, "do_center_crop": false});
    let dpt = json!({"image_processor_type": "DPTImageProcessor", "do_center_crop": false,
        "size": 56, "keep_aspect_ratio": true, "ensure_multiple_of": 14});
    let told = said(dpt, &picture(1000, 9));
    assert!(told.contains("would become 56 × 0 for this model, nothing"), "{told}");
    let told = said(uncut, &picture(1000, 1));
    assert!(told.contains("would become 800000 × 800 for this model, more than fit"), "{told}");
    let padded =
        json!({"size": 16, "do_center_crop": false, "pad_size": {"height": 16, "width": 20}});
    let told = said(padded, &picture(2, 1));
    assert!(told.contains("32 × 16 for this model, more than the 20 × 16"), "{told}");
}

#[test]
fn the_thinnest_picture_costs_no_more_than_its_middle() {
    let thin = Picture::new(30_000, 1, [1, 2, 3].repeat(30_000)).unwrap();
    let preprocess =
        Preprocess::from_json(clip(json!({"size": 224, "crop_size": 224})).to_string().as_bytes());
    let pixels = preprocess.unwrap().pixels(&thin).unwrap();
    assert_eq!((pixels.width, pixels.height), (224, 224));
    assert!(pixels.planes[..224 * 224].iter().all(|x| *x == (1f32 / 255. - 0.5) / 0.5));
}
