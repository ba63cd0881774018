//! Servers as processes of their own: this program, started again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::thread::{CpuSet, sched_setaffinity};

/// What `/proc` counts the processor's time in.
const TICK: Duration = Duration::from_millis(10);

pub(crate) struct Server(Child);

impl Server {
    /// Starts a server, and waits until it says that it listens.
    pub(crate) fn start(kind: &str, argument: &str, is_pinned: bool) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.args([kind, argument]);
        if is_pinned {
            command.arg("--pinned");
        }
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = Self(pipes.spawn().expect("a process"));
        let said = server.0.stdout.as_mut().expect("a pipe");
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).expect("a line");
        assert!(line.starts_with("listening"), "{line}");
        server
    }

    /// Tells it something.
    pub(crate) fn tell(&mut self, line: &str) {
        let pipe = self.0.stdin.as_mut().expect("a pipe");
        writeln!(pipe, "{line}").expect("it listens");
    }

    /// The memory that is its own and its share of what it shares, and the most that was resident, in MB.
    pub(crate) fn memory(&self) -> (f64, f64) {
        let of = |file: &str, name: &str| {
            let path = format!("/proc/{}/{file}", self.0.id());
            let text = std::fs::read_to_string(path).expect("/proc");
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|line| line.split_whitespace().next());
            let kilobytes: f64 = kilobytes.expect("a size").parse().expect("a number");
            kilobytes / 1024.0
        };
        (of("smaps_rollup", "Pss:"), of("status", "VmHWM:"))
    }

    /// The time that it has had of the processors.
    pub(crate) fn processor_time(&self) -> Duration {
        processor_time(&self.0.id().to_string())
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("its status");
    }
}

/// The time that a process has had of the processors, in all its threads; `self` is this one.
pub(crate) fn processor_time(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("/proc");
    // What follows the name, which may have spaces: user and system time are the 12th and 13th.
    let (_, fields) = stat.rsplit_once(") ").expect("a name");
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks = ticks.map(|ticks| ticks.parse::<u32>().expect("a number"));
    TICK * ticks.sum::<u32>()
}

/// Keeps this process, and the threads that it starts from now on, on one processor.
pub(crate) fn pin(processor: usize) {
    let mut set = CpuSet::new();
    set.set(processor);
    sched_setaffinity(None, &set).expect("a processor with this number");
}

/// How often a listening socket of this computer had no room for a connection.
pub(crate) fn listen_overflows() -> u64 {
    let text = std::fs::read_to_string("/proc/net/netstat").expect("/proc");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("TcpExt:"))
        .collect();
    let [names, values] = lines[..] else {
        panic!("{text}");
    };
    let mut both = names.split(' ').zip(values.split(' '));
    let value = both.find_map(|(name, value)| (name == "ListenOverflows").then_some(value));
    value.expect("a count").parse().expect("a number")
}

/// A port of loopback that nobody has.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Replaces a file whole: central may read it at any time.
pub(crate) fn write(path: &Path, text: &str) {
    let next = path.with_extension("next");
    std::fs::write(&next, text).expect("a writable folder");
    std::fs::rename(&next, path).expect("a writable folder");
}
