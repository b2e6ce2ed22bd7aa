//! Tell how near each pixel of a picture is.

use api::{
    Asked, Failure, Precision,
    depth::{About, Depth, Map, Output, Partial},
};
use media::{Picture, Preprocess};
use models::dpt::{Config, Dpt, at_size};

use crate::{
    Job, Kit,
    checkpoint::{self, ModelType, Told, failure, finite, no_model, parsed},
    picture::checked,
};

const PREPROCESSOR: &str = "preprocessor_config.json";

/// An estimator, ready to look.
struct Loaded {
    dpt: Dpt,
    preprocess: Preprocess,
    about: About,
}

impl Job for Depth {
    async fn run(kit: &Kit<Self>, input: Asked<api::picture::Picture>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        let picture = ask.map(checked).transpose()?;
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let depth = match picture {
            Some(picture) => Some(told(kit, &loaded, &picture).await?),
            None => None,
        };
        Ok(Output { model: loaded.about.clone(), depth })
    }
}

async fn open(kit: &Kit<Depth>, model: &str, precision: Precision) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let config = checkpoint::config_json(kit, model, &names).await?;
    let ModelType { model_type } = parsed("config.json", config.as_bytes())?;
    if !["dpt", "depth_anything"].contains(&model_type.as_str()) {
        return Err(no_model(format!(
            "a model of the kind \"{model_type}\" does not tell depth: choose one of the kind dpt or depth_anything"
        )));
    }
    let preprocessor = checkpoint::read(kit, model, &names, PREPROCESSOR).await?;
    let preprocess = Preprocess::from_json(&checkpoint::needed(PREPROCESSOR, preprocessor)?)
        .map_err(|reason| Failure::Fetch { file: PREPROCESSOR.into(), reason })?;
    let config = Config::from_json(&config).map_err(|error| failure("config.json", error))?;
    let told = Told::new(kit, Partial::Loading);
    let weights = checkpoint::weights(&told, model, &names, precision).await?;
    let dpt = Dpt::load(&weights, config).await.map_err(|error| failure(model, error))?;
    let about = About {
        name: checkpoint::name(model),
        parameters: dpt.held().parameters(),
        weight_bytes: dpt.held().bytes(),
    };
    Ok(Loaded { dpt, preprocess, about })
}

async fn told(kit: &Kit<Depth>, loaded: &Loaded, picture: &Picture) -> Result<Map, Failure> {
    let Loaded { dpt, preprocess, about } = loaded;
    let pixels = preprocess.pixels(picture).map_err(|reason| Failure::input("picture", reason))?;
    let (width, height) = (pixels.width, pixels.height);
    kit.send(Partial::Looking { width, height }).await?;
    let look = async || {
        let (breath, shape) = (kit.breath(), [3, height as usize, width as usize]);
        let depth = dpt.forward(&models::numbers(pixels.planes, &shape)?, &breath).await?;
        at_size(&depth, picture.size().map(|side| side as usize), &breath).await
    };
    let depth = look().await.map_err(|error| failure(&about.name, error))?;
    finite(&about.name, &depth)?;
    Ok(map(&depth, picture.size()))
}

/// Depth of a picture of `size` in parts of its largest number.
fn map(depth: &[f32], [width, height]: [u32; 2]) -> Map {
    let most = depth.iter().copied().fold(0., f32::max);
    // In 64 bits: the largest number is 65535 whatever it is, and nothing divides by zero.
    let scale = if most > 0. { 65_535. / f64::from(most) } else { 0. };
    // Conversions cut off the fraction, and give 0 for what is below it.
    let level = |x: &f32| ((f64::from(*x) * scale) as u16).to_le_bytes();
    Map { width, height, most, levels: depth.iter().flat_map(level).collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[track_caller]
    fn check(depth: &[f32], most: f32, want: &[u16]) {
        let map = map(depth, [depth.len() as u32, 1]);
        let levels: Vec<u16> =
            map.levels.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect();
        assert_eq!((map.most, levels.as_slice()), (most, want), "{depth:?}");
    }

    #[test]
    fn levels_are_parts_of_the_largest_number() {
        check(&[0., 1., 2.], 2., &[0, 32_767, 65_535]);
        check(&[-3., 0.5], 0.5, &[0, 65_535]);
        check(&[0., 0.], 0., &[0, 0]);
        check(&[-1., -2.], 0., &[0, 0]);
        check(&[1e-42, f32::MAX], f32::MAX, &[0, 65_535]);
        check(&[1e-42], 1e-42, &[65_535]);
    }
}
