//! A panel's question about the picture on its board.

use api::picture::{Found, Picture};
use leptos::{logging::warn, prelude::*};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlCanvasElement;

use crate::{
    call::Step,
    canvas::{Area, Content, Layer, Point, View, board::Board, paint},
    desk::{Asking, Held},
    files,
    lazy::{SplitLoaderError, later},
    panels,
    picker::title,
    picture::{Taken, on_white},
    runs::{self, Run, SHOWN_PIXELS, shelf},
};

/// Things of which a model is less sure are not kept.
const LEAST_SCORE: f32 = 0.01;
/// Most things that are kept of one answer.
const MOST_FOUND: usize = 100;

/// A model, and the picture that it is asked about.
pub struct Look<T: Held> {
    /// The model.
    pub asking: Asking<T>,
    /// The picture.
    pub board: Board,
    /// Counts pictures: what is found in one is not shown on another.
    pictures: RwSignal<u32>,
}

impl<T: Held> Copy for Look<T> {}

impl<T: Held> Clone for Look<T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// What the log of runs keeps of an answer, beside the picture.
#[derive(Debug, Default)]
pub struct Told {
    /// What was asked, each with its name.
    pub options: Vec<(String, String)>,
    /// Things that were found, the surest first.
    pub found: Vec<Found>,
    /// The rest of the answer, as a person reads it.
    pub lines: Vec<String>,
}

/// The question of the component that asks for it.
pub fn use_look<T: Held>(asking: Asking<T>, board: Board) -> Look<T> {
    Look { asking, board, pictures: RwSignal::new(0) }
}

impl<T: Held> Look<T> {
    /// Shows another picture; what is asked about the one before is not shown any more.
    pub fn take(self, taken: Taken) {
        self.pictures.update(|count| *count += 1);
        self.board.show(taken);
    }

    /// What the picture is called; nothing if there is none.
    pub fn name(self) -> String {
        let name = |taken: &Option<Taken>| taken.as_ref().map(|taken| taken.name.clone());
        self.board.taken.with_untracked(name).unwrap_or_default()
    }

    /// The question that `ask` makes of the picture, or why there is none; the person is told.
    pub fn question(self, ask: impl FnOnce(Picture) -> Result<T::Ask, String>) -> Option<T::Ask> {
        let desk = self.asking.desk;
        if !desk.has_model() {
            return None;
        }
        let picture = self.board.taken.with_untracked(|taken| match taken {
            Some(taken) => taken.picture(),
            None => Err("there is no picture yet: open one first".into()),
        });
        picture.and_then(ask).map_err(|why| desk.notice.set(Some(why))).ok()
    }

    /// Asks; `on` hears what comes of it, as long as the picture is there that was asked about.
    pub fn ask(self, ask: T::Ask, mut on: impl FnMut(Step<'_, T>) + 'static) {
        fetch_keeping();
        let shown = self.pictures.get_untracked();
        self.asking.start(Some(ask), move |step| {
            if self.pictures.try_get_untracked() == Some(shown) {
                on(step);
            }
        });
    }

    /// Keeps what came of the last question in the log of runs, with the board as it is now.
    pub fn keep(self, told: Told) {
        let desk = self.asking.desk;
        let size = self.board.taken.with_untracked(|taken| taken.as_ref().map(|t| t.size));
        let Some(size) = size.filter(|_| runs::is_on()) else { return };
        let Told { options, mut found, lines } = told;
        found.retain(|found| found.score >= LEAST_SCORE);
        found.truncate(MOST_FOUND);
        let run = Run {
            at_unix_ms: js_sys::Date::now() as u64,
            title: panels::find(desk.task).map_or(desk.task, |panel| panel.title).into(),
            model: title(&desk.model.get_untracked()),
            took_ms: desk.took_ms(),
            picture: self.name(),
            width: size.width,
            height: size.height,
            options,
            found,
            lines,
        };
        let drawn = self.board.taken.with_untracked(|taken| {
            let taken = taken.as_ref()?;
            self.board.layers.with_untracked(|layers| drawn(taken, layers)).ok()
        });
        let Some(drawn) = drawn else { return };
        spawn_local(async move {
            match keeping().await {
                Ok(keep) => keep(run, drawn),
                Err(why) => warn!("this run is not kept: {why:?}"),
            }
        });
    }

    /// Offers the picture with all that lies on it as a PNG file.
    pub fn save_picture(self, file: &'static str) {
        let drawn = self.board.taken.with_untracked(|taken| {
            let taken = taken.as_ref()?;
            Some(self.board.layers.with_untracked(|layers| paint::whole(taken, layers)))
        });
        let desk = self.asking.desk;
        let failed = move |why: &str| {
            desk.notice.try_set(Some(format!("the picture cannot be saved: {why}")));
        };
        match drawn {
            Some(Ok(canvas)) => files::offer_picture(file, &canvas, failed),
            Some(Err(_)) => failed("there is not enough memory to draw it"),
            None => failed("there is none"),
        }
    }
}

/// What keeps a run.
type Keep = fn(Run, HtmlCanvasElement);

async fn keeping() -> Result<Keep, SplitLoaderError> {
    later!(later_keep: Keep, shelf::keep).await
}

/// What keeps the answer comes while that is worked on: whoever leaves the page then loses no run.
fn fetch_keeping() {
    if runs::is_on() {
        // If it does not come, keeping the run says so.
        spawn_local(async { drop(keeping().await) });
    }
}

/// The picture, with what fills it and without frames and marks, as large as a run keeps it: those are drawn again
/// when runs are compared.
fn drawn(taken: &Taken, layers: &[Layer]) -> Result<HtmlCanvasElement, JsValue> {
    let size = taken.size.within(SHOWN_PIXELS);
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    let zoom = width / f64::from(taken.size.width);
    let view = View { zoom, corner: Point { x: 0.0, y: 0.0 } };
    let filled: Vec<_> =
        layers.iter().filter(|l| !matches!(l.content, Content::Shapes(_))).cloned().collect();
    let area = (Area { width, height }, 1.0);
    on_white(size, |brush| paint::paint(brush, view, area, (taken, &filled)))
}
