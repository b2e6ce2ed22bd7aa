//! A driver for tests: storage in memory, the real network of this machine, a clock that ticks when
//! it is looked at.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashSet},
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    rc::Rc,
    time::Duration,
};

use api::{
    Failure, Task,
    store::{Input, Output, Partial, Room, Store, Wish},
    wire,
};
use tasks::{Ask, Disk, Files, Later, Memory, Net, Port, Reply, Resident, Slot, Source};

type Name = (String, String);

/// Storage that outlives drivers; clones share it.
#[derive(Clone, Default)]
pub struct MemoryDisk(Rc<Shared>);

#[derive(Default)]
struct Shared {
    files: RefCell<BTreeMap<Name, Vec<u8>>>,
    open: RefCell<HashSet<Name>>,
    quota: Cell<Option<u64>>,
    hidden: Cell<u64>,
}

impl MemoryDisk {
    /// Nothing is written beyond so many bytes.
    pub fn set_quota(&self, bytes: u64) {
        self.0.quota.set(Some(bytes));
    }

    /// The quota that is told is larger than the real one by so much.
    pub fn overstate_quota(&self, bytes: u64) {
        self.0.hidden.set(bytes);
    }

    /// The bytes of a file; empty if it is not there.
    pub fn bytes(&self, folder: &str, name: &str) -> Vec<u8> {
        self.0.files.borrow().get(&key(folder, name)).cloned().unwrap_or_default()
    }

    /// Changes a file behind the store's back.
    pub fn put(&self, folder: &str, name: &str, bytes: &[u8]) {
        self.0.files.borrow_mut().insert(key(folder, name), bytes.to_vec());
    }

    fn used(&self) -> u64 {
        self.0.files.borrow().values().map(|file| file.len() as u64).sum()
    }
}

fn key(folder: &str, name: &str) -> Name {
    (folder.into(), name.into())
}

fn now<T: 'static>(value: Result<T, Failure>) -> Later<T> {
    Box::pin(std::future::ready(value))
}

impl Disk for MemoryDisk {
    fn folders(&self) -> Later<Vec<String>> {
        let mut folders: Vec<_> = self.0.files.borrow().keys().map(|(f, _)| f.clone()).collect();
        folders.dedup();
        now(Ok(folders))
    }

    fn list(&self, folder: &str) -> Later<Vec<(String, u64)>> {
        let files = self.0.files.borrow();
        let inside = files.iter().filter(|((f, _), _)| f == folder);
        now(Ok(inside.map(|((_, name), bytes)| (name.clone(), bytes.len() as u64)).collect()))
    }

    fn load(&self, folder: &str, name: &str) -> Later<Option<Vec<u8>>> {
        now(Ok(self.0.files.borrow().get(&key(folder, name)).cloned()))
    }

    fn read(&self, folder: &str, name: &str) -> Later<Rc<dyn Source>> {
        let missing = || Failure::Bug(format!("no {folder}/{name}"));
        let bytes = self.0.files.borrow().get(&key(folder, name)).cloned().ok_or_else(missing);
        now(bytes.map(|bytes| Rc::new(Memory(bytes)) as _))
    }

    fn write(&self, folder: &str, name: &str) -> Later<Box<dyn Slot>> {
        let key = key(folder, name);
        if !self.0.open.borrow_mut().insert(key.clone()) {
            let reason = "it is in use in another tab".into();
            return now(Err(Failure::Input { field: "model".into(), reason }));
        }
        self.0.files.borrow_mut().entry(key.clone()).or_default();
        now(Ok(Box::new(MemorySlot { disk: self.clone(), key }) as _))
    }

    fn remove_folder(&self, folder: &str) -> Later<()> {
        self.0.files.borrow_mut().retain(|(f, _), _| f != folder);
        now(Ok(()))
    }

    fn room(&self) -> Later<Option<Room>> {
        let quota_bytes = self.0.quota.get().map(|quota| quota + self.0.hidden.get());
        let used_bytes = self.used();
        now(Ok(quota_bytes.map(|quota_bytes| Room { used_bytes, quota_bytes })))
    }
}

struct MemorySlot {
    disk: MemoryDisk,
    key: Name,
}

impl Drop for MemorySlot {
    fn drop(&mut self) {
        self.disk.0.open.borrow_mut().remove(&self.key);
    }
}

impl Source for MemorySlot {
    fn size(&self) -> u64 {
        self.disk.0.files.borrow()[&self.key].len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        Memory(self.disk.0.files.borrow()[&self.key].clone()).read_at(offset, into)
    }
}

impl Slot for MemorySlot {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset as usize + bytes.len();
        let grows = end as u64 - self.size().min(end as u64);
        if self.disk.0.quota.get().is_some_and(|quota| self.disk.used() + grows > quota) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut files = self.disk.0.files.borrow_mut();
        let file = files.get_mut(&self.key).unwrap();
        file.resize(file.len().max(end), 0);
        file[offset as usize..end].copy_from_slice(bytes);
        Ok(())
    }

    fn resize(&mut self, size: u64) -> io::Result<()> {
        self.disk.0.files.borrow_mut().get_mut(&self.key).unwrap().resize(size as usize, 0);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Times run this much faster than in earnest: 30 s of patience are 300 ms.
const HASTE: u32 = 100;

/// HTTP over a socket; the hub is wherever the test says.
struct SocketNet {
    hub: String,
}

impl Net for SocketNet {
    fn get(&self, ask: Ask) -> Later<Box<dyn Reply>> {
        let url = ask.url.replace("https://huggingface.co", &self.hub);
        let failed = |e: io::Error| Failure::Fetch { file: ask.url.clone(), reason: e.to_string() };
        now(get(&url, &ask).map(|reply| Box::new(reply) as _).map_err(failed))
    }

    fn wait(&self, ms: u32) -> Later<()> {
        std::thread::sleep(Duration::from_millis((ms / HASTE).into()));
        now(Ok(()))
    }
}

struct SocketReply {
    status: u16,
    headers: Vec<(String, String)>,
    body: BufReader<TcpStream>,
    /// A browser reads no more than this, and takes less for a cut.
    left: Option<usize>,
}

fn get(url: &str, ask: &Ask) -> io::Result<SocketReply> {
    let (host, path) = url["http://".len()..].split_once('/').unwrap();
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_millis((ask.patience_ms / HASTE).into())))?;
    let headers: String = ask.headers.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
    stream
        .write_all(format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n").as_bytes())?;
    let mut body = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if body.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
    let split = |line: &String| line.split_once(": ").map(|(n, v)| (n.to_owned(), v.to_owned()));
    let headers: Vec<_> = lines[1..].iter().filter_map(split).collect();
    let left = headers.iter().find(|(n, _)| n == "content-length").map(|(_, v)| v.parse().unwrap());
    Ok(SocketReply { status, headers, body, left })
}

