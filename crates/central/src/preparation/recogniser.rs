//! Text recognition by tesseract, where it is installed.
//!
//! Its input is untrusted, so it runs confined: pixels in a plain format on its standard input, a table on its standard
//! output, the system's files and no others, bounded memory, bounded time and a low priority.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use vyveska_confine::{FileIsolation, Limits, Profile, launcher};

use super::tsv::{self, Recognised};

pub(super) const PROGRAM: &str = "tesseract";
/// The languages of documents, in tesseract's codes; those not installed are left out.
const LANGUAGES: [&str; 2] = ["ces", "deu"];
/// The data for detecting the orientation of a page.
const ORIENTATION: &str = "osd";
/// Two languages and a page of 300 dots per inch take about 300 MB.
const ADDRESS_SPACE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// The limit of its output: a page of small print gives 200 kB.
const MAX_TABLE_BYTES: u64 = 4_000_000;
const CPU_SECONDS: u64 = 120;
/// Requests go first, and a page is still done in time beside other busy programs.
const NICENESS: i32 = 5;

#[derive(Debug, thiserror::Error)]
pub(super) enum RecogniseError {
    #[error("tesseract cannot be run: {0}")]
    Run(#[from] std::io::Error),
    #[error("tesseract did not finish within {} s", .0.as_secs())]
    TooSlow(Duration),
    #[error("tesseract said more than {MAX_TABLE_BYTES} bytes")]
    TooMuch,
    #[error("tesseract gave up: {0}")]
    Failed(std::process::ExitStatus),
}

/// The picture of a page in grey, a byte a pixel, row by row.
#[derive(Debug)]
pub(super) struct GreyPage {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
    /// Pixels per point.
    pub(super) scale: f32,
}

impl GreyPage {
    /// From opaque RGBA.
    pub(super) fn of(rgba: &[u8], width: u32, height: u32, scale: f32) -> Self {
        let pixels = rgba.as_chunks::<4>().0;
        Self {
            width,
            height,
            pixels: pixels
                .iter()
                .map(|[red, green, blue, _]| {
                    let sum =
                        77 * u32::from(*red) + 150 * u32::from(*green) + 29 * u32::from(*blue);
                    (sum >> 8) as u8
                })
                .collect(),
            scale,
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        let dark = self.pixels.iter().filter(|pixel| **pixel < 160).count();
        // A few dark pixels are dust on the scanner.
        dark < self.pixels.len() / 20_000 + 1
    }

    /// The header of the picture as PGM.
    fn head(&self) -> String {
        format!("P5\n{} {}\n255\n", self.width, self.height)
    }
}

/// An installed tesseract with its languages.
#[derive(Debug, Clone)]
pub(super) struct Recogniser {
    program: PathBuf,
    languages: String,
    orientation: bool,
    limit: Duration,
    profile: Profile,
}

impl Recogniser {
    /// Queries the program's languages; `Err` says why it cannot be used.
    pub(super) async fn find(program: &Path, limit: Duration) -> Result<Self, String> {
        let profile = profile();
        let asked = confined(&profile, program)
            .map_err(|error| error.to_string())?
            .arg("--list-langs")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let answer = tokio::time::timeout(limit, asked)
            .await
            .map_err(|_| "it does not answer".to_owned())?
            .map_err(|error| error.to_string())?;
        if answer.status.code() == Some(launcher::NOT_LAUNCHED.into()) {
            return Err(String::from_utf8_lossy(&answer.stderr).trim().to_owned());
        }
        let listed = String::from_utf8_lossy(&answer.stdout).into_owned();
        let known = |language: &str| listed.lines().any(|line| line.trim() == language);
        let languages: Vec<&str> = LANGUAGES.into_iter().filter(|one| known(one)).collect();
        if languages.is_empty() {
            return Err("it has no data for Czech or German".to_owned());
        }
        Ok(Self {
            program: program.to_owned(),
            languages: languages.join("+"),
            orientation: known(ORIENTATION),
            limit,
            profile,
        })
    }

    pub(super) fn languages(&self) -> &str {
        &self.languages
    }

    pub(super) async fn recognise(&self, page: &GreyPage) -> Result<Recognised, RecogniseError> {
        let mut child = self.start(page)?;
        let result = tokio::time::timeout(self.limit, converse(&mut child, page)).await;
        match result {
            Ok(Ok(table)) => Ok(tsv::read(&table, 1.0 / page.scale)),
            other => {
                // It may have exited already.
                let _ = child.kill().await;
                other.map_or(Err(RecogniseError::TooSlow(self.limit)), |result| {
                    result.map(|_| Recognised::default())
                })
            }
        }
    }

