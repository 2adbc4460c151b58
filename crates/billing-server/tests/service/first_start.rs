//! What a newcomer sees.

use reqwest::Method;
use serde_json::Value;

use crate::client::{Backend, text};
use crate::process::Setup;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_has_to_be_set_and_the_printed_lines_work_as_they_stand() {
    let setup = Setup::bare();
    // The default port may be taken where tests run, so the port alone is chosen.
    let service = setup.start();
    let lines: Vec<_> = service.said.iter().filter_map(|line| CurlLine::read(line)).collect();
    assert_eq!(lines.len(), 3, "{:#?}", service.said);

    let http = Backend::of(&service).http;
    let packs = lines[0].send(&http).await;
    assert_eq!(packs["data"][0]["credits"], 1000);
    let checkout = lines[1].send(&http).await;
    let page = text(&checkout["data"]["url"]);
    assert_eq!(http.post(format!("{page}/pay")).send().await.unwrap().status(), 303);
    Backend::of(&service)
        .until(async |_| (lines[2].send(&http).await["data"]["balance"] == 1000).then_some(()))
        .await;
    assert!(setup.default_database().exists());

    // The key is shown once: a second start has nothing to tell but where it is.
    assert!(service.stop());
    let service = setup.start();
    assert_eq!(service.said.len(), 1);
    let again: Value = lines_at(&lines[2], &service.url).send(&http).await;
    assert_eq!(again["data"]["balance"], 1000);
}

/// One printed line, read as a shell would.
struct CurlLine {
    url: String,
    key: String,
    body: Option<String>,
}

impl CurlLine {
    fn read(line: &str) -> Option<Self> {
        let words = shlex::split(line.strip_prefix("curl ")?)?;
        let after =
            |flag: &str| words.iter().position(|word| word == flag).and_then(|at| words.get(at + 1)).cloned();
        Some(Self {
            url: words.iter().find(|word| word.starts_with("http://"))?.clone(),
            key: after("-H")?.strip_prefix("Authorization: Bearer ")?.to_owned(),
            body: after("-d"),
        })
    }

    async fn send(&self, http: &reqwest::Client) -> Value {
        let method = if self.body.is_some() { Method::POST } else { Method::GET };
        let mut request = http.request(method, &self.url).bearer_auth(&self.key);
        if let Some(body) = &self.body {
            request = request.header("Content-Type", "application/json").body(body.clone());
        }
        request.send().await.unwrap().json().await.unwrap()
    }
}

/// The same line, sent to where the service is now.
fn lines_at(line: &CurlLine, url: &str) -> CurlLine {
    let path = line.url.splitn(4, '/').nth(3).unwrap();
    CurlLine { url: format!("{url}/{path}"), key: line.key.clone(), body: line.body.clone() }
}
