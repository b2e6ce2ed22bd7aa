//! Put a text into another language, each sentence beside its translation.

use api::translate::{About, Ask, Language, Partial, Segment, Translate};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, FocusEvent, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::{
    call::Step,
    desk::{
        Asking,
        field::{Field, PLAIN},
        use_desk,
        views::{Around, Copy},
    },
    icon::Icon,
    menu::Menu,
    panels::Panel,
    picker::title,
    rows::rows,
    translate::{csv, json, meant, note, pair, whole},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "translate",
    alias: "",
    title: "Translate",
    group: "Text",
    icon: Icon::Languages,
    view: || view! { <Translation/> }.into_any(),
};

/// What the panel is opened with: sentences the site's own model was made for.
const EXAMPLE: &str = "Good morning! My name is Anna. I live in Berlin and I speak French.\n\n\
                       My old uncle bought three red apples at the market yesterday.";

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    asking: Asking<Translate>,
    text: RwSignal<String>,
    source: RwSignal<String>,
    target: RwSignal<String>,
    beams: RwSignal<Option<u8>>,
    done: RwSignal<Vec<Segment>>,
    /// Codes of what is in `done`.
    codes: RwSignal<(String, String)>,
    /// Counts the questions, so that no row is taken for one of an earlier question.
    asked: RwSignal<u32>,
}

#[component]
fn Translation() -> impl IntoView {
    let asking = use_desk::<Translate>();
    let held = Held {
        asking,
        text: RwSignal::new(EXAMPLE.into()),
        source: RwSignal::new(String::new()),
        target: RwSignal::new(String::new()),
        beams: RwSignal::new(None),
        done: RwSignal::new(Vec::new()),
        codes: RwSignal::default(),
        asked: RwSignal::new(0),
    };
    Effect::new(move || {
        let begun = |about: &About| {
            held.source.with_untracked(|source| {
                held.target.with_untracked(|target| pair(about, source, target))
            })
        };
        if let Some((source, target)) = asking.about.with(|about| about.as_ref().map(begun)) {
            held.source.set(source);
            held.target.set(target);
        }
    });
    view! {
        <Around desk=asking.desk title="Translate"
            lead="Sentence by sentence, in this tab: each one stands beside its translation."
            absent="No translation model is here yet: get one on the models page, or open the folder of one \
                (config.json, tokenizer.json, model.safetensors).">
            <Field desk=asking.desk kind=PLAIN name="Text to translate" typed=held.text/>
            <Languages held/>
            <Pairs held/>
        </Around>
    }
    .into_any()
}

impl Held {
    fn ask(self) {
        let desk = self.asking.desk;
        if !desk.has_model() {
            return;
        }
        let text = self.text.get_untracked();
        if text.trim().is_empty() {
            return desk.notice.set(Some("the text is empty: write what to translate".into()));
        }
        let (source, target) = (self.source.get_untracked(), self.target.get_untracked());
        self.done.set(Vec::new());
        self.asked.update(|asked| *asked += 1);
        self.codes.set((source.clone(), target.clone()));
        let ask = Ask { text, source, target, beams: self.beams.get_untracked() };
        self.asking.start(Some(ask), move |step| match step {
            Step::Partial(Partial::Done(segment)) => {
                self.done.update(|done| done.push(segment.clone()));
            }
            Step::Ended(Ok(output)) => self.done.set(output.segments.clone()),
            _ => {}
        });
    }

    /// The other way round; a translation that is there becomes the text.
    fn swap(self) {
        let (source, target) = (self.source.get_untracked(), self.target.get_untracked());
        if self.done.with_untracked(|done| !done.is_empty())
            && self.codes.with_untracked(|codes| *codes == (source.clone(), target.clone()))
        {
            self.text.set(self.done.with_untracked(|done| whole(done)));
            self.done.set(Vec::new());
        }
        self.source.set(target);
        self.target.set(source);
    }

    fn can_swap(self) -> bool {
        let knows = |list: &[Language], code: &str| list.iter().any(|l| l.code == code);
        self.asking.about.with(|about| {
            about.as_ref().is_some_and(|about| {
                self.source.with(|source| knows(&about.targets, source))
                    && self.target.with(|target| knows(&about.sources, target))
            })
        })
    }
}

/// From which language into which, and the button that asks.
#[component]
fn Languages(held: Held) -> impl IntoView {
    let beams = move |event: Event| {
        let most = api::translate::MOST_BEAMS;
        held.beams.set(event_target_value(&event).parse().ok().map(|n: u8| n.clamp(1, most)));
    };
    let usual = move || held.asking.about.with(|about| about.as_ref().map(|a| a.beams.to_string()));
    view! {
        <form class="search" on:submit=move |event| { event.prevent_default(); held.ask(); }>
            <Spoken held label="From" code=held.source list=|about| &about.sources/>
            <button type="button" class="round" aria-label="Swap the languages" title="Swap the languages"
                disabled=move || !held.can_swap() on:click=move |_| held.swap()>
                {Icon::Swap.view()}
            </button>
            <Spoken held label="Into" code=held.target list=|about| &about.targets/>
            <label class="count" title="Translations of a sentence followed side by side: more is slower, and often better">
                "Beams"
                <input type="number" min="1" max=api::translate::MOST_BEAMS.to_string() placeholder=usual
                    prop:value=move || held.beams.get().map(|n| n.to_string()) on:change=beams/>
            </label>
            <button type="submit" class="primary" disabled=move || held.asking.desk.is_busy()>"Translate"</button>
        </form>
    }
    .into_any()
}

