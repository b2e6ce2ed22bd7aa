//! A small server for the finished site, on this machine only.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use crate::{Trouble, house::House, page};

const PORT: u16 = 8080;

/// Longest request we read; a browser's are far shorter.
const HEAD_BYTES: u64 = 64 * 1024;

/// What the server says besides the file.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// As a good host: with the headers that make a page cross-origin isolated.
    Isolated,
    /// As a plain file server: none of them.
    Plain,
}

/// `cargo xtask serve [--plain] [--port N]`.
pub(crate) fn command(house: &House, words: &[String]) -> Result<(), Trouble> {
    let (manner, port) = options(words)?;
    page::command(house, &[])?;
    let listener = listen(port)?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    println!("[serve] the site is at http://{address}/ (end with ctrl-c)");
    accept(&listener, &house.dist(), manner);
    Ok(())
}

/// Serves a folder from a thread of its own on a free port; ends with the program.
pub(crate) fn in_background(folder: PathBuf, manner: Manner) -> Result<String, Trouble> {
    let listener = listen(0)?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    thread::spawn(move || accept(&listener, &folder, manner));
    Ok(format!("http://{address}/"))
}

fn options(words: &[String]) -> Result<(Manner, u16), Trouble> {
    let (mut manner, mut port) = (Manner::Isolated, PORT);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--plain" => manner = Manner::Plain,
            "--port" => {
                let number = words.next().and_then(|word| word.parse().ok());
                port = number.ok_or("--port: give a number from 0 to 65535")?;
            }
            other => return Err(format!("{other}: serve knows --plain and --port N")),
        }
    }
    Ok((manner, port))
}

fn listen(port: u16) -> Result<TcpListener, Trouble> {
    TcpListener::bind(("127.0.0.1", port)).map_err(|e| match e.kind() {
        io::ErrorKind::AddrInUse => {
            format!("port {port} is taken by another program; choose one with --port N")
        }
        _ => format!("port {port}: {e}"),
    })
}

fn accept(listener: &TcpListener, folder: &Path, manner: Manner) {
    thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            // A browser that hangs up in the middle of a file is no news.
            scope.spawn(move || answer(stream, folder, manner));
        }
    });
}

fn answer(mut stream: TcpStream, folder: &Path, manner: Manner) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?.take(HEAD_BYTES));
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            text => lines.push(text.to_owned()),
        }
    }
    let reply = reply(&lines, folder);
    let mut head =
        format!("HTTP/1.1 {}\r\nConnection: close\r\nCache-Control: no-cache\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if let Manner::Isolated = manner {
        head += "Cross-Origin-Opener-Policy: same-origin\r\n\
                 Cross-Origin-Embedder-Policy: require-corp\r\n\
                 Cross-Origin-Resource-Policy: same-origin\r\n";
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    match reply.body {
        Body::Nothing => Ok(()),
        Body::Text(text) => stream.write_all(text.as_bytes()),
        Body::Part(mut file, first, length) => {
            file.seek(SeekFrom::Start(first))?;
            io::copy(&mut file.take(length), &mut stream).map(drop)
        }
    }
}

enum Body {
    Nothing,
    Text(String),
    /// A file from this byte on, this many bytes.
    Part(fs::File, u64, u64),
}

struct Reply {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Body,
}

impl Reply {
    fn words(status: &'static str) -> Self {
        let headers = vec![
            ("Content-Type", "text/plain; charset=utf-8".to_owned()),
            ("Content-Length", status.len().to_string()),
        ];
        Self { status, headers, body: Body::Text(status.to_owned()) }
    }
}

fn reply(lines: &[String], folder: &Path) -> Reply {
    let words: Vec<&str> = lines.first().map_or("", String::as_str).split(' ').collect();
    let [method @ ("GET" | "HEAD"), target, _] = words[..] else {
        return Reply::words("405 Method Not Allowed");
    };
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let Some(name) = decoded(path) else { return Reply::words("400 Bad Request") };
    let Some(place) = inside(folder, &name) else { return Reply::words("404 Not Found") };
    if place.is_dir() && !path.ends_with('/') {
        let mut reply = Reply::words("301 Moved Permanently");
        reply.headers.push(("Location", format!("{path}/")));
        return reply;
    }
    let place = if place.is_dir() { place.join("index.html") } else { place };
    let mut reply = match fs::File::open(&place).and_then(|file| Ok((file.metadata()?, file))) {
        Ok((about, file)) if about.is_file() => part(file, about.len(), header(lines, "range")),
        _ => return missing(folder),
    };
    reply.headers.push(("Content-Type", mime(&place).to_owned()));
    if method == "HEAD" {
        reply.body = Body::Nothing;
    }
    reply
}

fn missing(folder: &Path) -> Reply {
    let Ok(page) = fs::read_to_string(folder.join("404.html")) else {
        return Reply::words("404 Not Found");
    };
    let length = ("Content-Length", page.len().to_string());
    let kind = ("Content-Type", "text/html; charset=utf-8".to_owned());
    Reply { status: "404 Not Found", headers: vec![length, kind], body: Body::Text(page) }
}

