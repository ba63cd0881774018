//! The data folder: for the service's own user only.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;
use vyveska_board::FakeClock;
use vyveska_central::error::causes;
use vyveska_central::{Background, Central};

use crate::town::{Town, config, start_of_test};

const CONFIG: &str = r#"
    [service]
    data = "data"
    [[boards]]
    id = "lipnice"
    town = "Město Lipnice nad Rolavou"
    web_address = "lipnice.example/deska"
    [[boards.sources]]
    kind = "ofn"
    url = "https://lipnice.example/deska.jsonld"
"#;

fn check_private(path: &Path) {
    let metadata = std::fs::symlink_metadata(path).unwrap();
    let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
    let mode = metadata.permissions().mode() & 0o777;
    assert_eq!(mode, expected, "{} has {mode:o}", path.display());
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            check_private(&entry.unwrap().path());
        }
    }
}

/// Runs a command on this configuration: its status and what it says.
fn run(config: &std::path::Path, command: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska-central"))
        .args(command)
        .arg("--config")
        .arg(config)
        .output()
        .unwrap();
    let words = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(words).unwrap())
}

#[test]
fn nobody_else_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let config = folder.path().join("central.toml");
    let text = CONFIG.replace("data =", "listen = \"127.0.0.1:0\"\ndata =");
    std::fs::write(&config, text).unwrap();
    let (status, words) = run(&config, &["held"]);
    assert_eq!(status, Some(1), "{words}");
    assert!(!data.exists(), "what only reads makes nothing");
    drop(Service::start(&config, &[]));
    assert!(data.join("central.sqlite").exists());
    check_private(&data);
    // As earlier versions left it.
    for path in [data.clone(), data.join("documents")] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let database = data.join("central.sqlite");
    std::fs::set_permissions(database, std::fs::Permissions::from_mode(0o644)).unwrap();
    drop(Service::start(&config, &[]));
    check_private(&data);
}

#[test]
fn a_broken_information_file_is_an_alarm_and_every_command_works() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("central.toml");
    let text = CONFIG
        .replace("https://lipnice.example", "http://127.0.0.1:1")
        .replace("data =", "listen = \"127.0.0.1:0\"\ndata =")
        .replace("id =", "alerts = \"alerts.toml\"\nid =");
    std::fs::write(&config, text).unwrap();
    std::fs::write(folder.path().join("alerts.toml"), "[[alerts").unwrap();
    drop(Service::start(&config, &[]));
    for (command, status, says) in [
        ("accept 1", 1, "nothing is held under the number 1"),
        ("attention", 3, "alerts.toml cannot be read"),
        ("held", 0, "nothing is held"),
        ("answers", 0, ""),
    ] {
        let command: Vec<&str> = command.split(' ').collect();
        let (found, words) = run(&config, &command);
        assert_eq!(found, Some(status), "{command:?}: {words}");
        assert!(words.contains(says), "{command:?}: {words}");
    }
}

/// A service in a process of its own, killed when dropped.
pub(crate) struct Service {
    process: Child,
    pub(crate) url: Url,
}

impl Service {
    /// Starts it; returns once it answers.
    pub(crate) fn start(config: &Path, more: &[&str]) -> Self {
        Self::spawn(Self::command(config).args(more))
    }

    /// What starts it without a log.
    pub(crate) fn command(config: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vyveska-central"));
        command.args(["serve", "--config"]).arg(config);
        command.stderr(Stdio::null());
        command
    }

    /// Starts it by this command; returns once it answers.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        lines.read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ");
        let url = url.unwrap_or_else(|| panic!("the service says {line:?}"));
        Self {
            process,
            url: url.parse().unwrap(),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
fn a_service_whose_log_nobody_reads_goes_on_and_ends_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("central.toml");
    let nobody = CONFIG.replace("https://lipnice.example", "http://127.0.0.1:1");
    std::fs::write(
        &config,
        nobody.replace("data =", "listen = \"127.0.0.1:0\"\ndata ="),
    )
    .unwrap();
    let (reader, log) = std::io::pipe().unwrap();
    drop(reader);
    let mut service = Service::spawn(Service::command(&config).stderr(log));
    let pid = rustix::process::Pid::from_child(&service.process);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(service.process.wait().unwrap().success());
}

/// Starts the service in this data folder and ends it; why it does not start, if it does not.
async fn start(data: &Path) -> Result<(), String> {
    start_at(start_of_test(), data).await
}

async fn start_at(now: DateTime<Utc>, data: &Path) -> Result<(), String> {
    let config = config(data, "http://127.0.0.1:1/deska.jsonld", "");
    let clock = std::sync::Arc::new(FakeClock::at(now));
    match Central::start_with(config, clock, Background::OnCall).await {
        Ok(central) => {
            central.shutdown().await;
            Ok(())
        }
        Err(error) => Err(causes(&error)),
    }
}

#[track_caller]
fn check_says(words: &str, parts: &[&str]) {
    for part in parts {
        assert!(words.contains(part), "{part:?} is missing in {words:?}");
    }
}

#[tokio::test]
async fn a_file_in_the_place_of_a_folder_is_named() {
    for name in [
        "documents",
        "documents/content",
        "documents/damaged",
        "documents/feeds",
        "documents/incoming",
    ] {
        let data = tempfile::tempdir().unwrap();
        let path = data.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "").unwrap();
        let words = start(data.path()).await.unwrap_err();
        check_says(&words, &[path.to_str().unwrap(), "no folder", "backup"]);
        std::fs::remove_file(&path).unwrap();
        start(data.path()).await.unwrap();
    }
}

