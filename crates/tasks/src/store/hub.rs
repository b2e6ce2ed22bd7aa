use std::rc::Rc;

use api::Failure;
use serde::Deserialize;

use crate::{
    Ask, Net, Reply,
    store::{
        plan::{HUB, hub_url},
        record::Record,
        transfer::PATIENCE_MS,
    },
};

/// Longest answer that is read: repositories of thousands of files stay below it.
const LONGEST_ANSWER: usize = 8 << 20;

/// The hub's words for a repository at a revision.
#[derive(Deserialize)]
struct Repository {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: String,
    size: u64,
}

/// Completes a record by what the hub says: the commit, sizes and check sums.
///
/// Invariant: what the record knew already must agree with the hub; it is never replaced.
pub(crate) async fn pinned(
    net: &Rc<dyn Net>,
    record: Record,
    (repository, revision): (&str, &str),
) -> Result<Record, Failure> {
    let url = format!("{HUB}api/models/{repository}/revision/{revision}?blobs=true");
    let ask = Ask { url, headers: Vec::new(), patience_ms: PATIENCE_MS };
    let reply = net.get(ask).await?;
    let failed = |reason: String| Failure::Fetch { file: repository.into(), reason };
    match reply.status() {
        200 => {}
        401 | 403 | 404 => {
            return Err(failed(format!(
                "the hub answers with status {}: there is no such public repository or revision",
                reply.status()
            )));
        }
        status => {
            return Err(failed(format!("the hub answers with status {status}: try it later")));
        }
    }
    let answer = serde_json::from_slice(&body(reply, repository).await?)
        .map_err(|e| failed(format!("the hub's answer makes no sense: {e}")))?;
    complete(record, repository, &answer)
}

async fn body(mut reply: Box<dyn Reply>, repository: &str) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(bytes) = reply.chunk().await? {
        body.extend(bytes);
        if body.len() > LONGEST_ANSWER {
            let reason = "the hub's answer has no end".into();
            return Err(Failure::Fetch { file: repository.into(), reason });
        }
    }
    Ok(body)
}

fn complete(mut record: Record, repository: &str, hub: &Repository) -> Result<Record, Failure> {
    let commit = &hub.sha;
    if commit.len() != 40 || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let reason = format!("the hub names no commit but `{commit}`");
        return Err(Failure::Fetch { file: repository.into(), reason });
    }
    for entry in &mut record.files {
        let path = entry.url.splitn(8, '/').nth(7).unwrap_or(&entry.path).to_owned();
        let failed = |reason: String| Failure::Fetch { file: path.clone(), reason };
        let found = hub.siblings.iter().find(|sibling| sibling.rfilename == path);
        let found = found.ok_or_else(|| failed(format!("{repository} has no such file")))?;
        let size = found.lfs.as_ref().map(|lfs| lfs.size).or(found.size);
        let sha256 = found.lfs.as_ref().map(|lfs| lfs.sha256.to_ascii_lowercase());
        if differ(&entry.size_bytes, &size) || differ(&entry.sha256, &sha256) {
            return Err(failed("the hub has another file than the catalogue expects".into()));
        }
        entry.size_bytes = entry.size_bytes.or(size);
        entry.sha256 = entry.sha256.take().or(sha256);
        entry.url = hub_url(repository, commit, &path);
    }
    record.origin = format!("{repository}@{commit}");
    Ok(record)
}

fn differ<T: PartialEq>(known: &Option<T>, told: &Option<T>) -> bool {
    matches!((known, told), (Some(known), Some(told)) if known != told)
}
