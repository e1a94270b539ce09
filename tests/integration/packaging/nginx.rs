//! Debian's nginx with the configuration of this repository, on a port and in a folder of its own.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

use super::read;
use crate::support::{Connection, Request, Response, skip};

/// After so long without what is waited for a test has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// What stands round the repository's part, where Debian has its own.
const AROUND: &str = "daemon off;
user root;
worker_processes 2;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include conf.d/promptchain.conf;
}
";

/// An nginx. Dropped, it ends.
pub(super) struct Nginx {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

/// Whether there is one here. If there isn't, the test is to be skipped.
fn has_nginx() -> bool {
    let probe = Command::new("nginx").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let is_there = probe.is_ok_and(|status| status.success());
    if !is_there {
        skip("nginx is missing; get it with: apt-get install nginx-light");
    }
    is_there
}

/// The upstream of the repository, with these in the place of its two servers.
pub(super) fn upstream(servers: &[String]) -> String {
    let text = read("deploy/nginx/upstream.conf");
    let (before, rest) = text.split_once("    server ").unwrap();
    assert_eq!(rest.matches("    server ").count(), 1, "there are two");
    let options = rest.lines().next().unwrap().split_once(' ').unwrap().1.trim_end_matches(';');
    let servers: Vec<String> = servers.iter().map(|it| format!("    server {it} {options};\n")).collect();
    format!("{before}{}}}\n", servers.concat())
}

/// Lays out what it reads, and has it look whether that is right.
#[track_caller]
fn lay_out(upstream: &str) -> (TempDir, SocketAddr) {
    let folder = TempDir::new().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let conf = read("deploy/nginx/promptchain.conf");
    let listening = conf.replace("    listen 8080;", &format!("    listen {address};"));
    assert_ne!(conf, listening);
    for (name, text) in [
        ("nginx.conf", AROUND),
        ("conf.d/promptchain.conf", &listening),
        ("promptchain/upstream.conf", upstream),
    ] {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let output = nginx(folder.path()).arg("-t").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("[warn]"), "{said}");
    (folder, address)
}

fn nginx(folder: &Path) -> Command {
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).args(["-e", "stderr"]);
    command
}

impl Nginx {
    /// One before servers at these addresses, each perhaps with further words. `None` if there is no nginx.
    #[track_caller]
    pub(super) fn before(servers: &[String]) -> Option<Self> {
        Self::with(&upstream(servers))
    }

    /// One with that upstream.
    #[track_caller]
    pub(super) fn with(upstream: &str) -> Option<Self> {
        if !has_nginx() {
            return None;
        }
        let (folder, address) = lay_out(upstream);
        let child = nginx(folder.path()).stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = Self { child, address, folder };
        started.wait_until(|it| TcpStream::connect(it.address).is_ok() && !it.workers().is_empty());
        Some(started)
    }

    pub(super) fn connect(&self) -> Connection {
        Connection::to(self.address)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks over a connection of its own.
    #[track_caller]
    pub(super) fn ask(&self, request: &Request) -> Response {
        self.connect().ask(request)
    }

    /// Has it take other servers, and waits until the workers that knew the old ones are gone: all that they
    /// had taken on is answered then.
    #[track_caller]
    pub(super) fn take(&self, servers: &[String]) {
        let file = self.folder.path().join("promptchain/upstream.conf");
        std::fs::write(file, upstream(servers)).unwrap();
        let old = self.workers();
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
        self.wait_until(|it| it.workers().is_disjoint(&old) && !it.workers().is_empty());
    }

    fn workers(&self) -> BTreeSet<u32> {
        let id = self.child.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        children.split_whitespace().map(|id| id.parse().unwrap()).collect()
    }

    #[track_caller]
    fn wait_until(&self, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(Instant::now() < deadline, "it doesn't come");
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // A master that is killed would leave its workers behind.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

#[test]
fn nginx_finds_nothing_wrong_with_either_upstream() {
    if has_nginx() {
        lay_out(&read("deploy/nginx/upstream.conf"));
        lay_out(&read("deploy/compose/nginx-upstream.conf"));
    }
}
