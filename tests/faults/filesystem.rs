//! A filesystem that passes everything through to a folder, and fails where a test says so.
//!
//! It is full when its quota is used up: what a file grows by counts, and what is cut off or removed is free again.
//! A damaged file gives EIO wherever it is read or written; a new file in its place works.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use fuser::{
    BackgroundSession, BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem,
    FopenFlags, Generation, INodeNo, LockOwner, MountOption, OpenAccMode, OpenFlags, RenameFlags,
    ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen,
    ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};

/// A mounted disk; unmounted when dropped.
pub(crate) struct Disk {
    faults: Arc<Mutex<Faults>>,
    mount: tempfile::TempDir,
    backing: tempfile::TempDir,
    session: Option<BackgroundSession>,
}

#[derive(Debug, Default)]
struct Faults {
    read_only: bool,
    /// Bytes that files may still grow by; unlimited when `None`.
    free: Option<u64>,
    /// Damaged files by the inode of their backing.
    damaged: HashSet<u64>,
    /// Files that can only be read.
    unwritable: HashSet<u64>,
    /// Files that cannot be opened.
    unopenable: HashSet<u64>,
}

impl Disk {
    pub(crate) fn mount() -> Self {
        let mount = tempfile::tempdir().unwrap();
        let backing = tempfile::tempdir().unwrap();
        let faults = Arc::<Mutex<Faults>>::default();
        let filesystem = Passthrough {
            faults: Arc::clone(&faults),
            root: backing.path().to_owned(),
            state: Mutex::default(),
        };
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("faults".to_owned())];
        let session = fuser::spawn_mount(filesystem, mount.path(), &config)
            .expect("FUSE is there: /dev/fuse, and fusermount3 of the package fuse3");
        Self {
            faults,
            mount,
            backing,
            session: Some(session),
        }
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        self.mount.path()
    }

    /// Every file on it, relative to [`Self::path`].
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, files);
                } else {
                    files.push(path);
                }
            }
        }
        let root = self.backing.path();
        let mut files = Vec::new();
        collect(root, &mut files);
        files.sort();
        files
            .into_iter()
            .map(|file| file.strip_prefix(root).unwrap().to_owned())
            .collect()
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap()
    }

    /// Leaves this much room.
    pub(crate) fn set_free(&self, bytes: u64) {
        self.faults().free = Some(bytes);
    }

    pub(crate) fn set_read_only(&self) {
        self.faults().read_only = true;
    }

    /// Puts a bad sector into a file.
    pub(crate) fn damage(&self, file: &Path) {
        let inode = fs::metadata(self.backing.path().join(file)).unwrap().ino();
        self.faults().damaged.insert(inode);
    }

    /// Puts a sector into a file that can be read but not written.
    pub(crate) fn damage_for_writing(&self, file: &Path) {
        let inode = fs::metadata(self.backing.path().join(file)).unwrap().ino();
        self.faults().unwritable.insert(inode);
    }

    /// Damages what the disk knows of a file, so that it cannot even be opened.
    pub(crate) fn damage_inode(&self, file: &Path) {
        self.damage(file);
        let inode = fs::metadata(self.backing.path().join(file)).unwrap().ino();
        self.faults().unopenable.insert(inode);
    }

    /// Ends every fault.
    pub(crate) fn repair(&self) {
        *self.faults() = Faults::default();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            let _ = session.umount_and_join();
        }
    }
}

#[derive(Default)]
struct State {
    paths: HashMap<u64, PathBuf>,
    files: HashMap<u64, Arc<File>>,
    last_handle: u64,
}

struct Passthrough {
    faults: Arc<Mutex<Faults>>,
    root: PathBuf,
    state: Mutex<State>,
}

type Done<T> = Result<T, Errno>;

const NO_CACHE: Duration = Duration::ZERO;

impl Passthrough {
    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn path(&self, inode: INodeNo) -> Done<PathBuf> {
        if inode == INodeNo::ROOT {
            return Ok(self.root.clone());
        }
        let state = self.state();
        state.paths.get(&inode.0).cloned().ok_or(Errno::ENOENT)
    }

    fn file(&self, handle: FileHandle) -> Done<Arc<File>> {
        self.state()
            .files
            .get(&handle.0)
            .cloned()
            .ok_or(Errno::EBADF)
    }

