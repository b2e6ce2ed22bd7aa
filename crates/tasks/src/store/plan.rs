use api::{
    Failure, ModelId,
    catalogue::{self, Checkpoint, Origin},
    store::{Remote, State, What},
};

use crate::store::record::{Entry, Record};

/// What is to be downloaded, as far as it is known before anybody is asked.
pub(crate) enum Wanted {
    /// What its record on the disk says.
    Stored(ModelId),
    /// Files of known addresses.
    Known(Record),
    /// Files of the hub, of which the commit, a size or a check sum must be asked.
    Unpinned {
        /// To be completed.
        record: Record,
        /// Owner and name.
        repository: String,
        /// Branch, tag or commit.
        revision: String,
    },
}

impl Wanted {
    /// Name it is kept under.
    pub(crate) fn model(&self) -> &str {
        match self {
            Self::Stored(model) => model,
            Self::Known(record) | Self::Unpinned { record, .. } => &record.model,
        }
    }
}

/// Address of a file on the hub.
pub(crate) fn hub_url(repository: &str, revision: &str, path: &str) -> String {
    format!("{HUB}{repository}/resolve/{revision}/{path}")
}

/// The model hub.
pub(crate) const HUB: &str = "https://huggingface.co/";

/// Reads a wish for a download.
pub(crate) fn wanted(what: What, now_unix_ms: u64) -> Result<Wanted, Failure> {
    let (model, origin, licence, files) = match what {
        What::Model(id) => match catalogue::find(&id) {
            Some(row) => return row_wanted(row, now_unix_ms),
            None => return Ok(Wanted::Stored(id)),
        },
        What::Url(url) => {
            let url = checked(url.trim())?;
            if let Some(found) = HubFile::of(&url) {
                return Ok(found.wanted(now_unix_ms));
            }
            let path = last_part(&url)?;
            let file =
                Remote { url: url.clone(), path: path.clone(), size_bytes: None, sha256: None };
            (path, url, String::new(), vec![file])
        }
        What::Files(custom) => {
            for file in &custom.files {
                checked(&file.url)?;
            }
            let origin = custom
                .files
                .first()
                .map(|file| file.url.clone())
                .ok_or_else(|| Failure::input("files", "there are none"))?;
            (custom.model, origin, custom.licence, custom.files)
        }
    };
    let files = files.into_iter().map(entry).collect();
    Ok(Wanted::Known(record(model, origin, licence, (files, now_unix_ms))))
}

fn row_wanted(row: &Checkpoint, now_unix_ms: u64) -> Result<Wanted, Failure> {
    let Origin::Hub { repository, revision } = row.origin else {
        let reason = format!("{} is part of this site: there is nothing to download", row.id);
        return Err(Failure::input("model", reason));
    };
    let at = revision.unwrap_or("main");
    let remote = |file: &catalogue::File| {
        entry(Remote {
            url: hub_url(repository, at, file.path),
            path: file.path.into(),
            size_bytes: file.size_bytes,
            sha256: file.sha256.map(Into::into),
        })
    };
    let files: Vec<_> = row.files.iter().map(remote).collect();
    let known = files.iter().all(|file| file.size_bytes.is_some() && file.sha256.is_some());
    let origin = match revision {
        Some(commit) => format!("{repository}@{commit}"),
        None => repository.to_owned(),
    };
    let record = record(row.id.into(), origin, row.licence.into(), (files, now_unix_ms));
    Ok(match revision {
        Some(_) if known => Wanted::Known(record),
        _ => Wanted::Unpinned { record, repository: repository.into(), revision: at.into() },
    })
}

fn record(
    model: ModelId,
    origin: String,
    licence: String,
    (files, now_unix_ms): (Vec<Entry>, u64),
) -> Record {
    Record { model, origin, licence, added_unix_ms: now_unix_ms, used_unix_ms: now_unix_ms, files }
}

fn entry(remote: Remote) -> Entry {
    Entry {
        url: remote.url,
        path: remote.path,
        size_bytes: remote.size_bytes,
        sha256: remote.sha256.map(|sum| sum.to_ascii_lowercase()),
        told_bytes: None,
        etag: None,
        state: State::Partial,
    }
}

