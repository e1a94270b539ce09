//! The ways to the shared store: over TLS, with a password, as a user, to a database, to a cluster.

use std::fs;
use std::process::Command as System;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use crate::support::{
    Metrics, Redis, Request, SECRET, Served, Upstream, chat, has_redis, promptchain, serve, token, token_for,
};

/// An upstream that nobody calls.
const UNUSED: (&str, &str) = ("ANTHROPIC_BASE_URL", "http://127.0.0.1:1");

const PASSWORD: &str = "correct horse/battery@staple";
const IN_URL: &str = "correct%20horse%2Fbattery%40staple";

/// What `serve --check` says of the store, after its address. Asserts that no password is in it.
#[track_caller]
fn check(environment: &[(&str, &str)]) -> String {
    let mut command = promptchain(&["serve", "--check", "--offline"]);
    command.env("JWT_SECRET_KEY", SECRET);
    for (name, value) in environment {
        command.env(name, value);
    }
    let ran = command.run().exits(0);
    assert!(!ran.stderr.contains("horse"), "{}", ran.stderr);
    let line = ran.stderr.lines().find(|line| line.contains("the shared store")).map(str::to_owned);
    line.unwrap_or_else(|| panic!("{}", ran.stderr))
}

#[track_caller]
fn answers(environment: &[(&str, &str)]) {
    let told = check(environment);
    assert!(told.contains("the shared store answers: redis"), "{told}");
}

#[track_caller]
fn does_not_answer(environment: &[(&str, &str)], why: &str) {
    let told = check(environment);
    assert!(told.contains("the shared store doesn't answer: redis") && told.contains(why), "{told}");
}

/// A server that has counted a request in the store; where the machine is too busy for that, another try.
fn count_one(environment: &[(&str, &str)]) -> Served {
    let served = Served::start(serve(&[&[UNUSED, ("RATE_LIMIT_ENABLED", "true")], environment].concat()));
    for n in 0..20 {
        let token = token_for(&format!("subject {n}"), SECRET);
        assert_eq!(served.ask(&Request::get("/v1/models").by(&token)).status, 200);
        let counted = Metrics::of(&served).sum("promptchain_rate_limit_decisions_total", "backend=\"redis\"");
        if counted > 0.5 {
            return served;
        }
        served.log().wait_for_last("The shared store ", &["answers", "is back"]);
    }
    panic!("{}", served.log().text());
}

#[test]
fn whether_the_store_answers_is_told_on_request() {
    if !has_redis() {
        return;
    }
    let mut redis = Redis::start(&[]);
    let url = redis.url();
    answers(&[("REDIS_URL", &url)]);
    answers(&[("RATE_LIMIT_STORAGE_URI", &url.replace("redis://", "valkey://"))]);
    redis.kill();
    does_not_answer(&[("REDIS_URL", &url)], "refused");
    does_not_answer(&[("REDIS_URL", "redis://no-such-host.invalid")], "");
}

#[test]
fn a_password_is_right_wrong_or_absent() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&["--requirepass", PASSWORD]);
    let port = redis.port();
    answers(&[("REDIS_URL", &format!("redis://:{IN_URL}@127.0.0.1:{port}"))]);
    does_not_answer(
        &[("REDIS_URL", &format!("redis://:{IN_URL}x@127.0.0.1:{port}"))],
        "authentication failed",
    );
    does_not_answer(&[("REDIS_URL", &format!("redis://127.0.0.1:{port}"))], "NOAUTH");
    drop(count_one(&[("REDIS_URL", &format!("redis://:{IN_URL}@127.0.0.1:{port}"))]));
}

/// The rights that the documentation tells operators to give.
fn documented_rights() -> Vec<&'static str> {
    const DOCS: &str = include_str!("../../../docs/replicas.md");
    let line =
        DOCS.lines().find_map(|line| line.strip_prefix("ACL SETUSER promptchain on >PASSWORD ")).unwrap();
    line.split(' ').collect()
}

/// A Redis with a user of those rights and no others, by whose name they can be changed.
fn with_rights(redis: &Redis, name: &str, rights: &[&str]) -> String {
    let user = ["ACL", "SETUSER", name, "reset", "on", &format!(">{PASSWORD}")];
    assert_eq!(redis.cli(&[&user, rights].concat()), "OK");
    format!("redis://{name}:{IN_URL}@127.0.0.1:{}", redis.port())
}

