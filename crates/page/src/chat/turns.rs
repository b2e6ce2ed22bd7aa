//! Questions and answers as they are shown.

use api::chat::{Cost, End, Role};
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::{
    conversation::{Conversation, Fate, Turn, TurnId},
    markdown::{Group, Piece, parse},
    session::Session,
};
use crate::{
    icon::Icon,
    part::{press, words},
    rows::rows,
};

/// The shown branch.
#[component]
pub fn Turns(
    /// Whose.
    session: Session,
) -> impl IntoView {
    rows(
        move || session.conversation.with(Conversation::path),
        TurnId::to_string,
        move |id| {
            let role = session.conversation.with_untracked(|c| c.turn(id).map(|turn| turn.role));
            match role {
                Some(Role::Assistant) => view! { <AnswerView session id/> }.into_any(),
                _ => view! { <QuestionView session id/> }.into_any(),
            }
        },
    )
}

fn turn(session: Session, id: TurnId) -> Memo<Option<Turn>> {
    Memo::new(move |_| session.conversation.with(|c| c.turn(id).cloned()))
}

#[component]
fn QuestionView(session: Session, id: TurnId) -> impl IntoView {
    let turn = turn(session, id);
    let text =
        move || turn.with(|turn| turn.as_ref().map(|turn| turn.text.clone()).unwrap_or_default());
    let draft = RwSignal::new(None::<String>);
    let send = move |_| {
        if let Some(text) = draft.get_untracked().filter(|text| !text.trim().is_empty()) {
            draft.set(None);
            session.edit(id, text.trim());
        }
    };
    view! {
        <article class="question" aria-label="Question">
            {move || match draft.get() {
                None => view! { <p class="said">{text()}</p> }.into_any(),
                Some(_) => view! {
                    <form on:submit=move |event| { event.prevent_default(); send(()); }>
                        <textarea aria-label="Edit the question" rows="3"
                            prop:value=draft.get_untracked().unwrap_or_default()
                            on:input=move |event| draft.update_untracked(|d| *d = Some(event_target_value(&event)))>
                        </textarea>
                        <div class="tools">
                            <button type="submit" class="primary">"Ask this instead"</button>
                            <button type="button" on:click=press(move || draft.set(None))>"Cancel"</button>
                        </div>
                    </form>
                }.into_any(),
            }}
            <div class="tools">
                <Siblings session id/>
                <button type="button" class="quiet" title="Ask something else here" on:click=press(move || draft.set(Some(text())))>
                    {Icon::Edit.view()} "Edit"
                </button>
                <Copy text=Signal::derive(text)/>
            </div>
        </article>
    }
}

#[component]
fn AnswerView(session: Session, id: TurnId) -> impl IntoView {
    let turn = turn(session, id);
    let coming = Memo::new(move |_| {
        turn.with(|turn| turn.as_ref().is_some_and(|turn| turn.fate == Fate::Coming))
    });
    let text =
        move || turn.with(|turn| turn.as_ref().map(|turn| turn.text.clone()).unwrap_or_default());
    let foot = move || turn.with(|turn| turn.as_ref().map(|turn| foot(&turn.fate)));
    view! {
        <article class="answer" aria-label="Answer" aria-busy=move || coming.get().to_string()>
            <div class="text">{move || pieces(parse(&text()))}</div>
            <Show when=move || coming.get() && text().is_empty()>
                <p class="thinking"><span></span><span></span><span></span></p>
            </Show>
            <p class="cost">{foot}</p>
            <div class="tools">
                <Siblings session id/>
                <button type="button" class="quiet" disabled=move || session.is_busy()
                    title="Ask for another answer" on:click=press(move || session.regenerate(id))>
                    {Icon::Refresh.view()} "Regenerate"
                </button>
                <Copy text=Signal::derive(text)/>
            </div>
        </article>
    }
}

/// What stands below an answer.
fn foot(fate: &Fate) -> String {
    match fate {
        Fate::Asked | Fate::Coming => String::new(),
        Fate::Cut(why) => format!("Not finished: {why}."),
        Fate::Whole { end, cost } => match end {
            End::Turn => costs(cost),
            End::StopString(stop) => format!("Ended at “{stop}” · {}", costs(cost)),
            End::Length => format!("Ended at the token limit · {}", costs(cost)),
            End::Context => format!("Ended because the context is full · {}", costs(cost)),
        },
    }
}

fn costs(cost: &Cost) -> String {
    let speed = |tokens: u32, ms: f64| match ms > 0.0 && tokens > 0 {
        true => format!("{:.0} tokens/s", f64::from(tokens) * 1000.0 / ms),
        false => "at once".into(),
    };
    let read = cost.prompt_tokens.saturating_sub(cost.kept_tokens);
    let kept = match cost.kept_tokens {
        0 => String::new(),
        kept => format!(", {kept} kept"),
    };
    let left_out = match cost.left_out_tokens {
        0 => String::new(),
        some => format!(", {some} before them forgotten"),
    };
    format!(
        "{} tokens at {} · prompt {} tokens{kept}{left_out}, {} · first token after {:.2} s",
        cost.answer_tokens,
        // The first token comes out of the prompt's reading.
        speed(cost.answer_tokens.saturating_sub(1), cost.answer_ms),
        cost.prompt_tokens,
        speed(read, cost.prompt_ms),
        cost.first_token_ms / 1000.0
    )
}

