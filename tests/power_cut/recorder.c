/* Preloaded before a program: writes down, in order, every change it makes to files under RECORD_DIR.
 *
 * RECORD_LOG gets for each: kind (1 byte), length of the path (4) and the path, a number (8), length of the data (4) and
 * the data; all little-endian. Kinds: C created, W written (number: offset), T cut to a length (number), S synced,
 * U unlinked, R renamed and L linked (data: the new path), M folder made.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 4096
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static char *paths[FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -2;
static const char *folder;

static void begin(void) {
    if (log_fd != -2) return;
    log_fd = -1;
    folder = getenv("RECORD_DIR");
    if (!folder || !getenv("RECORD_LOG")) return;
    int fd = REAL(open)(getenv("RECORD_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    /* Out of the way of programs that close or expect low numbers. */
    log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3000);
    REAL(close)(fd);
}

static int is_ours(const char *path) {
    begin();
    return log_fd >= 0 && path && !strncmp(path, folder, strlen(folder)) && !strstr(path, "-shm");
}

static void record(char kind, const char *path, uint64_t number, const void *data, uint32_t length) {
    uint32_t path_length = strlen(path);
    size_t total = 17 + path_length + length;
    char *entry = malloc(total), *at = entry;
    *at++ = kind;
    memcpy(at, &path_length, 4), at += 4;
    memcpy(at, path, path_length), at += path_length;
    memcpy(at, &number, 8), at += 8;
    memcpy(at, &length, 4), at += 4;
    if (length) memcpy(at, data, length);
    if (REAL(write)(log_fd, entry, total) != (ssize_t)total) abort();
    free(entry);
}

static const char *path_of(int fd) { return fd >= 0 && fd < FILES ? paths[fd] : NULL; }

static int opened(int fd, const char *path, int flags, int existed) {
    if (fd < 0 || fd >= FILES) return fd;
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = is_ours(path) ? strdup(path) : NULL;
    if (paths[fd] && (flags & O_CREAT) && !existed) record('C', path, 0, NULL, 0);
    if (paths[fd] && (flags & O_TRUNC)) record('T', path, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return fd;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        MODE(flags) \
        int existed = is_ours(path) && REAL(access)(path, F_OK) == 0; \
        return opened(REAL(name)(path, flags, mode), path, flags, existed); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int at, const char *path, int flags, ...) { \
        MODE(flags) \
        int existed = is_ours(path) && REAL(access)(path, F_OK) == 0; \
        return opened(REAL(name)(at, path, flags, mode), path, flags, existed); \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    if (fd == log_fd && log_fd >= 0) return 0;
    if (fd >= 0 && fd < FILES) free(paths[fd]), paths[fd] = NULL;
    return REAL(close)(fd);
}

#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t length, off_t offset) { \
        ssize_t done = REAL(name)(fd, data, length, offset); \
        if (done > 0 && path_of(fd)) record('W', path_of(fd), offset, data, done); \
        return done; \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t write(int fd, const void *data, size_t length) {
    off_t offset = 0;
    if (path_of(fd)) offset = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
    ssize_t done = REAL(write)(fd, data, length);
    if (done > 0 && path_of(fd)) record('W', path_of(fd), offset, data, done);
    return done;
}

#define SYNC(name) \
    int name(int fd) { \
        int result = REAL(name)(fd); \
        if (!result && path_of(fd)) record('S', path_of(fd), 0, NULL, 0); \
        return result; \
    }
SYNC(fsync)
SYNC(fdatasync)

#define TRUNCATE(name) \
    int name(int fd, off_t length) { \
        int result = REAL(name)(fd, length); \
        if (!result && path_of(fd)) record('T', path_of(fd), length, NULL, 0); \
        return result; \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

int unlink(const char *path) {
    int result = REAL(unlink)(path);
    if (!result && is_ours(path)) record('U', path, 0, NULL, 0);
    return result;
}

int rename(const char *path, const char *to) {
    int result = REAL(rename)(path, to);
    if (!result && is_ours(path)) record('R', path, 0, to, strlen(to));
    return result;
}

int link(const char *path, const char *to) {
    int result = REAL(link)(path, to);
    if (!result && is_ours(path)) record('L', path, 0, to, strlen(to));
    return result;
}

int linkat(int at, const char *path, int to_at, const char *to, int flags) {
    int result = REAL(linkat)(at, path, to_at, to, flags);
    if (!result && is_ours(path)) record('L', path, 0, to, strlen(to));
    return result;
}

int mkdir(const char *path, mode_t mode) {
    int result = REAL(mkdir)(path, mode);
    if (!result && is_ours(path)) record('M', path, 0, NULL, 0);
    return result;
}
