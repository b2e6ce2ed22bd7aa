//! Say in a sentence what a picture shows.

use api::{
    Asked, Failure,
    blip::Written,
    caption::{Ask, Caption, Output},
};
use media::Picture;
use models::blip::Skill;

use crate::{
    Job, Kit,
    blip::{self, Loaded, check_text},
    picture::checked,
};

impl Job for Caption {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        let ask = ask.map(|Ask { picture, prefix, max_new_tokens }| {
            if !prefix.trim().is_empty() {
                check_text("prefix", &prefix)?;
            }
            if max_new_tokens == 0 {
                return Err(Failure::input("most new tokens", "a caption needs at least one"));
            }
            Ok((checked(picture)?, prefix, max_new_tokens as usize))
        });
        let ask = ask.transpose()?;
        let open = async || blip::open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let caption = caption(kit, &loaded, ask).await?;
        Ok(Output { model: loaded.about.clone(), caption })
    }
}

async fn caption(
    kit: &Kit<Caption>,
    loaded: &Loaded,
    ask: Option<(Picture, String, usize)>,
) -> Result<Option<Written>, Failure> {
    let Skill::Caption(writer) = &loaded.blip.skill else { return Err(loaded.other_skill()) };
    let Some((picture, prefix, most)) = ask else { return Ok(None) };
    // As `generate` of the reference: the first token becomes the one captions begin with, and the last,
    // which would end one, is dropped.
    let mut ids = loaded.ids("prefix", &prefix)?;
    ids.pop();
    match ids.first_mut() {
        Some(first) => *first = loaded.blip.config().text.bos_token_id,
        None => return Err(Failure::Bug("the tokenizer puts nothing around a text".into())),
    }
    let seen = loaded.look(kit, &picture).await?;
    loaded.write(kit, (writer, &seen.memory), ids, most).await.map(Some)
}