    fn start(&self, page: &GreyPage) -> Result<Child, RecogniseError> {
        let dots_per_inch = (page.scale * 72.0).round().clamp(70.0, 2400.0);
        let child = confined(&self.profile, &self.program)?
            .args(["stdin", "stdout", "-l", &self.languages, "--dpi"])
            .arg(dots_per_inch.to_string())
            // 1 detects the orientation, 3 does not.
            .args(["--psm", if self.orientation { "1" } else { "3" }, "tsv"])
            .env("OMP_THREAD_LIMIT", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(child)
    }
}

fn profile() -> Profile {
    Profile {
        read: Vec::new(),
        write: Vec::new(),
        sound: false,
        processes: false,
        // A runtime's thread may end while the program still runs.
        parent: None,
        limits: Limits {
            address_space_bytes: ADDRESS_SPACE_BYTES,
            cpu_seconds: Some(CPU_SECONDS),
            file_bytes: 0,
            stack_bytes: None,
            descriptors: 64,
            niceness: NICENESS,
        },
        isolations: FileIsolation::ALL.to_vec(),
    }
}

fn confined(profile: &Profile, program: &Path) -> std::io::Result<Command> {
    profile.command(program).map(Command::from)
}

async fn converse(child: &mut Child, page: &GreyPage) -> Result<String, RecogniseError> {
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
    };
    let write = async move {
        // A write error follows from an early exit, whose status is reported.
        let _ = stdin.write_all(page.head().as_bytes()).await;
        let _ = stdin.write_all(&page.pixels).await;
    };
    let mut table = Vec::new();
    let mut output = stdout.take(MAX_TABLE_BYTES + 1);
    let (read, ()) = tokio::join!(output.read_to_end(&mut table), write);
    read?;
    if table.len() as u64 > MAX_TABLE_BYTES {
        return Err(RecogniseError::TooMuch);
    }
    let status = child.wait().await?;
    if !status.success() {
        return Err(RecogniseError::Failed(status));
    }
    Ok(String::from_utf8_lossy(&table).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program that stands in for tesseract: it knows Czech, and does `does` with a page.
    fn stand_in(does: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("tesseract");
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = --list-langs ]; then echo List; echo ces; exit 0; fi\n{does}\n"
        );
        vyveska_confine::testing::write_script(&program, &script);
        (folder, program)
    }

    fn page() -> GreyPage {
        let rgba = [[250, 250, 250, 255], [0, 0, 0, 255]]
            .concat()
            .repeat(500_000);
        GreyPage::of(&rgba, 1000, 1000, 300.0 / 72.0)
    }

    const LIMIT: Duration = Duration::from_secs(60);

    /// A stand-in is a shell script, which starts further programs.
    async fn find(program: &Path) -> Recogniser {
        let mut recogniser = Recogniser::find(program, LIMIT).await.unwrap();
        recogniser.profile.processes = true;
        recogniser
    }

    #[tokio::test]
    async fn the_pixels_are_written_and_the_table_is_read() {
        let (_folder, program) = stand_in(
            "[ \"$(wc -c)\" = 1000017 ] || exit 7\n\
             printf '5\\t1\\t1\\t1\\t1\\t1\\t300\\t300\\t600\\t50\\t88.5\\tzastupitelstvo\\n'",
        );
        let recogniser = find(&program).await;
        assert_eq!(recogniser.languages(), "ces");
        let found = recogniser.recognise(&page()).await.unwrap();
        assert_eq!(found.confidence, 89);
        let word = &found.lines[0].words[0];
        assert_eq!(word.text, "zastupitelstvo");
        assert_eq!((word.place.x, word.place.width), (72.0, 144.0));
    }

    #[tokio::test]
    async fn the_limits_are_set_before_it_reads() {
        let (_folder, program) = stand_in(
            "head -c 1 >&2\n\
             if [ \"$(ulimit -v)\" = 2097152 ] && [ \"$(nice)\" = 5 ]; then word=zastupitelstvo; else word=x; fi\n\
             cat >&2\n\
             printf '5\\t1\\t1\\t1\\t1\\t1\\t0\\t0\\t60\\t50\\t90\\t%s\\n' $word",
        );
        let recogniser = find(&program).await;
        let found = recogniser.recognise(&page()).await.unwrap();
        assert_eq!(found.lines.len(), 1);
    }

    #[tokio::test]
    async fn it_reads_no_key_and_reaches_no_network() {
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), "secret\n").unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let attack = format!(
            "cat >&2\n\
             word=zastupitelstvo\n\
             read -r line <{key} && word=key\n\
             bash -c 'true 3<>/dev/tcp/127.0.0.1/{port}' && word=network\n\
             printf '5\\t1\\t1\\t1\\t1\\t1\\t0\\t0\\t60\\t50\\t90\\t%s\\n' $word",
            key = secret.path().display(),
            port = listener.local_addr().unwrap().port(),
        );
        let (_folder, program) = stand_in(&attack);
        let recogniser = find(&program).await;
        let found = recogniser.recognise(&page()).await.unwrap();
        assert_eq!(found.lines[0].words[0].text, "zastupitelstvo");
        assert!(listener.accept().is_err(), "nobody connected");
    }

    #[tokio::test]
    async fn one_that_stalls_floods_or_fails_is_stopped() {
        let (_stalls, program) = stand_in("exec sleep 1000");
        let short = Duration::from_millis(200);
        let mut recogniser = find(&program).await;
        recogniser.limit = short;
        let error = recogniser.recognise(&page()).await.unwrap_err();
        assert!(matches!(error, RecogniseError::TooSlow(_)), "{error}");

        let (_floods, program) = stand_in("cat >&2\nexec yes");
        let recogniser = find(&program).await;
        let error = recogniser.recognise(&page()).await.unwrap_err();
        assert!(matches!(error, RecogniseError::TooMuch), "{error}");

        let (_fails, program) = stand_in("exit 3");
        let recogniser = find(&program).await;
        let error = recogniser.recognise(&page()).await.unwrap_err();
        assert!(matches!(error, RecogniseError::Failed(_)), "{error}");
    }

    #[tokio::test]
    async fn without_the_program_or_its_czech_nothing_is_recognised() {
        let missing = Recogniser::find(Path::new("/nonexistent/tesseract"), LIMIT).await;
        assert!(missing.is_err());
        let without_czech = Recogniser::find(Path::new("/bin/true"), LIMIT).await;
        assert!(without_czech.unwrap_err().contains("Czech"));
    }

    #[test]
    fn a_page_of_dust_is_blank() {
        let mut page = GreyPage::of(&[255; 4_000_000], 1000, 1000, 1.0);
        assert!(page.is_blank());
        page.pixels[..30].fill(0);
        assert!(page.is_blank());
        page.pixels[..100].fill(0);
        assert!(!page.is_blank());
    }
}
