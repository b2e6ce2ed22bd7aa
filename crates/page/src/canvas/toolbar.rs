//! The tools of a canvas as a person takes them, and what is seen of them on the picture.

use api::segment::{Prompt, Side};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use super::{
    Point, View,
    board::Board,
    hand::{Doing, Done, Hand, Key, Tool},
    tools::{Act, Tools},
};
use crate::{
    icon::Icon,
    part::{during, press, typed, words},
    picture::header::Size,
};

/// The tools, with their pictures, and the keys that take them.
const ALL: [(Tool, &str, Icon, &str); 6] = [
    (Tool::Move, "Move the picture, and choose what is pressed", Icon::Hand, "m"),
    (Tool::Include, "Point at it", Icon::Include, "i"),
    (Tool::Exclude, "Point beside it", Icon::Exclude, "e"),
    (Tool::Box, "Draw a box around it", Icon::Frame, "b"),
    (Tool::Paint, "Paint it by hand", Icon::Brush, "p"),
    (Tool::Erase, "Rub out by hand", Icon::Eraser, "r"),
];
/// How far a point's marker reaches over the screen.
const MARKER: f64 = 8.0;
const GREEN: &str = "#15803d";
const RED: &str = "#c81e1e";
const EDGE: &str = "#fff";
const SHADE: &str = "#000";

/// What the tools are for.
#[derive(Clone, Copy)]
pub struct Wants {
    /// Takes what was done with them, or why it cannot be.
    pub done: Callback<Result<Done, &'static str>>,
    /// Takes the last step back.
    pub undo: Callback<()>,
    /// Does it again.
    pub redo: Callback<()>,
    /// Whether there is a step to take back.
    pub can_undo: Signal<bool>,
    /// Whether there is one to do again.
    pub can_redo: Signal<bool>,
    /// Points and box that are shown.
    pub prompt: Signal<Prompt>,
}

#[derive(Clone, Copy)]
struct Bench {
    hand: RwSignal<Hand>,
    wants: Wants,
}

/// Gives a board all tools, of which a hand holds one.
pub fn use_tools(board: Board, hand: RwSignal<Hand>, wants: Wants) {
    let bench = Bench { hand, wants };
    board.equip(Tools {
        bar: Box::new(move || bench.bar()),
        act: Box::new(move |act, size| bench.act(act, size)),
        draw: Box::new(move |brush, view| bench.draw(brush, view)),
        draws: Box::new(move || bench.hand.with(Hand::draws)),
    });
}

impl Bench {
    fn act(self, act: Act<'_>, size: Size) -> bool {
        let hand = self.hand;
        match act {
            Act::Press(touch, turned) => hand.update(|hand| hand.press(touch, turned)),
            Act::Drag(touch) => hand.update(|hand| hand.drag(touch)),
            Act::Cancel => hand.update(Hand::cancel),
            Act::Lift(touch) => {
                if let Some(Some(done)) = hand.try_update(|hand| hand.lift(touch, size)) {
                    self.wants.done.run(done);
                }
            }
            Act::Key(key, turned, unit) => {
                match hand.try_update(|hand| hand.key(key, turned, (size, unit))) {
                    None | Some(Key::Passed) => return false,
                    Some(Key::Taken) => {}
                    Some(Key::Done(done)) => self.wants.done.run(done),
                }
            }
            Act::Command(key, turned) => match (key.to_lowercase().as_str(), turned) {
                ("z", false) => self.wants.undo.run(()),
                ("z", true) | ("y", false) => self.wants.redo.run(()),
                _ => return false,
            },
        }
        true
    }

    fn bar(self) -> AnyView {
        let tools = ALL.map(|tool| self.tool(tool)).collect_view();
        let brush = move || self.hand.with(|hand| matches!(hand.tool, Tool::Paint | Tool::Erase));
        let at = move || {
            let cross = self.hand.with(|hand| hand.cross);
            cross.map(|at| format!("At {:.0}, {:.0}", at.x, at.y)).unwrap_or_default()
        };
        let Wants { undo, redo, can_undo, can_redo, .. } = self.wants;
        view! {
            <div class="toolbar" role="group" aria-label="Tools">
                {tools}
                {step("Undo", "Control+Z", Icon::Undo, can_undo, undo)}
                {step("Redo", "Control+Shift+Z", Icon::Redo, can_redo, redo)}
                {during(brush, move || self.size())}
                <small role="status">{words(at)}</small>
            </div>
        }
        .into_any()
    }

    fn tool(self, (tool, name, icon, key): (Tool, &'static str, Icon, &'static str)) -> AnyView {
        let taken = move || self.hand.with(|hand| hand.tool == tool).to_string();
        let take = press(move || self.hand.update(|hand| hand.take(tool)));
        view! {
            <button type="button" class="round" title=format!("{name} ({key})") aria-label=name aria-keyshortcuts=key
                aria-pressed=taken on:click=take>{icon.view()}</button>
        }
        .into_any()
    }

