//! Things cut out without pointing: everything there is, and what is named in words.

use std::rc::Rc;

use api::{
    Asked, Precision,
    find::{self, Find},
    picture::{Area, Found},
    segment::{Everything, MOST_POINTS_PER_SIDE, MOST_PROMPTS, Prompt, Wish},
};
use leptos::prelude::*;

use super::Held;
use crate::{
    call::{Call, Step},
    desk::views::button,
    icon::Icon,
    lazy::{Coming, lazy, open},
    part::{during, part, press, sent, typed, words},
    picker::shipped,
    segment::{
        phrases,
        work::{Named, UNNAMED},
    },
    things::{sure, views::confidence},
};

/// What is taken for found by words unless a person says otherwise.
const SURE_PERCENT: u32 = 10;

/// What is wanted beside what is pointed at.
#[derive(Clone, Copy)]
pub(super) struct Wishes {
    /// How everything is looked for; `None` is as the model does best.
    knobs: RwSignal<Option<Everything>>,
    /// What is named.
    typed: RwSignal<String>,
    /// How sure the model must be of it.
    percent: RwSignal<u32>,
    find: Call<Find>,
}

impl Wishes {
    pub(super) fn new(find: Call<Find>) -> Self {
        Self {
            knobs: RwSignal::new(None),
            typed: RwSignal::new(String::new()),
            percent: RwSignal::new(SURE_PERCENT),
            find,
        }
    }

    /// Nothing is looked for any more.
    pub(super) fn stop(self) {
        self.find.clear();
    }
}

impl Held {
    /// How everything is looked for; `None` before the model is loaded.
    fn knobs(self) -> Option<Everything> {
        let usual = || self.look.asking.about.with(|about| about.as_ref().map(|about| about.usual));
        self.wishes.knobs.get().or_else(usual)
    }

    /// Cuts out everything there is.
    pub(super) fn everything(self) {
        let Some(knobs) = untrack(|| self.knobs()) else { return };
        let options = vec![
            ("Points to a side".into(), knobs.points_per_side.to_string()),
            ("Least IoU".into(), format!("{:.2}", knobs.least_score)),
            ("Least stability".into(), format!("{:.2}", knobs.least_stability)),
            ("Least area".into(), format!("{} px", knobs.least_area_px)),
        ];
        self.asks(Wish::Everything(knobs), move |things| {
            let thing = |candidates: &Vec<_>| (UNNAMED.into(), Prompt::default(), candidates.clone());
            let none = "nothing was found that is sure enough: lower the least IoU or the least stability, or point at \
                        a thing";
            self.add(things.iter().map(thing).collect(), none, options.clone());
        });
    }

    /// Looks for what is named, in an engine of its own.
    fn by_words(self) {
        let notice = self.look.asking.desk.notice;
        let labels = phrases(&self.wishes.typed.get_untracked());
        let model = shipped("find");
        if labels.is_empty() {
            return notice.set(Some("write what is to be cut out first".into()));
        }
        if model.is_empty() {
            let why = "this site has no model that finds things by words: point at them instead";
            return notice.set(Some(why.into()));
        }
        let picture = self.look.board.taken.with_untracked(|taken| match taken {
            Some(taken) => taken.picture(),
            None => Err("there is no picture yet: open one first".into()),
        });
        let picture = match picture {
            Ok(picture) => picture,
            Err(why) => return notice.set(Some(why)),
        };
        notice.set(None);
        let ask = Some(find::Ask { picture, labels: labels.clone() });
        let input = Asked { model: model.clone(), precision: Precision::Stored, ask };
        self.wishes.find.start_with(&model, &input, move |step| match step {
            Step::Partial(_) => {}
            Step::Ended(Ok(output)) => self.found(&output.found, &labels),
            Step::Ended(Err(trouble)) => notice.set(Some(trouble.to_string())),
        });
    }

