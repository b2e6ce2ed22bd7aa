//! What is stored stays sound: room, tabs, damage, names, the hub's word.

use std::rc::Rc;

use crate::{
    driver::{Driver, Dropped, MemoryDisk},
    server::{Reply, Server},
};
use api::{
    Failure,
    catalogue::{self, Checkpoint, Origin},
    store::{Custom, Partial, Remote, State, What, Wish, safe_name},
};
use sha2::{Digest, Sha256};
use tasks::{Disk, Files, Shelf};

const NAME: &str = "m.gguf";

fn file() -> Vec<u8> {
    b"GGUF".iter().copied().chain((0..19_996).map(|at| (at % 251) as u8)).collect()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn server() -> Server {
    Server::new(|_, request| Reply::part(&file(), "\"0\"", request))
}

fn download(server: &Server) -> Wish {
    Wish::Download(What::Url(format!("{}/{NAME}", server.url)))
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Failure>, words: &str) {
    let said = result.unwrap_err().to_string();
    assert!(said.contains(words), "`{said}` lacks `{words}`");
}

#[test]
fn what_cannot_fit_is_refused_before_the_first_byte() {
    let server = server();
    let disk = MemoryDisk::default();
    disk.set_quota(9_000);
    let remote = Remote {
        url: format!("{}/{NAME}", server.url),
        path: NAME.into(),
        size_bytes: Some(20_000),
        sha256: None,
    };
    let custom = Custom { model: NAME.into(), licence: String::new(), files: vec![remote] };
    let (result, _) = Driver::new(&disk).run(Wish::Download(What::Files(custom)));
    refused(result, "storage: 20 kB are still to come and only 9 kB are free");
    assert!(server.froms().is_empty());
}

#[test]
fn a_storage_that_fills_up_keeps_what_arrived_and_goes_on_when_there_is_room() {
    let server = server();
    let disk = MemoryDisk::default();
    disk.set_quota(9_000);
    disk.overstate_quota(100_000);
    let (result, _) = Driver::new(&disk).run(download(&server));
    refused(result, "storage: the storage is full: 9 kB of 109 kB are used; what arrived is kept");
    let here = disk.bytes(NAME, NAME);
    assert!(here.len() > 5_000 && here == file()[..here.len()], "{} bytes", here.len());
    disk.set_quota(100_000);
    let (result, _) = Driver::new(&disk).run(download(&server));
    assert!(result.unwrap().models[0].is_whole());
    assert_eq!(disk.bytes(NAME, NAME), file());
}

#[test]
fn a_second_tab_is_told_that_the_first_is_at_it() {
    let server = server();
    let disk = MemoryDisk::default();
    let first_tab = pollster::block_on(disk.write(".locks", NAME)).unwrap();
    for wish in [
        download(&server),
        Wish::Verify { model: NAME.into() },
        Wish::Delete { model: NAME.into() },
        Wish::Touch { model: NAME.into() },
    ] {
        let (result, _) = Driver::new(&disk).run(wish);
        refused(result, "model: it is in use in another tab");
    }
    assert!(Driver::new(&disk).run(Wish::List).0.is_ok(), "looking disturbs nobody");
    drop(first_tab);
    assert!(Driver::new(&disk).run(download(&server)).0.is_ok());
}

#[test]
fn a_damaged_file_is_found_marked_and_healed() {
    let server = server();
    let disk = MemoryDisk::default();
    Driver::new(&disk).run(download(&server)).0.unwrap();
    let verify = || Wish::Verify { model: NAME.into() };
    assert!(Driver::new(&disk).run(verify()).0.is_ok());
    let mut bytes = file();
    bytes[12_345] ^= 1;
    disk.put(NAME, NAME, &bytes);
    let (result, seen) = Driver::new(&disk).run(verify());
    refused(result, "its bytes have changed since they arrived");
    assert!(seen.iter().all(|partial| matches!(partial, Partial::Checking(_))) && !seen.is_empty());
    let listed = Driver::new(&disk).run(Wish::List).0.unwrap();
    assert_eq!(listed.models[0].files[0].state, State::Damaged);
    refused(names(&disk), "it is damaged");
    Driver::new(&disk).run(download(&server)).0.unwrap();
    assert_eq!(names(&disk), Ok(vec![NAME.to_owned()]));
    assert_eq!(disk.bytes(NAME, NAME), file());
}

fn names(disk: &MemoryDisk) -> Result<Vec<String>, Failure> {
    pollster::block_on(Shelf::new(Rc::new(disk.clone())).list(NAME))
}

#[test]
fn a_file_that_lost_its_end_is_not_opened() {
    let server = server();
    let disk = MemoryDisk::default();
    Driver::new(&disk).run(download(&server)).0.unwrap();
    disk.put(NAME, NAME, &file()[..100]);
    let shelf = Shelf::new(Rc::new(disk.clone()));
    let opened = pollster::block_on(shelf.open(NAME, NAME)).map(|_| ());
    refused(opened, "100 of 20000 bytes are left");
}

#[test]
fn a_record_that_was_not_written_to_its_end_gives_way_to_the_one_before() {
    let server = server();
    let disk = MemoryDisk::default();
    Driver::new(&disk).run(download(&server)).0.unwrap();
    // The last of three records lies in the second place.
    let slots = [".record.0", ".record.1"].map(|name| (name, disk.bytes(NAME, name)));
    let newest = slots
        .iter()
        .position(|(_, bytes)| String::from_utf8_lossy(bytes).contains("\"state\":\"whole\""));
    let (name, bytes) = &slots[newest.unwrap()];
    disk.put(NAME, name, &bytes[..bytes.len() / 2]);
    refused(names(&disk), "it has not arrived whole");
    let (result, _) = Driver::new(&disk).run(download(&server));
    assert!(result.unwrap().models[0].is_whole());
    assert_eq!(server.froms(), [0, 20_000], "only the record was lost, no byte of the file");
}

#[test]
fn a_deleted_model_is_gone_and_others_stay() {
    let server = server();
    let disk = MemoryDisk::default();
    Driver::new(&disk).run(download(&server)).0.unwrap();
    let other = Wish::Download(What::Url(format!("{}/other.gguf", server.url)));
    assert_eq!(Driver::new(&disk).run(other).0.unwrap().models.len(), 2);
    let (result, _) = Driver::new(&disk).run(Wish::Delete { model: NAME.into() });
    let left: Vec<_> = result.unwrap().models.into_iter().map(|stored| stored.model).collect();
    assert_eq!(left, ["other.gguf"]);
    assert_eq!(disk.bytes(NAME, NAME), b"");
    refused(names(&disk), "m.gguf is not stored here");
}

#[test]
fn a_name_that_is_taken_is_not_overwritten() {
    let (server, other) = (server(), server());
    let disk = MemoryDisk::default();
    Driver::new(&disk).run(download(&server)).0.unwrap();
    let (result, _) = Driver::new(&disk).run(download(&other));
    refused(result, "m.gguf is stored already");
    assert!(other.froms().is_empty());
}

#[test]
fn use_is_noted() {
    let server = server();
    let disk = MemoryDisk::default();
    let stored = Driver::new(&disk).run(download(&server)).0.unwrap().models.remove(0);
    assert_eq!((stored.added_unix_ms, stored.used_unix_ms), (1_000, 1_000));
    let later = Driver::at(&disk, 5_000).run(Wish::Touch { model: NAME.into() }).0.unwrap();
    assert_eq!((later.models[0].added_unix_ms, later.models[0].used_unix_ms), (1_000, 5_000));
}

#[test]
fn dropped_files_are_copied_onto_the_shelf() {
    let disk = MemoryDisk::default();
    let big = [file(), vec![7; 3 << 20]].concat();
    let dropped = |name: &str| ("file:mine".to_owned(), name.to_owned(), big.clone());
    let files = || Dropped(vec![dropped("a.gguf"), dropped("b c.json")]);
    let import = || Wish::Import { dropped: "file:mine".into() };
    let enough =
        |partial: &Partial| matches!(partial, Partial::Fetching(p) if p.done_bytes > 4 << 20);
    let (result, _) = Driver::new(&disk).with_files(files()).until(enough).run(import());
    assert_eq!(result, Err(Failure::Stopped));
    let (result, _) = Driver::new(&disk).with_files(files()).run(import());
    let stored = &result.unwrap().models[0];
    assert!(stored.is_whole() && stored.model == "mine" && stored.origin == "a file from disk");
    assert_eq!(stored.total_bytes(), Some(2 * big.len() as u64));
    assert!(disk.bytes("mine", &safe_name("b c.json")) == big);
    let (result, _) = Driver::new(&disk).with_files(files()).run(import());
    refused(result, "mine is stored already");
    assert!(Driver::new(&disk).run(Wish::Verify { model: "mine".into() }).0.is_ok());
}

#[test]
fn progress_counts_all_files_and_never_falls() {
    let server = server();
    let remote = |name: &str| Remote {
        url: format!("{}/{name}", server.url),
        path: name.into(),
        size_bytes: Some(20_000),
        sha256: None,
    };
    let files = ["a.gguf", "b.gguf", "c.gguf"].map(remote).to_vec();
    let custom = Custom { model: "three".into(), licence: String::new(), files };
    let (result, seen) =
        Driver::new(&MemoryDisk::default()).run(Wish::Download(What::Files(custom)));
    assert!(result.is_ok());
    let done: Vec<_> = seen
        .iter()
        .filter_map(|partial| match partial {
            Partial::Fetching(progress) => {
                assert_eq!(progress.total_bytes, Some(60_000));
                Some(progress.done_bytes)
            }
            _ => None,
        })
        .collect();
    assert!(done.is_sorted() && done.last() == Some(&60_000), "{done:?}");
    assert!(done.len() > 10, "{done:?}");
}

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A hub that knows one repository.
fn hub(sha256: String) -> Server {
    Server::new(move |_, request| match request.path.split_once("/revision/") {
        Some(("/api/models/owner/name", "main?blobs=true")) => {
            let lfs = format!("{{\"sha256\":\"{sha256}\",\"size\":20000,\"pointerSize\":1}}");
            let file = format!("{{\"rfilename\":\"sub/{NAME}\",\"size\":20000,\"lfs\":{lfs}}}");
            let readme = "{\"rfilename\":\"README.md\",\"size\":5}";
            let body = format!("{{\"sha\":\"{COMMIT}\",\"siblings\":[{readme},{file}]}}");
            Reply::new(200, body).with("content-type", "application/json")
        }
        _ if request.path == format!("/owner/name/resolve/{COMMIT}/sub/{NAME}") => {
            Reply::part(&file(), "\"0\"", request)
        }
        _ => Reply::new(404, "no"),
    })
}

fn from_hub(path: &str) -> Wish {
    Wish::Download(What::Url(format!("https://huggingface.co/owner/name/blob/main/{path}")))
}

#[test]
fn what_is_not_pinned_is_pinned_by_the_hubs_word_and_checked_by_it() {
    let hub = hub(sum(&file()));
    let disk = MemoryDisk::default();
    let (result, seen) = Driver::new(&disk).with_hub(&hub.url).run(from_hub("sub/m.gguf"));
    let stored = &result.unwrap().models[0];
    assert!(stored.is_whole());
    assert_eq!(stored.origin, format!("owner/name@{COMMIT}"));
    assert_eq!(stored.files[0].sha256, Some(sum(&file())));
    assert_eq!(seen.first(), Some(&Partial::Asking));
    // Asked again, it is known to be here: the hub hears nothing.
    let heard = hub.paths().len();
    Driver::new(&disk).with_hub(&hub.url).run(from_hub("sub/m.gguf")).0.unwrap();
    assert_eq!(hub.paths().len(), heard);
}

#[test]
fn a_file_that_is_not_what_the_hub_said_is_no_model() {
    let hub = hub("00".repeat(32));
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).with_hub(&hub.url).run(from_hub("sub/m.gguf"));
    refused(result, "its check sum is");
    refused(names(&disk), "it has not arrived whole");
}

