//! Put a text into another language, each sentence beside its translation.

use api::translate::{About, Ask, Language, Partial, Segment, Translate};
use js_sys::Intl;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::{
    call::Step,
    desk::{
        Asking,
        field::{Field, PLAIN},
        use_desk,
        views::{Around, copies, entry, form},
    },
    icon::Icon,
    lazy::lazy,
    menu::Menu,
    panels::Panel,
    part::{during, part, press, typed},
    picker::title,
    rows::rows,
    translate::{csv, json, meant, note, pair, tag, whole},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "translate",
    alias: "",
    title: "Translate",
    group: "Text",
    icon: Icon::Languages,
    code: lazy!(translate, Translation),
};

/// What the panel is opened with: sentences the site's own model was made for.
const EXAMPLE: &str = "Good morning! My name is Anna. I live in Berlin and I speak French.\n\n\
                       My brother bought three red apples at the market yesterday.";

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
            {languages(held)}
            {pairs(held)}
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
fn languages(held: Held) -> AnyView {
    const MOST: u8 = api::translate::MOST_BEAMS;
    let beams = typed(move |text| {
        held.beams.set(text.parse().ok().map(|n: u8| n.clamp(1, MOST)));
    });
    let usual = move || held.asking.about.with(|about| about.as_ref().map(|a| a.beams.to_string()));
    let given = move || held.beams.get().map(|beams| beams.to_string());
    let turned = Signal::derive(move || !held.can_swap());
    let fields = view! {
            {spoken(held, "From", held.source, |about| &about.sources)}
            <button type="button" class="round" aria-label="Swap the languages" title="Swap the languages"
                disabled=turned on:click=press(move || held.swap())>
                {Icon::Swap.view()}
            </button>
            {spoken(held, "Into", held.target, |about| &about.targets)}
            <label class="count" title="Translations of a sentence followed side by side: more is slower, and often better">
                "Beams"
                <input type="number" min="1" max=MOST.to_string() on:change=beams
                    placeholder=Signal::derive(move || usual().unwrap_or_default())
                    prop:value=Signal::derive(move || given().unwrap_or_default())/>
            </label>
    };
    form(held.asking.desk, "Translate", move || held.ask(), fields.into_any())
}

/// A language out of those the model knows. What is typed narrows the list, which is the browser's own;
/// on entering, the field is emptied so that all of them are in it.
fn spoken(
    held: Held,
    label: &'static str,
    code: RwSignal<String>,
    list: fn(&About) -> &Vec<Language>,
) -> AnyView {
    let about = held.asking.about;
    let known = move || about.with(|about| about.as_ref().map(list).cloned().unwrap_or_default());
    let name = Signal::derive(move || {
        let found = |l: &Language| code.with(|code| l.code == *code);
        known().into_iter().find(found).map_or_else(|| code.get(), |l| l.name)
    });
    let choose = typed(move |text| {
        if text.trim().is_empty() {
            return;
        }
        let chosen = meant(&known(), &text).map(|language| language.code.clone());
        held.asking.desk.notice.set(chosen.clone().err());
        if let Ok(chosen) = chosen {
            code.set(chosen);
        }
    });
    let id = format!("languages-{label}");
    let option = |l: Language| view! { <option value=l.name>{l.code}</option> }.into_any();
    let options = move || Some(known().into_iter().map(option).collect_view().into_any());
    view! {
        <label>
            {label}
            <input type="text" list=id.clone() autocomplete="off" spellcheck="false" placeholder=name
                disabled=Signal::derive(move || known().is_empty()) prop:value=name on:change=choose
                on:focus=refilled(String::new) on:blur=refilled(move || name.get_untracked())/>
            <datalist id=id>{part(options)}</datalist>
        </label>
    }
    .into_any()
}

/// Puts something into a field.
fn refilled(text: impl Fn() -> String + 'static) -> Box<dyn FnMut(FocusEvent)> {
    Box::new(move |event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            input.set_value(&text());
        }
    })
}

/// Each sentence beside its translation.
fn pairs(held: Held) -> AnyView {
    let numbered = move || {
        let asked = held.asked.get();
        let number = |(at, segment): (usize, Segment)| (asked, at, segment);
        held.done.get().into_iter().enumerate().map(number).collect::<Vec<_>>()
    };
    let (source, target) = (lang(held, |codes| &codes.0), lang(held, |codes| &codes.1));
    let draw = move |(_, at, segment): (u32, usize, Segment)| {
        let note = note(&segment).map(|note| view! { <small class="wide">{note}</small> });
        let class = if at > 0 && segment.lead.contains('\n') { "break" } else { "" };
        view! {
            <li class=class tabindex=if at == 0 { "0" } else { "-1" } on:keydown=walk>
                <p dir="auto" lang=source>{segment.source}</p>
                <p dir="auto" lang=target>{segment.target}</p>
                {note}
            </li>
        }
        .into_any()
    };
    let drawn = move || {
        view! {
            <div class="actions">{taken(held)}</div>
            <ol class="pairs" aria-label="Sentences and their translations">
                {rows(numbered, |(asked, at, _)| format!("{asked}-{at}"), draw)}
            </ol>
        }
    };
    during(move || held.done.with(|done| !done.is_empty()), move || drawn().into_any())
}

/// What a reader of the page is to read a column as.
fn lang(held: Held, of: fn(&(String, String)) -> &String) -> Signal<String> {
    Signal::derive(move || {
        let tag = held.codes.with(|codes| tag(of(codes)));
        // `eng-Latn` is `en-Latn` to whoever reads pages.
        let known = tag.map(|tag| Intl::get_canonical_locales(&tag.into()).get(0));
        known.and_then(|tag| tag.as_string()).unwrap_or_default()
    })
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
fn taken(held: Held) -> AnyView {
    let desk = held.asking.desk;
    let text = move || held.done.with_untracked(|done| whole(done));
    let save_csv = move || {
        let (source, target) = held.codes.get_untracked();
        desk.save("translation.csv", &held.done.with_untracked(|done| csv(done, &source, &target)));
    };
    let save_json = move || {
        let (source, target) = held.codes.get_untracked();
        let name = title(&desk.model.get_untracked());
        let all = held.done.with_untracked(|done| json(done, &name, &source, &target));
        desk.save("translation.json", &all);
    };
    view! {
        {copies(desk, "Copy translation", text)}
        <Menu name="Save" icon=Icon::Download>
            {entry("Translation as text", move || desk.save("translation.txt", &text()))}
            {entry("Pairs as CSV", save_csv)}
            {entry("Pairs as JSON", save_json)}
        </Menu>
    }
    .into_any()
}
