//! A real Prometheus, on a port and in a folder of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::support::{Connection, Request, has_program};

/// After so long without what is waited for a test has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A Prometheus that scrapes each second. Dropped, it is killed.
pub(super) struct Prometheus {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts it; it scrapes `target` and evaluates the rules in that file. `None` if there is no Prometheus.
    pub(super) fn start(target: SocketAddr, rules: &Path) -> Option<Self> {
        if !has_program("prometheus", "apt-get install prometheus") {
            return None;
        }
        let folder = TempDir::new().unwrap();
        let config = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\n\
             rule_files: ['{}']\n\
             scrape_configs: [{{job_name: promptchain, static_configs: [{{targets: ['{target}']}}]}}]\n",
            rules.display()
        );
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        let mut child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            // A port that is free: the system's own Prometheus may have the usual one.
            .arg("--web.listen-address=127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut said = String::new();
        let address = log.find_map(|line| {
            said.push_str(&line);
            said.push('\n');
            let address = line.split_once(r#"msg="Listening on" address="#)?.1;
            address.split(' ').next()?.parse().ok()
        });
        // Nothing that it says later may block it.
        std::thread::spawn(move || log.for_each(drop));
        let Some(address) = address else {
            let _ = child.kill();
            panic!("it doesn't listen: {said}")
        };
        Some(Self { child, address, _folder: folder })
    }

    /// The `data` of an answer of its API; `None` as long as it isn't ready.
    #[track_caller]
    pub(super) fn data(&self, path: &str) -> Option<Value> {
        let response = Connection::to(self.address).ask(&Request::get(path));
        if response.status == 503 {
            return None;
        }
        let body = response.json();
        assert_eq!(body["status"], "success", "{path}: {body}");
        Some(body["data"].clone())
    }

    /// The samples that answer a query now: their labels, and their values as they are written.
    #[track_caller]
    pub(super) fn query(&self, query: &str) -> Vec<(Value, String)> {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let Some(data) = self.data(&format!("/api/v1/query?query={query}")) else { return Vec::new() };
        let sample = |it: &Value| (it["metric"].clone(), it["value"][1].as_str().unwrap().to_owned());
        data["result"].as_array().unwrap().iter().map(sample).collect()
    }
}

impl Prometheus {
    /// Waits until a query has an answer.
    #[track_caller]
    pub(super) fn wait_for(&self, query: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.query(query).is_empty() {
            assert!(Instant::now() < deadline, "it doesn't come: {query}");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
