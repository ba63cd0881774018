//! The confinement of the worker process.
//!
//! It needs no file and no network: the document and the pixels are descriptors. A kernel without landlock is reported and
//! accepted, since seccomp already refuses every call that names a path; a worker without seccomp does not start.

use super::arguments::Arguments;
use vyveska_confine::{ConfineError, Files, LandlockState, Limits, Syscalls};

/// Interpreters of nested documents recurse.
const STACK_BYTES: u64 = 64 * 1024 * 1024;
/// For standard streams, a document, pixels, and the ruleset while it is made.
const DESCRIPTORS: u64 = 24;

/// Sets the resource limits, and makes the worker die with its parent.
pub(super) fn limit(arguments: &Arguments) -> Result<(), ConfineError> {
    let limits = Limits {
        address_space_bytes: arguments.address_space_bytes,
        cpu_seconds: None,
        file_bytes: arguments.max_pixels.saturating_mul(4),
        stack_bytes: Some(STACK_BYTES),
        descriptors: DESCRIPTORS,
        niceness: 5,
    };
    limits.apply(arguments.parent)
}

/// Gives up every path, socket and scope that this kernel can restrict.
pub(super) fn enter_landlock() -> Result<LandlockState, ConfineError> {
    Files::default().restrict()
}

/// Gives up every system call except those that reading, computing and answering need.
pub(super) fn enter_seccomp() -> Result<(), ConfineError> {
    let executable = libc::PROT_EXEC.cast_unsigned();
    Syscalls::allow(ALLOWED, libc::EPERM)
        // Memory must not be executable.
        .with_bits(libc::SYS_mmap, 2, executable, 0)?
        .with_bits(libc::SYS_mprotect, 2, executable, 0)?
        // A signal only to itself, which is how it aborts.
        .with_argument(libc::SYS_tgkill, 0, &[std::process::id()])?
        // Sealing the pixels, and the standard library's check of descriptors.
        .with_argument(
            libc::SYS_fcntl,
            1,
            &[
                libc::F_ADD_SEALS.cast_unsigned(),
                libc::F_GETFD.cast_unsigned(),
            ],
        )?
        .restrict()
}

const ALLOWED: &[i64] = &[
    // The socket, the document, the pixels, standard error.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_memfd_create,
    libc::SYS_ftruncate,
    libc::SYS_ppoll,
    // Memory.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // Time, randomness, process ids, locks.
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_sysinfo,
    // Signals and exit.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