fn part(file: fs::File, length: u64, range: Option<&str>) -> Reply {
    let all = ("Accept-Ranges", "bytes".to_owned());
    match range.map(|range| bounds(range, length)) {
        // A header we cannot read is to be ignored, says RFC 9110 section 14.2.
        None | Some(Wanted::All) => Reply {
            status: "200 OK",
            headers: vec![all, ("Content-Length", length.to_string())],
            body: Body::Part(file, 0, length),
        },
        Some(Wanted::Bytes(first, last)) => Reply {
            status: "206 Partial Content",
            headers: vec![
                ("Content-Range", format!("bytes {first}-{last}/{length}")),
                ("Content-Length", (last - first + 1).to_string()),
            ],
            body: Body::Part(file, first, last - first + 1),
        },
        Some(Wanted::Beyond) => {
            let mut reply = Reply::words("416 Range Not Satisfiable");
            reply.headers.push(("Content-Range", format!("bytes */{length}")));
            reply
        }
    }
}

#[derive(Debug, PartialEq)]
enum Wanted {
    All,
    /// First and last byte, both included.
    Bytes(u64, u64),
    Beyond,
}

fn bounds(range: &str, length: u64) -> Wanted {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|r| r.split_once('-')) else {
        return Wanted::All;
    };
    let end = length.saturating_sub(1);
    let (first, last) = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(end)),
        (Ok(first), _) if last.trim().is_empty() => (first, end),
        (_, Ok(tail)) if first.trim().is_empty() && tail > 0 => (length.saturating_sub(tail), end),
        _ => return Wanted::All,
    };
    if first < length { Wanted::Bytes(first, last) } else { Wanted::Beyond }
}

fn header<'a>(lines: &'a [String], name: &str) -> Option<&'a str> {
    let mut pairs = lines.iter().skip(1).filter_map(|line| line.split_once(':'));
    pairs.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// A path without its percent signs; nothing if they are wrong.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The place under `folder` that a path names; nothing if it would lead out of it.
fn inside(folder: &Path, path: &str) -> Option<PathBuf> {
    let path = path.strip_prefix('/')?;
    let mut place = folder.to_owned();
    for word in path.split('/').filter(|word| !word.is_empty()) {
        if word == ".." || word.contains(['\\', ':', '\0']) {
            return None;
        }
        place.push(word);
    }
    Some(place)
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leaves_the_folder() {
        let folder = Path::new("/site");
        assert_eq!(inside(folder, "/a/b.js"), Some("/site/a/b.js".into()));
        for path in ["/../secret", "/a/../../secret", "/a\\..\\secret", "secret", "/c:/secret"] {
            assert_eq!(inside(folder, path), None, "{path}");
        }
        let hidden = decoded("/%2e%2e/secret").unwrap();
        assert_eq!(inside(folder, &hidden), None, "{hidden}");
        assert_eq!(decoded("/%zz"), None);
        assert_eq!(decoded("/%f"), None);
    }

    #[test]
    fn a_range_is_answered_as_asked() {
        let cases = [
            ("bytes=0-9", Wanted::Bytes(0, 9)),
            ("bytes=90-", Wanted::Bytes(90, 99)),
            ("bytes=-5", Wanted::Bytes(95, 99)),
            ("bytes=50-500", Wanted::Bytes(50, 99)),
            ("bytes=100-", Wanted::Beyond),
            ("bytes=9-3", Wanted::All),
            ("bytes=-0", Wanted::All),
            ("lines=0-9", Wanted::All),
        ];
        for (range, want) in cases {
            assert_eq!(bounds(range, 100), want, "{range}");
        }
    }

    fn ask(request: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
        let address = in_background(folder, Manner::Isolated).unwrap();
        let host = address.strip_prefix("http://").unwrap().trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }

    #[test]
    fn files_come_with_their_type_and_the_isolating_headers() {
        let reply = ask("GET /Cargo.toml HTTP/1.1\r\nRange: bytes=1-7\r\n\r\n");
        assert!(reply.starts_with("HTTP/1.1 206 "), "{reply}");
        assert!(reply.ends_with("\r\n\r\npackage"), "{reply}");
        assert!(reply.contains("Cross-Origin-Embedder-Policy: require-corp"), "{reply}");
        assert!(ask("GET /src HTTP/1.1\r\n\r\n").contains("Location: /src/\r\n"));
        assert!(ask("GET /none HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
        assert!(ask("POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
        assert!(ask("\r\n").starts_with("HTTP/1.1 405 "));
    }

    #[test]
    fn a_taken_port_is_said_in_words() {
        let taken = listen(0).unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = listen(port).unwrap_err();
        assert!(said.contains("is taken by another program"), "{said}");
    }
}