impl Reply for SocketReply {
    fn status(&self) -> u16 {
        self.status
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    fn chunk(&mut self) -> Later<Option<Vec<u8>>> {
        let mut bytes = vec![0; self.left.unwrap_or(usize::MAX).min(1000)];
        if bytes.is_empty() {
            return now(Ok(None));
        }
        let failed =
            |reason: &str| now(Err(Failure::Fetch { file: String::new(), reason: reason.into() }));
        match self.body.read(&mut bytes) {
            Ok(0) if self.left.is_some() => failed("the connection was cut"),
            Ok(0) => now(Ok(None)),
            Ok(read) => {
                bytes.truncate(read);
                self.left = self.left.map(|left| left - read);
                now(Ok(Some(bytes)))
            }
            Err(_) => failed("nothing arrived"),
        }
    }
}

/// When a test wants a call to end: it sees every partial.
pub type Enough = Box<dyn Fn(&Partial) -> bool>;

/// One driver; its storage may be that of the driver before.
pub struct Driver {
    disk: MemoryDisk,
    net: Rc<SocketNet>,
    files: Rc<Dropped>,
    clock: Cell<f64>,
    enough: Enough,
    seen: RefCell<Vec<Partial>>,
    now_unix_ms: u64,
}

/// Files a person dropped, by model and name.
#[derive(Default)]
pub struct Dropped(pub Vec<(String, String, Vec<u8>)>);

impl Files for Dropped {
    fn list(&self, model: &str) -> Later<Vec<String>> {
        let names = self.0.iter().filter(|(m, ..)| m == model).map(|(_, name, _)| name.clone());
        now(Ok(names.collect()))
    }

    fn open(&self, model: &str, file: &str) -> Later<Rc<dyn Source>> {
        let found = self.0.iter().find(|(m, name, _)| m == model && name == file).unwrap();
        now(Ok(Rc::new(Memory(found.2.clone()))))
    }
}

impl Driver {
    /// A driver over some storage, in the first second of 1970.
    pub fn new(disk: &MemoryDisk) -> Self {
        Self::at(disk, 1_000)
    }

    /// A driver at another time.
    pub fn at(disk: &MemoryDisk, now_unix_ms: u64) -> Self {
        Self {
            now_unix_ms,
            disk: disk.clone(),
            net: Rc::new(SocketNet { hub: String::new() }),
            files: Rc::default(),
            clock: Cell::new(0.0),
            enough: Box::new(|_| false),
            seen: RefCell::default(),
        }
    }

    /// Takes another server for the model hub.
    pub fn with_hub(self, url: &str) -> Self {
        Self { net: Rc::new(SocketNet { hub: url.into() }), ..self }
    }

    /// Gets dropped files.
    pub fn with_files(self, files: Dropped) -> Self {
        Self { files: Rc::new(files), ..self }
    }

    /// Stops the call at the first partial that is enough.
    pub fn until(self, enough: impl Fn(&Partial) -> bool + 'static) -> Self {
        Self { enough: Box::new(enough), ..self }
    }

    /// Carries out a wish through the task's own door; what was seen meanwhile comes with it.
    pub fn run(self, wish: Wish) -> (Result<Output, Failure>, Vec<Partial>) {
        let input = wire::encode(&Input { now_unix_ms: self.now_unix_ms, wish }).unwrap();
        let entry = tasks::find(Store::NAME).unwrap();
        let driver = Rc::new(self);
        let result = pollster::block_on((entry.run)(driver.clone(), input));
        let output = result.map(|body| wire::decode(&body).unwrap());
        let seen = driver.seen.take();
        (output, seen)
    }
}

impl Port for Driver {
    fn partial(&self, body: Vec<u8>) -> Later<()> {
        let partial = wire::decode(&body).unwrap();
        let enough = (self.enough)(&partial);
        self.seen.borrow_mut().push(partial);
        now(if enough { Err(Failure::Stopped) } else { Ok(()) })
    }

    fn turn(&self) -> Later<()> {
        now(Ok(()))
    }

    fn now_ms(&self) -> f64 {
        self.clock.set(self.clock.get() + 40.0);
        self.clock.get()
    }

    fn files(&self) -> Rc<dyn Files> {
        self.files.clone()
    }

    fn resident(&self) -> Rc<Resident> {
        Rc::default()
    }

    fn disk(&self) -> Result<Rc<dyn Disk>, Failure> {
        Ok(Rc::new(self.disk.clone()))
    }

    fn net(&self) -> Result<Rc<dyn Net>, Failure> {
        Ok(self.net.clone())
    }
}
