//! Where the log is pushed to, and whom its password is shown.

use super::*;

fn password(settings: &Settings) -> Option<&str> {
    exposed(settings.loki.password.as_ref())
}

#[test]
fn it_is_nowhere_by_default_and_where_it_is_said_to_be() {
    assert!(settings(&environment(&[])).loki.url.is_none());
    let all = environment(&[
        ("LOKI_URL", "https://loki.example/push"),
        ("LOKI_USERNAME", "ada"),
        ("LOKI_PASSWORD", "s3cret"),
        ("LOKI_TENANT", "team-a"),
    ]);
    let settings = settings(&all);
    assert_eq!(settings.loki.url.as_ref().unwrap().as_str(), "https://loki.example/push");
    assert_eq!((settings.loki.username.as_deref(), password(&settings)), (Some("ada"), Some("s3cret")));
    assert_eq!(settings.loki.tenant.as_deref(), Some("team-a"));
    assert_eq!(value(&settings, "LOKI_PASSWORD"), "[hidden] (environment)");
}

#[test]
fn what_does_not_fit_is_refused() {
    for (name, wrong) in [
        ("LOKI_URL", "loki:3100"),
        ("LOKI_URL", "http://ada:pw@loki"),
        ("LOKI_URL", "http://loki/?token=x"),
        ("LOKI_USERNAME", "a:b"),
        ("LOKI_USERNAME", "a b"),
        ("LOKI_PASSWORD", "a b"),
        ("LOKI_TENANT", "a|b"),
        ("LOKI_TENANT", ".."),
    ] {
        let problem = problems(&environment(&[(name, wrong)]));
        assert!(problem.starts_with(&format!("{name}=")), "{problem}");
        assert!(!problem.contains(":pw@"), "{problem}");
    }
}

#[test]
fn a_user_name_and_a_password_belong_together() {
    for (given, missing) in [("LOKI_USERNAME", "LOKI_PASSWORD"), ("LOKI_PASSWORD", "LOKI_USERNAME")] {
        assert_eq!(
            problems(&environment(&[(given, "x")])),
            format!("{missing}: is not set, and {given} is of no use without it")
        );
    }
    let two = environment(&[("LOKI_PASSWORD", "x"), ("LOKI_PASSWORD_FILE", "x"), ("LOKI_USERNAME", "x")]);
    let problem = problems(&two);
    assert!(problem.contains("only one password can be used"), "{problem}");
    assert_eq!(problem.lines().filter(|line| line.contains("LOKI_")).count(), 1, "{problem}");
}

#[test]
fn a_password_does_not_go_where_a_file_that_was_merely_found_points() {
    let foreign = || found_file("LOKI_URL=http://elsewhere.example");
    let mine = [("LOKI_PASSWORD", "mine"), ("LOKI_USERNAME", "ada")];
    let sources = Sources { env_file: Some(foreign()), ..environment(&mine) };
    let (resolved, warnings) = resolved(&sources);
    assert_eq!(password(&resolved), None);
    let told = warnings[0].to_string();
    assert!(
        told.starts_with("LOKI_PASSWORD (environment): is not used, because LOKI_URL comes from .env:1"),
        "{told}"
    );

    let file = "LOKI_URL=http://elsewhere.example\nLOKI_USERNAME=ada\nLOKI_PASSWORD_FILE=/home/me/.key\n";
    let problem = problems(&only(found_file(file)));
    assert!(problem.starts_with("LOKI_PASSWORD_FILE=/home/me/.key (.env:3): is refused"), "{problem}");

    let own = "LOKI_URL=http://elsewhere.example\nLOKI_USERNAME=ada\nLOKI_PASSWORD=theirs\n";
    assert_eq!(password(&settings(&only(found_file(own)))), Some("theirs"));
    let named = Sources { env_file: Some(named_file("LOKI_URL=http://my.example")), ..environment(&mine) };
    assert_eq!(password(&settings(&named)), Some("mine"));
}

#[test]
fn how_the_log_is_written_is_known_before_anything_else() {
    let wrong = environment(&[("LOG_LEVEL", "LOUD"), ("LOG_FORMAT", "standard"), ("API_PORT", "x")]);
    let log = wrong.log();
    assert_eq!((log.level, log.format, log.content), (LogLevel::Info, LogFormat::Standard, false));
}
