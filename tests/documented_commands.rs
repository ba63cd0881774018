//! Every command that the README and the documents show or mention is tried: a command that ends by itself is run on
//! real data, a service is asked whether it knows the options, and what `.ci/run` runs is looked up in its scripts.

#![allow(clippy::unwrap_used, reason = "helpers of one test")]

mod data;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of all `sh` blocks, continued lines joined, without comments.
fn shown_in(markdown: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut inside = false;
    let mut continued = String::new();
    for line in markdown.lines() {
        if line.starts_with("```") {
            inside = line == "```sh";
            continue;
        }
        let line = line.split(" #").next().unwrap_or_default().trim();
        if !inside || line.is_empty() {
            continue;
        }
        match line.strip_suffix('\\') {
            Some(begun) => continued.push_str(begun),
            None => commands.push(format!("{}{line}", std::mem::take(&mut continued))),
        }
    }
    commands
}

/// The commands in the middle of a text: between backticks, outside of blocks.
fn mentioned_in(markdown: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut inside = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if !inside {
            let between = line.split('`').skip(1).step_by(2);
            commands.extend(between.filter(|span| is_command(span)).map(str::to_owned));
        }
    }
    commands
}

/// Whether this is a command to type in, not the name of a program or a file.
fn is_command(span: &str) -> bool {
    match without_variables(span)[..] {
        ["cargo" | "vyveska" | "vyveska-central", _, ..] => true,
        [program, ..] => program.starts_with("./") || program.ends_with(".sh"),
        [] => false,
    }
}

/// The words of a command after the variables that are set for it.
fn without_variables(command: &str) -> Vec<&str> {
    command
        .split_whitespace()
        .skip_while(|word| variable(word).is_some())
        .collect()
}

