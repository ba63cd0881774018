//! MuPDF and poppler as confined programs.
//!
//! A document is untrusted, so each program reads nothing but the system's own files and one private folder with the
//! document, reaches no network, and has bounds of memory, time and output. What it answers is untrusted as well: a
//! drawing is taken only when it has exactly the size that was asked for.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use vyveska_confine::{FileIsolation, Limits, Profile, launcher};
use vyveska_pages::DocumentKind;
use vyveska_wire::limits::MAX_DOCUMENT_BYTES;

use super::complaints::{self, Complaints};
use super::picture::{Picture, Pixels};

/// A page of an A0 plan takes 300 MB.
const ADDRESS_SPACE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Other programs go first.
const NICENESS: i32 = 5;
/// On a busy machine a program takes so many times longer than the processor time that it may use.
const BUSY: u64 = 3;
/// Without these fontconfig reads every font anew.
const FONT_CACHE: &str = "/var/cache/fontconfig";
const MAX_TEXT_BYTES: u64 = 32_000_000;
const MAX_REPORT_BYTES: u64 = 1_000_000;

/// Where the programs are; the default is the system's.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub(super) mutool: PathBuf,
    pub(super) pdftoppm: PathBuf,
    pub(super) pdftocairo: PathBuf,
    pub(super) pdftotext: PathBuf,
    pub(super) pdfinfo: PathBuf,
}

impl Default for Programs {
    fn default() -> Self {
        Self {
            mutool: "mutool".into(),
            pdftoppm: "pdftoppm".into(),
            pdftocairo: "pdftocairo".into(),
            pdftotext: "pdftotext".into(),
            pdfinfo: "pdfinfo".into(),
        }
    }
}

/// The engines beside our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Mupdf,
    Poppler,
}

impl Engine {
    /// The package of Debian that has its programs.
    #[must_use]
    pub fn package(self) -> &'static str {
        match self {
            Self::Mupdf => "mupdf-tools",
            Self::Poppler => "poppler-utils",
        }
    }
}

/// Why a program gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ToolError {
    #[error("it cannot be run: {0}")]
    Run(#[from] std::io::Error),
    #[error("it was not confined: {0}")]
    NotConfined(String),
    #[error("it did not finish within {} s", .0.as_secs())]
    TooSlow(Duration),
    #[error("the time for the document is up")]
    OutOfTime,
    #[error("its answer exceeds {0} bytes")]
    TooMuch(u64),
    #[error("it gave up: {0}")]
    Failed(std::process::ExitStatus),
    #[error("its answer makes no sense")]
    Senseless,
}

/// The programs, with the time that each may take.
#[derive(Debug, Clone)]
pub(super) struct Tools {
    programs: Programs,
    /// The time for one page.
    page_limit: Duration,
    /// The time for a whole document.
    document_limit: Duration,
    /// A stand-in of a test is a shell script, which starts further programs.
    processes: bool,
}

/// What a program wrote to its standard output, what it complained of, and how it ended.
struct Answer {
    bytes: Vec<u8>,
    complaints: Complaints,
    status: std::process::ExitStatus,
}

impl Answer {
    fn of_success(self) -> Result<Vec<u8>, ToolError> {
        if self.status.success() {
            Ok(self.bytes)
        } else {
            Err(ToolError::Failed(self.status))
        }
    }

    fn into_drawing(self, size: Pixels) -> Result<Drawing, ToolError> {
        let picture = Picture::from_ppm(&self.bytes, size).ok_or(ToolError::Senseless)?;
        Ok(Drawing {
            picture,
            complaints: self.complaints,
        })
    }
}

/// What an engine draws of a page.
#[derive(Debug)]
pub(super) struct Drawing {
    pub(super) picture: Picture,
    pub(super) complaints: Complaints,
}

/// A private folder with one document, and with what is made of it.
pub(super) struct Workspace {
    folder: tempfile::TempDir,
    document: PathBuf,
}

const CONVERTED: &str = "converted.pdf";
const PICTURES: &str = "pictures.pdf";
const JOINED: &str = "joined.pdf";
/// The only folder that a program may write to.
const MADE: &str = "made";

