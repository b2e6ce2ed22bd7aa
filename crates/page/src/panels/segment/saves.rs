//! What can be taken along.

use std::sync::Arc;

use api::picture::Mask;
use leptos::prelude::*;

use super::Held;
use crate::{
    canvas::colour::Colour,
    desk::views::entry,
    files,
    icon::Icon,
    lazy::{later, once_here},
    menu::Menu,
    part::press,
    segment::{coco::coco, draw::painted},
};

/// Things that have an entry of their own.
const MOST_ENTRIES: usize = 12;
/// Greys beside black, which is where nothing is.
const MOST_GREYS: usize = 255;

/// What can be saved.
#[derive(Clone, Copy)]
enum Save {
    Edited,
    Greys,
    Coco,
    Mask(u32),
}

/// The menu; what is not there yet says so when it is asked for.
pub(super) fn menu(held: Held) -> AnyView {
    let masks = move || {
        let masks = held.masks().into_iter().take(MOST_ENTRIES);
        masks.map(|(id, _)| one(held, id)).collect_view()
    };
    view! {
        <Menu name="Save" icon=Icon::Download>
            {entry("Edited picture (PNG)", move || held.saves(Save::Edited))}
            {entry("Picture with masks (PNG)", move || held.look.save_picture("masks.png"))}
            {entry("All masks in greys (PNG)", move || held.saves(Save::Greys))}
            {entry("Masks as COCO JSON", move || held.saves(Save::Coco))}
            {masks()}
        </Menu>
    }
    .into_any()
}

fn one(held: Held, id: u32) -> AnyView {
    let save = press(move || held.saves(Save::Mask(id)));
    view! { <button type="button" on:click=save>{format!("Mask of thing {id} (PNG)")}</button> }
        .into_any()
}

/// Offers it as a file.
fn save(held: Held, what: Save) {
    match what {
        Save::Edited => held.save_edited(),
        Save::Greys => held.save_greys(),
        Save::Coco => held.save_coco(),
        Save::Mask(id) => held.save_mask(id),
    }
}

impl Held {
    /// The masks that are shown, by the ids of their things.
    fn masks(self) -> Vec<(u32, Arc<Mask>)> {
        untrack(|| {
            self.read(|work| {
                work.used().filter_map(|thing| Some((thing.id, thing.mask.clone()?))).collect()
            })
        })
    }

    /// Whether there are masks; if not, the person is told.
    fn has_masks(self) -> bool {
        let has = !self.masks().is_empty();
        if !has {
            self.complain(
                "there is no mask yet: press a thing in the picture, or tick one in the list",
            );
        }
        has
    }

    /// Fetches what saves, and saves.
    fn saves(self, what: Save) {
        let coming = later!(later_saves: fn(Held, Save), save);
        once_here(coming, self.look.asking.desk.notice, move |save| save(self, what));
    }

    fn save_coco(self) {
        if self.has_masks() {
            let name = self.look.name();
            let text = untrack(|| self.read(|work| coco(work.used(), &name, work.size())));
            self.look.asking.desk.save("masks.json", &text);
        }
    }

    fn save_mask(self, id: u32) {
        if let Some((_, mask)) = self.masks().into_iter().find(|(known, _)| *known == id) {
            self.save(format!("mask-{id}.png"), &[(Colour::grey(u8::MAX), mask)]);
        }
    }

    fn save_edited(self) {
        match self.edited() {
            Some(canvas) => files::offer_picture("edited.png", &canvas, self.unsaved()),
            None => self.complain("nothing is edited yet: choose what to do with it first"),
        }
    }

    /// Each thing has its number in the list as its grey; the last lies on top.
    fn save_greys(self) {
        let masks = self.masks();
        if masks.len() > MOST_GREYS {
            let why = format!(
                "there are {} masks, and no more greys than {MOST_GREYS}: untick some",
                masks.len()
            );
            return self.complain(&why);
        }
        if self.has_masks() {
            let grey = |(grey, (_, mask))| (Colour::grey(grey), mask);
            self.save("masks.png".into(), &(1..=u8::MAX).zip(masks).map(grey).collect::<Vec<_>>());
        }
    }

    /// Offers masks on black.
    fn save(self, name: String, masks: &[(Colour, Arc<Mask>)]) {
        let size = self.work.with_untracked(|work| work.as_ref().map(|work| work.now().size()));
        match size.map(|size| painted(size, Some(Colour::grey(0)), masks)) {
            Some(Ok(canvas)) => files::offer_picture(name, &canvas, self.unsaved()),
            _ => self.complain("there is not enough memory to draw the masks"),
        }
    }

    fn unsaved(self) -> impl Fn(&str) + 'static {
        move |why| self.complain(&format!("the picture cannot be saved: {why}"))
    }
}
