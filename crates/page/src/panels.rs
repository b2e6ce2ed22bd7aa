//! What a person can do here: one panel per task, and the list of them.

pub mod caption;
pub mod chat;
pub mod classify;
pub mod classify_sound;
pub mod depth;
pub mod detect;
pub mod embed;
pub mod find;
pub mod itm;
pub mod narrate;
pub mod runs;
pub mod segment;
pub mod speak;
pub mod store;
pub mod summarize;
pub mod transcribe;
pub mod translate;
pub mod vqa;

use crate::{icon::Icon, lazy::Coming, pages};

/// One entry of the navigation.
pub struct Panel {
    /// Its folder below the site's root.
    pub address: &'static str,
    /// Another address that shows it.
    pub alias: &'static str,
    /// What a person reads.
    pub title: &'static str,
    /// Heading it stands under.
    pub group: &'static str,
    /// Its picture.
    pub icon: Icon,
    /// Fetches the code that draws it: `lazy!(address, Component)`.
    pub code: fn() -> Coming,
}

/// Every panel, in the order of the navigation; adding one is one line here.
pub const ALL: &[Panel] = &[
    chat::PANEL,
    translate::PANEL,
    summarize::PANEL,
    embed::PANEL,
    detect::PANEL,
    depth::PANEL,
    segment::PANEL,
    find::PANEL,
    classify::PANEL,
    caption::PANEL,
    vqa::PANEL,
    itm::PANEL,
    transcribe::PANEL,
    classify_sound::PANEL,
    speak::PANEL,
    narrate::PANEL,
    runs::PANEL,
    pages::models::PANEL,
];

/// The panel of an address below the site's root; the root itself is the first one.
pub fn find(path: &str) -> Option<&'static Panel> {
    let path = path.trim_matches('/').trim_end_matches("index.html").trim_end_matches('/');
    match path {
        "" => ALL.first(),
        _ => ALL.iter().find(|panel| panel.address == path || panel.alias == path),
    }
}

/// The groups of the navigation, in the order they first appear.
pub fn groups() -> Vec<&'static str> {
    ALL.iter().fold(Vec::new(), |mut groups, panel| {
        if !groups.contains(&panel.group) {
            groups.push(panel.group);
        }
        groups
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_finds_its_panel() {
        for panel in ALL {
            for path in [panel.address.to_owned(), format!("/{}/", panel.address)] {
                assert_eq!(find(&path).map(|found| found.title), Some(panel.title), "{path}");
            }
        }
        assert_eq!(find("/").map(|panel| panel.title), Some("Chat"));
        assert_eq!(find("/index.html").map(|panel| panel.title), Some("Chat"));
        assert_eq!(find("store/").map(|panel| panel.title), Some("Models"));
        assert!(find("nowhere/").is_none());
    }

    #[test]
    fn no_two_panels_share_an_address() {
        let mut addresses: Vec<_> = ALL.iter().map(|panel| panel.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        assert_eq!(addresses.len(), ALL.len());
    }
}
