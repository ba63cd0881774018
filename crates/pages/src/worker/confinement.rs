//! The confinement of the worker process.
//!
//! It sets resource limits first, then landlock (no path at all), then seccomp. A kernel without landlock is reported
//! and accepted, since seccomp already refuses every call that names a path; a worker without seccomp does not start.
//! Refused calls fail with `EPERM` and do not kill the worker: the standard library probes for optional features.

use super::arguments::Arguments;
use crate::protocol::LandlockState;
use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetStatus, Scope};
use rustix::process::{Resource, Rlimit, Signal};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};
use std::collections::BTreeMap;

/// Interpreters of nested documents recurse.
const STACK_BYTES: u64 = 64 * 1024 * 1024;
/// For standard streams, a document, pixels, and the ruleset while it is made.
const DESCRIPTORS: u64 = 24;

/// Sets the resource limits, and makes the worker die with its parent.
pub(super) fn limit(arguments: &Arguments) -> Result<(), String> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| format!("cannot bind its lifetime to its parent: {error}"))?;
    if let Some(parent) = arguments.parent {
        let actual = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get());
        if actual.and_then(|pid| u32::try_from(pid).ok()) != Some(parent) {
            return Err("its parent has ended".into());
        }
    }
    // When memory is short the system should kill a worker, not the board, and the interface has priority for the
    // processor. Neither is essential, and a container may forbid both.
    let _ = std::fs::write("/proc/self/oom_score_adj", "500");
    let _ = rustix::process::nice(5);

    let limit = |resource, bound, what: &str| {
        let limits = Rlimit {
            current: Some(bound),
            maximum: Some(bound),
        };
        rustix::process::setrlimit(resource, limits)
            .map_err(|error| format!("cannot bound its {what}: {error}"))
    };
    // The stack cannot be raised beyond an existing hard limit; then it stays as it is.
    let stack = rustix::process::getrlimit(Resource::Stack);
    if stack.maximum.is_none_or(|maximum| maximum >= STACK_BYTES) {
        limit(Resource::Stack, STACK_BYTES, "stack")?;
    }
    limit(Resource::As, arguments.address_space_bytes, "address space")?;
    limit(
        Resource::Fsize,
        arguments.max_pixels.saturating_mul(4),
        "shared memory",
    )?;
    limit(Resource::Nofile, DESCRIPTORS, "descriptors")?;
    limit(Resource::Core, 0, "core dumps")
}

/// Gives up every path, socket and scope that this kernel can restrict.
pub(super) fn enter_landlock() -> Result<LandlockState, String> {
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V7))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(ABI::V7)))
        .and_then(|rules| rules.scope(Scope::from_all(ABI::V7)))
        .and_then(|rules| rules.create())
        .and_then(|rules| rules.restrict_self())
        .map_err(|error| format!("cannot confine itself with landlock: {error}"))?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => LandlockState::Full,
        RulesetStatus::PartiallyEnforced => LandlockState::Partial,
        RulesetStatus::NotEnforced => LandlockState::None,
    })
}

/// Gives up every system call except those that reading, computing and answering need.
pub(super) fn enter_seccomp() -> Result<(), String> {
    let program =
        filter().map_err(|error| format!("cannot confine itself with seccomp: {error}"))?;
    seccompiler::apply_filter(&program)
        .map_err(|error| format!("cannot confine itself with seccomp: {error}"))
}

fn filter() -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    // Memory must not be executable.
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        let not_executable = SeccompCondition::new(
            2,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64),
            0,
        )?;
        rules.insert(call, vec![SeccompRule::new(vec![not_executable])?]);
    }
    SeccompFilter::new(
        rules,
        SeccompAction::Errno(libc::EPERM as u32),
        SeccompAction::Allow,
        std::env::consts::ARCH.try_into()?,
    )?
    .try_into()
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
    libc::SYS_fcntl,
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
    libc::SYS_tgkill,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
