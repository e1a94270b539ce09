//! Variables that look like ours and aren't.

use super::*;

#[test]
fn a_misspelt_variable_is_warned_of_with_what_was_meant() {
    let sources = Sources {
        env_file: Some(found_file("\nexport RETRY_MAX_ATTEMPT=2\n")),
        ..environment(&[("CHAIN_PROCES_MODEL", "m"), ("STREAMING_TIMOUT", "1")])
    };
    assert_eq!(
        warnings(&sources),
        "\
CHAIN_PROCES_MODEL (environment): isn't a variable of this program, and has no effect
  hint: did you mean CHAIN_PROCESS_MODEL?
STREAMING_TIMOUT (environment): isn't a variable of this program, and has no effect
  hint: did you mean STREAMING_TIMEOUT?
RETRY_MAX_ATTEMPT (.env:2): isn't a variable of this program, and has no effect
  hint: did you mean RETRY_MAX_ATTEMPTS?"
    );
}

#[test]
fn a_variable_that_is_like_none_of_ours_gets_no_hint() {
    assert_eq!(
        warnings(&environment(&[("CIRCUIT_BREAKER_COLOUR_OF_THE_DOOR", "red")])),
        "CIRCUIT_BREAKER_COLOUR_OF_THE_DOOR (environment): isn't a variable of this program, and has no effect"
    );
}

#[test]
fn a_name_in_the_environment_cannot_forge_output() {
    let told =
        warnings(&environment(&[("CHAIN_\u{1b}[2J\nerror: gone", "x"), (&"CHAIN_X".repeat(100), "x")]));
    assert!(!told.replace('\n', "").contains(char::is_control) && told.lines().count() == 2, "{told:?}");
    assert!(told.contains(r"CHAIN_\u{1b}[2J\nerror: gone (environment)"), "{told}");
    assert!(told.len() < 400, "{told}");
}

#[test]
fn variables_of_other_programs_are_left_alone() {
    let others = [("PATH", "/bin"), ("ANTHROPIC_MODEL", "m"), ("LOG_DIR", "d"), ("chain_process_model", "m")];
    let sources = Sources {
        env_file: Some(found_file("DATABASE_URL=x\nDATABASE_URL=y\nLOG_DIR=d")),
        ..environment(&others)
    };
    assert_eq!(warnings(&sources), "");
}

#[test]
fn of_many_unknown_variables_the_first_few_are_told_and_the_others_counted() {
    let text: Vec<String> = (0..17).map(|number| format!("CHAIN_OF_MANY_LINKS_{number}=1")).collect();
    let told = warnings(&only(found_file(&text.join("\n"))));
    assert_eq!(told.lines().count(), 11);
    assert!(told.ends_with("\nand 7 more variables that have no effect"), "{told}");
}

#[test]
fn what_is_all_but_a_name_of_ours_is_warned_of_where_it_stands_in_a_file() {
    let file = || Some(found_file("API_PROT=8080\nLOGLEVEL=DEBUG\nLOG_FORMT=standard\nAPI_KEY=x\nPORT=1"));
    let serving = Sources { env_file: file(), for_server: true, ..environment(&[("API_PROT", "1")]) };
    let told = warnings(&serving);
    for (name, meant) in [("API_PROT", "API_PORT"), ("LOGLEVEL", "LOG_LEVEL"), ("LOG_FORMT", "LOG_FORMAT")] {
        assert!(told.contains(&format!("{name} (.env:")), "no {name} in {told}");
        assert!(told.contains(&format!("did you mean {meant}?")), "no {meant} in {told}");
    }
    assert_eq!(told.lines().filter(|line| line.contains("has no effect")).count(), 3, "{told}");
    // A server's variables mean nothing to a command that doesn't serve.
    assert!(!warnings(&Sources { env_file: file(), ..environment(&[]) }).contains("API_PROT"));
}
