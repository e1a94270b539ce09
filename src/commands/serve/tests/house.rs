//! A folder that a server is configured by, and servers by what it has.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::cli::RecordingArgs;
use crate::commands::chain_config;
use crate::commands::serve::configuration::{Configuration, Origins, Surviving};
use crate::commands::serve::reload::Reloader;
use crate::commands::upstream::Upstream;
use crate::model::Model as _;
use crate::server::{Lifecycle, Server};
use crate::settings::{Kept, LogLevel};
use crate::telemetry::metrics::Deliveries;

/// What every server here has, one variable a line.
pub(super) const BASE: &str = "\
JWT_SECRET_KEY=4f1d9a7c3e5b60828a1c0f7e6d5b493727160594837261504f3e2d1c0b9a8877
ANTHROPIC_API_KEY=sk-ant-0123456789
CHAIN_PROMPTS_DIR=@/prompts
";

pub(super) const SECRET: &str = "2d48636a1e0d9c5f7b3a28b7c1e5a90f2d48636a1e0d9c5f7b3a28b7c1e5a90f";

pub(super) const PUBLIC_KEY: &str = include_str!("../../../server/auth/test_keys/rsa_2048_public.pem");

pub(super) const MODELS: &str = "[[model]]\nid = \"house-model\"\ncontext = 32768\nmax_output = 4096\n";

/// A folder with everything that a server is configured by.
pub(super) struct House {
    folder: TempDir,
}

impl House {
    pub(super) fn new() -> Self {
        let house = Self { folder: TempDir::new().unwrap() };
        for (name, text) in [
            ("prompts/chain_analyze.md", "Find out what is asked for."),
            ("prompts/other.md", "Do something else."),
            ("others/chain_analyze.md", "Find out who asks."),
            ("key", "sk-ant-from-a-file"),
            ("secret", SECRET),
            ("public.pem", PUBLIC_KEY),
            ("models.toml", MODELS),
            ("ca.pem", include_str!("../../../../tests/fixtures/validation/unused-certificates/good/ca.pem")),
        ] {
            house.write(name, text);
        }
        house.configure(BASE);
        house
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file as if it had been there for long.
    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let long_ago = SystemTime::now() - Duration::from_mins(1);
        File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    }

    /// Writes the `.env` file.
    pub(super) fn configure(&self, lines: &str) {
        self.write("env", &lines.replace('@', self.path().to_str().unwrap()));
    }

    fn origins(&self) -> Origins {
        Origins {
            overrides: Vec::new(),
            env_file: Some(self.path().join("env")),
            environment: Vec::new(),
            without_credentials: false,
        }
    }

    /// A server by what the folder has now.
    pub(super) fn start<'a>(&self, upstream: &'a Upstream) -> Reloader<'a> {
        let origins = Arc::new(self.origins());
        let sources = origins.sources(Kept::default());
        let configuration =
            Arc::new(Configuration::read(&sources).unwrap_or_else(|error| panic!("{error:?}")));
        let surviving = Surviving {
            breakers: chain_config::breakers(&configuration.settings),
            lifecycle: Lifecycle::new(),
            upstream: upstream.client.upstream().to_owned(),
            tracer: None,
            deliveries: Deliveries::default(),
            created: 1_700_000_000,
        };
        let engine = surviving.engine(&upstream.client);
        let parts = configuration.parts(engine.clone(), &surviving);
        let server = Server::new(parts, configuration.grace()).unwrap();
        Reloader {
            kept: Kept::of(&sources),
            origins,
            at_start: Arc::clone(&configuration),
            current: configuration,
            engine,
            upstream,
            surviving,
            reloads: server.reloads(),
            least_level: LogLevel::Debug,
        }
    }

    /// What a server goes by that is started by what the folder has now.
    pub(super) fn started(&self, upstream: &Upstream) -> String {
        in_effect(&self.start(upstream))
    }

    /// Whom servers by what the folder has now call.
    pub(super) async fn upstream(&self) -> Upstream {
        let sources = self.origins().sources(Kept::default());
        let configuration = Configuration::read(&sources).unwrap();
        Upstream::open(&configuration.settings, false, &RecordingArgs::default()).await.unwrap()
    }
}

pub(super) fn in_effect(server: &Reloader<'_>) -> String {
    format!("{}\n{:?}", server.reloads.in_effect(), server.current.settings.log.level)
}

/// Asserts that two servers go by the same.
#[track_caller]
pub(super) fn same(one: &str, other: &str, name: &str) {
    let differ = one.chars().zip(other.chars()).position(|(one, other)| one != other);
    if let Some(at) = differ.or((one.len() != other.len()).then_some(0)) {
        let near = |text: &str| text.chars().skip(at.saturating_sub(60)).take(120).collect::<String>();
        panic!("{name}: {}\n---\n{}", near(one), near(other));
    }
}
