use std::{cell::RefCell, collections::HashMap, io, rc::Rc};

use api::{
    Failure,
    catalogue::{self, Checkpoint, Origin},
};
use js_sys::{ArrayBuffer, Uint8Array};
use tasks::{Files, Later, Memory, Shelf, Source};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, DedicatedWorkerGlobalScope, File, FileReaderSync, Response, Url};

use crate::{
    browser::{answer, bug, message},
    opfs::Opfs,
};

/// Everything a call can open: files a person dropped, files of the site, files of the store.
pub(crate) struct Shelves {
    scope: DedicatedWorkerGlobalScope,
    site: String,
    dropped: RefCell<HashMap<String, Dropped>>,
    store: Shelf,
}

/// What a person dropped under one name.
#[derive(Default)]
struct Dropped {
    /// With their paths below the model's folder.
    files: Vec<(String, File)>,
    /// Times files came under this name.
    edition: u64,
}

impl Shelves {
    /// The site is the folder this worker's script lies in.
    pub(crate) fn new(scope: &DedicatedWorkerGlobalScope) -> Result<Self, JsValue> {
        Ok(Self {
            scope: scope.clone(),
            site: Url::new_with_base("models/", &scope.location().href())?.href(),
            dropped: RefCell::default(),
            store: Shelf::new(Rc::new(Opfs(scope.clone()))),
        })
    }

    /// Keeps files for calls that name them; they replace files of the same name.
    pub(crate) fn drop_files(&self, model: String, files: Vec<(String, File)>) {
        let mut dropped = self.dropped.borrow_mut();
        let place = dropped.entry(model).or_default();
        *place = Dropped { files, edition: place.edition + 1 };
    }

    fn dropped(&self, model: &str) -> Result<Vec<(String, File)>, Failure> {
        let files = self.dropped.borrow().get(model).map(|dropped| dropped.files.clone());
        files.ok_or_else(|| Failure::Input {
            field: "model".into(),
            reason: format!("{model} is no longer at hand: drop it again"),
        })
    }
}

enum Place {
    Dropped,
    Shipped(&'static Checkpoint),
    Stored,
}

fn place(model: &str) -> Place {
    match catalogue::find(model) {
        _ if model.starts_with("file:") => Place::Dropped,
        Some(row) if row.origin == Origin::Shipped => Place::Shipped(row),
        _ => Place::Stored,
    }
}

impl Files for Shelves {
    fn edition(&self, model: &str) -> u64 {
        self.dropped.borrow().get(model).map_or(0, |dropped| dropped.edition)
    }

    fn list(&self, model: &str) -> Later<Vec<String>> {
        let names = match place(model) {
            Place::Stored => return self.store.list(model),
            Place::Shipped(row) => Ok(row.files.iter().map(|file| file.path.to_owned()).collect()),
            Place::Dropped => {
                self.dropped(model).map(|files| files.into_iter().map(|(path, _)| path).collect())
            }
        };
        Box::pin(std::future::ready(names))
    }

    fn open(&self, model: &str, file: &str) -> Later<Rc<dyn Source>> {
        match place(model) {
            Place::Stored => self.store.open(model, file),
            Place::Shipped(row) => {
                let size = row.files.iter().find(|f| f.path == file).and_then(|f| f.size_bytes);
                Box::pin(shipped(self.scope.clone(), self.site.clone(), file.to_owned(), size))
            }
            Place::Dropped => {
                let files = self.dropped(model);
                let picked = files.and_then(|files| {
                    files.into_iter().find(|(path, _)| path == file).ok_or_else(|| Failure::Fetch {
                        file: file.into(),
                        reason: "it is not among the dropped files".into(),
                    })
                });
                let opened = picked.and_then(|(_, file)| Slices::new(file.into()));
                Box::pin(std::future::ready(opened.map(|source| Rc::new(source) as _)))
            }
        }
    }
}

/// A file of the site, whole: shipped files are small.
async fn shipped(
    scope: DedicatedWorkerGlobalScope,
    site: String,
    file: String,
    size_bytes: Option<u64>,
) -> Result<Rc<dyn Source>, Failure> {
    let failed = |reason: String| Failure::Fetch { file: file.clone(), reason };
    let response = answer::<Response>(scope.fetch_with_str(&format!("{site}{file}")));
    let response = response.await.map_err(|e| failed(message(&e)))?;
    if !response.ok() {
        return Err(failed(format!("the site answers with status {}", response.status())));
    }
    let body = answer::<ArrayBuffer>(response.array_buffer().map_err(bug)?);
    let body = body.await.map_err(|e| failed(message(&e)))?;
    let bytes = Uint8Array::new(&body).to_vec();
    match size_bytes {
        Some(size) if size != bytes.len() as u64 => {
            Err(failed(format!("{} bytes arrived, not {size}", bytes.len())))
        }
        _ => Ok(Rc::new(Memory(bytes))),
    }
}

/// A file that is read slice by slice and never held whole.
pub(crate) struct Slices {
    file: Blob,
    reader: FileReaderSync,
}

impl Slices {
    pub(crate) fn new(file: Blob) -> Result<Self, Failure> {
        Ok(Self { file, reader: FileReaderSync::new().map_err(bug)? })
    }
}

impl Source for Slices {
    fn size(&self) -> u64 {
        self.file.size() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let (from, to) = (offset as f64, offset as f64 + into.len() as f64);
        let slice = self.file.slice_with_f64_and_f64(from, to).map_err(failed)?;
        let bytes = self.reader.read_as_array_buffer(&slice).map_err(failed)?;
        let bytes = Uint8Array::new(&bytes);
        if bytes.length() as usize != into.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.copy_to(into);
        Ok(())
    }
}

fn failed(thrown: JsValue) -> io::Error {
    io::Error::other(message(&thrown))
}
