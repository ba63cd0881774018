//! A foreign program reaches only what its profile names.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed"
)]

use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vyveska_confine::testing::write_script;
use vyveska_confine::{FileIsolation, Limits, Profile};

/// Tries what a program that a document has taken over would try, and prints what succeeded. Starting a process comes
/// last, since bash ends when it cannot.
const ATTACK: &str = r#"#!/bin/bash
read -r line <"$1/device.key" && echo key
true 3<>"/dev/tcp/127.0.0.1/$2" && echo network
true 3<>"/dev/udp/127.0.0.1/$2" && echo datagrams
echo x >"$1/output/written" && echo file
kill -0 $PPID && echo signal
echo end
(exit 0) && echo process
"#;

struct Attack {
    folder: tempfile::TempDir,
    listener: TcpListener,
}

impl Attack {
    fn prepare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("output")).unwrap();
        std::fs::write(folder.path().join("device.key"), "secret\n").unwrap();
        let script = folder.path().join("attack");
        write_script(&script, ATTACK);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self { folder, listener }
    }

    fn script(&self) -> PathBuf {
        self.folder.path().join("attack")
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    /// Runs the script and returns what it managed to do.
    fn run(&self, mut command: Command) -> Vec<String> {
        let port = self.listener.local_addr().unwrap().port();
        let output = command
            .arg(self.folder.path())
            .arg(port.to_string())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let words = String::from_utf8(output.stdout).unwrap();
        words.lines().map(str::to_owned).collect()
    }

    fn confined(&self, profile: &Profile) -> Vec<String> {
        self.run(profile.command(&self.script()).unwrap())
    }
}

fn profile() -> Profile {
    Profile {
        read: Vec::new(),
        write: Vec::new(),
        sound: false,
        processes: false,
        parent: Some(std::process::id()),
        limits: Limits {
            address_space_bytes: 1024 * 1024 * 1024,
            cpu_seconds: Some(60),
            file_bytes: 4096,
            stack_bytes: None,
            descriptors: 64,
            niceness: 1,
        },
        isolations: FileIsolation::ALL.to_vec(),
    }
}

/// Confined in this way only, as on a kernel that has no other.
fn isolated(isolation: FileIsolation) -> Profile {
    Profile {
        isolations: vec![isolation],
        ..profile()
    }
}

#[test]
fn a_program_reaches_neither_the_key_nor_the_network_nor_other_processes() {
    let attack = Attack::prepare();
    let free = attack.run(Command::new(attack.script()));
    assert_eq!(
        free,
        [
            "key",
            "network",
            "datagrams",
            "file",
            "signal",
            "end",
            "process"
        ],
        "the attack works where nothing is confined"
    );
    attack.listener.accept().unwrap();

    for isolation in FileIsolation::ALL {
        for sound in [false, true] {
            let confined = attack.confined(&Profile {
                sound,
                ..isolated(isolation)
            });
            assert_eq!(confined, ["end"], "{isolation:?}, sound: {sound}");
        }
    }
    let connected = attack.listener.accept().map(drop).unwrap_err();
    assert_eq!(connected.kind(), ErrorKind::WouldBlock);
}

#[test]
fn the_kernel_needs_no_landlock_to_refuse_sockets_signals_and_processes() {
    for attack in ["kill -0 $PPID", "true 3<>/dev/tcp/127.0.0.1/9", "(exit 0)"] {
        let mut command = profile().command(Path::new("bash")).unwrap();
        let output = command
            .args(["-c", &format!("exec 2>&1; {attack}")])
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stdout);
        // Landlock's errors are others.
        assert!(
            words.contains("Function not implemented"),
            "{attack}: {words}"
        );
    }
}

#[test]
fn no_descriptor_of_the_parent_is_inherited() {
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), "secret\n").unwrap();
    let mut command = profile().command(Path::new("bash")).unwrap();
    command.args(["-c", "read -r line <&9 && echo key; echo end"]);
    // A shell that leaves the file open for the launcher and becomes it.
    let output = Command::new("sh")
        .args(["-c", "exec 9<\"$0\" && exec \"$@\""])
        .arg(key.path())
        .arg(command.get_program())
        .args(command.get_args())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "end\n");
}

#[test]
fn a_profile_grants_exactly_what_it_names() {
    let attack = Attack::prepare();
    for isolation in FileIsolation::ALL {
        let write = Profile {
            write: vec![attack.output()],
            ..isolated(isolation)
        };
        assert_eq!(attack.confined(&write), ["file", "end"], "{isolation:?}");
        std::fs::remove_file(attack.output().join("written")).unwrap();
        let read = Profile {
            read: vec![attack.folder.path().to_owned()],
            ..isolated(isolation)
        };
        assert_eq!(attack.confined(&read), ["key", "end"], "{isolation:?}");
        let both = Profile {
            write: vec![attack.folder.path().join("elsewhere")],
            ..read
        };
        assert_eq!(attack.confined(&both), ["key", "end"], "{isolation:?}");
        let processes = Profile {
            processes: true,
            ..isolated(isolation)
        };
        assert_eq!(
            attack.confined(&processes),
            ["end", "process"],
            "{isolation:?}"
        );
    }
}

