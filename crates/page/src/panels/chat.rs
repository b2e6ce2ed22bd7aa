//! Talk with a model.

use api::{
    Task,
    chat::{About, Partial, Role},
};
use leptos::{ev, html, prelude::*};
use web_sys::KeyboardEvent;

use crate::{
    address::use_address,
    chat::{
        conversation::Conversation, export, session::Session, settings::Settings, turns::Turns,
    },
    files::{self, offer},
    format::{self, bytes, count, percent},
    icon::Icon,
    lazy::lazy,
    menu::Menu,
    panels::Panel,
    part::{self, press, sent, words},
    picker::{Picker, shipped},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "chat",
    alias: "",
    title: "Chat",
    group: "Talk",
    icon: Icon::Chat,
    code: lazy!(chat, Chat),
};

/// Questions even a tiny model can answer.
const SUGGESTIONS: &[&str] = &[
    "What are you?",
    "What is the capital of France?",
    "What is 7 plus 5?",
    "What is the opposite of hot?",
    "Is this review positive or negative? The lamp broke after a day.",
];

/// Nearer to the end than this counts as being there.
const NEAR_PX: i32 = 80;

#[component]
fn Chat() -> impl IntoView {
    let asked = use_address().asked("model");
    let session = Session::new(asked.unwrap_or_else(|| shipped(api::chat::Chat::NAME)));
    let settings = RwSignal::new(false);
    let over = RwSignal::new(false);
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && session.is_busy() {
            session.stop();
        }
    });
    on_cleanup(move || escape.remove());
    files::catch(over, move |files| session.open(files));
    view! {
        <div class="chat" class:over=move || over.get()>
            <h1 class="visually-hidden">"Chat"</h1>
            <Bar session settings/>
            <Show when=move || settings.get()><Settings session open=settings/></Show>
            <Log session/>
            <Foot session/>
        </div>
    }
}

/// Which model, and what can be done with the conversation.
#[component]
fn Bar(session: Session, settings: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="bar">
            <Picker task=api::chat::Chat::NAME model=session.model
                choose=Callback::new(move |model| session.choose(model))
                open=Callback::new(move |files| session.open(files))
                loaded=Signal::derive(move || session.about.with(Option::is_some))
                unload=Callback::new(move |()| session.unload())/>
            <span class="spring"></span>
            <Export session/>
            <button type="button" aria-expanded=move || settings.get().to_string() aria-controls="settings"
                on:click=press(move || settings.update(|open| *open = !*open))>
                {Icon::Settings.view()} <span class="words">"Settings"</span>
            </button>
            <button type="button" title="New conversation" on:click=press(move || session.clear())>
                {Icon::New.view()} <span class="words">"New conversation"</span>
            </button>
        </div>
    }
}

#[component]
fn Export(session: Session) -> impl IntoView {
    let save = move |name: &'static str, write: fn(&[api::chat::Message]) -> String| {
        let text = session.conversation.with_untracked(|c| {
            let tip = c.tip();
            tip.map(|tip| write(&c.messages(tip))).unwrap_or_default()
        });
        if let Err(why) = offer(name, &text) {
            session.notice.set(Some(format!("the conversation cannot be exported: {why:?}")));
        }
    };
    view! {
        <Show when=move || !session.conversation.with(Conversation::is_empty)>
            <Menu name="Export" icon=Icon::Download>
                <button type="button" on:click=press(move || save("conversation.md", export::markdown))>"Markdown"</button>
                <button type="button" on:click=press(move || save("conversation.json", export::json))>"JSON"</button>
            </Menu>
        </Show>
    }
}

/// The conversation, which follows the answer unless a person looks further up.
#[component]
fn Log(session: Session) -> impl IntoView {
    let log = NodeRef::<html::Div>::new();
    let follow = StoredValue::new(true);
    let away = RwSignal::new(false);
    let scrolled = move |_| {
        if let Some(log) = log.get_untracked() {
            let below = log.scroll_height() - log.scroll_top() - log.client_height();
            follow.set_value(below < NEAR_PX);
            away.set(below >= NEAR_PX);
        }
    };
    let jump = move |_| {
        if let Some(log) = log.get_untracked() {
            log.set_scroll_top(log.scroll_height());
        }
    };
    Effect::new(move || {
        session.conversation.track();
        if let Some(log) = log.get().filter(|_| follow.get_value()) {
            request_animation_frame(move || log.set_scroll_top(log.scroll_height()));
        }
    });
    view! {
        <div class="log" node_ref=log on:scroll=scrolled>
            <Show when=move || session.conversation.with(Conversation::is_empty)
                fallback=move || view! { <Turns session/> }>
                <Welcome session/>
            </Show>
        </div>
        <Show when=move || away.get()>
            <button type="button" class="jump" on:click=jump>{Icon::Down.view()} "Latest"</button>
        </Show>
    }
}

