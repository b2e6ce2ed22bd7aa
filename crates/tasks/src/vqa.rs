//! Answer a question about a picture.

use api::{
    Asked, Failure,
    blip::{NEW_TOKENS, Written},
    vqa::{Ask, Output, Vqa},
};
use media::Picture;
use models::blip::Skill;

use crate::{
    Job, Kit,
    blip::{self, Loaded, check_text},
    picture::checked,
};

impl Job for Vqa {
    async fn run(kit: &Kit<Self>, input: Asked<Ask>) -> Result<Output, Failure> {
        let Asked { model, precision, ask } = input;
        let ask = ask.map(|Ask { picture, question }| {
            check_text("question", &question)?;
            Ok((checked(picture)?, question))
        });
        let ask = ask.transpose()?;
        let open = async || blip::open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let answer = answer(kit, &loaded, ask).await?;
        Ok(Output { model: loaded.about.clone(), answer })
    }
}

async fn answer(
    kit: &Kit<Vqa>,
    loaded: &Loaded,
    ask: Option<(Picture, String)>,
) -> Result<Option<Written>, Failure> {
    let Skill::Answer(reader, writer) = &loaded.blip.skill else {
        return Err(loaded.other_skill());
    };
    let Some((picture, question)) = ask else { return Ok(None) };
    let ids = loaded.ids("question", &question)?;
    let seen = loaded.look(kit, &picture).await?;
    let breath = kit.breath();
    let read = async || {
        let read = reader.read(&ids, Some(&seen.memory), &breath).await?;
        writer.remember(&read, &breath).await
    };
    let memory = read().await.map_err(|error| loaded.failed(error))?;
    let begin = vec![loaded.blip.config().text.bos_token_id];
    loaded.write(kit, (writer, &memory), begin, NEW_TOKENS as usize).await.map(Some)
}