/// Steps through the branches at a turn.
#[component]
fn Siblings(session: Session, id: TurnId) -> impl IntoView {
    let siblings = Memo::new(move |_| session.conversation.with(|c| c.siblings(id)));
    let place = move || siblings.with(|all| all.iter().position(|&other| other == id).unwrap_or(0));
    let show = move |at: Option<usize>| {
        let other = at.and_then(|at| siblings.with_untracked(|all| all.get(at).copied()));
        if let Some(other) = other {
            session.conversation.update(|c| c.show(other));
            session.keep();
        }
    };
    view! {
        <Show when=move || siblings.with(|all| all.len() > 1)>
            <span class="siblings" role="group" aria-label="Versions">
                <button type="button" class="quiet round" aria-label="Earlier version" disabled=move || place() == 0
                    on:click=press(move || show(place().checked_sub(1)))>{Icon::Left.view()}</button>
                <span>{words(move || format!("{} / {}", place() + 1, siblings.with(Vec::len)))}</span>
                <button type="button" class="quiet round" aria-label="Later version"
                    disabled=move || place() + 1 == siblings.with(Vec::len)
                    on:click=press(move || show(Some(place() + 1)))>{Icon::Right.view()}</button>
            </span>
        </Show>
    }
}

#[component]
fn Copy(text: Signal<String>) -> impl IntoView {
    let copied = RwSignal::new("Copy");
    let copy = move |_| {
        spawn_local(async move {
            let clipboard = gloo::utils::window().navigator().clipboard();
            let done = match clipboard.is_undefined() {
                true => false,
                false => JsFuture::from(clipboard.write_text(&text.get_untracked())).await.is_ok(),
            };
            copied.try_set(if done { "Copied" } else { "Not allowed" });
        })
    };
    view! {
        <button type="button" class="quiet" on:click=copy>{Icon::Copy.view()} {move || copied.get()}</button>
    }
}

/// Model text, drawn. Only what [`parse`] lets through can be drawn at all.
fn pieces(all: Vec<Piece>) -> AnyView {
    all.into_iter().map(piece).collect_view().into_any()
}

fn piece(piece: Piece) -> AnyView {
    match piece {
        Piece::Text(text) => text.into_any(),
        Piece::Code(text) => view! { <code>{text}</code> }.into_any(),
        Piece::Break => view! { <br/> }.into_any(),
        Piece::Rule => view! { <hr/> }.into_any(),
        Piece::Block { language, text } => {
            let copied = text.clone();
            view! {
                <figure class="code">
                    <figcaption><span>{language}</span><Copy text=Signal::stored(copied)/></figcaption>
                    <pre tabindex="0"><code>{text}</code></pre>
                </figure>
            }
            .into_any()
        }
        Piece::Group(group, inside) => held(group, inside),
    }
}

fn held(group: Group, inside: Vec<Piece>) -> AnyView {
    let inside = pieces(inside);
    match group {
        Group::Paragraph => view! { <p>{inside}</p> }.into_any(),
        // The page's own headings come above an answer's.
        Group::Heading(1 | 2) => view! { <h3>{inside}</h3> }.into_any(),
        Group::Heading(_) => view! { <h4>{inside}</h4> }.into_any(),
        Group::Quote => view! { <blockquote>{inside}</blockquote> }.into_any(),
        Group::List(None) => view! { <ul>{inside}</ul> }.into_any(),
        Group::List(Some(start)) => view! { <ol start=start.to_string()>{inside}</ol> }.into_any(),
        Group::Entry => view! { <li>{inside}</li> }.into_any(),
        Group::Strong => view! { <strong>{inside}</strong> }.into_any(),
        Group::Emphasis => view! { <em>{inside}</em> }.into_any(),
        Group::Struck => view! { <del>{inside}</del> }.into_any(),
        Group::Link(to) => {
            view! { <a href=to target="_blank" rel="noopener noreferrer">{inside}</a> }.into_any()
        }
        Group::Table => view! { <div class="scroll"><table>{inside}</table></div> }.into_any(),
        Group::Head | Group::Row => view! { <tr>{inside}</tr> }.into_any(),
        Group::Cell => view! { <td>{inside}</td> }.into_any(),
        Group::Plain => inside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_it_cost_and_why_it_ended() {
        let cost = Cost {
            prompt_tokens: 120,
            kept_tokens: 20,
            left_out_tokens: 7,
            answer_tokens: 51,
            prompt_ms: 500.0,
            first_token_ms: 510.0,
            answer_ms: 1000.0,
        };
        let said = foot(&Fate::Whole { end: End::Length, cost });
        let want = "Ended at the token limit · 51 tokens at 50 tokens/s · prompt 120 tokens, 20 kept, \
                    7 before them forgotten, 200 tokens/s · first token after 0.51 s";
        assert_eq!(said, want);
        assert_eq!(foot(&Fate::Cut("stopped".into())), "Not finished: stopped.");
        let instant = Cost { answer_tokens: 1, ..Cost::default() };
        assert!(costs(&instant).contains("at once"));
    }
}