#[tokio::test]
async fn what_a_power_cut_left_of_a_fetch_is_gone_after_a_start_that_is_a_day_later() {
    let data = tempfile::tempdir().unwrap();
    start(data.path()).await.unwrap();
    let incoming = data.path().join("documents/incoming");
    for name in ["0123456789abcdef", "0123456789abcdef#1"] {
        std::fs::write(incoming.join(name), "%PDF-1.7 half").unwrap();
    }
    // Until then another service may be writing it.
    let written = std::fs::metadata(incoming.join("0123456789abcdef")).unwrap();
    let written = DateTime::from_timestamp(written.ctime(), 0).unwrap();
    for (hours, left) in [(23, 2), (25, 0)] {
        let later = written + TimeDelta::hours(hours);
        start_at(later, data.path()).await.unwrap();
        assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), left);
    }
}

#[tokio::test]
async fn services_with_a_database_each_do_not_share_their_documents() {
    let folder = tempfile::tempdir().unwrap();
    let documents = folder.path().join("shared");
    let start = async |data: &str| {
        let data = folder.path().join(data);
        let mut config = config(&data, "http://127.0.0.1:1/deska.jsonld", "");
        config.service.documents = Some(documents.clone());
        let clock = std::sync::Arc::new(FakeClock::at(start_of_test()));
        Central::start_with(config, clock, Background::OnCall).await
    };
    let first = start("first").await.unwrap();
    assert!(documents.join("content").is_dir());
    assert!(!folder.path().join("first/documents").exists());
    let error = start("second").await.map(drop).unwrap_err();
    let parts = [documents.to_str().unwrap(), "is in use"];
    check_says(&causes(&error), &parts);
    first.shutdown().await;
    start("second").await.unwrap().shutdown().await;
}

#[test]
fn a_lost_key_is_not_replaced_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("central.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let key = folder.path().join("data/central-key.pem");
    let public = folder.path().join("data/central-key.pub.pem");
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    assert_eq!(run(&config, &["public-key"]).0, Some(0));
    let (backup, given) = (read(&key), read(&public));
    std::fs::remove_file(&key).unwrap();
    for command in [&["public-key"][..], &["accept", "1"][..], &["serve"][..]] {
        let (status, words) = run(&config, command);
        assert_eq!(status, Some(1), "{command:?}");
        let files = [key.to_str().unwrap(), public.to_str().unwrap()];
        check_says(&words, &files);
        check_says(&words, &["is missing", "backup", "openssl genpkey"]);
    }
    assert!(!key.exists());
    assert_eq!(read(&public), given);
    // From the backup.
    std::fs::write(&key, backup).unwrap();
    assert_eq!(run(&config, &["public-key"]).0, Some(0));
    assert_eq!(read(&public), given);
    // Made with the command that the message names.
    let another = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIKleEOqw2XaC/geJt+o0YNukPpWHXFSi1PaLlDxDeuTw\n\
        -----END PRIVATE KEY-----\n";
    std::fs::write(&key, another).unwrap();
    let (status, words) = run(&config, &["public-key"]);
    assert_eq!(status, Some(0), "{words}");
    assert_ne!(read(&public), given);
}

#[tokio::test]
async fn a_key_is_lost_as_well_when_only_the_database_tells() {
    let Town {
        central,
        data,
        publisher: _publisher,
        ..
    } = Town::posting(1).await;
    central.shutdown().await;
    let key = data.path().join("central-key.pem");
    std::fs::remove_file(&key).unwrap();
    std::fs::remove_file(data.path().join("central-key.pub.pem")).unwrap();
    let words = start(data.path()).await.unwrap_err();
    check_says(&words, &[key.to_str().unwrap(), "is missing", "backup"]);
    assert!(!key.exists());
}

#[test]
fn it_has_one_service_at_a_time_and_commands_work_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("central.toml");
    let text = CONFIG.replace("data =", "listen = \"127.0.0.1:0\"\ndata =");
    std::fs::write(&config, text).unwrap();
    let run = |command: &[&str]| run(&config, command);
    let running = Service::start(&config, &[]);
    let (status, words) = run(&["serve"]);
    assert_eq!(status, Some(1));
    let data = folder.path().join("data");
    let expected = format!("the data folder {} is in use", data.display());
    assert!(words.contains(&expected), "{words}");
    for command in ["attention", "held", "answers", "public-key"] {
        // Without the page worker something waits for a person, which `attention` ends with status 3 for.
        let (status, words) = run(&[command]);
        assert_ne!(status, Some(1), "{command}: {words}");
    }
    let (_, words) = run(&["accept", "7"]);
    assert!(!words.contains("is in use"), "{words}");
    // Killed, so that nothing but the system lets the folder go.
    drop(running);
    Service::start(&config, &[]);
}
