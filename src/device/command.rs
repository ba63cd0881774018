//! Runs the system's own tools, bounded in time and in output.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::HardwareError;
use crate::worker::spawn_task;

/// The most that is read of a tool's output.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// The most that is shown of an error message.
const MAX_REASON_LETTERS: usize = 300;

/// Phrases by which tools report that the kiosk's user lacks the right.
const RIGHTS: [&str; 6] = [
    "not authorized",
    "insufficient privileges",
    "authentication required",
    "access denied",
    "permission denied",
    "not permitted",
];

/// How often a running tool is checked for having ended.
const POLL: Duration = Duration::from_millis(10);

/// Ends the running tools when the kiosk ends, and lets none start any more. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Ending(Arc<AtomicBool>);

impl Ending {
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

enum End {
    Well,
    Badly(ExitStatus),
    TooSlow,
    WithTheKiosk,
}

/// Runs a tool to its end and returns its standard output.
pub(crate) fn run(
    program: &Path,
    arguments: &[&str],
    limit: Duration,
    ending: &Ending,
) -> Result<String, HardwareError> {
    let name = program.display().to_string();
    if ending.has_begun() {
        return Err(HardwareError::Ending { program: name });
    }
    let mut child = Command::new(program)
        .args(arguments)
        // Its messages are parsed, so they have to be in English.
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| HardwareError::NotStarted {
            program: name.clone(),
            reason: error.to_string(),
        })?;
    let deadline = Instant::now() + limit;
    let output = listen(child.stdout.take());
    let complaint = listen(child.stderr.take());
    let end = end_of(&mut child, deadline, ending);
    // The deadline also bounds the wait for a grandchild that keeps the pipe open.
    let heard = |words: &mpsc::Receiver<Vec<u8>>| {
        let left = deadline.saturating_duration_since(Instant::now());
        let bytes = words.recv_timeout(left).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    match end {
        End::Well => Ok(heard(&output)),
        End::Badly(status) => Err(refusal(name, &heard(&complaint), status)),
        End::TooSlow => Err(HardwareError::TooSlow {
            program: name,
            limit,
        }),
        End::WithTheKiosk => Err(HardwareError::Ending { program: name }),
    }
}

/// Classifies the error message of a tool that failed.
fn refusal(program: String, complaint: &str, status: ExitStatus) -> HardwareError {
    let reason: String = complaint.trim().chars().take(MAX_REASON_LETTERS).collect();
    let lower = reason.to_lowercase();
    if RIGHTS.iter().any(|word| lower.contains(word)) {
        HardwareError::NotPermitted { program, reason }
    } else if reason.is_empty() {
        let reason = status.to_string();
        HardwareError::Refused { program, reason }
    } else {
        HardwareError::Refused { program, reason }
    }
}

fn listen(pipe: Option<impl std::io::Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    let started = spawn_task("tool-output", move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe
            && let Err(error) = pipe.take(MAX_ANSWER_BYTES).read_to_end(&mut bytes)
        {
            tracing::debug!(%error, "a tool's output was cut off");
        }
        // The receiver is gone after the deadline.
        sender.send(bytes).ok();
    });
    if let Err(error) = started {
        tracing::warn!(%error, "a tool's output is not read");
    }
    receiver
}

/// Waits for the tool to end, and ends it at the deadline or with the kiosk.
fn end_of(child: &mut Child, deadline: Instant, ending: &Ending) -> End {
    let end = loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return End::Well,
            Ok(Some(status)) => return End::Badly(status),
            Ok(None) if ending.has_begun() => break End::WithTheKiosk,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(POLL),
            _ => break End::TooSlow,
        }
    };
    let ended = child.kill().and_then(|()| child.wait());
    if let Err(error) = ended {
        tracing::warn!(%error, "a tool that took too long could not be ended");
    }
    end
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::PathBuf;

    use super::*;

    /// Writes a tool that runs `body`.
    pub(crate) fn script(folder: &Path, name: &str, body: &str) -> PathBuf {
        let path = folder.join(name);
        // Not by this process: a program that another test starts meanwhile would have the file open for writing as well,
        // and what is open for writing is not executed.
        let write = r#"printf '#!/bin/sh\n%s\n' "$2" >"$1" && chmod 755 "$1""#;
        let written = Command::new("sh")
            .args(["-c", write, "sh"])
            .args([path.as_os_str(), body.as_ref()])
            .status();
        assert!(written.unwrap().success());
        path
    }

    fn run_tool(
        program: &Path,
        arguments: &[&str],
        limit: Duration,
    ) -> Result<String, HardwareError> {
        run(program, arguments, limit, &Ending::default())
    }

    const LIMIT: Duration = Duration::from_secs(60);

    #[test]
    fn a_tool_answers_or_says_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let good = script(folder.path(), "good", "echo \"$1-$2\"");
        assert_eq!(run_tool(&good, &["a", "b c"], LIMIT).unwrap(), "a-b c\n");
        let bad = script(folder.path(), "bad", "echo not so >&2; exit 4");
        let error = run_tool(&bad, &[], LIMIT).unwrap_err().to_string();
        assert!(error.ends_with("bad: not so"), "{error}");
        let silent = script(folder.path(), "silent", "exit 1");
        assert!(matches!(
            run_tool(&silent, &[], LIMIT),
            Err(HardwareError::Refused { .. })
        ));
        for complaint in [
            "Error: Failed to modify connection: Insufficient privileges",
            "Call to Reboot failed: Interactive authentication required.",
        ] {
            let body = format!("echo '{complaint}' >&2; exit 1");
            let shut = script(folder.path(), "shut", &body);
            let error = run_tool(&shut, &[], LIMIT).unwrap_err();
            assert!(
                matches!(error, HardwareError::NotPermitted { .. }),
                "{error}"
            );
        }
        assert!(matches!(
            run_tool(&folder.path().join("none"), &[], LIMIT),
            Err(HardwareError::NotStarted { .. })
        ));
    }

    #[test]
    fn a_tool_that_never_ends_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let endless = script(folder.path(), "endless", "while :; do read -r line; done");
        assert!(matches!(
            run_tool(&endless, &[], Duration::ZERO),
            Err(HardwareError::TooSlow { .. })
        ));
    }

    #[test]
    fn no_tool_begins_when_the_kiosk_ends() {
        let folder = tempfile::tempdir().unwrap();
        let sign = folder.path().join("sign");
        let tool = script(folder.path(), "tool", &format!("echo > {}", sign.display()));
        let ending = Ending::default();
        ending.begin();
        assert!(matches!(
            run(&tool, &[], LIMIT, &ending),
            Err(HardwareError::Ending { .. })
        ));
        assert!(!sign.exists());
    }

    #[test]
    fn a_tool_that_talks_without_end_is_not_listened_to_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let talker = script(folder.path(), "talker", "head -c 1000000 /dev/zero; exit 0");
        match run_tool(&talker, &[], LIMIT) {
            Ok(answer) => assert!(answer.len() as u64 <= MAX_ANSWER_BYTES),
            // The tool may notice the closed pipe.
            Err(error) => assert!(matches!(error, HardwareError::Refused { .. }), "{error}"),
        }
    }
}
