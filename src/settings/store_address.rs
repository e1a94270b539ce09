//! Where a Redis or Valkey is, as users write it: `redis://user:password@host:6379/0`.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The port where nobody names one.
const DEFAULT_PORT: u16 = 6379;

/// The highest number that a database may have: servers have 16 unless told otherwise.
const MAX_DATABASE: u32 = 65_535;

/// The longest path of a socket: what Linux takes.
const MAX_SOCKET_PATH: usize = 107;

/// Where a store is, and who we are to it. Shown, it has no secret in it.
#[derive(Debug, Clone)]
pub struct StoreAddress {
    /// Where it listens.
    pub place: StorePlace,
    /// Whether the connection is encrypted, and the server has to prove who it is.
    pub tls: bool,
    /// The user of its access control list; `None` for the default user.
    pub username: Option<String>,
    /// The password, if one is needed.
    pub password: Option<SecretString>,
    /// The number of the database; 0 in a cluster.
    pub database: u32,
}

/// Where a store listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorePlace {
    /// One server.
    Server(StoreNode),
    /// A cluster, of which some nodes are known; at least one.
    Cluster(Vec<StoreNode>),
    /// A socket on this machine.
    Socket(PathBuf),
}

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreNode {
    /// A name or an address; IPv6 without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Server,
    Cluster,
    Socket,
}

impl StoreAddress {
    /// Whether both are one place, and we the same to it.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let password = |address: &Self| address.password.as_ref().map(|it| it.expose_secret().to_owned());
        let Self { place, tls, username, password: _, database } = self;
        (place, tls, username, database) == (&other.place, &other.tls, &other.username, &other.database)
            && password(self) == password(other)
    }

    /// What is allowed, to come after "must be".
    pub(super) const ALLOWED: &str = "a URL such as redis://user:password@host:6379/0, rediss:// for TLS, \
                                      redis+cluster://host:port,host:port or redis+unix:///path/to/socket";

    /// How to write what is hard to write.
    pub(super) const HINT: &str =
        "in a user name or password write @ as %40, : as %3A, / as %2F, # as %23, ? as %3F and % as %25";

    /// Reads one.
    ///
    /// # Errors
    /// What is wrong, in words without any of the text.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text.split_once("://").ok_or("it has no scheme")?;
        let (form, tls) = scheme_of(&scheme.to_ascii_lowercase())?;
        if rest.contains('#') {
            return Err("it has a #");
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (username, password) = credentials(user)?;
        let (place, database) = match form {
            Form::Socket => (socket(hosts, path)?, query_database(query)?),
            _ if !query.is_empty() => return Err("it has a query"),
            Form::Server => (StorePlace::Server(node(hosts)?), path_database(path)?),
            Form::Cluster => {
                let nodes = hosts.split(',').map(str::trim).map(node).collect::<Result<_, _>>()?;
                (StorePlace::Cluster(nodes), path_database(path)?)
            }
        };
        if matches!(place, StorePlace::Cluster(_)) && database != 0 {
            return Err("a cluster has no database but 0");
        }
        Ok(Self { place, tls, username, password, database })
    }
}

fn scheme_of(scheme: &str) -> Result<(Form, bool), &'static str> {
    Ok(match scheme {
        "redis" | "valkey" => (Form::Server, false),
        "rediss" | "valkeys" => (Form::Server, true),
        "redis+cluster" | "valkey+cluster" => (Form::Cluster, false),
        "rediss+cluster" | "valkeys+cluster" => (Form::Cluster, true),
        "redis+unix" | "valkey+unix" | "unix" => (Form::Socket, false),
        "redis+sentinel" | "rediss+sentinel" => return Err("Sentinel isn't supported"),
        _ => return Err("the scheme isn't one of them"),
    })
}

fn credentials(user: &str) -> Result<(Option<String>, Option<SecretString>), &'static str> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(Cow::into_owned).map_err(|_| "the user name or password isn't UTF-8")
    };
    let (name, password) = (decoded(name)?, decoded(password)?);
    if password.is_empty() && !name.is_empty() {
        return Err("a user has no password; a password alone is written redis://:password@host");
    }
    let some = |text: String| (!text.is_empty()).then_some(text);
    Ok((some(name), some(password).map(SecretString::from)))
}

fn node(text: &str) -> Result<StoreNode, &'static str> {
    const WRONG: &str = "the host or port isn't one";
    if text.contains(['@', ',']) || text.is_empty() {
        return Err(WRONG);
    }
    // As in http URLs names and addresses are checked, and written in one form.
    let url = Url::parse(&format!("http://{text}/")).map_err(|_| WRONG)?;
    let host = url.host_str().ok_or(WRONG)?;
    let has_port = text.rsplit_once(':').filter(|(_, port)| !port.ends_with(']'));
    let port = match has_port {
        // In an http URL, 80 would be the one that goes unsaid.
        Some((_, port)) => port.parse().ok().filter(|port| *port != 0).ok_or(WRONG)?,
        None => DEFAULT_PORT,
    };
    Ok(StoreNode { host: host.trim_start_matches('[').trim_end_matches(']').to_owned(), port })
}

fn path_database(path: &str) -> Result<u32, &'static str> {
    match path.strip_prefix('/').unwrap_or(path) {
        "" => Ok(0),
        number => database(number),
    }
}

