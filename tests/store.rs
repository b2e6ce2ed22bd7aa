//! The store keeps what was good, whatever the other side does.

use std::rc::Rc;

use crate::{
    driver::{Driver, MemoryDisk},
    server::{Reply, Request, Server},
};
use api::{
    Failure,
    store::{Custom, Output, Partial, Remote, What, Wish},
};
use sha2::{Digest, Sha256};
use tasks::{Files, Shelf};

const NAME: &str = "m.gguf";
const HALF: usize = 10_000;

/// 20,000 bytes of a file; another `salt` makes another file of the same length.
fn file(salt: u8) -> Vec<u8> {
    let noise = (0..2 * HALF).map(|at| (at * 31 % 251) as u8 ^ salt);
    b"GGUF".iter().copied().chain(noise).take(2 * HALF).collect()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Serves `file(0)` well, but for what `spoil` makes of the answers.
fn serve(spoil: impl Fn(usize, &Request, Reply) -> Reply + Send + 'static) -> Server {
    Server::new(move |count, request| {
        spoil(count, request, Reply::part(&file(0), "\"0\"", request))
    })
}

fn by_url(server: &Server) -> Wish {
    Wish::Download(What::Url(format!("{}/{NAME}", server.url)))
}

/// The same with its size and check sum known.
fn by_list(server: &Server) -> Wish {
    let bytes = file(0);
    let remote = Remote {
        url: format!("{}/{NAME}", server.url),
        path: NAME.into(),
        size_bytes: Some(bytes.len() as u64),
        sha256: Some(sum(&bytes)),
    };
    Wish::Download(What::Files(Custom {
        model: NAME.into(),
        licence: "MIT".into(),
        files: vec![remote],
    }))
}

#[track_caller]
fn whole(disk: &MemoryDisk, result: &Result<Output, Failure>, want: &[u8]) {
    let output = result.as_ref().unwrap();
    let stored = output.models.iter().find(|stored| stored.model == NAME).unwrap();
    assert!(stored.is_whole(), "{stored:?}");
    assert_eq!(stored.files[0].sha256.as_deref(), Some(&*sum(want)));
    assert!(disk.bytes(NAME, NAME) == want, "other bytes are stored");
    assert_eq!(read(disk), Ok(want.to_vec()));
}

/// What whoever loads the model gets.
fn read(disk: &MemoryDisk) -> Result<Vec<u8>, Failure> {
    let shelf = Shelf::new(Rc::new(disk.clone()));
    pollster::block_on(async {
        let names = shelf.list(NAME).await?;
        let source = shelf.open(NAME, &names[0]).await?;
        let mut bytes = vec![0; usize::try_from(source.size()).unwrap()];
        source.read_at(0, &mut bytes).unwrap();
        Ok(bytes)
    })
}

#[track_caller]
fn refused(result: &Result<Output, Failure>, words: &str) {
    let said = result.as_ref().unwrap_err().to_string();
    assert!(said.contains(words), "`{said}` lacks `{words}`");
}

/// A server that spoils its first answers: the download ends well, over connections from `froms`.
#[track_caller]
fn survives(froms: &[usize], spoil: impl Fn(Reply) -> Reply + Send + 'static) {
    let server = serve(move |count, _, reply| if count == 0 { spoil(reply) } else { reply });
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).run(by_url(&server));
    whole(&disk, &result, &file(0));
    assert_eq!(server.froms(), froms);
}

#[test]
fn a_file_arrives_whole() {
    survives(&[0], |reply| reply);
}

#[test]
fn a_cut_connection_goes_on_from_the_last_byte() {
    survives(&[0, HALF], |reply| reply.cut(HALF));
    survives(&[0, 0], |reply| reply.cut(0));
    survives(&[0, 2 * HALF - 1], |reply| reply.cut(2 * HALF - 1));
}

#[test]
fn a_stalled_connection_is_given_up_and_goes_on_from_the_last_byte() {
    survives(&[0, HALF], |reply| reply.stall(HALF));
}

#[test]
fn a_busy_server_is_asked_again() {
    survives(&[0, 0], |_| Reply::new(503, "later"));
    survives(&[0, 0], |_| Reply::new(429, "later").with("retry-after", "1"));
}

#[test]
fn bytes_from_the_wrong_place_are_not_written() {
    for range in
        ["bytes 5-19999/20000", "bytes 0-19999/7", "bytes 9-0/20000", "lines 1-2/3", "bytes x-y/z"]
    {
        survives(&[0, 0], move |reply| reply.with("content-range", range));
    }
}

#[test]
fn a_server_that_hides_where_its_bytes_lie_is_taken_at_its_word() {
    survives(&[0, HALF], |reply| reply.without("content-range").cut(HALF));
}

