use std::{io, rc::Rc};

use api::{
    Failure,
    store::{ROOT, Room},
};
use js_sys::{ArrayBuffer, Promise, Reflect, Uint8Array};
use tasks::{Disk, Later, Slot, Source};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DedicatedWorkerGlobalScope, File, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemReadWriteOptions,
    FileSystemRemoveOptions, FileSystemSyncAccessHandle, StorageEstimate, StorageManager,
};

use crate::{
    browser::{answer, bug, message, name},
    files::Slices,
};

/// The browser's private file system of this site.
pub(crate) struct Opfs(pub(crate) DedicatedWorkerGlobalScope);

#[wasm_bindgen]
extern "C" {
    /// A file handle with the optional argument that `web-sys` keeps behind an unstable flag.
    #[wasm_bindgen(extends = FileSystemFileHandle)]
    type Openable;

    #[wasm_bindgen(method, js_name = createSyncAccessHandle)]
    fn open(this: &Openable, options: &JsValue) -> Promise;
}

impl Opfs {
    fn storage(&self) -> Result<StorageManager, Failure> {
        let storage = self.0.navigator().storage();
        if storage.is_undefined() { Err(denied(&JsValue::NULL)) } else { Ok(storage) }
    }

    fn root(&self) -> Later<FileSystemDirectoryHandle> {
        let storage = self.storage();
        Box::pin(async move {
            let top = answer(storage?.get_directory()).await.map_err(|e| denied(&e))?;
            folder(&top, ROOT).await.map_err(|e| denied(&e))
        })
    }
}

fn denied(thrown: &JsValue) -> Failure {
    if !thrown.is_null() && name(thrown) == FULL {
        return full();
    }
    let why = if thrown.is_null() { String::new() } else { format!(" ({})", message(thrown)) };
    Failure::Input {
        field: "storage".into(),
        reason: format!(
            "this browser window keeps no files{why}: leave private browsing, or drop a model's file \
             onto the page"
        ),
    }
}

/// What a browser calls storage without room.
const FULL: &str = "QuotaExceededError";

fn full() -> Failure {
    Failure::Input { field: "storage".into(), reason: "the storage is full".into() }
}

/// Invariant: whoever else holds a file is another tab, or another worker of this one.
fn taken(thrown: JsValue) -> Failure {
    match name(&thrown).as_str() {
        "NoModificationAllowedError" => Failure::Input {
            field: "model".into(),
            reason: "it is in use in another tab: close it there first".into(),
        },
        FULL => full(),
        _ => bug(thrown),
    }
}

fn is_missing(thrown: &JsValue) -> bool {
    name(thrown) == "NotFoundError"
}

async fn folder(
    parent: &FileSystemDirectoryHandle,
    name: &str,
) -> Result<FileSystemDirectoryHandle, JsValue> {
    let create = FileSystemGetDirectoryOptions::new();
    create.set_create(true);
    answer(parent.get_directory_handle_with_options(name, &create)).await
}

/// Handles of everything in a folder.
async fn entries(folder: &FileSystemDirectoryHandle) -> Result<Vec<JsValue>, JsValue> {
    let (values, mut found) = (folder.values(), Vec::new());
    loop {
        let next = JsFuture::from(values.next_iterator()?).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return Ok(found);
        }
        found.push(Reflect::get(&next, &"value".into())?);
    }
}

async fn file(
    root: &FileSystemDirectoryHandle,
    folder: &str,
    name: &str,
) -> Result<FileSystemFileHandle, JsValue> {
    let folder: FileSystemDirectoryHandle = answer(root.get_directory_handle(folder)).await?;
    answer(folder.get_file_handle(name)).await
}

impl Disk for Opfs {
    fn folders(&self) -> Later<Vec<String>> {
        let root = self.root();
        Box::pin(async move {
            let found = entries(&root.await?).await.map_err(bug)?;
            let folders = found.into_iter().filter_map(|e| e.dyn_into().ok());
            Ok(folders.map(|folder: FileSystemDirectoryHandle| folder.name()).collect())
        })
    }

    fn list(&self, folder: &str) -> Later<Vec<(String, u64)>> {
        let (root, folder) = (self.root(), folder.to_owned());
        Box::pin(async move {
            let folder = match answer(root.await?.get_directory_handle(&folder)).await {
                Ok(folder) => folder,
                Err(thrown) if is_missing(&thrown) => return Ok(Vec::new()),
                Err(thrown) => return Err(bug(thrown)),
            };
            let mut found = Vec::new();
            for entry in entries(&folder).await.map_err(bug)? {
                if let Some(handle) = entry.dyn_ref::<FileSystemFileHandle>() {
                    let file: File = answer(handle.get_file()).await.map_err(bug)?;
                    found.push((file.name(), file.size() as u64));
                }
            }
            Ok(found)
        })
    }

