//! Look at what models were asked about pictures, and compare two answers.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    canvas::board::{Board, Canvas, use_board},
    desk::views::{button, entry, notice},
    files,
    format::{ago, bytes},
    icon::Icon,
    lazy::lazy,
    menu::Menu,
    panels::Panel,
    part::{during, part, press},
    picture,
    rows::rows,
    runs::{Kept, MOST_BYTES, MOST_RUNS, Run, compared, file, is_on, set_on, shelf, took},
    things::{
        Shown, Things,
        views::{confidence, list},
    },
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "runs",
    alias: "",
    title: "Compare runs",
    group: "Pictures",
    icon: Icon::Compare,
    code: lazy!(runs, Runs),
};

/// The layer of frames.
const FRAMES: &str = "Things found";
const PERCENT: u32 = 50;

/// One of the two runs that are compared.
#[derive(Clone, Copy)]
struct Side {
    name: &'static str,
    /// Id of what was found in it.
    id: &'static str,
    run: RwSignal<Option<Kept>>,
    board: Board,
    shown: Shown,
}

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Held {
    /// The newest first; `None` until they are read.
    kept: RwSignal<Option<Arc<Vec<Kept>>>>,
    notice: RwSignal<Option<String>>,
    on: RwSignal<bool>,
    percent: RwSignal<u32>,
    sides: [Side; 2],
}

#[component]
fn Runs() -> impl IntoView {
    let percent = RwSignal::new(PERCENT);
    let side = |name, id| {
        let shown = Shown { things: RwSignal::new_local(None), percent };
        let board = use_board(&[FRAMES]);
        Effect::new(move || board.lay(FRAMES, shown.shapes()));
        Side { name, id, run: RwSignal::new(None), board, shown }
    };
    let held = Held {
        kept: RwSignal::new(None),
        notice: RwSignal::new(None),
        on: RwSignal::new(is_on()),
        percent,
        sides: [side("Left", "left"), side("Right", "right")],
    };
    held.read();
    view! {
        <div class="page desk">
            <h1>"Compare runs"</h1>
            <p class="lead">
                "Whatever models were asked about pictures, with their answers and times. It is kept in this browser \
                    and goes nowhere else. Put two runs side by side to see what another model, another label or another \
                    setting changes."
            </p>
            {part(move || held.notice.get().map(notice))}
            {during(move || held.sides.iter().any(|side| side.run.with(Option::is_some)), move || comparison(held))}
            {bar(held)}
            {part(move || held.kept.with(|kept| kept.as_ref().map(|kept| kept.is_empty())).map(move |none| match none {
                true => notice("No runs yet: ask one of the panels for pictures, then come back.".into()),
                false => all(held),
            }))}
        </div>
    }
    .into_any()
}

impl Held {
    /// Reads what is kept.
    fn read(self) {
        spawn_local(async move {
            match shelf::all().await {
                Ok(kept) => drop(self.kept.try_set(Some(Arc::new(kept)))),
                Err(why) => {
                    let why = format!("this browser gives no room to keep runs: {why}");
                    self.notice.try_set(Some(why));
                }
            }
        });
    }

    /// Does something to what is kept, then reads it again.
    fn change(self, change: impl Future<Output = Result<(), idb::Error>> + 'static) {
        spawn_local(async move {
            if let Err(why) = change.await {
                self.notice.try_set(Some(format!("the runs cannot be changed: {why}")));
            }
            self.read();
        });
    }

    fn forget(self, id: u32) {
        for side in self.sides {
            if side.run.with_untracked(|run| run.as_ref().is_some_and(|run| run.id == id)) {
                side.run.set(None);
            }
        }
        self.change(shelf::remove(id));
    }

    fn clear(self) {
        let asked =
            gloo::utils::window().confirm_with_message("Forget all runs? This cannot be undone.");
        if asked.unwrap_or(false) {
            for side in self.sides {
                side.run.set(None);
            }
            self.change(shelf::clear());
        }
    }

    fn put(self, side: Side, kept: Kept) {
        side.shown.things.set(None);
        side.run.set(Some(kept.clone()));
        spawn_local(async move {
            let there = || side.run.try_with_untracked(|run| run.as_ref().map(|run| run.id));
            let picture = match shelf::shown(kept.id).await {
                Ok(Some(shown)) => picture::taken(&kept.run.picture, &shown).await,
                Ok(None) => Err("the picture of this run is gone".into()),
                Err(why) => Err(format!("the picture of this run cannot be read: {why}")),
            };
            if there().flatten() != Some(kept.id) {
                return;
            }
            match picture {
                Ok(taken) => {
                    let found = kept.run.found_in(taken.size);
                    side.board.show(taken);
                    side.shown.things.set(Some(Things::new(found)));
                }
                Err(why) => self.notice.set(Some(why)),
            }
        });
    }

    fn save(self) {
        let text = self.kept.with_untracked(|kept| kept.as_ref().map(|kept| file(kept)));
        if files::offer("runs.json", &text.unwrap_or_default()).is_err() {
            self.notice.set(Some("the browser does not save the file".into()));
        }
    }
}

