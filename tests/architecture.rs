//! Rules about the sources: the pages of `docs` name places that exist, and every thread is supervised.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder and its folders that end so.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .flat_map(|path| {
            if path.is_dir() {
                files(&path, end)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|found| found == end))
        .collect()
}

fn pages() -> Vec<(PathBuf, String)> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a page");
        (path, text)
    };
    files(&root().join("docs"), "md")
        .into_iter()
        .map(read)
        .collect()
}

/// Whether there is such a file or folder. `src/state*` stands for everything that begins so.
fn exists(place: &str) -> bool {
    let Some(start) = place.strip_suffix('*') else {
        return root().join(place).exists();
    };
    let start = root().join(start);
    let siblings = start.parent().and_then(|folder| folder.read_dir().ok());
    siblings.into_iter().flatten().flatten().any(|file| {
        let (file, start) = (file.file_name(), start.file_name());
        start.is_some_and(|start| {
            file.as_encoded_bytes()
                .starts_with(start.as_encoded_bytes())
        })
    })
}

#[test]
fn every_thread_of_the_kiosk_is_supervised() {
    let files = files(&root().join("src"), "rs");
    assert!(files.len() > 100);
    // The one place that starts threads, and a stand-in for central in tests.
    let exceptions = ["src/worker.rs", "src/sync/sample_central.rs"];
    for file in files {
        let name = file.strip_prefix(root()).expect("a file of the project");
        let is_test = |part: &std::ffi::OsStr| {
            let part = part.to_string_lossy();
            part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs")
        };
        if name.iter().any(is_test) {
            continue;
        }
        if exceptions
            .iter()
            .any(|exception| name == Path::new(exception))
        {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a source");
        let (code, _tests) = text
            .split_once("#[cfg(test)]\nmod tests {")
            .unwrap_or((&text, ""));
        for start in [
            "thread::spawn(",
            "thread::Builder",
            "thread::scope(",
            "tokio::spawn(",
        ] {
            assert!(
                !code.contains(start),
                "{} starts a thread or task that nobody supervises: {start}",
                name.display()
            );
        }
    }
}

#[test]
fn every_place_that_a_page_names_exists() {
    let is_place = |word: &&str| {
        word.split_once('/')
            .is_some_and(|(folder, _)| !folder.is_empty() && root().join(folder).is_dir())
    };
    let mut checked = 0;
    for (page, text) in pages() {
        let spans = text.split('`').skip(1).step_by(2);
        for place in spans.flat_map(str::split_whitespace).filter(is_place) {
            assert!(exists(place), "{place} in {}", page.display());
            checked += 1;
        }
        for link in text.split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap_or_default();
            if !link.is_empty() && !link.contains("://") {
                let place = page.with_file_name(link);
                assert!(place.exists(), "{link} in {}", page.display());
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked} places were found");
}

#[test]
fn every_rule_has_a_place() {
    let page = std::fs::read_to_string(root().join("docs/architecture.md")).expect("the page");
    let (_, table) = page
        .split_once("## Where is the rule?")
        .expect("the page ends with the list");
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| Q") && !line.contains("---"))
        .collect();
    assert!(rows.len() >= 11, "{rows:#?}");
    for row in rows {
        let places: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert!(!places.is_empty(), "{row}");
        for place in places {
            assert!(root().join(place).exists(), "{place} of {row}");
        }
    }
    let after = table.lines().rev().find(|line| !line.trim().is_empty());
    assert!(
        after.is_some_and(|line| line.starts_with('|')),
        "nothing follows the table"
    );
}

/// The toolkit does not repaint every change of a plain `Text`: `label.slint` says why.
#[test]
fn every_text_is_a_label() {
    let files = files(&root().join("ui"), "slint");
    let uses_text = |path: &&PathBuf| {
        let markup = std::fs::read_to_string(path).expect("markup");
        let markup = markup.replace('{', " { ").replace([':', '='], " ");
        let words: Vec<&str> = markup.split_whitespace().collect();
        (words.windows(2)).any(|pair| matches!(pair, ["Text", "{"] | ["inherits", "Text"]))
    };
    let found: Vec<_> = files.iter().filter(uses_text).collect();
    assert!(
        matches!(found[..], [path] if path.ends_with("ui/widgets/label.slint")),
        "{found:?}"
    );
}