#[test]
fn a_user_needs_the_rights_that_are_documented_and_those_alone() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let rights = documented_rights();
    let url = with_rights(&redis, "user", &rights);
    answers(&[("REDIS_URL", &url)]);
    drop(count_one(&[("REDIS_URL", &url)]));
    does_not_answer(&[("REDIS_URL", &url), ("REDIS_KEY_PREFIX", "another")], "");
    does_not_answer(&[("REDIS_URL", &url.replace("user:", "nobody:"))], "authentication failed");
    for left_out in &rights {
        // Needed once a script is unknown, and the one that probes is known by now.
        if *left_out != "+eval" {
            let others: Vec<_> = rights.iter().copied().filter(|right| right != left_out).collect();
            let told = check(&[("REDIS_URL", &with_rights(&redis, "lesser", &others))]);
            assert!(told.contains("doesn't answer"), "without {left_out}: {told}");
        }
    }
}

#[test]
fn with_the_rights_that_are_documented_all_that_is_shared_is_shared() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let rights = documented_rights();
    let url = with_rights(&redis, "user", &rights);
    let upstream = Upstream::with_faults(&["synthesize:server-error@1"]);
    let served = upstream.serve(&[
        ("REDIS_URL", &url),
        ("RATE_LIMIT_ENABLED", "true"),
        ("BUDGET_USD_PER_DAY", "1"),
        ("RETRY_MAX_ATTEMPTS", "1"),
    ]);
    served.log().wait_for("The shared store answers");
    for _ in 0..2 {
        served.ask(&chat(false).header("Idempotency-Key", "k"));
        assert_eq!(served.ask(&Request::get("/v1/usage").by(token())).status, 200);
    }
    served.signal("TERM");
    let log = served.log().text();
    served.finish().exits(0);
    for kind in ["limit", "budget", "checkpoint"] {
        assert_ne!(
            redis.cli(&["--scan", "--pattern", &format!("promptchain:v1:{kind}:*")]),
            "",
            "{kind}: {log}"
        );
    }
    // Servers that know of it note that the client may not say its name.
    let refused = redis.cli(&["ACL", "LOG"]);
    let is_needed = |line: &str| line.starts_with("promptchain:") || rights.contains(&&*format!("+{line}"));
    assert!(!refused.lines().any(is_needed), "{refused}");
}

#[test]
fn requests_are_counted_in_the_database_and_under_the_prefix_that_are_named() {
    if !has_redis() {
        return;
    }
    let redis = Redis::start(&[]);
    let url = format!("{}/3", redis.url());
    let _served = count_one(&[("RATE_LIMIT_STORAGE_URI", &url), ("REDIS_KEY_PREFIX", "team-a")]);
    let keys = redis.cli(&["-n", "3", "--scan", "--pattern", "team-a:v1:limit:models:{s*"]);
    assert!(!keys.is_empty(), "{}", redis.cli(&["INFO", "keyspace"]));
    assert_eq!(redis.cli(&["DBSIZE"]), "0");
}

#[test]
fn a_socket_is_a_way_too() {
    if !has_redis() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("redis.sock");
    let _redis = Redis::start(&["--unixsocket", socket.to_str().unwrap()]);
    let url = format!("redis+unix://{}", socket.display());
    answers(&[("REDIS_URL", &url)]);
    drop(count_one(&[("REDIS_URL", &url)]));
}

/// The files of an authority, and of a server that it vouches for by that name.
struct Certificates {
    folder: TempDir,
}

impl Certificates {
    fn new(name: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        for (file, pem) in
            [("ca.pem", authority.pem()), ("cert.pem", server.pem()), ("key.pem", key.serialize_pem())]
        {
            fs::write(folder.path().join(file), pem).unwrap();
        }
        Self { folder }
    }

    fn path(&self, file: &str) -> String {
        self.folder.path().join(file).to_str().unwrap().to_owned()
    }

    /// A server that shows its certificate, and asks nobody for one.
    fn redis(&self) -> Redis {
        let [cert, key, authority] = ["cert.pem", "key.pem", "ca.pem"].map(|file| self.path(file));
        Redis::start(&[
            "--tls-cert-file",
            &cert,
            "--tls-key-file",
            &key,
            "--tls-ca-cert-file",
            &authority,
            "--tls-auth-clients",
            "no",
        ])
    }
}