    fn attributes(&self, metadata: &Metadata) -> FileAttr {
        let is_root = fs::metadata(&self.root).is_ok_and(|root| root.ino() == metadata.ino());
        let time = |time: io::Result<SystemTime>| time.unwrap_or(SystemTime::UNIX_EPOCH);
        FileAttr {
            ino: if is_root {
                INodeNo::ROOT
            } else {
                INodeNo(metadata.ino())
            },
            size: metadata.len(),
            blocks: metadata.blocks(),
            atime: time(metadata.accessed()),
            mtime: time(metadata.modified()),
            ctime: time(metadata.modified()),
            crtime: SystemTime::UNIX_EPOCH,
            kind: FileType::from_std(metadata.file_type()).unwrap_or(FileType::RegularFile),
            perm: (metadata.mode() & 0o7777) as u16,
            nlink: u32::try_from(metadata.nlink()).unwrap_or(1),
            uid: metadata.uid(),
            gid: metadata.gid(),
            rdev: 0,
            blksize: 4096,
            flags: 0,
        }
    }

    fn entry(&self, path: PathBuf) -> Done<FileAttr> {
        let metadata = fs::symlink_metadata(&path)?;
        self.state().paths.insert(metadata.ino(), path);
        Ok(self.attributes(&metadata))
    }

    fn readable(&self, inode: u64) -> Done<()> {
        if self.faults().damaged.contains(&inode) {
            return Err(Errno::EIO);
        }
        Ok(())
    }

    fn changeable(&self, inode: u64) -> Done<()> {
        self.readable(inode)?;
        if self.faults().unwritable.contains(&inode) {
            return Err(Errno::EIO);
        }
        Ok(())
    }

    fn writable(&self) -> Done<()> {
        if self.faults().read_only {
            return Err(Errno::EROFS);
        }
        Ok(())
    }

    /// A new name needs room in its folder.
    fn room_for_name(&self) -> Done<()> {
        self.writable()?;
        if self.faults().free == Some(0) {
            return Err(Errno::ENOSPC);
        }
        Ok(())
    }

    fn grow(&self, from: u64, to: u64) -> Done<()> {
        self.writable()?;
        if let Some(free) = &mut self.faults().free {
            let more = to.saturating_sub(from);
            *free = free.checked_sub(more).ok_or(Errno::ENOSPC)?;
        }
        Ok(())
    }

    fn release_space(&self, bytes: u64) {
        if let Some(free) = &mut self.faults().free {
            *free = free.saturating_add(bytes);
        }
    }

    fn opened(&self, file: File) -> FileHandle {
        let mut state = self.state();
        state.last_handle += 1;
        let handle = state.last_handle;
        state.files.insert(handle, Arc::new(file));
        FileHandle(handle)
    }

    /// What is lost with a name: its space, and its damage, because another file may get its inode.
    fn forget(&self, path: &Path) {
        if let Ok(metadata) = fs::symlink_metadata(path)
            && metadata.is_file()
        {
            self.release_space(metadata.len());
            let mut faults = self.faults();
            faults.damaged.remove(&metadata.ino());
            faults.unwritable.remove(&metadata.ino());
            faults.unopenable.remove(&metadata.ino());
        }
    }

    fn resize(&self, file: &File, size: u64) -> Done<()> {
        let metadata = file.metadata()?;
        self.changeable(metadata.ino())?;
        self.writable()?;
        file.set_len(size)?;
        self.release_space(metadata.len().saturating_sub(size));
        Ok(())
    }
}

fn attempt<T>(operation: impl FnOnce() -> Done<T>) -> Done<T> {
    operation()
}

macro_rules! answer {
    ($reply:ident, $done:expr, $value:ident => $answer:expr) => {
        match attempt(|| $done) {
            Ok($value) => $answer,
            Err(error) => $reply.error(error),
        }
    };
}

