//! What is written about the program is what the program does.

mod capacity;
mod completions;
mod gate_rules;
mod man;
mod readme;

use std::collections::BTreeMap;
use std::path::Path;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    std::fs::read_to_string(repository().join(name)).unwrap()
}

/// Asserts that a folder of the repository holds these files and no others; with `UPDATE`, makes it so.
#[track_caller]
fn check_folder(name: &str, fresh: &BTreeMap<String, String>) {
    let folder = repository().join(name);
    if std::env::var_os("UPDATE").is_some() {
        // It may not be there yet.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        for (file, text) in fresh {
            std::fs::write(folder.join(file), text).unwrap();
        }
    }
    let found: BTreeMap<String, String> = files(&folder);
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(fresh), "{name}/ is stale; run: UPDATE=1 cargo test artifacts");
    for (file, text) in fresh {
        assert!(found[file] == *text, "{name}/{file} is stale; run: UPDATE=1 cargo test artifacts");
    }
}

/// The files of a folder, with what they hold.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let file = |entry: std::fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap())
    };
    files.map(file).collect()
}

/// Asserts that the file has this table between these marks; with `UPDATE`, puts it there.
#[track_caller]
fn check_table(file: &str, name: &str, fresh: &str) {
    let text = read(file);
    let (before, rest) = text.split_once(&format!("<!-- {name}: ")).unwrap();
    let (first_line, rest) = rest.split_once('\n').unwrap();
    let (table, after) = rest.split_once(&format!("\n<!-- end of {name} -->")).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let fresh = format!("{before}<!-- {name}: {first_line}\n{fresh}\n<!-- end of {name} -->{after}");
        std::fs::write(repository().join(file), fresh).unwrap();
    } else {
        assert!(table == fresh, "run: UPDATE=1 cargo test artifacts");
    }
}
