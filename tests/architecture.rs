//! Rules about the sources: the pages of `docs` name places that exist, every thread is supervised, scopes are made in few
//! places, and modules do not use each other in circles.

use std::collections::{BTreeMap, BTreeSet};
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

/// The modules of the central service, as paths, whose code has this text.
fn of_central(text: &str) -> Vec<String> {
    let modules = modules(&root().join("crates/central/src")).into_iter();
    let found = modules.filter(|(_, code)| code.contains(text));
    found.map(|(module, _)| module.join("::")).collect()
}

#[test]
fn scopes_are_made_where_an_identity_is_known_and_nowhere_else() {
    // Of a leased job; of a display, an account, or the board that an address names, for the extractors that ask for it.
    for text in ["Scope::of_", ".within("] {
        assert_eq!(of_central(text), ["http_service::access", "jobs"], "{text}");
    }
    // A display that is to be enrolled has no identity here yet: its token names the board.
    let extractors = [
        "display_api::auth",
        "display_api::enrolment",
        "web::admin::identity",
        "web::shown",
    ];
    assert_eq!(of_central("service.access."), extractors);
}

/// Others are handed the storage that they may see, for as long as they work.
#[test]
fn the_whole_storage_is_kept_where_the_service_itself_works_and_nowhere_else() {
    let holders = of_central("Arc<dyn ServiceStorage>");
    let expected = [
        "app",
        "app::notifications",
        "app::parts",
        "clock::watch",
        "command",
        "http_service::access",
        "jobs",
        "maintenance",
        "retention",
    ];
    assert_eq!(holders, expected);
    // It might be kept under this name as well; `jobs::poll` hands the storage of a job to its tasks.
    let holders = of_central("Arc<dyn Storage>");
    assert_eq!(holders, ["http_service::access", "jobs", "jobs::poll"]);
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

/// A module by the names on the way to it from the top of its crate.
type Module = Vec<String>;

/// The modules of a crate with their code, without those that only tests have.
fn modules(sources: &Path) -> BTreeMap<Module, String> {
    let mut modules = BTreeMap::new();
    let mut of_tests = BTreeSet::new();
    for file in files(sources, "rs") {
        let path = file.strip_prefix(sources).expect("a source");
        let path = path.with_extension("");
        let names = path.iter().map(|name| name.to_string_lossy().into_owned());
        let mut module: Module = names.collect();
        if module == ["main"] {
            continue;
        }
        if module == ["lib"] {
            module.clear();
        }
        let text = std::fs::read_to_string(&file).expect("a source");
        let text = text.split("#[cfg(test)]\nmod tests {").next();
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        let lines: Vec<&str> = text.unwrap_or("").lines().filter(is_code).collect();
        for pair in lines.windows(2) {
            let name = pair[1]
                .strip_suffix(';')
                .and_then(|line| line.split_once("mod "));
            if let Some((_, name)) = name
                && pair[0].starts_with("#[cfg(")
                && pair[0].contains("test")
            {
                of_tests.insert([module.clone(), vec![name.to_owned()]].concat());
            }
        }
        modules.insert(module, lines.join("\n"));
    }
    modules.retain(|module, _| !of_tests.iter().any(|tests| module.starts_with(tests)));
    modules
}

/// Adds every path that begins with `path` and goes on in `text`, and returns what follows; a list in braces is several.
fn read_paths<'a>(
    mut text: &'a str,
    mut path: Vec<&'a str>,
    found: &mut Vec<Vec<&'a str>>,
) -> &'a str {
    loop {
        text = text.trim_start();
        if let Some(list) = text.strip_prefix('{') {
            text = list;
            loop {
                text = read_paths(text, path.clone(), found);
                let end = text.find([',', '}']).unwrap_or(text.len());
                match text[end..].strip_prefix(',') {
                    Some(next) if !next.trim_start().starts_with('}') => text = next,
                    _ => return text.find('}').map_or("", |end| &text[end + 1..]),
                }
            }
        }
        let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
        let end = text.find(|letter: char| !is_name(letter));
        let end = end.unwrap_or(text.len());
        path.push(&text[..end]);
        text = &text[end..];
        match text.strip_prefix("::") {
            Some(next) => text = next,
            None => {
                found.push(path);
                return text;
            }
        }
    }
}

/// The modules that the code of a module names by a path from the top, from itself or from the one above.
fn named(modules: &BTreeMap<Module, String>, module: &[String]) -> BTreeSet<Module> {
    let mut paths = Vec::new();
    let code = modules[module].as_str();
    for start in ["crate::", "self::", "super::"] {
        for (at, _) in code.match_indices(start) {
            // Neither `$crate` nor a part of a longer path.
            let before = code[..at].chars().next_back().unwrap_or(' ');
            if !before.is_alphanumeric() && !"_$:".contains(before) {
                read_paths(&code[at..], Vec::new(), &mut paths);
            }
        }
    }
    let target = |path: &Vec<&str>| {
        let mut target = match path[0] {
            "crate" => Module::new(),
            _ => module.to_vec(),
        };
        for name in path {
            match *name {
                "crate" | "self" => {}
                "super" => drop(target.pop()),
                name => {
                    target.push(name.to_owned());
                    if !modules.contains_key(&target) {
                        target.pop();
                        break;
                    }
                }
            }
        }
        target
    };
    paths.iter().map(target).collect()
}

/// Neither directly nor by way of others. Modules that do cannot be read, moved or tested apart.
#[test]
fn modules_side_by_side_do_not_use_each_other() {
    let crates = root().join("crates").read_dir().expect("the crates");
    let crates = crates.map(|entry| entry.expect("an entry").path().join("src"));
    let mut circles = BTreeSet::new();
    let mut siblings = 0;
    for sources in crates.chain([root().join("src")]) {
        let modules = modules(&sources);
        let mut uses: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        for module in modules.keys() {
            for other in named(&modules, module) {
                let pairs = module.iter().zip(&other);
                let shared = pairs.take_while(|(one, other)| one == other).count();
                if module.len() > shared && other.len() > shared {
                    let (one, other) = (&module[..=shared], &other[..=shared]);
                    uses.entry(one.to_vec()).or_default().insert(other.to_vec());
                }
            }
        }
        siblings += uses.len();
        for start in uses.keys() {
            let mut reached = BTreeSet::new();
            let mut next = vec![start];
            while let Some(module) = next.pop() {
                let used = uses.get(module).into_iter().flatten();
                next.extend(used.filter(|used| reached.insert(*used)));
            }
            if reached.contains(start) {
                let place = sources
                    .strip_prefix(root())
                    .expect("a folder of the project");
                let module = place.join(start.join("/"));
                circles.insert(module.to_string_lossy().into_owned());
            }
        }
    }
    assert!(siblings > 100, "{siblings} modules use one beside them");
    assert!(circles.is_empty(), "these use each other: {circles:#?}");
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
