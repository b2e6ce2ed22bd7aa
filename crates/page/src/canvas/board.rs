//! The canvas as a person sees and handles it.

use std::rc::Rc;

use leptos::{ev, html, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, KeyboardEvent, PointerEvent, WheelEvent,
};

use super::{
    Area, Content, Frame, Layer, Point, Shape, View,
    hand::Touch,
    paint,
    tools::{Act, Tools},
};
use crate::{
    format::percent,
    icon::Icon,
    part::{during, part, press, typed, words},
    picture::Taken,
};

/// How much a press of a button or a key zooms.
const STEP: f64 = 1.5;
/// How much one unit of a wheel does.
const WHEEL: f64 = 0.0015;
/// How far a key moves the picture.
const MOVE: f64 = 40.0;

/// A picture, what lies on it, and how it is seen.
#[derive(Clone, Copy)]
pub struct Board {
    /// The picture, if there is one.
    pub taken: RwSignal<Option<Taken>, LocalStorage>,
    /// What is drawn, from the lowest up.
    pub layers: RwSignal<Vec<Layer>, LocalStorage>,
    /// How it is seen; `None` is whole, however large the window is.
    view: RwSignal<Option<View>>,
    /// Fingers and pointers that are down, and where.
    down: StoredValue<Vec<(i32, Point)>>,
    place: NodeRef<html::Canvas>,
    tools: StoredValue<Option<Rc<Tools>>, LocalStorage>,
}

