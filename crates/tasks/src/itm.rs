//! Tell how well texts fit a picture, each for itself.

use api::{
    Asked, Failure,
    blip::Partial,
    itm::{Ask, Fit, Itm, MOST_TEXTS, Output},
};
use media::Picture;
use models::blip::Skill;

use crate::{
    Job, Kit,
    blip::{self, Loaded, check_text},
    checkpoint::finite,
    grouped::grouped,
    picture::checked,
};

impl Job for Itm {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        let ask = ask.map(|Ask { picture, texts }| {
            check(&texts)?;
            Ok((checked(picture)?, texts))
        });
        let ask = ask.transpose()?;
        let open = async || blip::open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let fits = fits(kit, &loaded, ask).await?;
        Ok(Output { model: loaded.about.clone(), fits })
    }
}

fn check(texts: &[String]) -> Result<(), Failure> {
    if texts.is_empty() {
        return Err(Failure::input("texts", "there are none: write at least one"));
    }
    if texts.len() > MOST_TEXTS {
        let (count, most) = (grouped(texts.len()), grouped(MOST_TEXTS));
        let reason = format!("{count} are too many at once: give at most {most}");
        return Err(Failure::input("texts", reason));
    }
    (1..).zip(texts).try_for_each(|(number, text)| check_text(&field(number), text))
}

/// What a text is called, counted from 1.
fn field(number: usize) -> String {
    format!("text {number}")
}

async fn fits(
    kit: &Kit<Itm>,
    loaded: &Loaded,
    ask: Option<(Picture, Vec<String>)>,
) -> Result<Vec<Fit>, Failure> {
    let Skill::Match(matcher) = &loaded.blip.skill else { return Err(loaded.other_skill()) };
    let Some((picture, texts)) = ask else { return Ok(Vec::new()) };
    // All of them first: a text that cannot be read is told before the long work, not in the middle.
    let read = (1..).zip(&texts).map(|(number, text)| loaded.ids(&field(number), text));
    let read = read.collect::<Result<Vec<_>, _>>()?;
    let seen = loaded.look(kit, &picture).await?;
    let (mut fits, total_texts) = (Vec::with_capacity(read.len()), read.len() as u32);
    for (ids, text) in read.iter().zip(texts) {
        kit.send(Partial::Reading { done_texts: fits.len() as u32, total_texts }).await?;
        let fit = matcher.fit(ids, &seen, &kit.breath()).await;
        let fit = fit.map_err(|error| loaded.failed(error))?;
        let [no, yes] = fit.logits;
        finite(&loaded.about.name, &[no, yes, fit.cosine])?;
        fits.push(Fit { text, probability: 1. / (1. + (no - yes).exp()), cosine: fit.cosine });
    }
    Ok(fits)
}