#[test]
fn what_the_hub_does_not_have_is_said() {
    let hub = hub(String::new());
    let disk = MemoryDisk::default();
    let run = |wish| Driver::new(&disk).with_hub(&hub.url).run(wish).0;
    refused(run(from_hub("other.gguf")), "owner/name has no such file");
    let stranger = "https://huggingface.co/some/one/resolve/main/m.gguf";
    refused(run(Wish::Download(What::Url(stranger.into()))), "no such public repository");
    assert_eq!(Driver::new(&disk).run(Wish::List).0.unwrap().models, []);
}

#[test]
fn a_hub_that_talks_nonsense_is_not_believed() {
    for answer in ["", "{}", "<html>", "{\"sha\":\"main\",\"siblings\":[]}", "[1]"] {
        let hub = Server::new(move |_, _| Reply::new(200, answer));
        let (result, _) =
            Driver::new(&MemoryDisk::default()).with_hub(&hub.url).run(from_hub("sub/m.gguf"));
        assert!(matches!(result, Err(Failure::Fetch { .. })), "{answer}: {result:?}");
    }
}

#[test]
fn a_branch_is_no_commit() {
    let hub = Server::new(|_, _| {
        let file = "{\"rfilename\":\"sub/m.gguf\",\"size\":20000}";
        Reply::new(200, format!("{{\"sha\":\"main\",\"siblings\":[{file}]}}"))
    });
    let (result, _) =
        Driver::new(&MemoryDisk::default()).with_hub(&hub.url).run(from_hub("sub/m.gguf"));
    refused(result, "the hub names no commit but `main`");
}

