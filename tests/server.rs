//! A web server of one's own that misbehaves as it is told.
#![expect(clippy::disallowed_methods, reason = "a server needs a thread; tests run natively")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// With its query.
    pub path: String,
    /// First byte that is wanted.
    pub from: Option<usize>,
}

/// What comes back, and how it ends.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// As many bytes of the body are really sent.
    sent: usize,
    /// Afterwards nothing comes for so long.
    pause: Duration,
}

impl Reply {
    /// A reply whose length is told.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let headers = vec![("content-length", body.len().to_string())];
        Self { status, headers, sent: body.len(), body, pause: Duration::ZERO }
    }

    /// What a good server says when asked for a part of a file.
    pub fn part(file: &[u8], etag: &str, request: &Request) -> Self {
        let total = file.len();
        let Some(from) = request.from else { return Self::new(200, file).with("etag", etag) };
        if from >= total {
            return Self::new(416, "").with("content-range", &format!("bytes */{total}"));
        }
        let range = format!("bytes {from}-{}/{total}", total - 1);
        Self::new(206, &file[from..]).with("content-range", &range).with("etag", etag)
    }

    /// Adds a header, or replaces it.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(n, _)| *n != name);
        self.headers.push((name, value.into()));
        self
    }

    /// Leaves a header out.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(n, _)| *n != name);
        self
    }

    /// Cuts the connection after so many bytes of the body.
    pub fn cut(mut self, after: usize) -> Self {
        self.sent = after.min(self.body.len());
        self
    }

    /// Sends nothing more after so many bytes of the body, but keeps the connection.
    pub fn stall(self, after: usize) -> Self {
        Self { pause: Duration::from_secs(2), ..self.cut(after) }
    }
}

/// A server on this machine; it lives as long as the program.
pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers every request by what `answer` makes of it and of how many came before.
    pub fn new(mut answer: impl FnMut(usize, &Request) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let Some(request) = read(&stream) else { continue };
                let mut log = log.lock().unwrap();
                let reply = answer(log.len(), &request);
                log.push(request);
                thread::spawn(move || send(stream, &reply));
            }
        });
        Self { url, seen }
    }

    /// First bytes of all requests so far.
    pub fn froms(&self) -> Vec<usize> {
        self.seen.lock().unwrap().iter().map(|request| request.from.unwrap_or(0)).collect()
    }

    /// Paths of all requests so far.
    pub fn paths(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|request| request.path.clone()).collect()
    }
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let range = lines.take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let range = value.strip_prefix("bytes=")?.strip_suffix('-')?;
        name.eq_ignore_ascii_case("range").then(|| range.parse().unwrap())
    });
    Some(Request { path, from: range })
}

/// A client that hangs up early is no error of the server.
fn send(mut stream: TcpStream, reply: &Reply) {
    let mut head = format!("HTTP/1.1 {} x\r\nconnection: close\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(&reply.body[..reply.sent]);
    let _ = stream.flush();
    thread::sleep(reply.pause);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read(&mut [0; 64]);
}
