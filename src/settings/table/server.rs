//! Variables: where and how the chain is served.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use crate::settings::kind::Choice;
use crate::settings::list::parse_all;
use crate::settings::{
    BindAddress, DeploymentEnvironment, ExposedSteps, Fallback, Kind, OnReload, Section, ServiceModel,
    TaskPattern, Variable,
};

pub(super) const SECTION: Section = Section {
    title: "The server",
    for_server: true,
    variables: &[
        Variable {
            name: "API_HOST",
            kind: Kind::Text {
                allowed: "an IP address or a host name",
                check: is_host,
                set: |s, host| without_brackets(&host).clone_into(&mut s.server.host),
            },
            fallback: Fallback::Value("127.0.0.1"),
            on_reload: OnReload::Kept,
            doc: "The address to listen on; 0.0.0.0 for all of IPv4, :: for all.",
        },
        Variable {
            name: "API_PORT",
            kind: Kind::Port { set: |s, port| s.server.port = port },
            fallback: Fallback::Value("8000"),
            on_reload: OnReload::Kept,
            doc: "The port to listen on; 0 picks a free one.",
        },
        Variable {
            name: "METRICS_BIND",
            kind: Kind::Text {
                allowed: "an IP address or a host name, a colon and a port, such as 127.0.0.1:9090 or [::1]:9090",
                check: |text| bind_address(text).is_some(),
                set: |s, text| s.server.metrics_bind = bind_address(&text),
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Kept,
            doc: "Where /metrics is served without a token, on a port of its own; 0 picks a free one. If it \
                  isn't set, /metrics is on the API's port and needs a token.",
        },
        Variable {
            name: "ENVIRONMENT",
            kind: Kind::Choice(&[
                Choice {
                    word: "development",
                    set: |s| s.server.environment = DeploymentEnvironment::Development,
                },
                Choice { word: "staging", set: |s| s.server.environment = DeploymentEnvironment::Staging },
                Choice {
                    word: "production",
                    set: |s| s.server.environment = DeploymentEnvironment::Production,
                },
                Choice { word: "test", set: |s| s.server.environment = DeploymentEnvironment::Test },
            ]),
            fallback: Fallback::Value("development"),
            on_reload: OnReload::Kept,
            doc: "What the server is used for. In production, what is unsafe keeps it from starting; \
                  elsewhere it is a warning.",
        },
        Variable {
            name: "MAX_REQUEST_BODY_SIZE",
            kind: Kind::Whole { min: 1024, max: 10_485_760, set: |s, bytes| s.server.max_body_bytes = bytes },
            fallback: Fallback::Value("1048576"),
            on_reload: OnReload::Taken,
            doc: "The most bytes that a request's body may have.",
        },
        Variable {
            name: "MAX_CONCURRENT_RUNS",
            kind: Kind::Whole { min: 1, max: 100_000, set: |s, runs| s.server.max_concurrent_runs = runs },
            fallback: Fallback::Value("1000"),
            on_reload: OnReload::Taken,
            doc: "The most runs at a time; further requests are told to come back later. A call for a part of process beyond a run's first takes a place too, and waits for one.",
        },
        Variable {
            name: "SHUTDOWN_GRACE_SECONDS",
            kind: Kind::Seconds { min: 0, max: 3600, set: |s, time| s.server.shutdown_grace = Some(time) },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "How long runs may go on after the server was asked to end. If it isn't set: both phases \
                  and 5 seconds.",
        },
        Variable {
            name: "STREAM_COMMIT_MS",
            kind: Kind::Milliseconds {
                min: 0,
                max: 60_000,
                set: |s, time| s.server.stream.commit_after = time,
            },
            fallback: Fallback::Value("2000"),
            on_reload: OnReload::Taken,
            doc: "How long the head of a streamed response waits for analyze to end, so that an early \
                  failure has its true status.",
        },
        Variable {
            name: "STREAM_HEARTBEAT_SECONDS",
            kind: Kind::Seconds { min: 1, max: 300, set: |s, time| s.server.stream.heartbeat = time },
            fallback: Fallback::Value("10"),
            on_reload: OnReload::Taken,
            doc: "How long a stream is silent before a chunk without content is sent.",
        },
        Variable {
            name: "CHAIN_EXPOSE_STEPS",
            kind: Kind::Choice(&[
                Choice { word: "off", set: |s| s.server.stream.exposed_steps = ExposedSteps::Off },
                Choice {
                    word: "reasoning",
                    set: |s| s.server.stream.exposed_steps = ExposedSteps::Reasoning,
                },
            ]),
            fallback: Fallback::Value("off"),
            on_reload: OnReload::Taken,
            doc: "Whether responses show the analysis and the draft: reasoning sends them as \
                  reasoning_content.",
        },
        Variable {
            name: "BACKGROUND_TASKS",
            kind: Kind::Choice(&[
                Choice { word: "chain", set: |s| s.server.background_tasks.bypass = false },
                Choice { word: "bypass", set: |s| s.server.background_tasks.bypass = true },
            ]),
            fallback: Fallback::Value("chain"),
            on_reload: OnReload::Taken,
            doc: "What answers a chat UI's own requests for titles, tags and the like: the chain, or with \
                  bypass one call of synthesize's model.",
        },
        Variable {
            name: "BACKGROUND_TASK_PATTERNS",
            kind: Kind::List {
                items: "a task (title, tags, follow_ups, queries, autocomplete or other), an equals sign and a \
                        regular expression",
                set: |s, items| {
                    s.server.background_tasks.patterns = Some(parse_all(items, TaskPattern::parse)?);
                    Ok(())
                },
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "By what the beginning of the last user message shows such a request; in the place of the \
                  patterns for Open WebUI and LibreChat that are built in.",
        },
        Variable {
            name: "SERVICE_MODEL_NAME",
            kind: Kind::Text {
                allowed: "1 to 64 of the characters A-Z, a-z, 0-9, dot, underscore, colon, slash and hyphen",
                check: is_model_name,
                set: |s, name| s.server.service_model = name,
            },
            fallback: Fallback::Value("prompt-chaining"),
            on_reload: OnReload::Taken,
            doc: "The name of the chain as a model. Those of its profiles end in -fast, -balanced and \
                  -accurate.",
        },
        Variable {
            name: "SERVICE_MODEL_ALIASES",
            kind: Kind::List {
                items: "names, each perhaps with a profile, such as gpt-4o or gpt-4o-mini=fast (fast, \
                        balanced, accurate)",
                set: |s, items| {
                    s.server.model_aliases = distinct(parse_all(items, service_model)?)?;
                    Ok(())
                },
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "Further names for the same model and its profiles.",
        },
        Variable {
            name: "DOCS_ENABLED",
            kind: Kind::Switch { set: |s, on| s.server.docs = on },
            fallback: Fallback::Value("true"),
            on_reload: OnReload::Taken,
            doc: "Whether /docs and /openapi.json are served.",
        },
        Variable {
            name: "PLAYGROUND_ENABLED",
            kind: Kind::Switch { set: |s, on| s.server.playground = on },
            fallback: Fallback::Value("true"),
            on_reload: OnReload::Taken,
            doc: "Whether the page to try the chain is served at /.",
        },
        Variable {
            name: "ENABLE_SECURITY_HEADERS",
            kind: Kind::Switch { set: |s, on| s.server.security_headers = on },
            fallback: Fallback::Value("true"),
            on_reload: OnReload::Taken,
            doc: "Whether responses carry the headers that keep browsers from guessing and framing.",
        },
        Variable {
            name: "TRUSTED_PROXIES",
            kind: Kind::List {
                items: "IP addresses and networks such as 10.0.0.0/8",
                set: |s, items| {
                    s.server.trusted_proxies = parse_all(items, network)?;
                    Ok(())
                },
            },
            fallback: Fallback::Unset,
            on_reload: OnReload::Taken,
            doc: "The proxies whose X-Forwarded-For is believed.",
        },
    ],
};

fn is_host(text: &str) -> bool {
    let is_bracketed = text != without_brackets(text);
    if is_bracketed {
        return without_brackets(text).parse::<Ipv6Addr>().is_ok();
    }
    text.parse::<IpAddr>().is_ok() || is_host_name(text)
}

/// A host and a port. An IPv6 address needs its brackets, without which its end would be the port.
fn bind_address(text: &str) -> Option<BindAddress> {
    let (host, port) = text.rsplit_once(':')?;
    let is_clear = is_host(host) && (!host.contains(':') || host.starts_with('['));
    let port = port.parse().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit()))?;
    is_clear.then(|| BindAddress { host: without_brackets(host).to_owned(), port })
}

fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A last label of digits alone makes it an address, and one that is wrong.
    let ends_in_number =
        text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    text.len() <= 253 && text.split('.').all(is_label) && !ends_in_number
}

fn is_model_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(is_allowed)
}

fn service_model(item: &str) -> Option<ServiceModel> {
    let (alias, profile) = match item.split_once('=') {
        Some((alias, profile)) => {
            (alias.trim_end(), Some(profile.trim_start().to_ascii_lowercase().parse().ok()?))
        }
        None => (item, None),
    };
    is_model_name(alias).then(|| ServiceModel { alias: alias.to_owned(), profile })
}

/// Refuses a name that stands for two models.
fn distinct(models: Vec<ServiceModel>) -> Result<Vec<ServiceModel>, String> {
    let is_taken = |(at, model): (usize, &ServiceModel)| {
        models.iter().take(at).any(|earlier| earlier.alias == model.alias)
    };
    match models.iter().enumerate().find(|&model| is_taken(model)) {
        Some((_, ServiceModel { alias, .. })) => Err(format!("{alias:?} is there twice")),
        None => Ok(models),
    }
}

/// A network; an address is the network of it alone.
fn network(item: &str) -> Option<IpNet> {
    let address = || item.parse::<IpAddr>().ok().map(IpNet::from);
    item.parse::<IpNet>().ok().or_else(address).map(|network| network.trunc())
}