#[test]
fn a_row_that_is_not_pinned_asks_for_its_revision_and_keeps_to_the_row() {
    let row = catalogue::find("gemma-3-1b-q8_0").unwrap();
    let Origin::Hub { repository, revision: None } = row.origin else { panic!("{row:?}") };
    let path = row.files[0].path;
    let hub = Server::new(move |_, request| {
        if request.path == format!("/api/models/{repository}/revision/main?blobs=true") {
            let lfs = format!("{{\"sha256\":\"{}\",\"size\":20000}}", sum(&file()));
            let file = format!("{{\"rfilename\":\"{path}\",\"size\":20000,\"lfs\":{lfs}}}");
            return Reply::new(200, format!("{{\"sha\":\"{COMMIT}\",\"siblings\":[{file}]}}"));
        }
        assert_eq!(request.path, format!("/{repository}/resolve/{COMMIT}/{path}"));
        Reply::part(&file(), "\"0\"", request)
    });
    let disk = MemoryDisk::default();
    let wish = || Wish::Download(What::Model(row.id.into()));
    let half = |partial: &Partial| matches!(partial, Partial::Fetching(p) if p.done_bytes > 9_000);
    let _ = Driver::new(&disk).with_hub(&hub.url).until(half).run(wish());
    let (result, _) = Driver::new(&disk).with_hub(&hub.url).run(wish());
    let stored = &result.unwrap().models[0];
    assert!(stored.is_whole() && stored.licence == row.licence, "{stored:?}");
    assert_eq!(stored.origin, format!("{repository}@{COMMIT}"));
    assert_eq!(hub.paths().len(), 3, "the hub is asked once, the file comes in two pieces");
}

