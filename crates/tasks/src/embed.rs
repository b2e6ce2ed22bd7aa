//! Give texts places in a space where those that mean alike lie near each other.

mod shape;
mod words;

use api::{
    Asked, Failure, Precision,
    embed::{About, Embed, Embedding, MOST_CHARACTERS, MOST_TEXTS, Output, Partial, Pooling},
};
use models::bert::Bert;

use self::{
    shape::Shape,
    words::{Ids, Words},
};
use crate::{
    Job, Kit,
    batches::batches,
    checkpoint,
    encoder::{self, Encoder},
    grouped::grouped,
};

/// Tokens of all texts the network reads at once: enough to keep its products busy, few enough for the
/// page to be told every second or so.
const BATCH_TOKENS: usize = 512;

/// A sentence model, ready to read.
struct Loaded {
    bert: Bert,
    words: Words,
    shape: Shape,
    about: About,
}

impl Job for Embed {
    async fn run(kit: &Kit<Self>, input: Asked<Vec<String>>) -> Result<Output, Failure> {
        let Asked { model, precision, ask: texts } = input;
        if let Some(texts) = &texts {
            check(texts)?;
        }
        let open = async || open(kit, &model, precision).await;
        let loaded = kit.held(&model, precision, open).await?;
        let embeddings = match texts {
            Some(texts) => embeddings(kit, &loaded, &texts).await?,
            None => Vec::new(),
        };
        Ok(Output { model: loaded.about.clone(), embeddings })
    }
}

fn refused(reason: String) -> Failure {
    Failure::input("texts", reason)
}

/// One text, counted from 1, is at fault.
fn wrong(number: usize, reason: impl Into<String>) -> Failure {
    Failure::input(format!("text {number}"), reason)
}

fn check(texts: &[String]) -> Result<(), Failure> {
    if texts.is_empty() {
        return Err(refused("there are none: write at least one".into()));
    }
    if texts.len() > MOST_TEXTS {
        let (count, most) = (grouped(texts.len()), grouped(MOST_TEXTS));
        return Err(refused(format!("{count} are too many at once: give at most {most}")));
    }
    for (number, text) in (1..).zip(texts) {
        if text.trim().is_empty() {
            return Err(wrong(number, "it is empty: write something or leave it out"));
        }
        let characters = text.chars().count();
        if characters > MOST_CHARACTERS {
            let (count, most) = (grouped(characters), grouped(MOST_CHARACTERS));
            let reason = format!("it has {count} characters: cut it into texts of at most {most}");
            return Err(wrong(number, reason));
        }
    }
    Ok(())
}

async fn open(kit: &Kit<Embed>, model: &str, precision: Precision) -> Result<Loaded, Failure> {
    let names = kit.files().list(model).await?;
    let (shape, words) =
        (Shape::read(kit, model, &names).await?, Words::read(kit, model, &names).await?);
    let Encoder::Bert(bert) = encoder::open(kit, model, precision, Partial::Loading).await? else {
        let reason = "this model reads no text: choose a sentence model of BERT's kind";
        return Err(checkpoint::no_model(reason.into()));
    };
    words.check(bert.config().vocab_size)?;
    let window_tokens = shape.window_tokens(bert.config().max_position_embeddings);
    let about = About {
        name: checkpoint::name(model),
        dimensions: bert.config().hidden_size as u32,
        window_tokens: window_tokens as u32,
        pooling: shape.pooling,
        normalized: shape.normalized,
    };
    Ok(Loaded { bert, words, shape, about })
}

async fn embeddings(
    kit: &Kit<Embed>,
    loaded: &Loaded,
    texts: &[String],
) -> Result<Vec<Embedding>, Failure> {
    // All of them first: a text that cannot be read is told before the long work, not in the middle.
    let read = in_tokens(kit, loaded, texts).await?;
    let mut done = Vec::with_capacity(texts.len());
    for batch in batches(&read, |text| text.ids.len(), BATCH_TOKENS) {
        let done_texts = done.len() as u32;
        kit.send(Partial::Reading { done_texts, total_texts: texts.len() as u32 }).await?;
        done.extend(embedded(kit, loaded, batch).await?);
    }
    Ok(done)
}

async fn in_tokens(
    kit: &Kit<Embed>,
    loaded: &Loaded,
    texts: &[String],
) -> Result<Vec<Ids>, Failure> {
    let window = loaded.about.window_tokens as usize;
    let mut read = Vec::with_capacity(texts.len());
    for (number, text) in (1..).zip(texts) {
        let ids = loaded.words.ids(&loaded.shape.prepared(text), window)?;
        let nothing =
            "it holds nothing this model can read, such as letters or digits: leave it out";
        read.push(ids.ok_or_else(|| wrong(number, nothing))?);
        kit.turn().await?;
    }
    Ok(read)
}

async fn embedded(
    kit: &Kit<Embed>,
    loaded: &Loaded,
    batch: &[Ids],
) -> Result<Vec<Embedding>, Failure> {
    let failed = |error| checkpoint::failure(&loaded.about.name, error);
    let ids: Vec<_> = batch.iter().map(|text| text.ids.clone()).collect();
    let hidden = loaded.bert.forward(&ids, &kit.breath()).await.map_err(failed)?;
    let hidden = hidden.flatten_all().and_then(|hidden| hidden.to_vec1::<f32>());
    let hidden = hidden.map_err(|error| failed(error.into()))?;
    let mut rest = &hidden[..];
    let place = |text: &Ids| {
        let size = loaded.about.dimensions as usize;
        let (own, after) = rest.split_at(text.ids.len() * size);
        rest = after;
        let mut vector = pooled(own, size, loaded.about.pooling);
        if loaded.about.normalized {
            normalize(&mut vector);
        }
        checkpoint::finite(&loaded.about.name, &vector)?;
        let (tokens, read_tokens) = (text.tokens as u32, text.ids.len() as u32);
        Ok(Embedding { vector, tokens, read_tokens })
    };
    batch.iter().map(place).collect()
}

/// `(tokens, size)` to `(size)`, as the modules of sentence-transformers do it.
fn pooled(hidden: &[f32], size: usize, pooling: Pooling) -> Vec<f32> {
    let mut rows = hidden.chunks_exact(size);
    let mut all = rows.next().map(<[f32]>::to_vec).unwrap_or_default();
    let mut merge = |merge: fn(&mut f32, f32)| {
        rows.by_ref().for_each(|row| all.iter_mut().zip(row).for_each(|(x, y)| merge(x, *y)));
    };
    match pooling {
        Pooling::First => {}
        Pooling::Largest => merge(|x, y| *x = x.max(y)),
        Pooling::Mean => {
            merge(|x, y| *x += y);
            let tokens = (hidden.len() / size) as f32;
            all.iter_mut().for_each(|x| *x /= tokens);
        }
    }
    all
}

/// To the length 1; a vector without a length stays as it is.
fn normalize(vector: &mut [f32]) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pooling_is_its_formula() {
        let hidden = [1.0, -2.0, 3.0, -4.0, 8.0, 0.0];
        assert_eq!(pooled(&hidden, 2, Pooling::Mean), [4.0, -2.0]);
        assert_eq!(pooled(&hidden, 2, Pooling::First), [1.0, -2.0]);
        assert_eq!(pooled(&hidden, 2, Pooling::Largest), [8.0, 0.0]);
        let mut vector = [3.0, -4.0];
        normalize(&mut vector);
        assert_eq!(vector, [0.6, -0.8]);
    }
}