impl Workspace {
    pub(super) fn with(kind: DocumentKind, bytes: &[u8]) -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("vyveska-jury-").tempdir()?;
        // MuPDF goes by the name alone.
        let document = folder.path().join(match kind {
            DocumentKind::Pdf => "document.pdf",
            DocumentKind::Jpeg => "document.jpeg",
            DocumentKind::Png => "document.png",
            DocumentKind::Tiff => "document.tiff",
            DocumentKind::Webp => "document.webp",
        });
        std::fs::write(&document, bytes)?;
        std::fs::create_dir(folder.path().join(MADE))?;
        Ok(Self { folder, document })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn made(&self, name: &str) -> PathBuf {
        self.folder.path().join(MADE).join(name)
    }

    /// Keeps what `pdftocairo` made, for [`Tools::join`].
    pub(super) fn keep_converted(&self, bytes: &[u8]) -> std::io::Result<()> {
        std::fs::write(self.path(CONVERTED), bytes)
    }
}

/// One page of a joined document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    /// A page of the converted document, counted from one.
    Converted(usize),
    /// A page of the pictures, counted from one.
    Picture(usize),
}

/// A page that becomes a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PicturedPage {
    /// Counted from zero.
    pub(super) page: usize,
    pub(super) dots_per_inch: u32,
}

impl Leaf {
    fn is_picture(self) -> bool {
        matches!(self, Self::Picture(_))
    }

    fn number(self) -> usize {
        match self {
            Self::Converted(number) | Self::Picture(number) => number,
        }
    }
}

impl Tools {
    pub(super) fn new(programs: Programs) -> Self {
        Self {
            programs,
            page_limit: Duration::from_secs(60),
            document_limit: Duration::from_secs(180),
            processes: false,
        }
    }

    #[cfg(test)]
    pub(super) fn with_stand_ins(programs: Programs, limit: Duration) -> Self {
        Self {
            page_limit: limit,
            document_limit: limit,
            processes: true,
            ..Self::new(programs)
        }
    }

    #[cfg(test)]
    pub(super) fn with_page_limit(self, limit: Duration) -> Self {
        Self {
            page_limit: limit,
            ..self
        }
    }

    /// The version of an engine; `Err` says why it cannot be used.
    pub(super) async fn version(&self, engine: Engine) -> Result<String, ToolError> {
        let program = match engine {
            Engine::Mupdf => &self.programs.mutool,
            Engine::Poppler => &self.programs.pdftoppm,
        };
        let mut command = self.confined(program, Vec::new(), Vec::new(), self.page_limit)?;
        // Both write it to standard error.
        let asked = command
            .arg("-v")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let answer = tokio::time::timeout(self.page_limit, asked.output())
            .await
            .map_err(|_| ToolError::TooSlow(self.page_limit))??;
        let said = String::from_utf8_lossy(&answer.stderr);
        if answer.status.code() == Some(launcher::NOT_LAUNCHED.into()) {
            return Err(ToolError::NotConfined(said.trim().to_owned()));
        }
        said.lines()
            .filter_map(|line| line.split_once(" version ").map(|(_, version)| version))
            .map(|version| version.trim().chars().take(40).collect())
            .find(|version: &String| version.starts_with(|c: char| c.is_ascii_digit()))
            .ok_or(ToolError::Senseless)
    }

    /// A page drawn by an engine; pages are counted from zero. `None` when it cannot.
    pub(super) async fn draw(
        &self,
        engine: Engine,
        workspace: &Workspace,
        page: usize,
        size: Pixels,
    ) -> Option<Drawing> {
        let bounds = Bounds {
            time: self.page_limit,
            bytes: u64::from(size.width) * u64::from(size.height) * 3 + 100,
        };
        // A page that was drawn with complaints is drawn.
        let drawn = match engine {
            Engine::Mupdf => self.draw_by_mupdf(workspace, page, size, bounds).await,
            Engine::Poppler => self.draw_by_poppler(workspace, page, size, bounds).await,
        };
        drawn
            .inspect_err(|error| tracing::debug!(?engine, page = page + 1, %error, "an engine draws nothing"))
            .ok()
    }

    async fn draw_by_mupdf(
        &self,
        workspace: &Workspace,
        page: usize,
        size: Pixels,
        bounds: Bounds,
    ) -> Result<Drawing, ToolError> {
        let (number, document) = ((page + 1).to_string(), &workspace.document);
        let answer = self.ask(&self.programs.mutool, workspace, bounds, |mutool| {
            mutool
                .args(["draw", "-q", "-F", "ppm", "-o", "-", "-f"])
                .args(["-w", &size.width.to_string()])
                .args(["-h", &size.height.to_string()])
                .args([document.as_os_str(), number.as_ref()]);
        });
        answer.await?.into_drawing(size)
    }