#[test]
fn every_row_of_the_catalogue_makes_sense() {
    let mut ids: Vec<_> = catalogue::ALL.iter().map(|row| row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), catalogue::ALL.len(), "two rows have one id");
    for row in catalogue::ALL {
        let id = row.id;
        assert!(row.parameters > 0 && !row.licence.is_empty() && !row.files.is_empty(), "{id}");
        assert!(row.tasks.iter().all(|task| tasks::find(task).is_some()), "{id}: unknown task");
        for file in row.files {
            let hex = |text: &str, length| {
                text.len() == length
                    && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            };
            assert!(file.sha256.is_none_or(|sum| hex(sum, 64)), "{id}: {}", file.path);
            if let Origin::Hub { revision, .. } = row.origin {
                assert!(revision.is_none_or(|commit| hex(commit, 40)), "{id}");
            } else {
                assert!(
                    file.size_bytes.is_some() && file.sha256.is_some(),
                    "{id} ships unknown bytes"
                );
            }
        }
        if let Some(size) = row.size_bytes() {
            let estimate = row.parameters as f64 * row.quantization.bits_per_weight() / 8.0;
            let ratio = size as f64 / estimate;
            assert!((0.8..1.25).contains(&ratio), "{id}: {size} bytes are {ratio} of the estimate");
        }
    }
}

#[test]
fn what_the_site_ships_are_the_files_its_rows_describe() {
    assert!(catalogue::shipped("chat").is_some());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/models");
    let shipped = catalogue::ALL.iter().filter(|row| row.origin == Origin::Shipped);
    for file in shipped.flat_map(|row| row.files) {
        let bytes = std::fs::read(folder.join(file.path)).unwrap();
        assert_eq!(file.size_bytes, Some(bytes.len() as u64), "{}", file.path);
        assert_eq!(file.sha256, Some(&*sum(&bytes)), "{}", file.path);
    }
}

#[test]
fn the_next_smaller_row_is_of_the_same_family() {
    let smaller = |row: &Checkpoint| row.smaller().map(|row| (row.family, row.likely_bytes()));
    let mut pairs = 0;
    for row in catalogue::ALL {
        if let Some((family, bytes)) = smaller(row) {
            assert!(family == row.family && bytes < row.likely_bytes(), "{}", row.id);
            pairs += 1;
        }
    }
    assert!(pairs >= 5, "only {pairs} rows have a smaller one");
}
