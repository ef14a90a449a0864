/* Stands between the host and the files that it writes (LD_PRELOAD), and lets their calls fail, come
 * too short, take long, or not reach the disk, as a test says in the control file.
 *
 * tests/src/disk_shim.rs compiles it and knows the layout of the control file. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { KIND_EIO = 1, KIND_ENOSPC = 2, KIND_SHORT = 3, KIND_TORN = 4 };
enum { SYNC_FULL = 0, SYNC_NORMAL = 1, SYNC_OFF = 2, SYNC_LOG_UNCUT = 3, SYNC_DATABASE_UNCUT = 4 };

struct control {
    _Atomic uint64_t n_calls;      /* calls on these files so far */
    _Atomic uint64_t first;        /* the first call that fails, from 1; 0: none */
    _Atomic uint64_t n_failing;    /* how many calls fail from there on */
    _Atomic uint64_t kind;         /* how */
    _Atomic uint64_t n_failed;     /* calls that failed */
    _Atomic uint64_t delay_millis; /* how long a sync takes at least */
    _Atomic uint64_t sync;         /* what a sync does */
    _Atomic uint64_t n_unsynced;   /* syncs that did nothing */
};

static struct control *control;
static _Atomic int log_fd = -1;
static _Atomic int log_is_unsynced;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("DISK_SHIM_CONTROL");
    if (!path) return;
    int fd = REAL(open64)(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) abort();
    void *page = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) abort();
    control = page;
    close(fd);
}

enum file { FILE_OTHER, FILE_DATABASE, FILE_LOG, FILE_NOTE };

/* Which of the host's files this path names: the database's, and the notes beside it. */
static enum file file_at(const char *path) {
    if (!path) return FILE_OTHER;
    if (strstr(path, "/exportgate.witness") || strstr(path, "/exportgate.clock")) return FILE_NOTE;
    const char *found = strstr(path, "/exportgate.db");
    if (!found) return FILE_OTHER;
    return strstr(found, "-wal") ? FILE_LOG : FILE_DATABASE;
}

static enum file file_of(int fd) {
    char link[40], path[4096];
    if (!control) return FILE_OTHER;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return FILE_OTHER;
    path[length] = 0;
    return file_at(path);
}

/* Counts a call; tells how it fails, or 0. */
static uint64_t fault(void) {
    uint64_t n = atomic_fetch_add(&control->n_calls, 1) + 1;
    uint64_t first = control->first;
    if (first == 0 || n < first || n - first >= control->n_failing) return 0;
    atomic_fetch_add(&control->n_failed, 1);
    return control->kind;
}

static int fails(void) {
    uint64_t kind = fault();
    /* What cannot come too short goes well. */
    if (kind == 0 || kind == KIND_SHORT) return 0;
    errno = kind == KIND_ENOSPC ? ENOSPC : EIO;
    return 1;
}

/* With NORMAL, SQLite syncs its log before it writes into the database, and never else. */
static void sync_log_first(enum file file) {
    if (file == FILE_DATABASE && control->sync == SYNC_NORMAL && log_is_unsynced) {
        log_is_unsynced = 0;
        REAL(fdatasync)(log_fd);
    }
}

/* How much of a write is done; -1: nothing, with errno. */
static ssize_t writable(int fd, size_t count, int *torn) {
    enum file file = file_of(fd);
    *torn = 0;
    if (file == FILE_OTHER) return (ssize_t)count;
    sync_log_first(file);
    switch (fault()) {
    case 0: return (ssize_t)count;
    case KIND_SHORT: return (ssize_t)(count > 1 ? count / 2 : count);
    case KIND_TORN: *torn = 1; return (ssize_t)(count / 2);
    case KIND_ENOSPC: errno = ENOSPC; return -1;
    default: errno = EIO; return -1;
    }
}