#[test]
fn a_program_whose_files_cannot_be_restricted_is_not_executed() {
    let attack = Attack::prepare();
    let profile = Profile {
        isolations: Vec::new(),
        ..profile()
    };
    let output = profile.command(&attack.script()).unwrap().output().unwrap();
    assert_eq!(output.status.code(), Some(126));
    assert!(output.stdout.is_empty());
    let reason = String::from_utf8(output.stderr).unwrap();
    assert!(reason.contains("landlock"), "{reason}");
}

/// The number of the error that the expression meets in Perl, or nothing.
fn error_of(profile: &Profile, expression: &str) -> String {
    error_in(&mut profile.command(Path::new("perl")).unwrap(), expression)
}

fn error_in(perl: &mut Command, expression: &str) -> String {
    let command = perl.args(["-e", &format!("{expression} or print $!+0")]);
    let output = command.stdin(Stdio::piped()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn seccomp_alone_refuses_to_change_files_and_to_have_others_signalled() {
    const REFUSED: &str = "38";
    let sound = Profile {
        sound: true,
        ..profile()
    };
    assert_eq!(error_of(&profile(), "sysopen(F, '/dev/null', 0)"), "");
    assert_eq!(error_of(&profile(), "sysopen(F, '/dev/null', 2)"), REFUSED);
    // A sound device is written.
    assert_eq!(error_of(&sound, "sysopen(F, '/dev/null', 2)"), "");
    // O_TRUNC, O_CREAT and __O_TMPFILE.
    for flags in [0o1000, 0o100, 0o20_000_000] {
        let open = format!("sysopen(F, '/dev/null', {flags})");
        for profile in [profile(), sound.clone()] {
            assert_eq!(error_of(&profile, &open), REFUSED, "{open}");
        }
    }
    // FIOSETOWN and SIOCSPGRP; TCGETS is let through, but a pipe is no terminal.
    for request in [0x8901, 0x8902] {
        let ioctl = format!("ioctl(STDIN, {request}, pack('i', $$))");
        assert_eq!(error_of(&sound, &ioctl), REFUSED, "{ioctl}");
    }
    let other = "ioctl(STDIN, 0x5401, my $answer = pack('x256'))";
    assert_eq!(error_of(&sound, other), "25");
}

#[test]
fn a_player_opens_a_local_socket_only_where_a_sound_server_runs() {
    const REFUSED: &str = "38";
    const NOT_FOUND: &str = "2";
    let (silent, sounding) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = sounding.path().join("pulse/native");
    std::fs::create_dir(server.parent().unwrap()).unwrap();
    let _server = UnixListener::bind(&server).unwrap();
    let other = silent.path().join("bus");
    let _other = UnixListener::bind(&other).unwrap();
    let connects = |path: &Path| {
        let address = format!("pack('Sa108', 1, '{}')", path.display());
        format!("socket(S, 1, 1, 0) and connect(S, {address})")
    };
    for isolation in FileIsolation::ALL {
        let tried = |sound, runtime: &Path, expression: &str| {
            let profile = Profile {
                sound,
                ..isolated(isolation)
            };
            error_in(
                profile
                    .command(Path::new("perl"))
                    .unwrap()
                    .env("XDG_RUNTIME_DIR", runtime),
                expression,
            )
        };
        let (silent, sounding) = (silent.path(), sounding.path());
        let local = "socket(S, 1, 1, 0)";
        assert_eq!(tried(true, silent, local), REFUSED, "{isolation:?}");
        assert_eq!(tried(false, sounding, local), REFUSED, "{isolation:?}");
        assert_eq!(tried(true, sounding, &connects(&server)), "");
        assert_eq!(tried(true, sounding, "socket(S, 2, 1, 0)"), REFUSED);
        let listens = format!("{local} and bind(S, pack('Sa*', 1, qq(\\0name)))");
        assert_eq!(tried(true, sounding, &listens), REFUSED);
        // Landlock has no say in sockets with a path: see docs/architecture.md.
        if isolation == FileIsolation::MountNamespace {
            assert_eq!(tried(true, sounding, &connects(&other)), NOT_FOUND);
        }
    }
}

#[test]
fn the_limits_hold() {
    let mut command = profile().command(Path::new("bash")).unwrap();
    let output = command
        .args(["-c", "ulimit -v; ulimit -t; ulimit -n; ulimit -c"])
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "1048576\n60\n64\n0\n"
    );
}

#[test]
fn the_environment_is_not_inherited() {
    let mut command = profile().command(Path::new("bash")).unwrap();
    let output = command
        .args(["-c", "echo \"${HOME-none} ${CARGO_MANIFEST_DIR-none}\""])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "none none\n");
}

#[test]
fn a_missing_program_is_an_error_of_the_command() {
    for missing in ["/nonexistent/espeak-ng", "no-such-program"] {
        let error = profile().command(Path::new(missing)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains(missing), "{error}");
    }
}

#[test]
fn a_launcher_that_cannot_confine_executes_nothing() {
    let output = Command::new(env!("CARGO_BIN_EXE_vyveska-pages"))
        .args(["confine", "{}", "/bin/echo", "reached"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(126));
    assert!(output.stdout.is_empty());
}