/// The board of the component that asks for it: the picture, and layers of these names above it.
pub fn use_board(above: &[&'static str]) -> Board {
    let shapes = above.iter().map(|name| Layer::new(name, Content::Shapes(Vec::new())));
    let layers = std::iter::once(Layer::new("Picture", Content::Picture)).chain(shapes).collect();
    let board = Board {
        taken: RwSignal::new_local(None),
        layers: RwSignal::new_local(layers),
        view: RwSignal::new(None),
        down: StoredValue::new(Vec::new()),
        place: NodeRef::new(),
        tools: StoredValue::new_local(None),
    };
    let resized = RwSignal::new(0_u32);
    let heard = window_event_listener(ev::resize, move |_| resized.update(|times| *times += 1));
    on_cleanup(move || heard.remove());
    Effect::new(move || {
        resized.track();
        let Some(canvas) = board.place.get() else { return };
        if let Err(why) = board.draw(&canvas) {
            leptos::logging::warn!("the picture cannot be drawn: {why:?}");
        }
    });
    board
}

impl Board {
    /// Shows another picture, whole, with nothing on it.
    pub fn show(self, taken: Taken) {
        self.view.set(None);
        self.layers.update(|layers| {
            for layer in layers.iter_mut() {
                match &mut layer.content {
                    Content::Picture => {}
                    Content::Shapes(shapes) => shapes.clear(),
                    Content::Drawn(drawn) => *drawn = None,
                }
            }
        });
        self.taken.set(Some(taken));
    }

    /// Changes what lies in a layer above the picture.
    pub fn lay(self, name: &str, shapes: Vec<Shape>) {
        self.change(name, move |layer| layer.content = Content::Shapes(shapes));
    }

    /// Changes what is drawn in a layer above the picture.
    pub fn fill(self, name: &str, drawn: Option<HtmlCanvasElement>) {
        self.change(name, move |layer| layer.content = Content::Drawn(drawn));
    }

    /// What is drawn in a layer above the picture.
    pub fn drawn(self, name: &str) -> Option<HtmlCanvasElement> {
        self.layers.with_untracked(|layers| {
            let layer = layers.iter().find(|layer| layer.name == name)?;
            if let Content::Drawn(drawn) = &layer.content { drawn.clone() } else { None }
        })
    }

    /// Gives it tools. To be called before the canvas is drawn.
    pub fn equip(self, tools: Tools) {
        self.tools.set_value(Some(Rc::new(tools)));
    }

    /// How much a layer covers, 0 to 1.
    pub fn pale(self, name: &str, opacity: f64) {
        self.change(name, |layer| layer.opacity = opacity);
    }

    /// Tells the tools what happens, if there are any; and whether it meant something to them.
    fn act(self, act: Act<'_>) -> bool {
        let Some(tools) = self.tools.get_value() else { return false };
        let size = self.taken.with_untracked(|taken| taken.as_ref().map(|taken| taken.size));
        size.is_some_and(|size| (tools.act)(act, size))
    }

    /// Whether a pointer that moves draws.
    fn draws(self) -> bool {
        self.tools.get_value().is_some_and(|tools| (tools.draws)())
    }

    /// Where a pointer is.
    fn touch(self, event: &PointerEvent) -> Option<Touch> {
        let screen = point(event);
        Some(Touch { screen, at: self.seen()?.to_picture(screen) })
    }

    /// How the picture is seen.
    fn seen(self) -> Option<View> {
        Some(self.view.get_untracked().unwrap_or(self.frame()?.whole()))
    }

    fn change(self, name: &str, change: impl FnOnce(&mut Layer)) {
        self.layers.update(|layers| {
            if let Some(layer) = layers.iter_mut().find(|layer| layer.name == name) {
                change(layer);
            }
        });
    }

    fn frame(self) -> Option<Frame> {
        let canvas = self.place.get_untracked()?;
        let picture = self.taken.with_untracked(|taken| taken.as_ref().map(|taken| taken.size))?;
        Some(Frame { picture, area: area(&canvas)? })
    }

    /// Sees it differently.
    fn see(self, change: impl FnOnce(Frame, View) -> View) {
        let Some(frame) = self.frame() else { return };
        let whole = frame.whole();
        let view = change(frame, self.view.get_untracked().unwrap_or(whole));
        self.view.set((view.zoom > whole.zoom).then_some(view));
    }

    fn zoom(self, by: f64) {
        self.see(|frame, view| frame.zoomed(view, by, frame.middle()));
    }

    fn draw(self, canvas: &HtmlCanvasElement) -> Result<(), JsValue> {
        let Some(area) = area(canvas) else { return Ok(()) };
        let dense = gloo::utils::window().device_pixel_ratio();
        let (width, height) = ((area.width * dense) as u32, (area.height * dense) as u32);
        if (canvas.width(), canvas.height()) != (width, height) {
            canvas.set_width(width);
            canvas.set_height(height);
        }
        let brush = canvas.get_context("2d")?.ok_or(JsValue::NULL)?;
        let brush: CanvasRenderingContext2d = brush.dyn_into()?;
        brush.set_transform(dense, 0.0, 0.0, dense, 0.0, 0.0)?;
        brush.clear_rect(0.0, 0.0, area.width, area.height);
        self.taken.with(|taken| {
            let Some(taken) = taken else { return Ok(()) };
            let frame = Frame { picture: taken.size, area };
            // The window may have changed since.
            let view = self.view.get().map(|view| frame.moved(view, Point { x: 0.0, y: 0.0 }));
            let view = view.unwrap_or_else(|| frame.whole());
            self.layers.with(|layers| paint::paint(&brush, view, (area, 1.0), (taken, layers)))?;
            self.tools.get_value().map_or(Ok(()), |tools| (tools.draw)(&brush, view))
        })
    }

    fn key(self, event: &KeyboardEvent) {
        let (name, shift) = (event.key(), event.shift_key());
        if event.alt_key() {
            return;
        }
        if event.ctrl_key() || event.meta_key() {
            if self.act(Act::Command(&name, shift)) {
                event.prevent_default();
            }
            return;
        }
        let unit = self.seen().map_or(1.0, |view| 1.0 / view.zoom);
        if self.act(Act::Key(&name, shift, unit)) {
            return event.prevent_default();
        }
        let seen_whole = self.view.with_untracked(Option::is_none);
        let by = |x: f64, y: f64| self.see(|frame, view| frame.moved(view, Point { x, y }));
        match name.as_str() {
            "+" | "=" => self.zoom(STEP),
            "-" | "_" => self.zoom(1.0 / STEP),
            "0" => self.view.set(None),
            // There is nothing to move: the page scrolls.
            _ if seen_whole => return,
            "ArrowLeft" => by(MOVE, 0.0),
            "ArrowRight" => by(-MOVE, 0.0),
            "ArrowUp" => by(0.0, MOVE),
            "ArrowDown" => by(0.0, -MOVE),
            _ => return,
        }
        event.prevent_default();
    }

    /// A wheel zooms where the canvas is in use, or with Ctrl, as touchpads say it; else the page scrolls.
    fn wheel(self, event: &WheelEvent) {
        let in_use = gloo::utils::document().active_element()
            == self.place.get_untracked().map(|canvas| canvas.unchecked_into());
        if !in_use && !event.ctrl_key() && !event.meta_key() {
            return;
        }
        event.prevent_default();
        // Some mice count lines.
        let lines = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { 30.0 } else { 1.0 };
        let pinch = if event.ctrl_key() { 4.0 } else { 1.0 };
        let by = (-event.delta_y() * lines * pinch * WHEEL).exp();
        let at = Point { x: event.offset_x().into(), y: event.offset_y().into() };
        self.see(|frame, view| frame.zoomed(view, by, at));
    }

    fn press(self, event: &PointerEvent) {
        if let Some(canvas) = self.place.get_untracked() {
            // Without it a drag ends at the canvas' edge.
            let _ = canvas.set_pointer_capture(event.pointer_id());
        }
        let count = self.down.try_update_value(|down| {
            // A third finger means nothing.
            if down.len() < 2 {
                down.push((event.pointer_id(), point(event)));
            }
            down.len()
        });
        match (count, self.touch(event)) {
            (Some(1), Some(touch)) if event.button() == 0 => {
                self.act(Act::Press(touch, event.shift_key()));
            }
            _ => drop(self.act(Act::Cancel)),
        }
    }

    fn drag(self, event: &PointerEvent) {
        let before = self.down.get_value();
        self.down.update_value(|down| {
            if let Some((_, at)) = down.iter_mut().find(|(id, _)| *id == event.pointer_id()) {
                *at = point(event);
            }
        });
        let after = self.down.get_value();
        match (before.as_slice(), after.as_slice()) {
            ([_], [_]) if untrack(|| self.draws()) => {
                if let Some(touch) = self.touch(event) {
                    self.act(Act::Drag(touch));
                }
            }
            ([(_, a)], [(_, b)]) => {
                let by = Point { x: b.x - a.x, y: b.y - a.y };
                self.see(|frame, view| frame.moved(view, by));
            }
            ([(_, a), (_, b)], [(_, c), (_, d)]) if (a, b) != (c, d) => {
                self.see(|frame, view| frame.pinched(view, [*a, *b], [*c, *d]));
            }
            _ => {}
        }
    }

    fn lift(self, event: &PointerEvent) {
        self.down.update_value(|down| down.retain(|(id, _)| *id != event.pointer_id()));
        let lifted = self.touch(event).filter(|_| event.type_() == "pointerup");
        self.act(lifted.map_or(Act::Cancel, Act::Lift));
    }
}

fn point(event: &PointerEvent) -> Point {
    Point { x: event.offset_x().into(), y: event.offset_y().into() }
}

/// The canvas on the screen; `None` while it is not shown.
fn area(canvas: &HtmlCanvasElement) -> Option<Area> {
    let (width, height) = (canvas.client_width(), canvas.client_height());
    (width > 0 && height > 0).then(|| Area { width: width.into(), height: height.into() })
}

/// The canvas with its buttons and layers.
#[component]
pub fn Canvas(
    /// What is shown.
    board: Board,
    /// Id of the text that tells what is drawn.
    told_by: &'static str,
) -> impl IntoView {
    let there = move || board.taken.with(Option::is_some);
    part({
        let there = Memo::new(move |_| there());
        move || Some(if there.get() { shown(board, told_by) } else { empty() })
    })
}

fn empty() -> AnyView {
    view! { <div class="board none"><p class="quiet">"No picture yet."</p></div> }.into_any()
}

fn shown(board: Board, told_by: &'static str) -> AnyView {
    let name = move || {
        board.taken.with(|taken| {
            let taken = taken.as_ref();
            taken.map(|t| format!("{}, {} × {} pixels", t.name, t.size.width, t.size.height))
        })
    };
    let name = Signal::derive_local(move || name().unwrap_or_default());
    let called =
        move || format!("Picture {}. Plus and minus zoom, arrows move, 0 shows all.", name.get());
    let close = move || board.view.with(Option::is_some);
    let tools = board.tools.get_value();
    view! {
        <figure class="board">
            {tools.map(|tools| (tools.bar)())}
            <canvas node_ref=board.place class:close=close class:drawing=move || board.draws() tabindex="0" role="application" aria-roledescription="picture"
                aria-label=called aria-describedby=told_by
                on:keydown=move |event| board.key(&event) on:wheel=move |event| board.wheel(&event)
                on:pointerdown=heard(board, Board::press) on:pointermove=heard(board, Board::drag)
                on:pointerup=heard(board, Board::lift) on:pointercancel=heard(board, Board::lift)>
            </canvas>
            <figcaption class="actions">
                <small class="name">{words(move || name.get())}</small>
                <span class="spring"></span>
                {tool("Zoom out", Icon::Minus, move || board.zoom(1.0 / STEP))}
                {tool("Zoom in", Icon::New, move || board.zoom(STEP))}
                {tool("Show all of it", Icon::Whole, move || board.view.set(None))}
            </figcaption>
            {layers(board)}
        </figure>
    }
    .into_any()
}

/// What the board does with a pointer, its type forgotten.
fn heard(board: Board, act: fn(Board, &PointerEvent)) -> Box<dyn FnMut(PointerEvent)> {
    Box::new(move |event| act(board, &event))
}

fn tool(name: &'static str, icon: Icon, act: impl FnMut() + 'static) -> AnyView {
    view! {
        <button type="button" class="round" title=name aria-label=name on:click=press(act)>{icon.view()}</button>
    }
    .into_any()
}

/// Shows, hides and pales each layer; there is nothing to choose before something lies on the picture.
fn layers(board: Board) -> AnyView {
    let drawn = move || {
        board.layers.with(|layers| {
            layers.iter().any(|layer| match &layer.content {
                Content::Picture | Content::Drawn(None) => false,
                Content::Shapes(shapes) => !shapes.is_empty(),
                Content::Drawn(Some(_)) => true,
            })
        })
    };
    let names = board
        .layers
        .with_untracked(|layers| layers.iter().map(|layer| layer.name).collect::<Vec<_>>());
    during(drawn, move || {
        let rows = names.iter().map(|name| layer(board, name)).collect_view();
        view! { <fieldset class="layers"><legend>"Layers"</legend>{rows}</fieldset> }.into_any()
    })
}

fn layer(board: Board, name: &'static str) -> AnyView {
    let of = move |read: fn(&Layer) -> f64| {
        board.layers.with(|layers| layers.iter().find(|l| l.name == name).map_or(0.0, read))
    };
    let visible = move || of(|layer| f64::from(u8::from(layer.visible))) > 0.0;
    let opacity = move || percent((of(|layer| layer.opacity) * 1e4).round() as u64, 10_000);
    let turn = press(move || board.change(name, |layer| layer.visible = !layer.visible));
    let pale = typed(move |typed| {
        // Whole numbers: reading others takes more code than all of the layers.
        if let Ok(percent) = typed.parse::<u8>() {
            board.change(name, |layer| layer.opacity = f64::from(percent.min(100)) / 100.0);
        }
    });
    view! {
        <div>
            <label><input type="checkbox" prop:checked=visible on:click=turn/> {name}</label>
            <input type="range" min="0" max="100" aria-label=format!("{name}: opacity in percent")
                prop:value=move || opacity().to_string() on:input=pale/>
            <small>{words(move || format!("{} %", opacity()))}</small>
        </div>
    }
    .into_any()
}