#define WRITING(call)                                                                              \
    int torn;                                                                                      \
    ssize_t count = writable(fd, wanted, &torn);                                                   \
    if (count < 0) return -1;                                                                      \
    ssize_t done = call;                                                                           \
    if (!torn) return done;                                                                        \
    errno = EIO;                                                                                   \
    return -1

ssize_t write(int fd, const void *bytes, size_t wanted) {
    WRITING(REAL(write)(fd, bytes, (size_t)count));
}
ssize_t pwrite(int fd, const void *bytes, size_t wanted, off_t at) {
    WRITING(REAL(pwrite)(fd, bytes, (size_t)count, at));
}
ssize_t pwrite64(int fd, const void *bytes, size_t wanted, off64_t at) {
    WRITING(REAL(pwrite64)(fd, bytes, (size_t)count, at));
}

#define FAILING(fd) (file_of(fd) != FILE_OTHER && fails())

ssize_t read(int fd, void *bytes, size_t count) {
    return FAILING(fd) ? -1 : REAL(read)(fd, bytes, count);
}
ssize_t pread(int fd, void *bytes, size_t count, off_t at) {
    return FAILING(fd) ? -1 : REAL(pread)(fd, bytes, count, at);
}
ssize_t pread64(int fd, void *bytes, size_t count, off64_t at) {
    return FAILING(fd) ? -1 : REAL(pread64)(fd, bytes, count, at);
}
/* Whether the file stays as long as it is. */
static int is_uncut(int fd) {
    if (!control || control->sync < SYNC_LOG_UNCUT) return 0;
    return file_of(fd) == (control->sync == SYNC_LOG_UNCUT ? FILE_LOG : FILE_DATABASE);
}

int ftruncate(int fd, off_t length) {
    if (is_uncut(fd)) return 0;
    return FAILING(fd) ? -1 : REAL(ftruncate)(fd, length);
}
int ftruncate64(int fd, off64_t length) {
    if (is_uncut(fd)) return 0;
    return FAILING(fd) ? -1 : REAL(ftruncate64)(fd, length);
}
int rename(const char *from, const char *to) {
    return control && file_at(to) != FILE_OTHER && fails() ? -1 : REAL(rename)(from, to);
}
int unlink(const char *path) {
    return control && file_at(path) != FILE_OTHER && fails() ? -1 : REAL(unlink)(path);
}

static int syncing(int fd, int (*sync)(int)) {
    if (!control) return sync(fd);
    enum file file = file_of(fd);
    uint64_t millis = control->delay_millis;
    if (file != FILE_OTHER && millis > 0) {
        struct timespec delay = {(time_t)(millis / 1000), (long)(millis % 1000) * 1000000};
        nanosleep(&delay, NULL);
    }
    if (file != FILE_OTHER && fails()) return -1;
    if (control->sync == SYNC_OFF || (control->sync == SYNC_NORMAL && file == FILE_LOG)) {
        log_fd = fd;
        log_is_unsynced = 1;
        atomic_fetch_add(&control->n_unsynced, 1);
        return 0;
    }
    return sync(fd);
}
int fsync(int fd) { return syncing(fd, REAL(fsync)); }
int fdatasync(int fd) { return syncing(fd, REAL(fdatasync)); }

#define OPENING(call)                                                                              \
    mode_t mode = 0;                                                                               \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                           \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode = va_arg(more, mode_t);                                                               \
        va_end(more);                                                                              \
    }                                                                                              \
    if (control && file_at(path) != FILE_OTHER && fails()) return -1;                              \
    return call

int open(const char *path, int flags, ...) { OPENING(REAL(open)(path, flags, mode)); }
int open64(const char *path, int flags, ...) { OPENING(REAL(open64)(path, flags, mode)); }
int openat(int dir, const char *path, int flags, ...) {
    OPENING(REAL(openat)(dir, path, flags, mode));
}
int openat64(int dir, const char *path, int flags, ...) {
    OPENING(REAL(openat64)(dir, path, flags, mode));
}
