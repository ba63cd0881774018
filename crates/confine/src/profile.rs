//! What a foreign program may do.

use std::io;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use serde::{Deserialize, Serialize};

use crate::error::ConfineError;
use crate::files::{Files, LandlockState, landlock_support};
use crate::limits::Limits;
use crate::namespace;
use crate::syscalls::Syscalls;

/// The executable that contains the [`launcher`](crate::launcher): the page worker's, which is installed beside the kiosk and the central
/// service anyway.
pub const LAUNCHER: &str = "vyveska-pages";

/// The first argument that selects the launcher.
pub const MODE: &str = "confine";

/// The exit status when the program could not be confined or executed.
pub const NOT_LAUNCHED: u8 = 126;

/// Programs and libraries of the system with their data (espeak-ng-data, tessdata, fonts), and nothing of its users.
const SYSTEM: [&str; 8] = [
    "/usr",
    "/bin",
    "/lib",
    "/lib64",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/dev/urandom",
];
const SOUND_CONFIGURATION: [&str; 5] = [
    "/etc/alsa",
    "/etc/asound.conf",
    "/etc/pulse",
    "/etc/pipewire",
    "/proc/asound",
];
const SOUND_DEVICES: &str = "/dev/snd";
/// The sockets of PipeWire and of PulseAudio, below `XDG_RUNTIME_DIR`.
const SOUND_SERVERS: [&str; 2] = ["pipewire-0", "pulse/native"];

const RUNTIME_FOLDER: &str = "XDG_RUNTIME_DIR";
const SEARCH_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A way to take all files from a program but its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileIsolation {
    Landlock,
    /// A mount namespace inside a user namespace.
    MountNamespace,
}

impl FileIsolation {
    /// Every way, the preferred one first.
    pub const ALL: [Self; 2] = [Self::Landlock, Self::MountNamespace];
}

/// What a foreign program may do beside reading the system's own programs, libraries and data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Further files and folders to read.
    pub read: Vec<PathBuf>,
    /// Folders in which it may create and write files.
    pub write: Vec<PathBuf>,
    /// Sound devices, and local sockets where a sound server runs.
    pub sound: bool,
    /// Processes of its own. Threads are always allowed.
    pub processes: bool,
    /// The process with whose starting thread it dies.
    pub parent: Option<u32>,
    pub limits: Limits,
    /// The first one that the kernel offers is used. Without any the program is not executed.
    pub isolations: Vec<FileIsolation>,
}

impl Profile {
    /// A command that runs `program` confined. Its environment has only a search path and a locale; its standard
    /// streams are the caller's to set. The exit status [`NOT_LAUNCHED`] means that it never ran.
    ///
    /// # Errors
    ///
    /// When the launcher is not installed or the program is not found.
    pub fn command(&self, program: &Path) -> io::Result<Command> {
        static REPORTED: Once = Once::new();
        REPORTED.call_once(report_landlock);
        let mut command = Command::new(launcher_path()?);
        command
            .arg(MODE)
            .arg(serde_json::to_string(self)?)
            .arg(find(program)?)
            .env_clear()
            .env("PATH", SEARCH_PATH)
            .env("LANG", "C.UTF-8");
        if self.sound
            && let Some(folder) = std::env::var_os(RUNTIME_FOLDER)
            && !sound_servers().is_empty()
        {
            command.env(RUNTIME_FOLDER, folder);
        }
        Ok(command)
    }

    /// Confines this process, which may then execute `program`.
    pub(crate) fn restrict(&self, program: &Path) -> Result<(), ConfineError> {
        self.limits.apply(self.parent)?;
        self.restrict_files(&self.files(program))?;
        self.syscalls()?.restrict()
    }

    fn restrict_files(&self, files: &Files) -> Result<(), ConfineError> {
        for isolation in &self.isolations {
            match isolation {
                FileIsolation::Landlock => {
                    if files.restrict()? != LandlockState::None {
                        return Ok(());
                    }
                }
                FileIsolation::MountNamespace => {
                    return namespace::enter(files).map_err(ConfineError::Namespace);
                }
            }
        }
        Err(ConfineError::NoIsolation)
    }

