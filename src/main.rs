//! The kiosk's program: arguments and logging; [`vyveska::app`] does the rest.

use std::io::IsTerminal as _;
#[cfg(feature = "demo")]
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use url::Url;
use vyveska::app::{self, Options, OutputMode, ServiceOptions, Sound};
use vyveska::clock::SystemClockVerifier;
use vyveska::ui::PhysicalPanel;
use vyveska_pages::WorkerOptions;

/// A town's official notice board.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    kiosk: KioskArguments,
}

#[derive(Debug, Args)]
struct KioskArguments {
    /// The address of the central service.
    #[arg(long, value_name = "URL", value_parser = parse_central)]
    central: Option<Url>,
    /// The file with central's public key.
    #[arg(long, value_name = "FILE")]
    central_key: Option<PathBuf>,
    /// The file of `vyveska-central enrol`, instead of both: it has the address and the key, and lets a new display in.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["central", "central_key"])]
    enrolment: Option<PathBuf>,
    /// Ask central over http:// also beyond this computer. Others on the way can then read what is fetched.
    #[arg(long)]
    allow_http: bool,
    /// The folder for the board, its documents, the device's key and the journal.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The size of the window, of the headless screen or of the panel that is filled, in pixels.
    #[arg(long, value_name = "WxH", default_value = "1080x1920", value_parser = parse_size)]
    size: (u32, u32),
    /// The diagonal of the screen's picture, in inches (10 to 120): every size follows from it.
    #[arg(long, value_name = "INCHES", default_value_t = 43.0, value_parser = parse_inches)]
    panel_inches: f32,
    /// How high above the ground the lower edge of the picture is, in millimetres. What can be touched has to find room
    /// between 700 and 1200 mm: at most 900, and low enough for a wheelchair to come to the upper part.
    #[arg(long, value_name = "MM", default_value_t = 700, value_parser = clap::value_parser!(u16).range(..=2000))]
    panel_bottom_mm: u16,
    /// The ALSA device for what is read aloud, or `none`; the system's own output when left out.
    #[arg(long, value_name = "DEVICE")]
    sound: Option<String>,
    /// The file with the hash of the service screen's PIN, for as long as no board has brought one.
    #[arg(long, value_name = "FILE")]
    service_pin_file: Option<PathBuf>,
    /// This computer is a terminal: the service screen may set up its network, clock and panel, and restart it.
    #[arg(long)]
    terminal: bool,
    /// Who vouches for the clock of this computer: the kernel, while a time service keeps it synchronised; or else an
    /// intact battery-backed clock (`rtc`); the host of this virtual machine; or nobody.
    #[arg(long, value_name = "WHO", value_enum, default_value_t)]
    clock_verified_by: SystemClockVerifier,
    /// Fill the whole screen.
    #[arg(long, conflicts_with_all = ["headless", "screens"])]
    fullscreen: bool,
    /// Draw into memory instead of opening a window.
    #[arg(long)]
    headless: bool,
    /// Walk through the kiosk headless by real touches, write one PNG per step into DIR, and end.
    #[arg(long, value_name = "DIR", conflicts_with = "headless")]
    screens: Option<PathBuf>,
    /// Let a script walk through the kiosk: listen at this address of this computer, for instance 127.0.0.1:0.
    #[cfg(feature = "demo")]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "screens")]
    driver: Option<std::net::SocketAddr>,
}

/// `files:DIR` writes each sentence into a file, for tests.
#[cfg(feature = "demo")]
const SOUND_FILES: &str = "files:";

