//! Where traces are exported, and whom its headers are shown.

use super::*;

fn destination(variables: &[(&str, &str)]) -> Option<String> {
    settings(&environment(variables)).traces.destination().map(|url| url.to_string())
}

#[test]
fn over_http_traces_have_a_path_of_their_own_below_the_endpoint_and_over_grpc_they_have_none() {
    let endpoint = |url| ("OTEL_EXPORTER_OTLP_ENDPOINT", url);
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces/in");
    for (variables, expected) in [
        (&[][..], None),
        (&[endpoint("http://otel:4318")], Some("http://otel:4318/v1/traces")),
        (&[endpoint("http://otel:4318/")], Some("http://otel:4318/v1/traces")),
        (&[endpoint("https://otel/api/otlp")], Some("https://otel/api/otlp/v1/traces")),
        (&[endpoint("http://otel:4318/v1/traces")], Some("http://otel:4318/v1/traces")),
        (&[endpoint("http://otel:4317"), grpc], Some("http://otel:4317/")),
        (&[own], Some("http://traces/in")),
        (&[own, endpoint("http://otel:4318")], Some("http://traces/in")),
        (&[own, ("OTEL_SDK_DISABLED", "true")], None),
    ] {
        assert_eq!(destination(variables).as_deref(), expected, "{variables:?}");
    }
}

#[test]
fn headers_do_not_go_where_a_file_that_was_merely_found_points() {
    for url in ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] {
        let foreign = || found_file(&format!("{url}=http://elsewhere.example"));
        let mine = [("OTEL_EXPORTER_OTLP_HEADERS", "api-key=mine")];
        let sources = Sources { env_file: Some(foreign()), ..environment(&mine) };
        let (settings, warnings) = Settings::resolve(&sources, &[]).unwrap();
        assert!(settings.traces.headers.is_none());
        assert!(
            warnings.iter().any(|warning| warning
                .to_string()
                .starts_with("OTEL_EXPORTER_OTLP_HEADERS (environment): is not used")),
            "{warnings:?}"
        );
        // What stands beside it is meant for it.
        let both = found_file(&format!("{url}=http://mine.example\nOTEL_EXPORTER_OTLP_HEADERS=api-key=its"));
        let sources = Sources { env_file: Some(both), ..environment(&mine) };
        let (settings, _) = Settings::resolve(&sources, &[]).unwrap();
        assert_eq!(exposed(settings.traces.headers.as_ref()), Some("api-key=its"));
    }
}

#[test]
fn the_name_is_its_own_variables_or_that_among_the_attributes() {
    let (own, attributes) =
        (("OTEL_SERVICE_NAME", "own"), ("OTEL_RESOURCE_ATTRIBUTES", "a=b,service.name=theirs"));
    for (variables, name) in
        [(&[][..], "promptchain"), (&[own], "own"), (&[attributes], "theirs"), (&[own, attributes], "own")]
    {
        assert_eq!(settings(&environment(variables)).traces.name(), name);
    }
}

#[test]
fn headers_are_shown_to_nobody() {
    let given = environment(&[("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cret")]);
    let settings = settings(&given);
    assert_eq!(value(&settings, "OTEL_EXPORTER_OTLP_HEADERS"), "[hidden] (environment)");
    let pairs = settings.traces.header_pairs();
    assert_eq!((pairs[0].0.as_str(), exposed(Some(&pairs[0].1))), ("authorization", Some("Bearer s3cret")));
}

#[test]
fn prompts_do_not_go_where_a_file_that_was_merely_found_points() {
    const CONTENT: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
    let file = format!("OTEL_EXPORTER_OTLP_ENDPOINT=http://elsewhere.example\n{CONTENT}=true\n");
    let (resolved, warnings) = Settings::resolve(&only(found_file(&file)), &[]).unwrap();
    assert!(!resolved.traces.content);
    assert!(warnings[0].to_string().starts_with(&format!("{CONTENT} (.env:2): is not used")), "{warnings:?}");
    assert!(settings(&only(named_file(&file))).traces.content, "it was named on purpose");

    let file = "LOKI_URL=http://elsewhere.example\nLOG_CONTENT=true\n";
    let (resolved, warnings) = Settings::resolve(&only(found_file(file)), &[]).unwrap();
    assert!(!resolved.log.content);
    assert!(warnings[0].to_string().starts_with("LOG_CONTENT (.env:2): is not used"), "{warnings:?}");
    let alone = found_file("LOG_CONTENT=true\n");
    assert!(settings(&only(alone)).log.content, "it goes nowhere");
}