    /// Poppler 22.12 measures a page before it turns it by its `/Rotate`: then it is asked once more for a page on its side.
    async fn draw_by_poppler(
        &self,
        workspace: &Workspace,
        page: usize,
        size: Pixels,
        bounds: Bounds,
    ) -> Result<Drawing, ToolError> {
        let (number, document) = ((page + 1).to_string(), &workspace.document);
        let ask = async |across: u32, down: u32| {
            // With "-q" it would not complain.
            let answer = self.ask(&self.programs.pdftoppm, workspace, bounds, |pdftoppm| {
                pdftoppm
                    .arg("-cropbox")
                    .args(["-scale-to-x", &across.to_string()])
                    .args(["-scale-to-y", &down.to_string()])
                    .args(["-f", &number, "-l", &number])
                    .arg(document);
            });
            answer.await
        };
        let mut drawn = ask(size.width, size.height).await?;
        if Picture::from_ppm(&drawn.bytes, size).is_none()
            && Picture::from_ppm(&drawn.bytes, size.turned()).is_some()
        {
            drawn = ask(size.height, size.width).await?;
        }
        drawn.into_drawing(size)
    }

    /// How many pages an engine finds.
    pub(super) async fn page_count(&self, engine: Engine, workspace: &Workspace) -> Option<usize> {
        let document = &workspace.document;
        let bounds = Bounds {
            time: self.page_limit,
            bytes: MAX_REPORT_BYTES,
        };
        let answer = match engine {
            Engine::Mupdf => {
                self.ask(&self.programs.mutool, workspace, bounds, |mutool| {
                    mutool.args(["info", "-M"]).arg(document).arg("1");
                })
                .await
            }
            Engine::Poppler => {
                self.ask(&self.programs.pdfinfo, workspace, bounds, |pdfinfo| {
                    pdfinfo.arg(document);
                })
                .await
            }
        };
        let report = answer.ok()?.bytes;
        String::from_utf8_lossy(&report)
            .lines()
            .find_map(|line| line.strip_prefix("Pages:"))?
            .trim()
            .parse()
            .ok()
    }

    /// The document as poppler writes it anew.
    pub(super) async fn convert(&self, workspace: &Workspace) -> Result<Vec<u8>, ToolError> {
        let document = &workspace.document;
        let bounds = Bounds {
            time: self.document_limit,
            bytes: MAX_DOCUMENT_BYTES,
        };
        self.ask(&self.programs.pdftocairo, workspace, bounds, |pdftocairo| {
            pdftocairo.args(["-q", "-pdf"]).arg(document).arg("-");
        })
        .await?
        .of_success()
    }