    fn files(&self, program: &Path) -> Files {
        let mut files = Files {
            read: SYSTEM.map(PathBuf::from).to_vec(),
            write: self.write.clone(),
            devices: vec![PathBuf::from("/dev/null")],
        };
        files.read.push(program.to_owned());
        files.read.extend_from_slice(&self.read);
        if self.sound {
            files.read.extend(SOUND_CONFIGURATION.map(PathBuf::from));
            files.devices.push(SOUND_DEVICES.into());
            files.devices.extend(sound_servers());
        }
        files
    }

    fn syscalls(&self) -> Result<Syscalls, ConfineError> {
        let own = [std::process::id()];
        let new_namespace = (libc::CLONE_NEWNS
            | libc::CLONE_NEWCGROUP
            | libc::CLONE_NEWUTS
            | libc::CLONE_NEWIPC
            | libc::CLONE_NEWUSER
            | libc::CLONE_NEWPID
            | libc::CLONE_NEWNET)
            .cast_unsigned();
        let thread = libc::CLONE_THREAD.cast_unsigned();
        // ENOSYS makes the C library fall back from clone3, whose flags no filter can see, to clone.
        let mut calls = Syscalls::allow(PROGRAM, libc::ENOSYS)
            .and(LEGACY)
            // Only its own limits.
            .with_argument(libc::SYS_prlimit64, 0, &[0, own[0]])?
            // Signals only to itself.
            .with_argument(libc::SYS_kill, 0, &own)?
            .with_argument(libc::SYS_tgkill, 0, &own)?
            .with_argument(libc::SYS_fcntl, 1, FCNTL_COMMANDS)?
            .with_argument(libc::SYS_prctl, 0, PRCTL_OPTIONS)?
            .without_argument(libc::SYS_ioctl, 1, FORBIDDEN_IOCTLS)?;
        calls = if self.processes {
            calls
                .and(PROCESSES)
                .with_bits(libc::SYS_clone, 0, new_namespace, 0)?
        } else {
            calls.with_bits(libc::SYS_clone, 0, new_namespace | thread, thread)?
        };
        if self.write.is_empty() {
            let mut changes =
                libc::O_CREAT | libc::O_TRUNC | (libc::O_TMPFILE & !libc::O_DIRECTORY);
            if !self.sound {
                changes |= libc::O_ACCMODE;
            }
            let changes = changes.cast_unsigned();
            calls = calls.with_bits(libc::SYS_openat, 2, changes, 0)?;
            #[cfg(target_arch = "x86_64")]
            {
                calls = calls.with_bits(libc::SYS_open, 1, changes, 0)?;
            }
        } else {
            // Some programs remove what they are about to write; landlock lets nobody remove what is there.
            calls = calls.and(&[libc::SYS_ftruncate, libc::SYS_unlinkat]);
            #[cfg(target_arch = "x86_64")]
            {
                calls = calls.and(&[libc::SYS_unlink]);
            }
        }
        if self.sound {
            calls = calls.and(SOUND);
        }
        if self.sound && !sound_servers().is_empty() {
            let local = &[libc::AF_UNIX.cast_unsigned()];
            calls = calls
                .and(SOUND_SERVER)
                .with_argument(libc::SYS_socket, 0, local)?
                .with_argument(libc::SYS_socketpair, 0, local)?;
        }
        Ok(calls)
    }
}

/// The sockets of the sound servers that run for this user.
fn sound_servers() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os(RUNTIME_FOLDER).map(PathBuf::from) else {
        return Vec::new();
    };
    let is_socket = |path: &PathBuf| {
        std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket())
    };
    SOUND_SERVERS
        .map(|name| folder.join(name))
        .into_iter()
        .filter(is_socket)
        .collect()
}

fn report_landlock() {
    match landlock_support() {
        LandlockState::Full => {}
        LandlockState::Partial => {
            tracing::info!(
                "the kernel has an older landlock, which restricts less than this program asks for"
            );
        }
        LandlockState::None => tracing::info!(
            "the kernel has no landlock: programs that read foreign data get a mount namespace each, and are not started where the kernel refuses that"
        ),
    }
}

