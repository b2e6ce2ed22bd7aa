//! The texts of a list that are nearest to a question.

use leptos::prelude::*;

use super::TEXTS as KIND;
use crate::{
    desk::{
        field::Field,
        views::{button, form},
    },
    embed::{
        lists::read,
        session::Session,
        table::{Placed, field, nearest, shown},
    },
    icon::Icon,
    part::{part, typed},
};

const CORPUS: &str = "The cat sleeps on the sofa
A man is playing the guitar
She bought fresh bread this morning
The train to Paris leaves at nine
My brother loves football
It will rain tomorrow
The film made everybody laugh
Dogs like long walks in the forest";
const TEXTS: &str = "Texts to search";
const QUERY: &str = "What will the weather be like?";

/// Most results that are shown.
const MOST: usize = 1_000;

/// The texts of a list that are nearest to a question.
#[component]
pub fn Search(
    /// Whose texts.
    session: Session,
) -> impl IntoView {
    let corpus = RwSignal::new(CORPUS.to_owned());
    let query = RwSignal::new(QUERY.to_owned());
    let count = RwSignal::new(5_usize);
    let found = session.desk.result::<Vec<(String, f32)>>();
    let search = move || {
        let texts = corpus.with_untracked(|typed| read(typed)).all;
        let asked = query.with_untracked(|query| query.trim().to_owned());
        let missing = match (texts.is_empty(), asked.is_empty()) {
            (true, _) => "the texts to search are empty: write one a line",
            (_, true) => "write what to look for",
            _ => {
                let count = count.get_untracked();
                let lists = vec![("Look for", vec![asked]), (TEXTS, texts)];
                return session.place(lists, move |placed| {
                    found.try_set(best(&placed.concat(), count));
                });
            }
        };
        session.desk.notice.set(Some(missing.into()));
    };
    let save = move || {
        let text = found.with_untracked(|found| found.as_deref().map(csv)).unwrap_or_default();
        session.desk.save("nearest.csv", &text);
    };
    let counted = typed(move |text| count.set(text.parse().unwrap_or(5).clamp(1, MOST)));
    let fields = view! {
        <label>"Look for" <input type="text" prop:value=query
            on:input=typed(move |text| query.set(text))/></label>
        <label class="count">"Results" <input type="number" min="1" max=MOST.to_string()
            prop:value=Signal::derive(move || count.get().to_string()) on:change=counted/></label>
    };
    view! {
        <Field desk=session.desk kind=KIND name=TEXTS typed=corpus/>
        {form(session.desk, "Search", search, fields.into_any())}
        {part(move || found.get().map(|found| results(found, save)))}
    }
    .into_any()
}

fn results(found: Vec<(String, f32)>, save: impl FnMut() + 'static) -> AnyView {
    let one = |(text, score): (String, f32)| {
        view! {
            <li>
                <span>{text}</span>
                <meter min="0" max="1" value=score.max(0.0).to_string() aria-label="How near"></meter>
                <strong>{shown(score)}</strong>
            </li>
        }
        .into_any()
    };
    view! {
        <ol class="found" aria-label="Nearest texts">{found.into_iter().map(one).collect_view()}</ol>
        <div class="actions">{button("Save as CSV", Icon::Download, save)}</div>
    }
    .into_any()
}

/// The first of some texts is what is looked for among the others.
fn best(all: &[Placed], count: usize) -> Option<Vec<(String, f32)>> {
    let (asked, texts) = all.split_first()?;
    let named = |(at, score): (usize, f32)| texts.get(at).map(|text| (text.text.clone(), score));
    Some(nearest(asked, texts, count).into_iter().filter_map(named).collect())
}

fn csv(found: &[(String, f32)]) -> String {
    let line = |(rank, (text, score)): (usize, &(String, f32))| {
        format!("{rank},{},{}\n", shown(*score), field(text))
    };
    let lines: String = (1..).zip(found).map(line).collect();
    format!("rank,cosine,text\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_can_be_read_again() {
        let found = [("a, b".to_owned(), 0.5), ("c".to_owned(), -0.25)];
        assert_eq!(csv(&found), "rank,cosine,text\n1,0.5000,\"a, b\"\n2,-0.2500,c\n");
    }
}