    /// Asks for an outline in each box that is sure enough.
    fn found(self, found: &[Found], labels: &[String]) {
        let percent = self.wishes.percent.get_untracked();
        let Some(size) = self.work.with_untracked(|work| work.as_ref().map(|w| w.now().size()))
        else {
            return;
        };
        let boxes = boxes(found, percent, (size.width as f32, size.height as f32));
        let desk = self.look.asking.desk;
        if boxes.is_empty() {
            let best = found
                .first()
                .map(|best| format!(" The surest is “{}” with {}.", best.label, sure(best.score)));
            let why = format!(
                "nothing was found above {percent} %: lower the confidence, or say it in other words.{}",
                best.unwrap_or_default()
            );
            return desk.notice.set(Some(why));
        }
        let (labels, boxes) = (labels.join(", "), Rc::new(boxes));
        desk.when_free(
            "Cut out by words",
            Rc::new(move || self.in_boxes(boxes.to_vec(), labels.clone())),
        );
    }

    fn in_boxes(self, boxes: Vec<(String, Prompt)>, labels: String) {
        let prompts = boxes.iter().map(|(_, prompt)| prompt.clone()).collect();
        let percent = self.wishes.percent.get_untracked();
        let options =
            vec![("In words".into(), labels), ("Confidence above".into(), format!("{percent} %"))];
        self.asks(Wish::Prompts(prompts), move |things| {
            let named = boxes.iter().cloned().zip(things.iter().cloned());
            let named = named.map(|((label, prompt), candidates)| (label, prompt, candidates));
            let none = "the model draws no outline in what was found: point at the thing instead";
            self.add(named.collect(), none, options.clone());
        });
    }

    /// Adds things to those that are there, or says `none`.
    fn add(self, named: Vec<Named>, none: &str, options: Vec<(String, String)>) {
        let mut ids = Vec::new();
        self.change(|work| {
            let before: Vec<_> = work.things.iter().map(|thing| thing.id).collect();
            work.add(named);
            let new = work.things.iter().map(|thing| thing.id).filter(|id| !before.contains(id));
            ids = new.collect();
        });
        let notice = self.look.asking.desk.notice;
        if ids.is_empty() {
            self.history(|work| work.undo());
            return notice.set(Some(none.into()));
        }
        let plural = if ids.len() == 1 { "" } else { "s" };
        notice.set(Some(format!("{} thing{plural} cut out", ids.len())));
        self.keep(options, &ids);
    }
}

/// The parts of the boxes that are in the picture, of those that are sure enough.
fn boxes(found: &[Found], percent: u32, (width, height): (f32, f32)) -> Vec<(String, Prompt)> {
    let inside = |found: &Found| {
        let Area { xmin, ymin, xmax, ymax } = found.area;
        let area = Area {
            xmin: xmin.clamp(0.0, width),
            ymin: ymin.clamp(0.0, height),
            xmax: xmax.clamp(0.0, width),
            ymax: ymax.clamp(0.0, height),
        };
        let has_room = area.xmax - area.xmin >= 1.0 && area.ymax - area.ymin >= 1.0;
        has_room.then(|| (found.label.clone(), Prompt { points: Vec::new(), area: Some(area) }))
    };
    let sure = found.iter().filter(|found| found.score > percent as f32 / 100.0);
    sure.filter_map(inside).take(MOST_PROMPTS).collect()
}

/// The two ways, folded away, and fetched when they are unfolded.
pub(super) fn card() -> AnyView {
    let folded = |title: &'static str, fetch: fn() -> Coming| {
        let opened = RwSignal::new(false);
        view! {
            <details class="card">
                <summary on:click=press(move || opened.set(true))>{title}</summary>
                {during(move || opened.get(), move || open(title, fetch))}
            </details>
        }
        .into_any()
    };
    view! {
        {folded("By words", lazy!(later_words, ByWords))}
        {folded("How everything is looked for", lazy!(later_knobs, Knobs))}
    }
    .into_any()
}

#[component]
fn Knobs() -> impl IntoView {
    let held: Held = expect_context();
    during(move || held.knobs().is_some(), move || knobs(held))
}

