//! Files that come, go and change.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use super::house::{BASE, House, MODELS, SECRET, in_effect, same};
use super::{lines, told};
use crate::commands::serve::reload::Reloader;
use crate::error::Error;
use crate::telemetry::logs::LogLevel;
use crate::telemetry::logs::captured::Captured;

/// What the server says against what the folder has now. It mustn't change anything.
async fn refused(server: &mut Reloader<'_>) -> Error {
    let before = in_effect(server);
    let error = server.reload().await.expect_err("it is taken");
    same(&in_effect(server), &before, "");
    error
}

/// All that an error says.
fn text(error: &Error) -> String {
    format!("{} {} {}", error.message, error.causes.join(" "), error.hint.as_deref().unwrap_or_default())
}

#[tokio::test]
async fn files_of_another_content_are_changes_of_the_variables_that_name_them() {
    let house = House::new();
    let lines = "JWT_SECRET_KEY_FILE=@/secret\nANTHROPIC_API_KEY_FILE=@/key\nCHAIN_PROMPTS_DIR=@/prompts\n\
                 CHAIN_MODELS_FILE=@/models.toml\n";
    house.configure(lines);
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    for (name, file, text) in [
        ("JWT_SECRET_KEY_FILE", "secret", &SECRET.replace('2', "3")),
        ("ANTHROPIC_API_KEY_FILE", "key", &"sk-ant-another".to_owned()),
        ("CHAIN_MODELS_FILE", "models.toml", &MODELS.replace("4096", "2048")),
        ("CHAIN_ANALYZE_PROMPT_FILE", "prompts/chain_analyze.md", &"Find out more.".to_owned()),
        (
            "CHAIN_ANALYZE_MODEL",
            "prompts/chain_analyze.md",
            &"+++\nmodel = \"claude-haiku-5-5\"\n+++\nFind out more.".to_owned(),
        ),
        ("CHAIN_WORKER_PROMPT_FILE", "prompts/chain_worker.md", &"Write a part.".to_owned()),
    ] {
        house.write(file, text);
        let log = Captured::from_level(LogLevel::Info);
        server.reload().await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(told(&log.text(), "Configuration reloaded", "changed").as_deref(), Some(name));
        assert!(!log.text().contains(text.as_str()), "{}", log.text());
        same(&in_effect(&server), &house.started(&upstream), name);
    }
    let log = Captured::from_level(LogLevel::Info);
    server.reload().await.unwrap();
    assert!(log.text().contains("Configuration reloaded"));
    assert_eq!(told(&log.text(), "Configuration reloaded", "changed"), None);
}

#[tokio::test]
async fn every_problem_is_told_and_none_of_the_rest_is_taken() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    house.configure(&format!("{BASE}RETRY_MAX_ATTEMPTS=5\nAPI_PORT=many\nCHAIN_REPAIR_ATTEMPTS=99\n"));
    house.write("prompts/chain_process.md", "+++\nmax_tokens = \"many\"\n+++\nWrite.");
    let told = text(&refused(&mut server).await);
    for problem in ["API_PORT", "CHAIN_REPAIR_ATTEMPTS", "chain_process.md"] {
        assert!(told.contains(problem), "{problem}: {told}");
    }
    // What needs a restart must be right too, or the restart would fail.
    house.configure(&format!("{BASE}API_PORT=many\n"));
    fs::remove_file(house.path().join("prompts/chain_process.md")).unwrap();
    assert!(text(&refused(&mut server).await).contains("API_PORT"));
    // A profile's models can do less than the chain's.
    house.configure(&format!("{BASE}JWT_SECRET_KEY_PREVIOUS=short\n"));
    assert!(text(&refused(&mut server).await).contains("JWT_SECRET_KEY_PREVIOUS"));
}

#[tokio::test]
async fn a_file_that_was_there_and_is_gone_is_missed() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    let prompt = house.path().join("prompts/chain_analyze.md");
    fs::rename(&prompt, house.path().join("away.md")).unwrap();
    let told = text(&refused(&mut server).await);
    assert!(told.contains("chain_analyze.md") && told.contains("put it back"), "{told}");
    fs::rename(house.path().join("prompts"), house.path().join("away")).unwrap();
    assert!(text(&refused(&mut server).await).contains("prompts"));
    // Who names no folder any more wants the built-in prompts.
    house.configure(&lines(&("CHAIN_THINKING", "auto", "CHAIN_PROMPTS_DIR", "")));
    server.reload().await.unwrap();
    same(&in_effect(&server), &house.started(&upstream), "");
    fs::remove_file(house.path().join("env")).unwrap();
    let told = text(&refused(&mut server).await);
    assert!(told.contains("env: it was read before") && told.contains("put it back"), "{told}");
    assert!(!told.contains("JWT_SECRET_KEY"), "what stood in it isn't another problem: {told}");
}