/// A language out of those the model knows. What is typed narrows the list, which is the browser's own;
/// on entering, the field is emptied so that all of them are in it.
#[component]
fn Spoken(
    held: Held,
    label: &'static str,
    code: RwSignal<String>,
    list: fn(&About) -> &Vec<Language>,
) -> impl IntoView {
    let about = held.asking.about;
    let known = move || about.with(|about| about.as_ref().map(list).cloned().unwrap_or_default());
    let name = move || {
        let found = |l: &Language| code.with(|code| l.code == *code);
        known().into_iter().find(found).map_or_else(|| code.get(), |l| l.name)
    };
    let set = |event: &FocusEvent, value: &str| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            input.set_value(value);
        }
    };
    let choose = move |event: Event| {
        let typed = event_target_value(&event);
        if typed.trim().is_empty() {
            return;
        }
        match meant(&known(), &typed) {
            Ok(language) => {
                code.set(language.code.clone());
                held.asking.desk.notice.set(None);
            }
            Err(why) => held.asking.desk.notice.set(Some(why)),
        }
    };
    let id = format!("languages-{label}");
    let option = |l: Language| view! { <option value=l.name>{l.code}</option> };
    view! {
        <label>
            {label}
            <input type="text" list=id.clone() autocomplete="off" spellcheck="false" placeholder=name
                disabled=move || known().is_empty() prop:value=name on:change=choose
                on:focus=move |event| set(&event, "") on:blur=move |event| set(&event, &untrack(name))/>
            <datalist id=id>{move || known().into_iter().map(option).collect_view()}</datalist>
        </label>
    }
    .into_any()
}

/// Each sentence beside its translation.
#[component]
fn Pairs(held: Held) -> impl IntoView {
    let numbered = move || {
        let asked = held.asked.get();
        let number = |(at, segment): (usize, Segment)| (asked, at, segment);
        held.done.get().into_iter().enumerate().map(number).collect::<Vec<_>>()
    };
    let (source, target) = (lang(held, |codes| &codes.0), lang(held, |codes| &codes.1));
    let draw = move |(_, at, segment): (u32, usize, Segment)| {
        let note = note(&segment).map(|note| view! { <small class="wide">{note}</small> });
        let breaks = at > 0 && segment.lead.contains('\n');
        view! {
            <li class:break=breaks tabindex=if at == 0 { "0" } else { "-1" } on:keydown=walk>
                <p dir="auto" lang=source>{segment.source}</p>
                <p dir="auto" lang=target>{segment.target}</p>
                {note}
            </li>
        }
        .into_any()
    };
    view! {
        <Show when=move || held.done.with(|done| !done.is_empty())>
            <div class="actions"><Taken held/></div>
            <ol class="pairs" aria-label="Sentences and their translations">
                {rows(numbered, |(asked, at, _)| format!("{asked}-{at}"), draw)}
            </ol>
        </Show>
    }
    .into_any()
}

/// What a reader of the page is to read a column as.
fn lang(held: Held, of: fn(&(String, String)) -> &String) -> Signal<String> {
    Signal::derive(move || held.codes.with(|codes| of(codes).replace('_', "-")))
}

/// Up and down go from pair to pair.
fn walk(event: KeyboardEvent) {
    let here = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let next = here.and_then(|here| match event.key().as_str() {
        "ArrowDown" => here.next_element_sibling(),
        "ArrowUp" => here.previous_element_sibling(),
        _ => None,
    });
    if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        // Focus that fails leaves it where it was.
        let _ = next.focus();
    }
}

/// What can be taken away.
#[component]
fn Taken(held: Held) -> impl IntoView {
    let desk = held.asking.desk;
    let text = move || held.done.with_untracked(|done| whole(done));
    let save_csv = move |_| {
        let (source, target) = held.codes.get_untracked();
        desk.save("translation.csv", &held.done.with_untracked(|done| csv(done, &source, &target)));
    };
    let save_json = move |_| {
        let (source, target) = held.codes.get_untracked();
        let name = title(&desk.model.get_untracked());
        let all = held.done.with_untracked(|done| json(done, &name, &source, &target));
        desk.save("translation.json", &all);
    };
    view! {
        <Copy desk name="Copy translation" text=Callback::new(move |()| text())/>
        <Menu name="Save" icon=Icon::Download>
            <button type="button" on:click=move |_| desk.save("translation.txt", &text())>"Translation as text"</button>
            <button type="button" on:click=save_csv>"Pairs as CSV"</button>
            <button type="button" on:click=save_json>"Pairs as JSON"</button>
        </Menu>
    }
    .into_any()
}