#[test]
fn over_tls_the_store_has_to_prove_who_it_is() {
    if !has_redis() {
        return;
    }
    let (ours, other) = (Certificates::new("localhost"), Certificates::new("localhost"));
    let redis = ours.redis();
    let port = redis.port();
    let url = format!("rediss://localhost:{port}");
    let (trusted, distrusted) = (ours.path("ca.pem"), other.path("ca.pem"));
    answers(&[("REDIS_URL", &url), ("REDIS_CA_FILE", &trusted)]);
    drop(count_one(&[("REDIS_URL", &url), ("REDIS_CA_FILE", &trusted)]));
    does_not_answer(&[("REDIS_URL", &url), ("REDIS_CA_FILE", &distrusted)], "certificate");
    does_not_answer(&[("REDIS_URL", &url)], "certificate");
    let by_address = format!("rediss://127.0.0.1:{port}");
    does_not_answer(&[("REDIS_URL", &by_address), ("REDIS_CA_FILE", &trusted)], "certificate");
    does_not_answer(&[("REDIS_URL", &format!("redis://localhost:{port}"))], "");
}

#[test]
fn certificates_that_are_none_keep_the_server_from_starting() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n").unwrap();
    let mut command = promptchain(&["serve", "--check", "--offline"]);
    command.env("JWT_SECRET_KEY", SECRET).env("REDIS_URL", "rediss://localhost");
    command.env("REDIS_CA_FILE", path.to_str().unwrap());
    let ran = command.run().exits(3);
    assert!(ran.stderr.contains("the shared store can't be connected to"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: REDIS_CA_FILE must hold the certificates"), "{}", ran.stderr);
}

/// Three nodes that have divided the slots among themselves.
fn cluster() -> Vec<Redis> {
    let nodes: Vec<Redis> = (0..3).map(|_| Redis::start(&["--cluster-enabled", "yes"])).collect();
    let addresses: Vec<_> = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
    let mut create = System::new("redis-cli");
    let created = create.args(["--cluster-yes", "--cluster", "create"]).args(&addresses).output().unwrap();
    assert!(created.status.success(), "{created:?}");
    for node in &nodes {
        node.wait_until_it_says("Cluster state changed: ok");
    }
    nodes
}

#[test]
fn a_cluster_is_found_by_any_of_its_nodes_and_counts_on_all() {
    if !has_redis() {
        return;
    }
    let nodes = cluster();
    let [one, two] = [0, 1].map(|at: usize| nodes[at].port());
    let url = format!("redis+cluster://127.0.0.1:{one},127.0.0.1:{two}");
    answers(&[("REDIS_URL", &url)]);
    let limits =
        [UNUSED, ("RATE_LIMIT_ENABLED", "true"), ("RATE_LIMIT_MODELS", "2/hour"), ("REDIS_URL", &url)];
    let replicas = [(); 2].map(|()| Served::start(serve(&limits)));
    let decided = |label: &str| -> f64 {
        replicas.iter().map(|it| Metrics::of(it).sum("promptchain_rate_limit_decisions_total", label)).sum()
    };
    for n in 0..60 {
        let (before, token) = (decided("degraded=\"true\""), token_for(&format!("subject {n}"), SECRET));
        let statuses =
            [0, 1, 0, 1].map(|at: usize| replicas[at].ask(&Request::get("/v1/models").by(&token)).status);
        if decided("degraded=\"true\"") <= before {
            assert_eq!(statuses, [200, 200, 429, 429], "subject {n}");
        } else {
            // The machine is too busy.
            for served in &replicas {
                served.log().wait_for_last("The shared store ", &["answers", "is back"]);
            }
        }
    }
    assert!(decided("backend=\"redis\"") > 20.0);
    for node in &nodes {
        assert_ne!(node.cli(&["--scan", "--pattern", "promptchain:v1:limit:*"]), "", "none is left out");
    }
    nodes[2].signal("STOP");
    let log = replicas[0].log();
    let is_gone =
        || log.entries("The shared store is gone").len() > log.entries("The shared store is back").len();
    for n in 100.. {
        let token = token_for(&format!("subject {n}"), SECRET);
        assert_eq!(replicas[0].ask(&Request::get("/v1/models").by(&token)).status, 200, "whichever node");
        if is_gone() {
            break;
        }
    }
    nodes[2].signal("CONT");
    log.wait_for_last("The shared store ", &["is back"]);
}