fn refused(reason: &str) -> Failure {
    Failure::input("url", reason)
}

fn checked(url: &str) -> Result<String, Failure> {
    match url.starts_with("https://") || url.starts_with("http://") {
        true => Ok(url.to_owned()),
        false => Err(refused("an address starts with https://")),
    }
}

/// The last part of an address's path.
fn last_part(url: &str) -> Result<String, Failure> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let parts: Vec<_> = path.split('/').collect();
    match parts.get(3..).and_then(<[_]>::last) {
        Some(name) if !name.is_empty() => Ok((*name).to_owned()),
        _ => Err(refused("an address ends in the name of a file")),
    }
}

/// A file of the hub, out of an address that a person copied there.
#[derive(Debug, PartialEq)]
struct HubFile {
    repository: String,
    revision: String,
    path: String,
}

impl HubFile {
    fn of(url: &str) -> Option<Self> {
        let path = url.strip_prefix(HUB)?.split(['?', '#']).next()?;
        let mut parts = path.splitn(5, '/');
        let (owner, name, door) = (parts.next()?, parts.next()?, parts.next()?);
        let (revision, path) = (parts.next()?, parts.next()?);
        matches!(door, "resolve" | "blob" | "raw").then(|| Self {
            repository: format!("{owner}/{name}"),
            revision: revision.into(),
            path: path.into(),
        })
    }

    fn wanted(self, now_unix_ms: u64) -> Wanted {
        let Self { repository, revision, path } = self;
        let model = path.rsplit('/').next().unwrap_or(&path).to_owned();
        let file = entry(Remote {
            url: hub_url(&repository, &revision, &path),
            path: model.clone(),
            size_bytes: None,
            sha256: None,
        });
        let record = record(model, repository.clone(), String::new(), (vec![file], now_unix_ms));
        Wanted::Unpinned { record, repository, revision }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[track_caller]
    fn check(url: &str, want: Result<&str, &str>) {
        let got = wanted(What::Url(url.into()), 0);
        let got = got.map(|wanted| wanted.model().to_owned()).map_err(|e| e.to_string());
        assert_eq!(got.as_deref().map_err(String::as_str), want, "{url}");
    }

    #[test]
    fn a_file_is_kept_under_the_last_part_of_its_address() {
        check("https://a.example/b/c.gguf?download=true#x", Ok("c.gguf"));
        check(" https://huggingface.co/o/n/blob/main/sub/m.gguf ", Ok("m.gguf"));
    }

    #[test]
    fn an_address_that_names_no_file_is_refused() {
        check("https://a.example", Err("url: an address ends in the name of a file"));
        check("https://a.example/", Err("url: an address ends in the name of a file"));
        check("https://a.example/b/?c", Err("url: an address ends in the name of a file"));
        check("file:///etc/passwd", Err("url: an address starts with https://"));
        check("", Err("url: an address starts with https://"));
    }

    #[test]
    fn every_door_of_the_hub_leads_to_the_same_file() {
        let want =
            HubFile { repository: "o/n".into(), revision: "main".into(), path: "s/m".into() };
        for door in ["resolve", "blob", "raw"] {
            let url = format!("https://huggingface.co/o/n/{door}/main/s/m?download=true");
            assert_eq!(HubFile::of(&url).as_ref(), Some(&want));
        }
        assert_eq!(HubFile::of("https://huggingface.co/o/n/tree/main/s"), None);
        assert_eq!(HubFile::of("https://a.example/o/n/resolve/main/s"), None);
    }

    #[test]
    fn what_the_site_ships_is_not_downloaded() {
        let shipped = catalogue::ALL.iter().filter(|row| row.origin == Origin::Shipped);
        for row in shipped {
            let refusal = wanted(What::Model(row.id.into()), 0).err().unwrap();
            assert!(matches!(refusal, Failure::Input { field, .. } if field == "model"));
        }
    }
}