/// The name of the variable that such a word sets.
fn variable(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    let is_name = |letter: char| letter.is_ascii_uppercase() || letter == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

/// A town's board, a document and the data of a kiosk and of a central service.
struct Samples {
    folder: tempfile::TempDir,
}

impl Samples {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        data::copy_to(folder.path());
        let config = read("deploy/central.example.toml")
            .replace(
                "/var/lib/vyveska-central",
                &folder.path().join("central").display().to_string(),
            )
            .replace("127.0.0.1:8100", "127.0.0.1:0");
        fs::write(folder.path().join("central.toml"), config).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// The command with its placeholders filled in.
    fn fill(&self, command: &str) -> Vec<String> {
        let fixture = |path: &str| root().join(path).display().to_string();
        let journal = command.starts_with("vyveska journal");
        let optional = |word: &&str| !matches!(*word, "|");
        let words = command.split_whitespace().filter(optional);
        words
            .map(|word| match word.trim_matches(['[', ']']) {
                "URL" => "http://127.0.0.1:9".to_owned(),
                "FILE" if command.contains(" pages ") || command.contains(" examine ") => {
                    fixture("crates/pages/tests/fixtures/owner-locked.pdf")
                }
                "FILE" if command.contains(" provision ") => fixture("deploy/boards.example.toml"),
                "FILE" => self.path("kiosk/device-key.pub.pem"),
                "DIR" if journal => self.path("kiosk/journal"),
                "DIR" => self.path("out"),
                "https://…" => fixture("crates/board/tests/fixtures/header_and_items.json"),
                "ID" => "1".to_owned(),
                "central.toml" => self.path("central.toml"),
                other => other.to_owned(),
            })
            .collect()
    }
}

/// What a command did: its exit status and everything it printed.
fn run(words: &[String], input: &str) -> (Option<i32>, String) {
    let beside = Path::new(env!("CARGO_BIN_EXE_vyveska")).with_file_name(&words[0]);
    let mut child = Command::new(&beside)
        .args(&words[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", beside.display()));
    // A command that reads nothing may have ended.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&printed).into_owned(),
    )
}

#[track_caller]
fn check(samples: &Samples, command: &str, input: &str, expected: i32, says: &str) {
    let (status, printed) = run(&samples.fill(command), input);
    assert_eq!(status, Some(expected), "{command}\n{printed}");
    assert!(printed.contains(says), "{command}\n{printed}");
}

/// Whether a script has a line that begins so.
fn runs(script: &str, command: &str) -> bool {
    read(script).lines().any(|line| line.starts_with(command))
}

/// Whether this file, or any in this folder, has this word in it.
fn says(path: &Path, word: &str) -> bool {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().any(|entry| says(&entry.path(), word)),
        Err(_) => fs::read_to_string(path).is_ok_and(|text| text.contains(word)),
    }
}

/// Tries one command; an unknown one fails, so that whoever documents it says here how it is tried.
fn try_command(samples: &Samples, command: &str) {
    let words = without_variables(command);
    match words[..] {
        // Mentioned without the options that it needs.
        ["vyveska-central", name] if name != "hash-pin" => {
            check(samples, &format!("{command} --help"), "", 0, "Usage");
        }
        ["vyveska", "pages", ..] => check(samples, command, "", 0, "\"page\""),
        ["vyveska", "journal", "verify", ..] => check(samples, command, "", 0, "is whole"),
        ["vyveska-central", "check-feed", ..] => check(samples, command, "", 0, "Záměr prodeje"),
        ["vyveska-central", "examine", ..] => check(samples, command, "", 0, "\"agreed\""),
        ["vyveska-central", "provision", ..] => check(samples, command, "", 0, "board"),
        ["vyveska-central", "held", ..] => check(samples, command, "", 0, ""),
        ["vyveska-central", "attention", ..] => check(samples, command, "", 0, ""),
        ["vyveska-central", "administrator-link", ..] => {
            check(samples, command, "", 0, "/admin/invitation/");
        }
        ["vyveska-central", "enrol", ..] => {
            let command = command.replace(" ID", " lipnice").replace(" N", " 3");
            let (command, _) = command.split_once(" --config").unwrap_or((&command, ""));
            let command = format!("{command} --config central.toml");
            check(samples, &command, "", 0, "BEGIN PUBLIC KEY");
        }
        ["vyveska-central", "accept", ..] => check(samples, command, "", 1, "nothing is held"),
        ["vyveska-central", "hash-pin"] => check(samples, command, "482915\n", 0, "$argon2id$"),
        // These run until they are ended; the whole-system tests start them. Here: that they know these options.
        ["vyveska", ..] | ["vyveska-central", "serve", ..] => {
            check(samples, &format!("{command} --help"), "", 0, "Usage");
        }
        // Whatever it makes is made for the tests too.
        ["cargo", "build", "--release", "--workspace", "--bins"] => {
            let beside = Path::new(env!("CARGO_BIN_EXE_vyveska"));
            for name in ["vyveska-pages", "vyveska-central", "vyveska-sample-town"] {
                assert!(beside.with_file_name(name).exists(), "{name} is no program");
            }
        }
        ["cargo", "bench", "-p", "vyveska-board"] => {
            assert!(read("benches/smoke.sh").contains("--bench read_feed -- --test"));
        }
        ["cargo", "bench", "-p", "vyveska-central"] => {
            for name in [
                "archive",
                "boards",
                "jury",
                "slow_clients",
                "slow_source",
                "publication",
            ] {
                assert!(has_smoke_run(name), "{name} has no smoke run");
            }
        }
        [
            "cargo",
            "bench",
            "-p",
            "vyveska-central",
            "--",
            "--postgres",
        ] => {
            assert!(read("benches/smoke.sh").contains("-- --smoke --postgres"));
        }
        ["cargo", "bench", "-p", "vyveska", "--bench", name] => {
            assert!(root().join(format!("benches/{name}.rs")).exists());
            assert!(has_smoke_run(name), "{name} has no smoke run");
        }
        ["cargo", "bench", "-p", "vyveska", "--bench", name, "--", ..] => {
            let parts = words[7..].join(" ");
            let run = format!("--bench {name} -- --smoke {parts}");
            let benches = read("benches/smoke.sh");
            assert!(
                benches.lines().any(|line| line.ends_with(&run)),
                "{command:?} has no smoke run"
            );
        }
        // All tests are run; here: that there is this one, and that it reads the variables.
        ["cargo", "test", "--test", name] => {
            assert!(runs(
                "deploy/test.sh",
                "run everything-else cargo test --locked --workspace"
            ));
            let files = [format!("tests/{name}.rs"), format!("tests/{name}/main.rs")];
            let file = files.iter().find(|file| root().join(file).exists());
            let file = file.unwrap_or_else(|| panic!("there is no test {name}"));
            for variable in command.split_whitespace().map_while(variable) {
                assert!(
                    says(&root().join(file), variable)
                        || says(&root().join(format!("tests/{name}")), variable),
                    "no part of {file} reads {variable}"
                );
            }
        }
        [script, ..] if script.ends_with(".sh") => {
            let script = script.trim_start_matches("./");
            assert!(root().join(script).exists(), "{script} is not there");
            assert!(runs(".ci/run", "./benches/smoke.sh"));
            let is_run = |line: &str| {
                let line = line.trim_start_matches("./");
                let mut there = line.split_whitespace();
                let options = words[1..].iter().filter(|word| word.starts_with("--"));
                there.next() == Some(script)
                    && options
                        .copied()
                        .all(|option| line.split_whitespace().any(|word| word == option))
            };
            let scripts = [".ci/run", "benches/smoke.sh"].map(read);
            assert!(
                scripts.iter().flat_map(|script| script.lines()).any(is_run),
                "{command:?} is run by no script of .ci/run"
            );
        }
        ["sudo", "cp", "-r", from, _] => {
            let from: PathBuf = root().join(from);
            assert!(from.is_dir(), "{} is not there", from.display());
        }
        ["sudo", "systemd-tmpfiles", "--create", name] => {
            let path = format!("deploy/device/etc/tmpfiles.d/{name}");
            assert!(root().join(&path).exists(), "{path} is not there");
        }
        ["sudo", "systemd-sysusers", name] => {
            let path = format!("deploy/device/etc/sysusers.d/{name}");
            assert!(root().join(&path).exists(), "{path} is not there");
        }
        ["sudo", "systemctl", .., unit] => {
            let path = format!("deploy/device/etc/systemd/system/{unit}");
            assert!(root().join(&path).exists(), "{path} is not there");
        }
        ["sudo", "udevadm", ..] => {}
        _ => panic!("{command:?} is documented, and nothing tries it"),
    }
}

#[test]
fn every_documented_command_works() {
    let samples = Samples::new();
    let mut documents = vec![root().join("README.md")];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        documents.push(entry.unwrap().path());
    }
    let (mut shown, mut mentioned) = (0, 0);
    for document in documents {
        if document
            .extension()
            .is_none_or(|extension| extension != "md")
        {
            continue;
        }
        let document = fs::read_to_string(&document).unwrap();
        for command in shown_in(&document) {
            try_command(&samples, &command);
            shown += 1;
        }
        for command in mentioned_in(&document) {
            try_command(&samples, &command);
            mentioned += 1;
        }
    }
    assert!(shown >= 15, "only {shown} commands were found in blocks");
    assert!(
        mentioned >= 8,
        "only {mentioned} commands were found in texts"
    );
}

#[test]
fn commands_in_a_text_are_told_from_names() {
    let text = "`cargo bench -p vyveska` and `cargo`, `deploy/`, `vyveska-markup`, `A=1 ./deploy/demo.sh --all`\n\
                ```sh\ncargo `build`\n```\n`tests/town` (`benches/smoke.sh`), `nmcli connection up`, `--fullscreen`";
    let expected = [
        "cargo bench -p vyveska",
        "A=1 ./deploy/demo.sh --all",
        "benches/smoke.sh",
    ];
    assert_eq!(mentioned_in(text), expected);
}

/// Whether a loop over benches in `benches/smoke.sh` runs it.
fn has_smoke_run(bench: &str) -> bool {
    let script = read("benches/smoke.sh");
    let mut loops = script
        .lines()
        .filter(|line| line.starts_with("for bench in "));
    loops.any(|line| line.split([' ', ';']).any(|word| word == bench))
}
