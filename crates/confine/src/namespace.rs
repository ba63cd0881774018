//! Access to files, restricted by a mount namespace: the way where the kernel has no landlock.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use rustix::fs::statvfs;
use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind_recursive, mount_change,
    mount_remount, unmount,
};
use rustix::process::{chdir, getgid, getuid, pivot_root};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use crate::files::Files;

/// Where the new root is put together. It exists everywhere, and no program here needs what it covers.
const NEW_ROOT: &str = "/sys";

/// Moves this process, which must have one thread only, into a file system that has nothing but `files`. Paths that do
/// not exist are skipped.
pub(crate) fn enter(files: &Files) -> io::Result<()> {
    let folder = std::env::current_dir()?;
    let (user, group) = (getuid().as_raw(), getgid().as_raw());
    #[expect(unsafe_code, reason = "unsharing descriptors would be unsafe")]
    // SAFETY: neither flag takes a descriptor away.
    unsafe {
        unshare_unsafe(UnshareFlags::NEWUSER | UnshareFlags::NEWNS)?;
    }
    // It goes on as the same user.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))?;

    let root = Path::new(NEW_ROOT);
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )?;
    let own = MountFlags::NOSUID | MountFlags::NODEV;
    mount("tmpfs", root, "tmpfs", own, None)?;
    for path in &files.read {
        bind(path, root, true)?;
    }
    for path in files.write.iter().chain(&files.devices) {
        bind(path, root, false)?;
    }
    mount_remount(root, own | MountFlags::BIND | MountFlags::RDONLY, "")?;
    chdir(root)?;
    // Puts the old root over the new one, from where it is taken away.
    pivot_root(".", ".")?;
    unmount(".", UnmountFlags::DETACH)?;
    chdir(&folder).or_else(|_| chdir("/"))?;
    Ok(())
}

/// Shows `path` below `root`.
fn bind(path: &Path, root: &Path, read_only: bool) -> io::Result<()> {
    let path = std::path::absolute(path)?;
    let is_folder = match fs::metadata(&path) {
        Ok(metadata) => metadata.is_dir(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let target = root.join(path.strip_prefix("/").unwrap_or(&path));
    if !target.exists() {
        if is_folder {
            fs::create_dir_all(&target)?;
        } else {
            fs::create_dir_all(target.parent().unwrap_or(root))?;
            let mut file = OpenOptions::new();
            file.write(true).create_new(true).open(&target)?;
        }
    }
    mount_bind_recursive(&path, &target)?;
    if read_only {
        // The kernel refuses to drop what else the mount forbids.
        let kept = statvfs(&target)?.f_flag.bits();
        let forbids = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        let kept = MountFlags::from_bits_truncate(kept as u32) & forbids;
        mount_remount(&target, kept | MountFlags::BIND | MountFlags::RDONLY, "")?;
    }
    Ok(())
}