    fn size(self) -> AnyView {
        let across = move || format!("{:.0}", self.hand.with(|hand| hand.radius * 2.0));
        let change = typed(move |typed| {
            if let Ok(across) = typed.parse::<u16>() {
                self.hand.update(|hand| hand.radius = f64::from(across) / 2.0);
            }
        });
        view! {
            <label class="slider">
                <span>"Brush"</span>
                <input type="range" min="2" max="200" step="2" prop:value=across on:input=change/>
                <output>{words(move || format!("{} px", across()))}</output>
            </label>
        }
        .into_any()
    }

    /// Points and box, what is being drawn, and where the keyboard is.
    fn draw(self, brush: &CanvasRenderingContext2d, view: View) -> Result<(), JsValue> {
        brush.set_global_alpha(1.0);
        self.wants.prompt.with(|prompt| {
            if let Some(area) = prompt.area {
                let [left, top, right, bottom] =
                    [area.xmin, area.ymin, area.xmax, area.ymax].map(f64::from);
                boxed(brush, view, [Point { x: left, y: top }, Point { x: right, y: bottom }]);
            }
            prompt.points.iter().try_for_each(|spot| {
                let at = Point { x: spot.x.into(), y: spot.y.into() };
                marker(brush, view.to_screen(at), spot.side)
            })
        })?;
        self.hand.with(|hand| {
            match &hand.doing {
                Doing::Nothing | Doing::Pressed { .. } => {}
                Doing::Framing(from, to) => boxed(brush, view, [*from, *to]),
                Doing::Drawing(path) => way(brush, view, (path, hand)),
            }
            hand.cross.map_or(Ok(()), |at| cross(brush, view.to_screen(at)))
        })
    }
}

fn step(
    name: &'static str,
    keys: &'static str,
    icon: Icon,
    can: Signal<bool>,
    act: Callback<()>,
) -> AnyView {
    view! {
        <button type="button" class="round" title=format!("{name} ({keys})") aria-label=name aria-keyshortcuts=keys
            disabled=move || !can.get() on:click=press(move || act.run(()))>{icon.view()}</button>
    }
    .into_any()
}

/// A line that is seen on any ground.
fn line(brush: &CanvasRenderingContext2d, draw: impl Fn()) {
    for (colour, width) in [(SHADE, 4.0), (EDGE, 2.0)] {
        brush.set_stroke_style_str(colour);
        brush.set_line_width(width);
        draw();
    }
}

fn boxed(brush: &CanvasRenderingContext2d, view: View, [from, to]: [Point; 2]) {
    let (from, to) = (view.to_screen(from), view.to_screen(to));
    line(brush, || brush.stroke_rect(from.x, from.y, to.x - from.x, to.y - from.y));
}

/// Green with a plus, or red with a minus, and a white edge.
fn marker(brush: &CanvasRenderingContext2d, at: Point, side: Side) -> Result<(), JsValue> {
    brush.begin_path();
    brush.arc(at.x, at.y, MARKER, 0.0, std::f64::consts::TAU)?;
    brush.set_fill_style_str(if side == Side::Inside { GREEN } else { RED });
    brush.fill();
    brush.set_stroke_style_str(EDGE);
    brush.set_line_width(2.0);
    let reach = MARKER / 2.0;
    brush.move_to(at.x - reach, at.y);
    brush.line_to(at.x + reach, at.y);
    if side == Side::Inside {
        brush.move_to(at.x, at.y - reach);
        brush.line_to(at.x, at.y + reach);
    }
    brush.stroke();
    Ok(())
}

/// The way of a brush, as wide as it is.
fn way(brush: &CanvasRenderingContext2d, view: View, (path, hand): (&[Point], &Hand)) {
    brush.begin_path();
    for (number, at) in path.iter().map(|&at| view.to_screen(at)).enumerate() {
        if number == 0 {
            brush.move_to(at.x, at.y);
        }
        brush.line_to(at.x, at.y);
    }
    brush.set_global_alpha(0.6);
    brush.set_line_cap("round");
    brush.set_line_join("round");
    brush.set_line_width(hand.radius * 2.0 * view.zoom);
    brush.set_stroke_style_str(if hand.tool == Tool::Paint { GREEN } else { RED });
    brush.stroke();
    brush.set_line_cap("butt");
    brush.set_line_join("miter");
    brush.set_global_alpha(1.0);
}

fn cross(brush: &CanvasRenderingContext2d, at: Point) -> Result<(), JsValue> {
    line(brush, || {
        brush.begin_path();
        for (x, y) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
            brush.move_to(at.x + x * 4.0, at.y + y * 4.0);
            brush.line_to(at.x + x * 16.0, at.y + y * 16.0);
        }
        brush.stroke();
    });
    Ok(())
}