    /// The text of each page, as poppler reads it.
    pub(super) async fn text(&self, workspace: &Workspace) -> Result<Vec<String>, ToolError> {
        let document = &workspace.document;
        let bounds = Bounds {
            time: self.document_limit,
            bytes: MAX_TEXT_BYTES,
        };
        let answer = self.ask(&self.programs.pdftotext, workspace, bounds, |pdftotext| {
            pdftotext
                .args(["-q", "-enc", "UTF-8"])
                .arg(document)
                .arg("-");
        });
        let bytes = answer.await?.of_success()?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.split('\u{c}').map(str::to_owned).collect())
    }

    /// Makes a document of pictures of these pages, counted from zero, for [`Tools::join`].
    pub(super) async fn photograph(
        &self,
        workspace: &Workspace,
        pages: &[PicturedPage],
    ) -> Result<(), ToolError> {
        let document = &workspace.document;
        let mut pictures = Vec::new();
        for page in pages {
            let (number, density) = ((page.page + 1).to_string(), page.dots_per_inch.to_string());
            let bounds = Bounds {
                time: self.page_limit,
                bytes: MAX_DOCUMENT_BYTES,
            };
            let answer = self.ask(&self.programs.mutool, workspace, bounds, |mutool| {
                mutool
                    .args(["draw", "-q", "-F", "png", "-o", "-", "-r", &density])
                    .args([document.as_os_str(), number.as_ref()]);
            });
            let picture = workspace.path(&format!("{number}.png"));
            std::fs::write(&picture, answer.await?.of_success()?)?;
            pictures.push(picture);
        }
        self.make(workspace, |mutool| {
            mutool
                .args(["convert", "-O", "compress", "-o"])
                .arg(workspace.made(PICTURES))
                .args(pictures);
        })
        .await
    }

    /// One document of these pages.
    pub(super) async fn join(
        &self,
        workspace: &Workspace,
        leaves: &[Leaf],
    ) -> Result<Vec<u8>, ToolError> {
        let joined = workspace.made(JOINED);
        self.make(workspace, |mutool| {
            mutool.args(["merge", "-O", "compress", "-o"]).arg(&joined);
            for run in leaves.chunk_by(|one, other| one.is_picture() == other.is_picture()) {
                let numbers: Vec<String> =
                    run.iter().map(|leaf| leaf.number().to_string()).collect();
                let file = if run[0].is_picture() {
                    workspace.made(PICTURES)
                } else {
                    workspace.path(CONVERTED)
                };
                mutool.arg(file).arg(numbers.join(","));
            }
        })
        .await?;
        Ok(std::fs::read(joined)?)
    }

    /// Runs mutool where it may write what it makes.
    async fn make(
        &self,
        workspace: &Workspace,
        arguments: impl FnOnce(&mut Command),
    ) -> Result<(), ToolError> {
        let bounds = Bounds {
            time: self.document_limit,
            bytes: MAX_REPORT_BYTES,
        };
        let write = vec![workspace.path(MADE)];
        let read = vec![workspace.folder.path().to_owned()];
        let mut command = self.confined(&self.programs.mutool, read, write, bounds.time)?;
        arguments(&mut command);
        converse(command, bounds).await?.of_success().map(drop)
    }

    async fn ask(
        &self,
        program: &Path,
        workspace: &Workspace,
        bounds: Bounds,
        arguments: impl FnOnce(&mut Command),
    ) -> Result<Answer, ToolError> {
        let read = vec![workspace.folder.path().to_owned()];
        let mut command = self.confined(program, read, Vec::new(), bounds.time)?;
        arguments(&mut command);
        converse(command, bounds).await
    }

    fn confined(
        &self,
        program: &Path,
        mut read: Vec<PathBuf>,
        write: Vec<PathBuf>,
        time: Duration,
    ) -> std::io::Result<Command> {
        read.push(FONT_CACHE.into());
        let profile = Profile {
            limits: Limits {
                address_space_bytes: ADDRESS_SPACE_BYTES,
                cpu_seconds: Some(time.as_secs() / BUSY + 1),
                file_bytes: if write.is_empty() {
                    0
                } else {
                    MAX_DOCUMENT_BYTES
                },
                stack_bytes: None,
                descriptors: 64,
                niceness: NICENESS,
            },
            read,
            write,
            sound: false,
            processes: self.processes,
            // A runtime's thread may end while the program still runs.
            parent: None,
            isolations: FileIsolation::ALL.to_vec(),
        };
        let mut command = Command::from(profile.command(program)?);
        command.stdin(Stdio::null()).kill_on_drop(true);
        Ok(command)
    }
}

/// What a program may take.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    time: Duration,
    /// Of its answer.
    bytes: u64,
}

/// Runs a program to its end, or to the end of its time.
async fn converse(mut command: Command, bounds: Bounds) -> Result<Answer, ToolError> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let Some((output, said)) = child.stdout.take().zip(child.stderr.take()) else {
        return Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
    };
    let read = async {
        let mut bytes = Vec::new();
        output
            .take(bounds.bytes + 1)
            .read_to_end(&mut bytes)
            .await?;
        if bytes.len() as u64 > bounds.bytes {
            return Err(ToolError::TooMuch(bounds.bytes));
        }
        Ok(bytes)
    };
    let listen = async {
        // Unread, its complaints would stop it once the pipe is full.
        let hear = async { complaints::hear(said).await.map_err(ToolError::from) };
        let (bytes, complaints) = tokio::try_join!(read, hear)?;
        let status = child.wait().await?;
        Ok(Answer {
            bytes,
            complaints,
            status,
        })
    };
    let answer = tokio::time::timeout(bounds.time, listen).await;
    let answer = answer.unwrap_or(Err(ToolError::TooSlow(bounds.time)));
    if answer.is_err() {
        // It may have exited already.
        let _ = child.kill().await;
    }
    answer
}