#[derive(Debug, Subcommand)]
enum Command {
    /// Draw a document through the page worker, as the kiosk would.
    Pages {
        /// The document.
        file: PathBuf,
        /// How wide each page is drawn, in pixels.
        #[arg(long, default_value_t = 1080, value_parser = clap::value_parser!(u32).range(1..=8192))]
        width: u32,
        /// Where the pictures go; without it pages are drawn and not kept.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Look at a display's sealed journal.
    Journal {
        #[command(subcommand)]
        command: JournalCommand,
    },
}

#[derive(Debug, Subcommand)]
enum JournalCommand {
    /// Check that nobody altered it.
    Verify {
        /// The journal's folder.
        folder: PathBuf,
        /// The device's public key (`device-key.pub.pem`).
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| EnvFilter::new("warn,vyveska=info")),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // Told by printing, which panics: whoever reads the log may go away, and the board stays.
        .log_internal_errors(false)
        .init();
    match run(Arguments::parse()) {
        Ok(status) => status,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        None => run_kiosk(arguments.kiosk),
        Some(Command::Pages {
            file,
            width,
            out,
            json,
        }) => {
            let worker = WorkerOptions::beside_current_exe()
                .context("the page worker vyveska-pages is not beside this program")?;
            let command = vyveska_pages::command::PagesCommand {
                file,
                width,
                out,
                json,
                worker,
            };
            let status = vyveska_pages::command::run(&command, &mut std::io::stdout().lock())?;
            Ok(ExitCode::from(status))
        }
        Some(Command::Journal {
            command: JournalCommand::Verify { folder, key },
        }) => {
            let outcome =
                vyveska::journal::command::verify(&folder, &key, &mut std::io::stdout().lock())?;
            Ok(ExitCode::from(outcome.code()))
        }
    }
}

fn run_kiosk(kiosk: KioskArguments) -> anyhow::Result<ExitCode> {
    #[cfg(feature = "demo")]
    if let Some(driver) = kiosk.driver {
        return app::run_driven(&options(kiosk)?, driver, |address| {
            // A program that started this one through a pipe reads the address here.
            let mut out = std::io::stdout().lock();
            let written = writeln!(out, "driver: http://{address}").and_then(|()| out.flush());
            if let Err(error) = written {
                tracing::warn!(%error, %address, "the driver's address could not be written");
            }
        });
    }
    app::run(&options(kiosk)?)
}

fn options(kiosk: KioskArguments) -> anyhow::Result<Options> {
    let needed =
        "the kiosk needs --data DIR, and --enrolment FILE or --central URL with --central-key FILE";
    let data = kiosk.data.context(needed)?;
    let (central, central_key, enrolment) =
        match (kiosk.enrolment, kiosk.central, kiosk.central_key) {
            (Some(file), _, _) => {
                let file = app::read_enrolment(&file)?;
                (file.central, file.central_key, Some(file.token))
            }
            (None, Some(central), Some(key)) => (central, app::read_central_key(&key)?, None),
            _ => bail!(needed),
        };
    let output_mode = if let Some(folder) = kiosk.screens {
        OutputMode::Walk { folder }
    } else if kiosk.headless {
        OutputMode::Headless
    } else {
        OutputMode::Window {
            fullscreen: kiosk.fullscreen,
        }
    };
    Ok(Options {
        central,
        central_key,
        enrolment,
        allow_http: kiosk.allow_http,
        data,
        width: kiosk.size.0,
        height: kiosk.size.1,
        panel: PhysicalPanel {
            diagonal_inches: kiosk.panel_inches,
            bottom_mm: f32::from(kiosk.panel_bottom_mm),
        },
        output_mode,
        sound: match kiosk.sound.as_deref() {
            Some("none") => Sound::None,
            #[cfg(feature = "demo")]
            Some(device) if device.starts_with(SOUND_FILES) => {
                Sound::Files(device[SOUND_FILES.len()..].into())
            }
            device => Sound::Output {
                device: device.map(str::to_owned),
            },
        },
        service: ServiceOptions {
            pin_file: kiosk.service_pin_file,
            terminal: kiosk.terminal,
        },
        clock_verifier: kiosk.clock_verified_by,
        worker: None,
    })
}

fn parse_central(text: &str) -> Result<Url, String> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .ok_or_else(|| {
            "expected an address that begins with https:// or http://, as in https://central.example/"
                .to_owned()
        })
}

/// Accepts sizes on which every screen finds room, up to 8K.
fn parse_size(text: &str) -> Result<(u32, u32), String> {
    let wrong = || {
        "expected a size like 1080x1920; the smallest are 720x1280 and 1280x720, and a side has \
         at most 8192"
            .to_owned()
    };
    let (width, height) = text.split_once('x').ok_or_else(wrong)?;
    let side = |text: &str| {
        text.parse::<u32>()
            .ok()
            .filter(|side| (720..=8192).contains(side))
            .ok_or_else(wrong)
    };
    let (width, height) = (side(width)?, side(height)?);
    if width.max(height) < 1280 {
        return Err(wrong());
    }
    Ok((width, height))
}

fn parse_inches(text: &str) -> Result<f32, String> {
    text.parse()
        .ok()
        .filter(|inches| (10.0..=120.0).contains(inches))
        .ok_or_else(|| "expected a number of inches from 10 to 120".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_without_room_for_the_board_is_refused() {
        for (text, size) in [
            ("1080x1920", Some((1080, 1920))),
            ("720x1280", Some((720, 1280))),
            ("1280x720", Some((1280, 720))),
            ("480x800", None),
            ("1080x1080", None),
            ("1080x19200", None),
            ("1080", None),
        ] {
            assert_eq!(parse_size(text).ok(), size, "{text}");
        }
    }
}