#[test]
fn why_nothing_happens_is_said_while_waiting() {
    let server = serve(|count, _, reply| if count < 2 { Reply::new(503, "") } else { reply });
    let (result, seen) = Driver::new(&MemoryDisk::default()).run(by_url(&server));
    assert!(result.is_ok());
    let waits: Vec<_> = seen
        .iter()
        .filter_map(|partial| match partial {
            Partial::Waiting { reason, retry_in_ms, attempt, .. } => {
                Some((reason.as_str(), *retry_in_ms, *attempt))
            }
            _ => None,
        })
        .collect();
    let reason = "the server is busy or broken (status 503)";
    assert_eq!(waits, [(reason, 500, 1), (reason, 1000, 2)]);
}

#[test]
fn a_stopped_download_goes_on_after_a_reload_and_fetches_no_byte_twice() {
    let server = serve(|_, _, reply| reply);
    let disk = MemoryDisk::default();
    let half = |partial: &Partial| matches!(partial, Partial::Fetching(progress) if progress.done_bytes >= HALF as u64);
    let (result, _) = Driver::new(&disk).until(half).run(by_url(&server));
    assert_eq!(result, Err(Failure::Stopped));
    let here = disk.bytes(NAME, NAME).len();
    assert!((HALF..2 * HALF).contains(&here), "{here}");
    let (result, seen) = Driver::new(&disk).run(by_url(&server));
    whole(&disk, &result, &file(0));
    assert_eq!(server.froms(), [0, here]);
    let checked = seen.iter().any(|partial| {
        matches!(partial, Partial::Checking(progress) if progress.done_bytes == here as u64)
    });
    assert!(checked, "reading again is shown: {seen:?}");
}

#[test]
fn a_stored_part_goes_on_by_its_name_alone() {
    let server = serve(|_, _, reply| reply);
    let disk = MemoryDisk::default();
    let first = |partial: &Partial| matches!(partial, Partial::Fetching(_));
    let _ = Driver::new(&disk).until(first).run(by_url(&server));
    let (result, _) = Driver::new(&disk).run(Wish::Download(What::Model(NAME.into())));
    whole(&disk, &result, &file(0));
    let (result, _) = Driver::new(&disk).run(Wish::Download(What::Model("other".into())));
    refused(&result, "other is not stored here");
}

#[test]
fn a_partial_file_is_never_taken_for_a_whole_one() {
    let server = serve(|_, _, reply| reply);
    for shown in 0..50 {
        let disk = MemoryDisk::default();
        let count = std::cell::Cell::new(0);
        let enough = move |_: &Partial| count.replace(count.get() + 1) == shown;
        let (result, _) = Driver::new(&disk).until(enough).run(by_url(&server));
        if result.is_ok() {
            assert!(shown > 2, "the download was never stopped");
            return;
        }
        let refusal = read(&disk).unwrap_err();
        assert!(matches!(&refusal, Failure::Fetch { file, .. } if file == NAME), "{refusal}");
        let (result, _) = Driver::new(&disk).run(Wish::List);
        assert!(!result.unwrap().models[0].is_whole());
    }
    panic!("the download has no end");
}

/// The file changes between two connections.
#[track_caller]
fn changes(
    first: &str,
    second: &str,
    length: usize,
) -> (MemoryDisk, Result<Output, Failure>, Server) {
    let tags = [first.to_owned(), second.to_owned()];
    let server = Server::new(move |count, request| match count {
        0 => Reply::part(&file(0), &tags[0], request).cut(HALF),
        _ => Reply::part(&file(9)[..length], &tags[1], request),
    });
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).run(by_url(&server));
    (disk, result, server)
}

#[test]
fn a_file_that_changed_by_its_tag_starts_over() {
    let (disk, result, server) = changes("\"a\"", "\"b\"", 2 * HALF);
    whole(&disk, &result, &file(9));
    assert_eq!(server.froms(), [0, HALF, 0]);
}

#[test]
fn a_file_that_changed_its_length_starts_over() {
    let (disk, result, server) = changes("\"a\"", "\"a\"", 2 * HALF - 5);
    whole(&disk, &result, &file(9)[..2 * HALF - 5]);
    assert_eq!(server.froms(), [0, HALF, 0]);
    let (disk, result, server) = changes("\"a\"", "\"a\"", HALF / 2);
    whole(&disk, &result, &file(9)[..HALF / 2]);
    assert_eq!(server.froms(), [0, HALF, 0]);
}

#[test]
fn halves_of_two_files_are_found_out_by_the_check_sum() {
    let server = Server::new(|count, request| match count {
        0 => Reply::part(&file(9), "\"0\"", request).cut(HALF),
        _ => Reply::part(&file(0), "\"0\"", request),
    });
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).run(by_list(&server));
    whole(&disk, &result, &file(0));
    assert_eq!(server.froms(), [0, HALF, 0]);
}

#[test]
fn a_file_that_keeps_changing_is_given_up() {
    let server = Server::new(|count, request| {
        Reply::part(&file(0), &format!("\"{count}\""), request).cut(HALF)
    });
    let (result, _) = Driver::new(&MemoryDisk::default()).run(by_url(&server));
    refused(&result, "the server has another version of it now, again and again");
}