/// How much is kept, and what can be done with all of it.
fn bar(held: Held) -> AnyView {
    let turn = press(move || {
        held.on.update(|on| *on = !*on);
        set_on(held.on.get_untracked());
    });
    let room = move || {
        held.kept.with(|kept| {
            let kept = kept.as_ref()?;
            let taken = kept.iter().map(|kept| kept.bytes).sum();
            let most = (MOST_RUNS, bytes(MOST_BYTES));
            let told = format!(
                "{} of {} runs, {} of {}; the oldest make room",
                kept.len(),
                most.0,
                bytes(taken),
                most.1
            );
            Some(view! { <small>{told}</small> }.into_any())
        })
    };
    view! {
        <div class="actions">
            <label><input type="checkbox" prop:checked=held.on on:click=turn/> "Keep runs"</label>
            {part(room)}
            <span class="spring"></span>
            <Menu name="More" icon=Icon::Download>
                {entry("Save all as JSON", move || held.save())}
                {entry("Forget all runs…", move || held.clear())}
            </Menu>
        </div>
    }
    .into_any()
}

fn all(held: Held) -> AnyView {
    let each = move || held.kept.with(|kept| kept.as_ref().map(|k| k.to_vec()).unwrap_or_default());
    let draw = move |kept: Kept| row(held, kept);
    view! {
        <ul class="runs" aria-label="Runs, the newest first">
            {rows(each, |kept: &Kept| kept.id.to_string(), draw)}
        </ul>
    }
    .into_any()
}

fn row(held: Held, kept: Kept) -> AnyView {
    let id = kept.id;
    let Run { title, model, picture, took_ms, at_unix_ms, options, .. } = &kept.run;
    let name = format!("{title}: {picture}");
    let when = ago(js_sys::Date::now() as u64, *at_unix_ms);
    let options = options.iter().map(|(name, value)| format!(" · {name}: {value}"));
    let more = format!("{model} · {}{} · {when}", took(*took_ms), options.collect::<String>());
    let forgotten = format!("Forget {name}");
    let puts = held
        .sides
        .map(|side| {
            let kept = kept.clone();
            let there = move || {
                side.run.with(|run| run.as_ref().is_some_and(|run| run.id == id)).to_string()
            };
            let label = format!("{}: {name}", side.name);
            view! {
                <button type="button" class="small" aria-pressed=there aria-label=label
                    on:click=press(move || held.put(side, kept.clone()))>{side.name}</button>
            }
            .into_any()
        })
        .into_iter()
        .collect_view();
    view! {
        <li>
            <span><strong dir="auto">{name}</strong><small>{more}</small></span>
            <span class="actions">
                {puts}
                <button type="button" class="round" title="Forget this run" aria-label=forgotten
                    on:click=press(move || held.forget(id))>{Icon::Close.view()}</button>
            </span>
        </li>
    }
    .into_any()
}

/// Two runs side by side.
fn comparison(held: Held) -> AnyView {
    let [left, right] = held.sides;
    let found = move || {
        held.sides.iter().any(|side| {
            side.shown.things.with(|things| things.as_ref().is_some_and(|t| !t.all.is_empty()))
        })
    };
    let table = move || {
        let (left, right) = (left.run.get()?, right.run.get()?);
        Some(differences(&left.run, &right.run))
    };
    view! {
        <section class="card" aria-label="Comparison">
            <div class="lists">{half(left)} {half(right)}</div>
            {during(found, move || confidence(held.percent))}
            {part(table)}
            {button("Change sides", Icon::Swap, move || {
                let runs = [left.run.get_untracked(), right.run.get_untracked()];
                if let [Some(a), Some(b)] = runs {
                    held.put(left, b);
                    held.put(right, a);
                }
            })}
        </section>
    }
    .into_any()
}

fn half(side: Side) -> AnyView {
    let none = format!("{}: choose a run below.", side.name);
    let told = move || {
        let kept = side.run.get()?;
        let lines = kept.run.lines.iter().map(|line| view! { <p dir="auto">{line.clone()}</p> });
        Some(view! { <div class="told">{lines.collect_view()}</div> }.into_any())
    };
    view! {
        <div>
            {during(move || side.run.with(Option::is_none), move || notice(none.clone()))}
            {during(move || side.run.with(Option::is_some), move || view! {
                <Canvas board=side.board told_by=side.id/>
                {part(told)}
                {list(side.shown, side.id)}
            }.into_any())}
        </div>
    }
    .into_any()
}

fn differences(left: &Run, right: &Run) -> AnyView {
    let line = compared(left, right).into_iter().map(|line| {
        let [left, right] = line.values;
        let differs = left != right;
        view! {
            <tr class:differs=differs>
                <th scope="row">{line.name}</th><td dir="auto">{left}</td><td dir="auto">{right}</td>
            </tr>
        }
    });
    view! {
        <table class="differences">
            <thead><tr><td></td><th scope="col">"Left"</th><th scope="col">"Right"</th></tr></thead>
            <tbody>{line.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
