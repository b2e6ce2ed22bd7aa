//! Tell which of some labels fits a picture.

use api::{
    classify::{Ask, Classify, Score},
    picture::Picture,
};
use leptos::prelude::*;

use crate::{
    call::Step,
    canvas::board::{Canvas, use_board},
    classify::{LABELS, Labels, bars, csv, json, share},
    desk::{
        field::Field,
        use_desk,
        views::{Around, asks, entry},
    },
    icon::Icon,
    lazy::lazy,
    look::{Look, Told, use_look},
    menu::Menu,
    panels::Panel,
    part::{during, part, typed},
    picker::title,
    picture::intake::Intake,
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "classify",
    alias: "",
    title: "Match labels",
    group: "Pictures",
    icon: Icon::Label,
    code: lazy!(classify, Classification),
};

/// What the panel is opened with: what the samples of the site's own model show.
const EXAMPLES: &str = "a red car, a red heart and a white square\n\
                        a pink house, a pink car and a brown star\n\
                        a purple star\n\
                        a white car, a red star and a black car\n\
                        a black house, an orange house and a red triangle\n\
                        a blue tree, a brown car and a black star";

/// So many labels are kept of an answer in the log of runs.
const SHOWN_LABELS: usize = 10;

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    look: Look<Classify>,
    typed: RwSignal<String>,
    template: RwSignal<String>,
    /// What was asked last, for whoever must say what was wrong with it.
    asked: StoredValue<Labels>,
    scores: RwSignal<Option<Vec<Score>>, LocalStorage>,
}

#[component]
fn Classification() -> impl IntoView {
    let asking = use_desk::<Classify>();
    let desk = asking.desk;
    let held = Held {
        look: use_look(asking, use_board(&[])),
        typed: RwSignal::new(EXAMPLES.into()),
        template: RwSignal::new(String::new()),
        asked: StoredValue::new(Labels::default()),
        scores: desk.result(),
    };
    let take = Callback::new(move |taken| {
        held.scores.set(None);
        held.look.take(taken);
    });
    let called = move |field: String| held.asked.with_value(|asked| asked.called(&field));
    view! {
        <Around desk=desk title="Match labels" called=Callback::new(called)
            lead="Which of some labels fits a picture best. The model only compares: if none fits, one still comes \
                out first."
            absent="No model that knows pictures and texts is here yet: get one on the models page, or open the \
                folder of one (config.json, preprocessor_config.json, tokenizer.json, model.safetensors).">
            <Intake desk=desk take=take>
                <div class="lists">
                    <Canvas board=held.look.board told_by="scores"/>
                    <div class="wishes">
                        <Field desk=desk kind=LABELS name="Labels" typed=held.typed/>
                        {template(held)}
                        <div class="actions">
                            {asks(desk, "Match", move || held.ask())}
                            {during(move || held.scores.with(Option::is_some), move || save(held))}
                        </div>
                    </div>
                </div>
                {part(move || held.scores.with(|scores| scores.as_deref().map(bars)))}
            </Intake>
        </Around>
    }
    .into_any()
}

impl Held {
    fn ask(self) {
        let Some(ask) = self.look.question(|picture| self.asked_for(picture)) else { return };
        let labels = ask.labels.len();
        self.scores.set(None);
        self.look.ask(ask, move |step| {
            if let Step::Ended(Ok(output)) = step {
                self.scores.set(Some(output.scores.clone()));
                let line = |score: &Score| format!("{} {}", share(score.probability), score.label);
                self.look.keep(Told {
                    options: vec![("Labels".into(), labels.to_string())],
                    lines: output.scores.iter().take(SHOWN_LABELS).map(line).collect(),
                    ..Told::default()
                });
            }
        });
    }

    fn asked_for(self, picture: Picture) -> Result<Ask, String> {
        let labels = self.typed.with_untracked(|typed| {
            self.template.with_untracked(|template| Labels::read(typed, template))
        })?;
        let texts = labels.texts.clone();
        self.asked.set_value(labels);
        Ok(Ask { picture, labels: texts })
    }
}

/// A sentence around every label; most models were taught with one.
fn template(held: Held) -> AnyView {
    view! {
        <label class="template">
            <span>"Template " <small>"may be empty; {} is where the label goes"</small></span>
            <input type="text" autocomplete="off" placeholder="a photo of {}" prop:value=held.template
                on:input=typed(move |typed| held.template.set(typed))/>
        </label>
    }
    .into_any()
}

fn save(held: Held) -> AnyView {
    let desk = held.look.asking.desk;
    let scores = move || held.scores.get_untracked().unwrap_or_default();
    let save_json = move || {
        let model = title(&desk.model.get_untracked());
        desk.save("labels.json", &json(&scores(), &model, &held.look.name()));
    };
    view! {
        <Menu name="Save" icon=Icon::Download>
            {entry("Scores as CSV", move || desk.save("labels.csv", &csv(&scores())))}
            {entry("Scores as JSON", save_json)}
        </Menu>
    }
    .into_any()
}
