//! The catalogue and the shelf, put together.

use api::{
    catalogue::{self, Checkpoint, Origin},
    store::{State, Stored},
};

/// Every row of one model, largest first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    /// What a person reads.
    pub(super) title: &'static str,
    pub(super) rows: Vec<&'static Checkpoint>,
}

/// The catalogue by model, in its own order; what the site ships needs no download and is left out.
pub(super) fn groups() -> Vec<Group> {
    let mut groups: Vec<(&str, Group)> = Vec::new();
    for row in catalogue::ALL.iter().filter(|row| row.origin != Origin::Shipped) {
        match groups.iter_mut().find(|(family, _)| *family == row.family) {
            Some((_, group)) => group.rows.push(row),
            None => groups.push((row.family, Group { title: row.title, rows: vec![row] })),
        }
    }
    groups
        .into_iter()
        .map(|(_, mut group)| {
            group.rows.sort_by_key(|row| std::cmp::Reverse(row.likely_bytes()));
            group
        })
        .collect()
}

/// How far a stored model is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Whole,
    /// Percent that is here, where the whole is known.
    Partial(Option<u64>),
    Damaged,
}

/// How far a stored model is, all its files together.
pub(super) fn standing(stored: &Stored) -> Standing {
    if stored.files.iter().any(|file| file.state == State::Damaged) {
        Standing::Damaged
    } else if stored.is_whole() {
        Standing::Whole
    } else {
        let total = stored.total_bytes();
        Standing::Partial(total.map(|total| crate::format::percent(stored.have_bytes(), total)))
    }
}

/// An address to download from: `https`, or plain `http` on this machine.
pub(super) fn address(typed: &str) -> Result<String, &'static str> {
    let typed = typed.trim();
    let local = ["http://localhost", "http://127.0.0.1"]
        .into_iter()
        .any(|here| typed.strip_prefix(here).is_some_and(|rest| rest.starts_with([':', '/'])));
    let rest = typed.strip_prefix("https://").filter(|rest| !rest.is_empty());
    if rest.is_none() && !local {
        return Err("give the whole address, beginning with https://");
    }
    let path = typed.split(['?', '#']).next().unwrap_or(typed);
    match path.to_lowercase().ends_with(".gguf") {
        true => Ok(typed.to_owned()),
        false => Err("only a .gguf file can be downloaded by its address"),
    }
}

/// Name a file of an address is kept under, as the store names it.
pub(super) fn name_of(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use api::store::StoredFile;

    use super::*;

    fn stored(files: &[(u64, Option<u64>, State)]) -> Stored {
        let file = |(have_bytes, size_bytes, state): &(u64, Option<u64>, State)| StoredFile {
            path: "a".into(),
            have_bytes: *have_bytes,
            size_bytes: *size_bytes,
            sha256: None,
            state: *state,
        };
        Stored {
            model: "m".into(),
            origin: String::new(),
            licence: String::new(),
            files: files.iter().map(file).collect(),
            added_unix_ms: 0,
            used_unix_ms: 0,
        }
    }

    #[test]
    fn a_model_is_whole_when_all_its_files_are() {
        let whole = (5, Some(5), State::Whole);
        assert_eq!(standing(&stored(&[whole, whole])), Standing::Whole);
        let half = stored(&[whole, (0, Some(5), State::Partial)]);
        assert_eq!(standing(&half), Standing::Partial(Some(50)));
        assert_eq!(standing(&stored(&[(3, None, State::Partial)])), Standing::Partial(None));
        assert_eq!(standing(&stored(&[whole, (5, Some(5), State::Damaged)])), Standing::Damaged);
    }

    #[test]
    fn only_an_address_of_a_model_file_is_taken() {
        assert_eq!(address(" https://a.b/c.gguf ").as_deref(), Ok("https://a.b/c.gguf"));
        assert!(address("https://a.b/c.GGUF?download=true").is_ok());
        assert!(address("http://127.0.0.1:80/c.gguf").is_ok());
        assert!(address("http://localhost.evil.org/c.gguf").is_err());
        for bad in
            ["", "c.gguf", "http://a.b/c.gguf", "https://", "javascript:x.gguf", "https://a.b/"]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_row_that_can_be_downloaded_is_shown_once() {
        let shown: Vec<_> = groups().iter().flat_map(|group| group.rows.clone()).collect();
        let want = catalogue::ALL.iter().filter(|row| row.origin != Origin::Shipped).count();
        assert_eq!(shown.len(), want);
        for group in groups() {
            assert!(group.rows.is_sorted_by_key(|row| std::cmp::Reverse(row.likely_bytes())));
        }
    }
}