#[component]
fn ByWords() -> impl IntoView {
    let held: Held = expect_context();
    let Wishes { typed: text, percent, find, .. } = held.wishes;
    let looking = move || find.state().with(|state| state.is_running());
    let working = move || {
        looking().then(|| {
            view! {
                <div class="standing">
                    <span role="status">"Looking for it…"</span>
                    {button("Do not look for it", Icon::Stop, move || find.stop())}
                </div>
            }
            .into_any()
        })
    };
    view! {
        <form class="search" on:submit=sent(move || held.by_words())>
            <label>
                "What is to be cut out"
                <input type="text" autocomplete="off" placeholder="a human face, a car" prop:value=text
                    on:input=typed(move |typed| text.set(typed))/>
            </label>
            <button type="submit" class="primary">"Cut out by words"</button>
        </form>
        {confidence(percent)}
        {part(working)}
        <p class="quiet">
            "A second model looks for the words, and draws boxes; the first one draws an outline in each. Its scores are \
             low: 10 % is usual. It does not know what “no” or “without” means: the published example “a person \
             without sunglasses” finds the sunglasses, and blurs them, since each place is only compared with the \
             words. Name what is there, and take away with the minus what is not meant. Look at every outline before \
             you rely on it to hide somebody."
        </p>
    }
    .into_any()
}

fn knobs(held: Held) -> AnyView {
    let chosen = held.wishes.knobs;
    let knob = |name: &'static str,
                (least, most, step): (f32, f32, f32),
                read: fn(&Everything) -> f32,
                write: fn(&mut Everything, f32)| {
        let change = typed(move |typed| {
            if let Ok(value) = typed.parse::<f32>() {
                let mut knobs = untrack(|| held.knobs());
                if let Some(knobs) = &mut knobs {
                    write(knobs, value.clamp(least, most));
                }
                chosen.set(knobs);
            }
        });
        let value = move || held.knobs().as_ref().map(read).unwrap_or_default();
        // A float is printed as short as it can be.
        view! {
            <label class="slider">
                <span>{name}</span>
                <input type="range" min=least.to_string() max=most.to_string() step=step.to_string()
                    prop:value=move || value().to_string() on:input=change/>
                <output>{words(move || value().to_string())}</output>
            </label>
        }
        .into_any()
    };
    let grid = (1.0, f32::from(MOST_POINTS_PER_SIDE), 1.0);
    view! {
        {knob("Points to a side", grid, |k| k.points_per_side.into(), |k, value| k.points_per_side = value as u8)}
        {knob("Least IoU the model believes in", (0.0, 1.0, 0.01), |k| k.least_score, |k, value| k.least_score = value)}
        {knob("Least stability", (0.0, 1.0, 0.01), |k| k.least_stability, |k, value| k.least_stability = value)}
        {knob("Least area in pixels", (0.0, 10_000.0, 50.0), |k| k.least_area_px as f32, |k, value| k.least_area_px = value as u32)}
        {during(move || chosen.with(Option::is_some), move || {
            button("As this model does best", Icon::Undo, move || chosen.set(None))
        })}
        <p class="quiet">
            "A grid of points is asked for, and 32 to a side are about a thousand. Fewer are quicker and miss small \
             things; models that find everything at once need none. Of masks that overlap, the surer one stays."
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(score: f32, [xmin, ymin, xmax, ymax]: [f32; 4]) -> Found {
        Found { label: "dog".into(), score, area: Area { xmin, ymin, xmax, ymax } }
    }

    #[test]
    fn only_sure_boxes_within_the_picture_are_asked_for() {
        let all = [
            found(0.5, [-5.0, 1.0, 4.0, 99.0]),
            found(0.4, [20.0, 1.0, 30.0, 9.0]),
            found(0.1, [1.0, 1.0, 4.0, 4.0]),
        ];
        let boxes = boxes(&all, 10, (10.0, 12.0));
        let area = Area { xmin: 0.0, ymin: 1.0, xmax: 4.0, ymax: 12.0 };
        assert_eq!(boxes, [("dog".into(), Prompt { points: Vec::new(), area: Some(area) })]);
        let many = vec![found(0.5, [1.0, 1.0, 4.0, 4.0]); MOST_PROMPTS + 1];
        assert_eq!(super::boxes(&many, 10, (10.0, 12.0)).len(), MOST_PROMPTS);
    }
}