#[component]
fn Welcome(session: Session) -> impl IntoView {
    view! {
        <section class="welcome">
            <h2>"Ask something"</h2>
            <p>
                "The model runs in this tab, also without a network. Wick Chat is tiny and knows little; drop a \
                 GGUF file here, or get a larger model on the "<a href="models/">"models page"</a>"."
            </p>
            <ul class="suggestions">
                {SUGGESTIONS.iter().map(|text| view! {
                    <li><button type="button" on:click=press(move || session.ask(text))>{*text}</button></li>
                }).collect_view()}
            </ul>
            <Show when=move || session.before.with(Option::is_some)>
                <p><button type="button" class="quiet" on:click=press(move || session.back())>
                    {Icon::Left.view()} "Back to the last conversation"
                </button></p>
            </Show>
        </section>
    }
}

/// Where the work stands, and where a question is written.
#[component]
fn Foot(session: Session) -> impl IntoView {
    view! {
        <div class="foot">
            {move || session.notice.get().map(|text| view! { <p class="notice" role="status">{text}</p> })}
            <Trouble session/>
            <Standing session/>
            <Writing session/>
        </div>
    }
}

#[component]
fn Trouble(session: Session) -> impl IntoView {
    move || {
        session.trouble().map(|trouble| {
            view! {
                <div class="trouble" role="alert">
                    <p>{trouble}</p>
                    <button type="button" on:click=press(move || session.restart())>
                        {if session.is_broken() { "Restart engine" } else { "Try again" }}
                    </button>
                </div>
            }
        })
    }
}

/// What is loaded, or how far the load is, and how full the context is.
#[component]
fn Standing(session: Session) -> impl IntoView {
    let bar = move || match session.stage() {
        Some(Partial::Loading(loading)) => Some((loading.read_bytes, loading.total_bytes)),
        Some(Partial::Reading { read_tokens, total_tokens }) => {
            Some((read_tokens.into(), total_tokens.into()))
        }
        _ => None,
    };
    let context = move || {
        let (about, cost) = (session.about.get()?, session.cost.get()?);
        let used = u64::from(cost.prompt_tokens + cost.answer_tokens);
        let all = u64::from(about.context_tokens);
        let words = format!("context {used} of {all} tokens ({} %)", percent(used, all));
        Some(view! {
            <span class="context">
                <meter min="0" max=all.to_string() value=used.to_string() aria-label="Context used"></meter>
                <small>{words}</small>
            </span>
        })
    };
    view! {
        <div class="standing">
            <span role="status">{words(move || standing(session))}</span>
            {move || bar().map(|(done, all)| view! {
                <progress aria-label="Progress" max=all.to_string() value=done.to_string()></progress>
            })}
            // Changes too often to be read out.
            <small aria-hidden="true">{words(move || arrived(session).unwrap_or_default())}</small>
            {context}
        </div>
    }
}

fn standing(session: Session) -> String {
    match session.stage() {
        Some(Partial::Loading(_)) => "Loading the model…".into(),
        Some(Partial::Reading { .. }) => "Reading the conversation…".into(),
        Some(Partial::Text { .. }) => "Answering…".into(),
        None if session.is_busy() => "Starting…".into(),
        None => session.about.with(|about| about.as_ref().map(described).unwrap_or_default()),
    }
}

/// How much of the model is here.
fn arrived(session: Session) -> Option<String> {
    match session.stage()? {
        Partial::Loading(loading) => Some(format::arrived(loading)),
        _ => None,
    }
}

/// What answers, in a few words.
fn described(about: &About) -> String {
    let format = match about.format {
        api::chat::Format::Own => "",
        api::chat::Format::Plain => " · no chat template: questions go in as plain text",
    };
    format!(
        "{} · {} · {} weights · {} · {}{format}",
        about.name,
        about.architecture,
        count(about.parameters),
        about.quantization,
        bytes(about.weight_bytes)
    )
}

#[component]
fn Writing(session: Session) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let field = NodeRef::<html::Textarea>::new();
    let empty = move || typed.with(|typed| typed.trim().is_empty());
    let send = move || {
        let text = typed.get_untracked();
        // While an answer comes, what is typed waits.
        if text.trim().is_empty() || answering(session) {
            return;
        }
        typed.set(String::new());
        session.ask(text.trim());
        if let Some(field) = field.get_untracked() {
            // Focus that fails leaves the field where it was.
            let _ = field.focus();
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    view! {
        <form class="writing" on:submit=sent(send)>
            <textarea node_ref=field aria-label="Message" aria-describedby="message-hint" rows="2"
                placeholder="Write a message" prop:value=typed on:keydown=key
                on:input=part::typed(move |text| typed.set(text))></textarea>
            <Show when=move || session.is_busy()
                fallback=move || view! {
                    <button class="primary" type="submit" disabled=empty>{Icon::Send.view()} "Send"</button>
                }>
                <button type="button" class="stop" on:click=press(move || session.stop())>{Icon::Stop.view()} "Stop"</button>
            </Show>
        </form>
        <p id="message-hint" class="hint">
            "Enter sends, Shift+Enter starts a new line, Esc stops. Nothing you write leaves this tab."
        </p>
    }
}

fn answering(session: Session) -> bool {
    session.conversation.with_untracked(|c| {
        let tip = c.tip().and_then(|tip| c.turn(tip));
        tip.is_some_and(|turn| {
            turn.role == Role::Assistant && turn.fate == crate::chat::conversation::Fate::Coming
        })
    })
}
