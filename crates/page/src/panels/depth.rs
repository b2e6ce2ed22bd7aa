//! Tell how near everything in a picture is.

use api::depth::{Depth, Map};
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsValue};
use web_sys::{HtmlCanvasElement, ImageData};

use crate::{
    call::Step,
    canvas::board::{Canvas, use_board},
    depth::{
        Shades, coloured,
        files::{Bits, cloud, png},
        told,
    },
    desk::{
        use_desk,
        views::{Around, asks, entry},
    },
    icon::Icon,
    lazy::lazy,
    look::{Look, Told, use_look},
    menu::Menu,
    panels::Panel,
    part::{during, press, words},
    picture::{header::Size, intake::Intake, on_white},
};

/// Its entry in the navigation.
pub const PANEL: Panel = Panel {
    address: "depth",
    alias: "",
    title: "Depth",
    group: "Pictures",
    icon: Icon::Depth,
    code: lazy!(depth, DepthPanel),
};

/// The layer that shows it.
const LAYER: &str = "Depth";

/// Everything the panel holds.
#[derive(Clone, Copy)]
struct Near {
    look: Look<Depth>,
    map: RwSignal<Option<Map>, LocalStorage>,
    shades: RwSignal<Shades>,
}

#[component]
fn DepthPanel() -> impl IntoView {
    let asking = use_desk::<Depth>();
    let desk = asking.desk;
    let board = use_board(&[LAYER]);
    let shades = RwSignal::new(Shades::Warm);
    let near = Near { look: use_look(asking, board), map: desk.result(), shades };
    Effect::new(move || {
        let shades = near.shades.get();
        let drawn = near.map.with(|map| map.as_ref().map(|map| drawn(map, shades)));
        match drawn.transpose() {
            Ok(drawn) => board.fill(LAYER, drawn),
            Err(why) => desk.notice.set(Some(format!("the depth cannot be drawn: {why:?}"))),
        }
    });
    let take = Callback::new(move |taken| {
        near.map.set(None);
        near.look.take(taken);
    });
    let there = move || near.map.with(Option::is_some);
    view! {
        <Around desk=desk title="Depth"
            lead="How near everything in a picture is: a map in which near is bright."
            absent="No depth model is here yet: get one on the models page, or open the folder of one \
                (config.json, preprocessor_config.json, model.safetensors).">
            <Intake desk=desk take=take>
                <div class="actions">
                    {asks(desk, "Tell the depth", move || near.ask())}
                    {during(there, move || save(near))}
                </div>
                <Canvas board=board told_by="depth"/>
                {during(there, move || result(near))}
            </Intake>
        </Around>
    }
    .into_any()
}

impl Near {
    fn ask(self) {
        let Some(picture) = self.look.question(Ok) else { return };
        self.map.set(None);
        self.look.ask(picture, move |step| {
            if let Step::Ended(Ok(output)) = step {
                self.map.set(output.depth.clone());
                let lines = output.depth.iter().map(told).collect();
                self.look.keep(Told { lines, ..Told::default() });
            }
        });
    }

    fn save(self, name: &str, of: impl FnOnce(&Map) -> Result<Vec<u8>, String>) {
        let desk = self.look.asking.desk;
        let made = self.map.with_untracked(|map| map.as_ref().map(of));
        match made {
            Some(Ok(bytes)) => desk.save_bytes(name, &bytes),
            Some(Err(why)) => desk.notice.set(Some(why)),
            None => {}
        }
    }

    fn save_cloud(self) {
        let taken = self.look.board.taken;
        let desk = self.look.asking.desk;
        self.save("depth.ply", move |map| {
            let picture = taken.with_untracked(|taken| match taken {
                Some(taken) => taken.picture(),
                None => Err("there is no picture any more".into()),
            })?;
            let (file, step) =
                cloud(map, &picture).ok_or("the picture is not the one that was looked at")?;
            if step > 1 {
                desk.notice.set(Some(format!(
                    "The cloud has a point for every {step}th pixel of every {step}th row: all would be more than a million."
                )));
            }
            Ok(file)
        });
    }
}

/// The map as a picture.
fn drawn(map: &Map, shades: Shades) -> Result<HtmlCanvasElement, JsValue> {
    let size = Size { width: map.width, height: map.height };
    let pixels = coloured(map, shades);
    on_white(size, |brush| {
        let pixels = Clamped(pixels.as_slice());
        let data = ImageData::new_with_u8_clamped_array_and_sh(pixels, size.width, size.height)?;
        brush.put_image_data(&data, 0.0, 0.0)
    })
}

fn save(near: Near) -> AnyView {
    view! {
        <Menu name="Save" icon=Icon::Download>
            {entry("Depth, 8-bit grey (PNG)", move || near.save("depth.png", |map| Ok(png(map, Bits::Eight))))}
            {entry("Depth, 16-bit grey (PNG)", move || near.save("depth16.png", |map| Ok(png(map, Bits::Sixteen))))}
            {entry("Point cloud (PLY)", move || near.save_cloud())}
            {entry("Picture with depth (PNG)", move || near.look.save_picture("depth-colours.png"))}
        </Menu>
    }
    .into_any()
}

fn result(near: Near) -> AnyView {
    let said = move || near.map.with(|map| map.as_ref().map(told)).unwrap_or_default();
    let shade = move |name: &'static str, shades: Shades| {
        let chosen = move || near.shades.get() == shades;
        let choose = press(move || near.shades.set(shades));
        view! {
            <label><input type="radio" name="shades" prop:checked=chosen on:click=choose/> {name}</label>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-label="Depth">
            <p class="told" id="depth" aria-live="polite">{words(said)}</p>
            <fieldset class="layers">
                <legend>"Far is dark, near is bright"</legend>
                <div>{shade("Warm colours", Shades::Warm)} {shade("Grey", Shades::Grey)}</div>
            </fieldset>
            <p class="quiet">"The point cloud takes the picture to show 60 degrees from side to side, and the farthest to be five times as far as the nearest: the model knows neither."</p>
        </section>
    }
    .into_any()
}