fn query_database(query: &str) -> Result<u32, &'static str> {
    match query.split_once('=') {
        None if query.is_empty() => Ok(0),
        Some(("db", number)) => database(number),
        _ => Err("of a query there may be db alone"),
    }
}

fn database(text: &str) -> Result<u32, &'static str> {
    let number = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    number.filter(|number| *number <= MAX_DATABASE).ok_or("the database isn't a number")
}

fn socket(hosts: &str, path: &str) -> Result<StorePlace, &'static str> {
    if !hosts.is_empty() || path.len() < 2 {
        return Err("the path of a socket begins with a slash: redis+unix:///run/redis/redis.sock");
    }
    if !cfg!(unix) {
        return Err("there are no such sockets on this system");
    }
    let path = percent_decode_str(path).decode_utf8().map_err(|_| "the path isn't UTF-8")?;
    if path.len() > MAX_SOCKET_PATH || path.contains('\0') {
        return Err("the path of a socket has at most 107 bytes");
    }
    Ok(StorePlace::Socket(PathBuf::from(path.as_ref())))
}

impl fmt::Display for StoreAddress {
    /// As it could be written, without user name and password.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "rediss" } else { "redis" };
        match &self.place {
            StorePlace::Server(node) => write!(out, "{scheme}://{node}/{}", self.database),
            StorePlace::Cluster(nodes) => {
                let nodes: Vec<_> = nodes.iter().map(ToString::to_string).collect();
                write!(out, "{scheme}+cluster://{}", nodes.join(","))
            }
            StorePlace::Socket(path) => {
                write!(out, "redis+unix://{}?db={}", path.display(), self.database)
            }
        }
    }
}

impl fmt::Display for StoreNode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        // An IPv6 address has colons of its own.
        if host.contains(':') { write!(out, "[{host}]:{port}") } else { write!(out, "{host}:{port}") }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// The address, and user name and password.
    fn read(text: &str) -> Result<(String, String), &'static str> {
        let address = StoreAddress::parse(text)?;
        let password = address.password.as_ref().map(ExposeSecret::expose_secret).unwrap_or_default();
        let user = format!("{}:{password}", address.username.as_deref().unwrap_or_default());
        Ok((address.to_string(), user))
    }

    #[test]
    fn addresses_are_read_in_every_form() {
        for (text, address, user) in [
            ("redis://h", "redis://h:6379/0", ":"),
            ("redis://h/", "redis://h:6379/0", ":"),
            ("redis://h:80/15", "redis://h:80/15", ":"),
            ("REDIS://H:7000", "redis://h:7000/0", ":"),
            ("valkey://127.0.0.1", "redis://127.0.0.1:6379/0", ":"),
            ("rediss://h:6380", "rediss://h:6380/0", ":"),
            ("valkeys://h", "rediss://h:6379/0", ":"),
            ("redis://[::1]", "redis://[::1]:6379/0", ":"),
            ("redis://[::1]:7000/3", "redis://[::1]:7000/3", ":"),
            ("redis://:secret@h", "redis://h:6379/0", ":secret"),
            ("redis://alice:secret@h/2", "redis://h:6379/2", "alice:secret"),
            ("redis://a%3Ab:p%40s%2Fs%25@h", "redis://h:6379/0", "a:b:p@s/s%"),
            ("redis://:p@ss:w@h", "redis://h:6379/0", ":p@ss:w"),
            ("redis+cluster://a:7000,b:7001,[::1]:7002", "redis+cluster://a:7000,b:7001,[::1]:7002", ":"),
            ("rediss+cluster://u:p@a", "rediss+cluster://a:6379", "u:p"),
            ("redis+cluster://a:1/0", "redis+cluster://a:1", ":"),
            ("redis+unix:///run/redis.sock", "redis+unix:///run/redis.sock?db=0", ":"),
            ("unix://:secret@/run/a%20b.sock?db=4", "redis+unix:///run/a b.sock?db=4", ":secret"),
        ] {
            let (address, user) = (address.to_owned(), user.to_owned());
            assert_eq!(read(text), Ok((address, user)), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "h",
            "localhost:6379",
            "http://h",
            "redis:h",
            "redis://",
            "redis:///0",
            "redis://h:0",
            "redis://h:x",
            "redis://h:65536",
            "redis://h:",
            "redis://h/x",
            "redis://h/-1",
            "redis://h/+1",
            "redis://h/65536",
            "redis://h/0/1",
            "redis://a b",
            "redis://user@h",
            "redis://user:@h",
            "redis://:%ff@h",
            "redis://h?db=1",
            "redis://h#insecure",
            "redis://a,b",
            "redis+cluster://",
            "redis+cluster://a,,b",
            "redis+cluster://a:1/1",
            "redis+sentinel://a:1/mymaster",
            "redis+unix://",
            "redis+unix:///",
            "redis+unix://run/redis.sock",
            "unix:///run/redis.sock?password=x",
        ] {
            assert!(StoreAddress::parse(text).is_err(), "{text} is taken");
        }
    }

    #[test]
    fn nothing_that_is_shown_has_a_secret_in_it() {
        let address = StoreAddress::parse("redis://alice:canary@h/2").unwrap();
        for shown in [address.to_string(), format!("{address:?}")] {
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