/// The launcher beside the running executable.
///
/// Test executables are one folder deeper, so the folder above is tried too.
///
/// # Errors
///
/// When it is in neither place.
pub fn launcher_path() -> io::Result<PathBuf> {
    std::env::current_exe()?
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(LAUNCHER))
        .find(|program| program.is_file())
        .ok_or_else(|| not_found(format!("{LAUNCHER} is not installed beside this program")))
}

/// A program by its path, or by its name in the search path.
fn find(program: &Path) -> io::Result<PathBuf> {
    let found = if program.components().count() > 1 {
        program
            .is_file()
            .then(|| std::path::absolute(program))
            .transpose()?
    } else {
        std::env::split_paths(SEARCH_PATH)
            .map(|folder| folder.join(program))
            .find(|program| program.is_file())
    };
    found.ok_or_else(|| not_found(format!("{} is not installed", program.display())))
}

fn not_found(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, problem)
}

/// What dynamically linked programs and interpreters of the system call, without network and without changes to
/// folders, owners and modes.
const PROGRAM: &[i64] = &[
    // Descriptors and files.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_openat,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_pipe2,
    libc::SYS_ioctl,
    libc::SYS_fadvise64,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
    libc::SYS_umask,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    // Memory.
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_mincore,
    // Time and randomness.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_getrandom,
    // The process and its threads.
    libc::SYS_execve,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getgroups,
    libc::SYS_getpriority,
    libc::SYS_getrusage,
    libc::SYS_times,
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_futex,
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_restart_syscall,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_sigaltstack,
];

/// Calls of the list above under their older names, which x86-64 still has.
#[cfg(target_arch = "x86_64")]
const LEGACY: &[i64] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_dup2,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_epoll_wait,
    libc::SYS_time,
    libc::SYS_getrlimit,
    libc::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const LEGACY: &[i64] = &[];

#[cfg(target_arch = "x86_64")]
const PROCESSES: &[i64] = &[
    libc::SYS_wait4,
    libc::SYS_waitid,
    libc::SYS_fork,
    libc::SYS_vfork,
];
#[cfg(not(target_arch = "x86_64"))]
const PROCESSES: &[i64] = &[libc::SYS_wait4, libc::SYS_waitid];

/// ALSA's software mixer shares memory between programs.
const SOUND: &[i64] = &[
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmdt,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_semctl,
];

/// A sound server is reached through a local socket and memory that it maps, too.
const SOUND_SERVER: &[i64] = &[
    libc::SYS_connect,
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    libc::SYS_sendto,
    libc::SYS_recvfrom,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
    libc::SYS_memfd_create,
    libc::SYS_ftruncate,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
];

/// Have another process signalled (`FIOSETOWN`, `SIOCSPGRP`), or type into the terminal.
const FORBIDDEN_IOCTLS: &[u32] = &[0x8901, 0x8902, libc::TIOCSTI as u32, libc::TIOCLINUX as u32];

/// No command that has another process signalled, such as `F_SETOWN`.
const FCNTL_COMMANDS: &[u32] = &[
    libc::F_DUPFD.cast_unsigned(),
    libc::F_DUPFD_CLOEXEC.cast_unsigned(),
    libc::F_GETFD.cast_unsigned(),
    libc::F_SETFD.cast_unsigned(),
    libc::F_GETFL.cast_unsigned(),
    libc::F_SETFL.cast_unsigned(),
    libc::F_GETLK.cast_unsigned(),
    libc::F_SETLK.cast_unsigned(),
    libc::F_SETLKW.cast_unsigned(),
    libc::F_ADD_SEALS.cast_unsigned(),
    libc::F_GET_SEALS.cast_unsigned(),
];

/// The names of threads, and questions about itself.
const PRCTL_OPTIONS: &[u32] = &[
    libc::PR_SET_NAME.cast_unsigned(),
    libc::PR_GET_NAME.cast_unsigned(),
    libc::PR_GET_DUMPABLE.cast_unsigned(),
    libc::PR_CAPBSET_READ.cast_unsigned(),
];