#[tokio::test]
async fn a_file_that_is_being_written_to_is_read_when_that_is_over() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    let prompt = house.path().join("prompts/chain_analyze.md");
    fs::write(&prompt, "Find out mo").unwrap();
    // As of a clock that runs ahead a little, so that this is no long time ago when it is read.
    let file = File::options().write(true).open(&prompt).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_millis(900)).unwrap();
    let written_whole = async {
        // Whatever has been read until now, half a prompt was.
        tokio::task::yield_now().await;
        fs::write(&prompt, "Find out more.").unwrap();
    };
    let (reloaded, ()) = tokio::join!(server.reload(), written_whole);
    reloaded.unwrap();
    same(&in_effect(&server), &house.started(&upstream), "");
}

#[tokio::test(start_paused = true)]
async fn files_that_are_written_to_all_the_time_are_not_waited_for_without_end() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    let prompt = File::options().write(true).open(house.path().join("prompts/chain_analyze.md")).unwrap();
    // As of a clock that runs ahead a little, so that it is never long ago.
    prompt.set_modified(SystemTime::now() + Duration::from_millis(900)).unwrap();
    let keep_writing = async {
        loop {
            prompt.set_modified(SystemTime::now()).unwrap();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let error = tokio::select! {
        error = refused(&mut server) => error,
        () = keep_writing => unreachable!(),
    };
    assert!(text(&error).contains("all the time"), "{error:?}");
    // A date far ahead says nothing of when it was written.
    prompt.set_modified(SystemTime::now() + Duration::from_hours(1)).unwrap();
    server.reload().await.unwrap();
}

#[tokio::test]
async fn of_what_was_in_effect_before_nothing_is_left_in_memory() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    for round in 1..=3 {
        let is_held = server.reloads.holds_current();
        house.configure(&format!(
            "{BASE}SERVICE_MODEL_NAME=house-{round}\nANTHROPIC_VERSION=2026-10-2{round}\n"
        ));
        server.reload().await.unwrap();
        assert!(!is_held(), "{round}");
        assert!(server.reloads.holds_current()());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_is_replaced_as_a_whole_by_a_link_is_read_anew() {
    use std::os::unix::fs::symlink;
    let house = House::new();
    for version in [1, 2] {
        house.write(&format!("mounted/..{version}/env"), "");
        house.write(&format!("mounted/..{version}/chain_analyze.md"), &format!("Find out, as of {version}."));
    }
    let mounted = house.path().join("mounted");
    symlink("..1", mounted.join("..data")).unwrap();
    symlink("..data/chain_analyze.md", mounted.join("chain_analyze.md")).unwrap();
    house.configure(&lines(&("CHAIN_PROMPTS_DIR", "@/mounted", "CHAIN_PROMPTS_DIR", "")));
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    symlink("..2", mounted.join("..new")).unwrap();
    fs::rename(mounted.join("..new"), mounted.join("..data")).unwrap();
    server.reload().await.unwrap();
    same(&in_effect(&server), &house.started(&upstream), "");
    assert!(in_effect(&server).contains("as of 2"));
    // Between two states there may be none.
    fs::remove_file(mounted.join("..data")).unwrap();
    assert!(text(&refused(&mut server).await).contains("chain_analyze.md"));
}

#[tokio::test]
async fn a_server_that_is_ending_takes_nothing() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    house.configure(&format!("{BASE}CHAIN_THINKING=auto\n"));
    server.surviving.lifecycle.drain();
    assert!(text(&refused(&mut server).await).contains("ending"));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_would_never_end_or_is_too_large_is_refused() {
    let house = House::new();
    let upstream = house.upstream().await;
    let mut server = house.start(&upstream);
    house.write("prompts/chain_process.md", &"x".repeat(2 << 20));
    assert!(text(&refused(&mut server).await).contains("larger than"));
    fs::remove_file(house.path().join("prompts/chain_process.md")).unwrap();
    let pipe = house.path().join("prompts/chain_process.md");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(text(&refused(&mut server).await).contains("pipe"));
    fs::remove_file(&pipe).unwrap();
    let env = house.path().join("env");
    // Ten gigabytes, of which none is on the disk.
    File::options().write(true).open(&env).unwrap().set_len(10 << 30).unwrap();
    assert!(text(&refused(&mut server).await).contains("larger than"));
    fs::remove_file(&env).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&env).status().unwrap().success());
    assert!(text(&refused(&mut server).await).contains("pipe"));
}