    fn load(&self, folder: &str, name: &str) -> Later<Option<Vec<u8>>> {
        let (root, folder, name) = (self.root(), folder.to_owned(), name.to_owned());
        Box::pin(async move {
            let handle = match file(&root.await?, &folder, &name).await {
                Ok(handle) => handle,
                Err(thrown) if is_missing(&thrown) => return Ok(None),
                Err(thrown) => return Err(bug(thrown)),
            };
            let file: File = answer(handle.get_file()).await.map_err(bug)?;
            let bytes: ArrayBuffer = answer(file.array_buffer()).await.map_err(bug)?;
            Ok(Some(Uint8Array::new(&bytes).to_vec()))
        })
    }

    fn read(&self, folder: &str, name: &str) -> Later<Rc<dyn Source>> {
        let (root, folder, name) = (self.root(), folder.to_owned(), name.to_owned());
        Box::pin(async move {
            let handle = file(&root.await?, &folder, &name).await.map_err(taken)?;
            let options = js_sys::Object::new();
            Reflect::set(&options, &"mode".into(), &"read-only".into()).map_err(bug)?;
            match answer(handle.unchecked_ref::<Openable>().open(&options)).await {
                Ok(open) => Ok(Rc::new(Open(open)) as Rc<dyn Source>),
                // Where only exclusive handles are known, a second tab reads slice by slice.
                Err(_) => {
                    let file: File = answer(handle.get_file()).await.map_err(bug)?;
                    Ok(Rc::new(Slices::new(file.into())?) as _)
                }
            }
        })
    }

    fn write(&self, folder: &str, name: &str) -> Later<Box<dyn Slot>> {
        let (root, place, name) = (self.root(), folder.to_owned(), name.to_owned());
        Box::pin(async move {
            let folder = self::folder(&root.await?, &place).await.map_err(taken)?;
            let create = FileSystemGetFileOptions::new();
            create.set_create(true);
            let handle = answer(folder.get_file_handle_with_options(&name, &create));
            let handle: FileSystemFileHandle = handle.await.map_err(taken)?;
            let open = answer(handle.create_sync_access_handle()).await.map_err(taken)?;
            Ok(Box::new(Open(open)) as _)
        })
    }

    fn remove_folder(&self, folder: &str) -> Later<()> {
        let (root, folder) = (self.root(), folder.to_owned());
        Box::pin(async move {
            let all = FileSystemRemoveOptions::new();
            all.set_recursive(true);
            let removed =
                JsFuture::from(root.await?.remove_entry_with_options(&folder, &all)).await;
            match removed {
                Err(thrown) if !is_missing(&thrown) => Err(taken(thrown)),
                _ => Ok(()),
            }
        })
    }

    fn room(&self) -> Later<Option<Room>> {
        let storage = self.storage();
        Box::pin(async move {
            let estimate = JsFuture::from(storage?.estimate().map_err(bug)?).await.map_err(bug)?;
            let estimate: StorageEstimate = estimate.unchecked_into();
            let numbers = estimate.get_usage().zip(estimate.get_quota());
            Ok(numbers
                .map(|(used, quota)| Room { used_bytes: used as u64, quota_bytes: quota as u64 }))
        })
    }
}

/// A file held open, to be read from and written to at any place without waiting.
struct Open(FileSystemSyncAccessHandle);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn at(offset: u64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(offset as f64);
    options
}

fn failed(thrown: JsValue) -> io::Error {
    match name(&thrown).as_str() {
        FULL => io::ErrorKind::StorageFull.into(),
        _ => io::Error::other(message(&thrown)),
    }
}

impl Source for Open {
    fn size(&self) -> u64 {
        // A handle that cannot tell has nothing to read.
        self.0.get_size().map_or(0, |size| size as u64)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let read = self.0.read_with_u8_array_and_options(into, &at(offset)).map_err(failed)?;
        if read as usize == into.len() { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

impl Slot for Open {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let written = self.0.write_with_u8_array_and_options(bytes, &at(offset)).map_err(failed)?;
        // A write that is cut short says that no more fits.
        if written as usize == bytes.len() {
            Ok(())
        } else {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    fn resize(&mut self, size: u64) -> io::Result<()> {
        self.0.truncate_with_f64(size as f64).map_err(failed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(failed)
    }
}
