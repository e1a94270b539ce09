//! How a `.env` file is found, read line by line, and told wrong.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::*;

/// What the file says of one variable, before it is checked.
fn text_of(name: &str, file: &str) -> Option<String> {
    found_file(file).find_value(name).map(|(text, _)| text.to_owned())
}

/// The problems with the file itself.
fn faults(file: &EnvFile) -> Vec<String> {
    file.problems.iter().map(ToString::to_string).collect()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn model_of(file: EnvFile) -> String {
    settings(&only(file)).steps.analyze.model
}

#[test]
fn values_may_be_quoted_exported_commented_on_and_indented() {
    for (line, expected) in [
        ("A=1", "1"),
        ("  A = 1  ", "1"),
        ("export A=1", "1"),
        ("A='a # b'", "a # b"),
        (r#"A="a # b""#, "a # b"),
        ("A=1 # one", "1"),
        ("A=1#one", "1#one"),
        (r#"A="line\nbreak""#, "line\nbreak"),
        (r#"A="say \"hi\"""#, r#"say "hi""#),
        (r"A='C:\new'", r"C:\new"),
        (r"A=a\ b", "a b"),
        ("A='two\nlines'", "two\nlines"),
        ("A=http://h/p?q=1", "http://h/p?q=1"),
        ("A=ü", "ü"),
        ("A=", ""),
        ("A=  # nothing", ""),
    ] {
        assert_eq!(text_of("A", line).as_deref(), Some(expected), "{line}");
        assert_eq!(text_of("A", &format!("# it's\n\n{line}\nB=2")).as_deref(), Some(expected), "{line}");
    }
    assert_eq!(text_of("A", "# A=1\n#A=2\n"), None);
}

#[test]
fn nothing_of_the_environment_gets_into_a_value() {
    // PATH is set wherever tests run.
    for (line, expected) in [
        ("A=$PATH", "$PATH"),
        ("A=\"${PATH}\"", "${PATH}"),
        ("A='$PATH'", "$PATH"),
        (r"A=\$PATH", "$PATH"),
        (r#"A="\$PATH""#, "$PATH"),
        (r"A='\$PATH'", r"\$PATH"),
        (r"A=\\$PATH", r"\$PATH"),
        (r"A=\\\$PATH", r"\$PATH"),
        (r"A='\\'$PATH", r"\\$PATH"),
        ("B=1\nA=$B", "$B"),
    ] {
        assert_eq!(text_of("A", line).as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn lines_may_end_as_on_windows_and_the_last_one_need_not_end() {
    let file = "\r\n# comment\r\nCHAIN_ANALYZE_MODEL=m\r\nLOG_LEVEL='LOUD'\r\nLOG_FORMAT=xml ";
    assert_eq!(text_of("CHAIN_ANALYZE_MODEL", file).as_deref(), Some("m"));
    assert_eq!(
        problems(&only(found_file(file))),
        "LOG_LEVEL=LOUD (.env:4): must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL\n\
         LOG_FORMAT=xml (.env:5): must be one of json, standard"
    );
}

#[test]
fn a_line_is_counted_right_after_values_of_several_lines_and_long_ones() {
    let long = "x".repeat(20_000);
    let file = format!("A='one\n\ntwo\n'\nB={long}\n\n  # comment\nLOG_FORMAT=xml\n");
    assert!(problems(&only(found_file(&file))).contains("(.env:8)"));
}

#[test]
fn the_last_of_two_values_holds_and_the_first_is_warned_of() {
    let file = "LOG_LEVEL=LOUD\nOTHER=1\n\nLOG_LEVEL=DEBUG\nOTHER=2\n";
    let sources = only(found_file(file));
    assert_eq!(value(&settings(&sources), "LOG_LEVEL"), "DEBUG (.env:4)");
    assert_eq!(
        warnings(&sources),
        "LOG_LEVEL (.env:4): was already set on line 1; this value holds",
        "and other programs' variables are none of our business"
    );
}

#[test]
fn every_line_that_is_no_setting_is_told_with_file_and_line() {
    let file = named_file("nonsense\nA=1\n=2\n1A=3\nB=two words\nC=\\q\nD-E=4\nLOG_LEVEL=DEBUG\n");
    let expected = [1, 3, 4, 5, 6, 7].map(|line| format!("my.env:{line}: isn't of the form NAME=value"));
    assert_eq!(faults(&file), expected);
    assert_eq!(file.find_value("LOG_LEVEL").unwrap().0, "DEBUG", "what is right is read all the same");
}

#[test]
fn a_quote_that_is_never_closed_is_told_where_it_opens() {
    for line in ["A='open", "A=\"open", "A=it's"] {
        let file = named_file(&format!("B=1\n\n{line}\nC=2\n"));
        assert_eq!(faults(&file), ["my.env:3: isn't of the form NAME=value"], "{line}");
    }
}

#[test]
fn a_nul_character_is_refused() {
    assert_eq!(faults(&named_file("A=1\0")), ["my.env: has a NUL character"]);
}

#[test]
fn the_file_of_the_current_folder_is_found_and_known_to_be_merely_found() {
    let folder = folder(&[(".env", b"CHAIN_ANALYZE_MODEL=mine")]);
    let file = EnvFile::find(None, folder.path()).unwrap();
    assert!(file.is_implicit());
    assert_eq!(model_of(file), "mine");
    assert!(EnvFile::find(None, &folder.path().join("nowhere")).is_none());
}

#[test]
fn a_file_in_a_folder_above_is_never_looked_for() {
    let folder = folder(&[(".env", b"CHAIN_ANALYZE_MODEL=mine")]);
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    assert!(EnvFile::find(None, &below).is_none());
}

#[test]
fn a_file_that_is_named_is_read_in_place_of_the_one_that_is_there() {
    let folder = folder(&[(".env", b"CHAIN_ANALYZE_MODEL=there"), ("a", b"CHAIN_ANALYZE_MODEL=named")]);
    let file = EnvFile::find(Some(&folder.path().join("a")), folder.path()).unwrap();
    assert!(!file.is_implicit());
    assert_eq!(model_of(file), "named");
    let same_file = EnvFile::find(Some(&folder.path().join(".env")), folder.path()).unwrap();
    assert!(!same_file.is_implicit(), "naming it is what makes it trusted");
}

#[test]
fn a_folder_called_dot_env_is_no_file_but_one_that_is_named_is_a_problem() {
    let folder = TempDir::new().unwrap();
    let dot_env = folder.path().join(".env");
    fs::create_dir(&dot_env).unwrap();
    assert!(EnvFile::find(None, folder.path()).is_none());
    assert_eq!(faults_of_named(&dot_env), "is a folder");
}

#[test]
fn a_named_file_that_can_not_be_used_is_a_problem_that_says_why() {
    let folder = folder(&[("latin1", b"A=caf\xe9\n"), ("large", &b"#".repeat(1024 * 1024 + 1))]);
    let missing = faults_of_named(&folder.path().join("missing"));
    assert!(missing.starts_with("can't be read: No such file"), "{missing}");
    assert_eq!(faults_of_named(&folder.path().join("latin1")), "isn't UTF-8 text");
    assert_eq!(faults_of_named(&folder.path().join("large")), "is larger than 1048576 bytes");
    assert_eq!(faults_of_named(Path::new("/dev/zero")), "is a device, a pipe or a socket");
}

#[test]
fn a_pipe_in_place_of_the_file_is_a_problem_rather_than_a_wait() {
    let folder = TempDir::new().unwrap();
    let dot_env = folder.path().join(".env");
    assert!(Command::new("mkfifo").arg(&dot_env).status().unwrap().success());
    let file = EnvFile::find(None, folder.path()).unwrap();
    assert_eq!(faults(&file), [format!("{}: is a device, a pipe or a socket", dot_env.display())]);
    assert_eq!(faults_of_named(&dot_env), "is a device, a pipe or a socket");
}

#[test]
fn of_many_faults_alike_the_first_few_are_told_and_the_others_counted() {
    let file = named_file(&"nonsense\n".repeat(13));
    assert_eq!(faults(&file).len(), 11);
    assert_eq!(faults(&file)[9], "my.env:10: isn't of the form NAME=value");
    assert_eq!(faults(&file)[10], "my.env: has 3 more lines that aren't of the form NAME=value");

    let file = only(named_file(&"LOG_LEVEL=DEBUG\n".repeat(14)));
    let told = warnings(&file);
    assert_eq!(told.lines().count(), 11);
    assert!(told.ends_with("my.env: 3 more values take the place of earlier ones"), "{told}");
}

#[test]
fn a_file_of_the_largest_size_is_read_line_by_line_without_going_over_it_again() {
    // Going over the file for each of its lines would take minutes.
    let file = named_file(&format!("{}LOG_LEVEL=LOUD\n", "A=1\n".repeat(250_000)));
    assert_eq!(file.find_value("LOG_LEVEL").unwrap().1.to_string(), "my.env:250001");
}

/// The one problem with a file that is named, after its path.
fn faults_of_named(path: &Path) -> String {
    let file = EnvFile::find(Some(path), Path::new("unused")).unwrap();
    let problem = problems(&only(file));
    problem.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let folder = folder(&[(".env", b"\xef\xbb\xbfCHAIN_ANALYZE_MODEL=mine\r\n")]);
    assert_eq!(model_of(EnvFile::find(None, folder.path()).unwrap()), "mine");
}