fn ignores_ranges(salts: [u8; 2]) -> (MemoryDisk, Result<Output, Failure>) {
    let server = Server::new(move |count, _| match count {
        0 => Reply::new(200, file(salts[0])).cut(HALF),
        1 => Reply::new(200, file(salts[1])).cut(HALF + 5_000),
        _ => Reply::new(200, file(salts[1])),
    });
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).run(by_url(&server));
    (disk, result)
}

#[test]
fn a_server_that_ignores_ranges_doubles_no_byte() {
    let (disk, result) = ignores_ranges([0, 0]);
    whole(&disk, &result, &file(0));
}

#[test]
fn a_server_that_ignores_ranges_and_changes_the_file_mixes_no_bytes() {
    let (disk, result) = ignores_ranges([9, 0]);
    whole(&disk, &result, &file(0));
}

/// What the server sends in the middle is refused with these words, and nothing that was here is lost.
#[track_caller]
fn refuses(words: &str, spoilt: Reply) {
    let server = serve(move |count, _, reply| match count {
        0 => reply.cut(HALF),
        1 => spoilt.clone(),
        _ => reply,
    });
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).run(by_list(&server));
    refused(&result, words);
    assert!(disk.bytes(NAME, NAME) == file(0)[..HALF], "what was good is lost");
    let (result, _) = Driver::new(&disk).run(by_list(&server));
    whole(&disk, &result, &file(0));
    assert_eq!(server.froms(), [0, HALF, HALF]);
}

#[test]
fn an_error_page_in_place_of_the_file_is_refused() {
    let page = || Reply::new(200, "<!doctype html><title>welcome to our network</title>");
    refuses("the server sent a web page", page().with("content-type", "text/html; charset=utf-8"));
    let message = Reply::new(200, "{\"error\":\"no\"}").with("content-type", "application/json");
    refuses("the server sent a message", message);
}

#[test]
fn a_status_that_means_no_is_refused() {
    refuses("no such file (status 404)", Reply::new(404, "gone"));
    refuses("does not give it to strangers (status 403)", Reply::new(403, ""));
    refuses("answers with status 418", Reply::new(418, ""));
}

#[test]
fn a_file_of_another_length_than_expected_is_refused() {
    let other = Reply::new(206, vec![0; 7]).with("content-range", "bytes 10000-10006/10007");
    refuses("the server has 10007 bytes where 20000 are expected", other);
}

#[test]
fn a_page_that_calls_itself_a_file_is_refused_before_it_is_written() {
    for (name, body) in [
        (NAME, "<!doctype html><title>x</title>"),
        ("m.safetensors", "<!doctype html><title>x</title>"),
        ("m.json", "<html><title>x</title>"),
        ("m.bin", "  <!doctype html>"),
        (NAME, "GGU"),
    ] {
        let server = Server::new(move |_, _| Reply::new(200, body));
        let disk = MemoryDisk::default();
        let url = format!("{}/{name}", server.url);
        let (result, _) = Driver::new(&disk).run(Wish::Download(What::Url(url)));
        refused(&result, "what arrives is not such a file");
        assert_eq!(disk.bytes(name, name), b"");
    }
}

#[test]
fn an_empty_file_is_no_model() {
    let server = Server::new(|_, _| Reply::new(200, ""));
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).run(by_url(&server));
    refused(&result, "what arrives is empty");
    assert!(read(&disk).is_err());
}

#[test]
fn a_length_that_is_too_large_costs_only_tries() {
    // It claims a byte more than it has: each connection ends early, then there is nothing to ask for.
    let server = Server::new(|_, request| match request.from {
        Some(0) => Reply::new(200, file(0)).with("content-length", "20001"),
        _ => Reply::new(416, "").with("content-range", "bytes */20000"),
    });
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).run(by_url(&server));
    whole(&disk, &result, &file(0));
}

#[test]
fn a_length_that_is_too_small_is_found_out() {
    let server = Server::new(|_, _| Reply::new(200, file(0)).with("content-length", "19999"));
    let (result, _) = Driver::new(&MemoryDisk::default()).run(by_list(&server));
    refused(&result, "the server has 19999 bytes where 20000 are expected");
}

#[test]
fn a_server_that_never_gets_further_is_given_up_and_what_arrived_is_kept() {
    let server = serve(|_, request, reply| match request.from {
        Some(0) => reply.cut(HALF),
        _ => reply.cut(0),
    });
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).run(by_url(&server));
    refused(&result, "the connection was cut; what arrived is kept");
    assert!(disk.bytes(NAME, NAME) == file(0)[..HALF]);
    assert_eq!(server.froms().len(), 6);
}

#[test]
fn a_wrong_check_sum_is_no_model() {
    let server = Server::new(|_, request| Reply::part(&file(9), "\"0\"", request));
    let disk = MemoryDisk::default();
    let (result, _) = Driver::new(&disk).run(by_list(&server));
    refused(
        &result,
        &format!("its check sum is {} and should be {}", sum(&file(9)), sum(&file(0))),
    );
    assert!(read(&disk).is_err());
}
