//! From `vyveska-central enrol` to the board: central and the kiosk as processes of their own.

#![expect(clippy::unwrap_used, reason = "helpers of tests panic like tests")]

mod town;

use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};

use tempfile::TempDir;
use tokio::runtime::Runtime;
use town::{PATIENCE, today};
use vyveska::app::read_enrolment;
use vyveska_sample_town::{Publisher, SampleTown};
use vyveska_wire::enrolment::EnrolmentFile;

/// A process and what it says.
struct Program {
    process: Child,
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Program {
    fn start(command: &mut Command, said: impl FnOnce(&mut Child) -> Box<dyn Read + Send>) -> Self {
        let mut process = command.spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let said = BufReader::new(said(&mut process)).lines();
        std::thread::spawn(move || {
            for line in said.map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let seen = Vec::new();
        Self {
            process,
            lines,
            seen,
        }
    }

    /// Waits until it says this, and returns the line.
    #[track_caller]
    fn says(&mut self, part: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(error) => panic!("{error} for {part:?}: {:#?}", self.seen),
            }
            if let Some(line) = self.seen.last().filter(|line| line.contains(part)) {
                return line.clone();
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A central service in a process, which serves the sample town.
struct CentralProcess {
    folder: TempDir,
    url: String,
    _program: Program,
}

impl CentralProcess {
    fn start(feed: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "central.toml",
            "[service]\nlisten = \"127.0.0.1:0\"\ndata = \"central\"\n\
             [documents]\npause_ms = 0\nfirst_wait_ms = 0\nocr = \"off\"\njury = \"off\"\n",
        );
        write(
            "boards.toml",
            &format!(
                "[[boards]]\nid = \"lipnice\"\ntown = \"Lipnice\"\nweb_address = \"lipnice.example\"\n\
                 [[boards.sources]]\nkind = \"ofn\"\nurl = \"{feed}\"\n"
            ),
        );
        let mut command = Self::command(&folder, &["serve", "--provision", "boards.toml"]);
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut program =
            Program::start(command, |process| Box::new(process.stdout.take().unwrap()));
        let line = program.says("listening on ");
        Self {
            folder,
            url: line["listening on ".len()..].to_owned(),
            _program: program,
        }
    }

    fn command(folder: &TempDir, words: &[&str]) -> Command {
        let beside = Path::new(env!("CARGO_BIN_EXE_vyveska")).with_file_name("vyveska-central");
        let mut command = Command::new(beside);
        command
            .current_dir(folder.path())
            .args(words)
            .args(["--config", "central.toml"]);
        command
    }

    /// What a technician takes to the terminal.
    fn enrolment(&self) -> PathBuf {
        let words = ["enrol", "--board", "lipnice", "--central", &self.url];
        let output = Self::command(&self.folder, &words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let path = self.folder.path().join("enrolment.toml");
        std::fs::write(&path, output.stdout).unwrap();
        path
    }
}

fn kiosk(enrolment: &Path, data: &Path) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vyveska"));
    let command = command
        .arg("--enrolment")
        .arg(enrolment)
        .arg("--data")
        .arg(data)
        .args(["--headless", "--sound", "none"])
        .env_remove("RUST_LOG")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    Program::start(command, |process| Box::new(process.stderr.take().unwrap()))
}

#[test]
fn a_new_display_enrols_by_a_file_and_believes_its_key_alone() {
    let runtime = Runtime::new().unwrap();
    let address = ([127, 0, 0, 1], 0).into();
    let sample = SampleTown::load().unwrap();
    let publisher = runtime.block_on(Publisher::start(sample, Arc::new(today), address));
    let publisher = publisher.unwrap();
    let central = CentralProcess::start(&publisher.feed_url());
    let enrolment = central.enrolment();
    let data = tempfile::tempdir().unwrap();
    let mut enrolled = kiosk(&enrolment, data.path());
    enrolled.says("central has enrolled this display");
    enrolled.says("a new board is in use");
    drop(enrolled);

    // It stays let in by its own key, and needs the token no more.
    let mut again = kiosk(&enrolment, data.path());
    again.says("the board is painted");
    drop(again);

    // The token is spent.
    let other = tempfile::tempdir().unwrap();
    kiosk(&enrolment, other.path()).says("has enrolled as many displays as it may");

    // A central in the middle, which has the token that it asks for, and another key.
    let middle = CentralProcess::start(&publisher.feed_url());
    let file = EnrolmentFile {
        central_key: read_enrolment(&enrolment).unwrap().central_key,
        ..read_enrolment(&middle.enrolment()).unwrap()
    };
    let path = other.path().join("enrolment.toml");
    std::fs::write(&path, file.to_toml()).unwrap();
    let mut cheated = kiosk(&path, other.path());
    cheated.says("central's time is not believed");
    let is_taken = |line: &String| line.contains("a new board is in use");
    assert!(!cheated.seen.iter().any(is_taken), "{:#?}", cheated.seen);
}