impl Filesystem for Passthrough {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        answer!(reply, self.entry(self.path(parent)?.join(name)),
            entry => reply.entry(&NO_CACHE, &entry, Generation(0)));
    }

    fn getattr(&self, _: &Request, inode: INodeNo, handle: Option<FileHandle>, reply: ReplyAttr) {
        answer!(reply, {
            let open = handle.and_then(|handle| self.file(handle).ok());
            let metadata = match open {
                Some(file) => file.metadata()?,
                None => fs::symlink_metadata(self.path(inode)?)?,
            };
            Done::Ok(self.attributes(&metadata))
        }, attributes => reply.attr(&NO_CACHE, &attributes));
    }

    fn setattr(
        &self,
        _: &Request,
        inode: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        handle: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        answer!(reply, {
            self.writable()?;
            let open = handle.and_then(|handle| self.file(handle).ok());
            let file = match open {
                Some(file) => file,
                None if size.is_some() => {
                    Arc::new(OpenOptions::new().write(true).open(self.path(inode)?)?)
                }
                None => Arc::new(File::open(self.path(inode)?)?),
            };
            if let Some(size) = size {
                self.resize(&file, size)?;
            }
            if let Some(mode) = mode {
                file.set_permissions(Permissions::from_mode(mode))?;
            }
            Done::Ok(self.attributes(&file.metadata()?))
        }, attributes => reply.attr(&NO_CACHE, &attributes));
    }

    fn mkdir(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        answer!(reply, {
            self.room_for_name()?;
            let path = self.path(parent)?.join(name);
            fs::DirBuilder::new().mode(mode & !umask).create(&path)?;
            self.entry(path)
        }, entry => reply.entry(&NO_CACHE, &entry, Generation(0)));
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer!(reply, {
            self.writable()?;
            let path = self.path(parent)?.join(name);
            self.forget(&path);
            Done::Ok(fs::remove_file(path)?)
        }, _done => reply.ok());
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer!(reply, {
            self.writable()?;
            Done::Ok(fs::remove_dir(self.path(parent)?.join(name))?)
        }, _done => reply.ok());
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        answer!(reply, {
            self.writable()?;
            let from = self.path(parent)?.join(name);
            let to = self.path(new_parent)?.join(new_name);
            self.forget(&to);
            fs::rename(&from, &to)?;
            self.entry(to)
        }, _entry => reply.ok());
    }

    fn open(&self, _: &Request, inode: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        answer!(reply, {
            if self.faults().unopenable.contains(&inode.0) {
                return Err(Errno::EIO);
            }
            let writes = flags.acc_mode() != OpenAccMode::O_RDONLY;
            if writes {
                self.writable()?;
            }
            // Positions come with every request: a backing file opened to append would ignore them.
            let file = OpenOptions::new()
                .read(true)
                .write(writes)
                .open(self.path(inode)?)?;
            Done::Ok(self.opened(file))
        }, handle => reply.opened(handle, FopenFlags::empty()));
    }

    fn create(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        answer!(reply, {
            self.room_for_name()?;
            let path = self.path(parent)?.join(name);
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(mode & !umask)
                .open(&path)?;
            Done::Ok((self.entry(path)?, self.opened(file)))
        }, created => reply.created(&NO_CACHE, &created.0, Generation(0), created.1, FopenFlags::empty()));
    }

    fn read(
        &self,
        _: &Request,
        inode: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        answer!(reply, {
            self.readable(inode.0)?;
            let file = self.file(handle)?;
            let mut bytes = vec![0; size as usize];
            let mut length = 0;
            while length < bytes.len() {
                match file.read_at(&mut bytes[length..], offset + length as u64)? {
                    0 => break,
                    count => length += count,
                }
            }
            bytes.truncate(length);
            Done::Ok(bytes)
        }, bytes => reply.data(&bytes));
    }

    fn write(
        &self,
        _: &Request,
        inode: INodeNo,
        handle: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        answer!(reply, {
            self.changeable(inode.0)?;
            let file = self.file(handle)?;
            self.grow(file.metadata()?.len(), offset + data.len() as u64)?;
            file.write_all_at(data, offset)?;
            Done::Ok(data.len() as u32)
        }, written => reply.written(written));
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.state().files.remove(&handle.0);
        reply.ok();
    }

    fn fsync(&self, _: &Request, inode: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        answer!(reply, self.changeable(inode.0), _done => reply.ok());
    }

    fn fsyncdir(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        reply.ok();
    }

    fn readdir(
        &self,
        _: &Request,
        inode: INodeNo,
        _: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        let entries = || -> Done<Vec<(u64, FileType, std::ffi::OsString)>> {
            let mut entries = vec![
                (inode.0, FileType::Directory, ".".into()),
                (inode.0, FileType::Directory, "..".into()),
            ];
            for entry in fs::read_dir(self.path(inode)?)? {
                let entry = entry?;
                let kind = FileType::from_std(entry.file_type()?).unwrap_or(FileType::RegularFile);
                entries.push((entry.metadata()?.ino(), kind, entry.file_name()));
            }
            Ok(entries)
        };
        match entries() {
            Ok(entries) => {
                let first = usize::try_from(offset).unwrap();
                for (index, (inode, kind, name)) in entries.into_iter().enumerate().skip(first) {
                    if reply.add(INodeNo(inode), index as u64 + 1, kind, name) {
                        break;
                    }
                }
                reply.ok();
            }
            Err(error) => reply.error(error),
        }
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let free = self.faults().free.unwrap_or(1 << 40) / 4096;
        reply.statfs(1 << 28, free, free, 1 << 20, 1 << 20, 4096, 255, 4096);
    }

    fn fallocate(
        &self,
        _: &Request,
        inode: INodeNo,
        handle: FileHandle,
        offset: u64,
        length: u64,
        _: i32,
        reply: ReplyEmpty,
    ) {
        answer!(reply, {
            self.changeable(inode.0)?;
            let file = self.file(handle)?;
            let (present, wanted) = (file.metadata()?.len(), offset + length);
            self.grow(present, wanted)?;
            Done::Ok(file.set_len(present.max(wanted))?)
        }, _done => reply.ok());
    }
}
