/* fault.c - a library to be preloaded (LD_PRELOAD) into a program under test: its nth call of a kind fails, or ends the
 * process as kill -9 does.
 *
 * ROLLCALL_FAULT         "KIND N ACTION": "alloc 17 ENOMEM", "write 3 ENOSPC+", "any 120 KILL". An error's name makes the
 *                        nth call fail; with a + all later ones of that kind fail too, as on a disk that stays full. KILL
 *                        strikes before the call takes place. N counts from 1 over all threads.
 * ROLLCALL_FAULT_REPORT  a file that becomes one line of numbers, in the order of the kinds below: how many calls of each
 *                        kind there were, and last whether the fault struck (times). It is right however the process ends.
 * ROLLCALL_FAULT_WHILE   a file: nothing fails but while it is there, and of writes only those to files, as on a disk
 *                        that fills up and gets room again.
 * ROLLCALL_FAULT_TRACE   1: print where the fault struck, for a debugger's eyes.
 *
 * Counting begins with main(): what the loader and the libraries' constructors do before is not the program's. Standard
 * output and error never fail: what a program says last has to arrive. stdio inside libc does not pass through here. */
#undef _FILE_OFFSET_BITS /* else pwrite() would be pwrite64() by another name, and both are wanted here */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { ALLOC, WRITE, SYNC, CONNECT, OPEN, READ, SEND, RECV, ANY, KINDS_N };
static const char *const kind_names[KINDS_N] = { "alloc", "write", "sync", "connect", "open",
                                                 "read",  "send",  "recv", "any" };

static const struct {
    const char *name;
    int number;
} errors[] = { { "ENOMEM", ENOMEM },
               { "ENOSPC", ENOSPC },
               { "EIO", EIO },
               { "EMFILE", EMFILE },
               { "ECONNREFUSED", ECONNREFUSED },
               { "ECONNRESET", ECONNRESET } };

enum { DIGITS = 20, LINE_BYTES = (KINDS_N + 1) * (DIGITS + 1) };

static struct {
    atomic_bool counting;
    enum kind kind;
    uint64_t n;
    int error; /* 0: kill */
    bool stays, trace;
    _Atomic uint64_t counts[KINDS_N], struck;
    const char *during;
    char *report; /* the file, mapped: what is written there outlives the process */
} plan;
static _Thread_local bool inside; /* a fault is being reported: its own calls do not count */

static void put(size_t column, uint64_t v) {
    if (plan.report == NULL)
        return;
    char *end = plan.report + column * (DIGITS + 1) + DIGITS;
    for (int i = 0; i < DIGITS; i++, v /= 10)
        *--end = (char)('0' + v % 10);
}

static bool strikes(enum kind kind) {
    uint64_t n = atomic_fetch_add(&plan.counts[kind], 1) + 1;
    put(kind, n);
    if (plan.n == 0 || kind != plan.kind || n < plan.n || (n > plan.n && !plan.stays))
        return false;
    if (plan.during != NULL && access(plan.during, F_OK) != 0)
        return false;
    put(KINDS_N, atomic_fetch_add(&plan.struck, 1) + 1);
    if (plan.error == 0)
        kill(getpid(), SIGKILL);
    if (plan.trace) {
        void *frames[40];
        inside = true;
        backtrace_symbols_fd(frames, backtrace(frames, 40), STDERR_FILENO);
        inside = false;
    }
    errno = plan.error;
    return true;
}

static bool fails(enum kind kind) {
    if (!atomic_load_explicit(&plan.counting, memory_order_relaxed) || inside)
        return false;
    if (kind != ALLOC && strikes(ANY))
        return true;
    return strikes(kind);
}

/* ---- beginning ---- */

static void read_plan(const char *text) {
    char kind[16], action[32];
    unsigned long long n;
    if (sscanf(text, "%15s %llu %31s", kind, &n, action) != 3)
        abort();
    for (plan.kind = 0; plan.kind < KINDS_N && strcmp(kind_names[plan.kind], kind) != 0;)
        plan.kind++;
    if (plan.kind == KINDS_N)
        abort();
    plan.n = n;
    if (strcmp(action, "KILL") == 0)
        return;
    size_t len = strlen(action);
    plan.stays = action[len - 1] == '+';
    action[len - plan.stays] = '\0';
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcmp(errors[i].name, action) == 0)
            plan.error = errors[i].number;
    if (plan.error == 0)
        abort();
}

static void open_report(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, LINE_BYTES) != 0)
        abort();
    char *at = mmap(NULL, LINE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        abort();
    close(fd);
    memset(at, ' ', LINE_BYTES);
    at[LINE_BYTES - 1] = '\n';
    plan.report = at;
    for (size_t i = 0; i <= KINDS_N; i++)
        put(i, 0);
}

static int (*program)(int, char **, char **);

static int counted_main(int argc, char **argv, char **environment) {
    atomic_store(&plan.counting, true);
    return program(argc, argv, environment);
}

typedef int start_main(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                       void (*)(void), void *);
int __libc_start_main(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                      void (*)(void), void *);

static void *next_of(const char *name) {
    void *p = dlsym(RTLD_NEXT, name);
    if (p == NULL)
        abort();
    return p;
}

/* A function's address out of dlsym(), which C does not let one cast. */
#define NEXT(type, name)                                                                           \
    static __typeof__(type) *next;                                                                 \
    if (next == NULL) {                                                                            \
        void *p = next_of(name);                                                                   \
        memcpy(&next, &p, sizeof next);                                                            \
    }

int __libc_start_main(int (*main_)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
                      void *stack_end) {
    NEXT(start_main, "__libc_start_main")
    const char *report = getenv("ROLLCALL_FAULT_REPORT"), *text = getenv("ROLLCALL_FAULT");
    const char *trace = getenv("ROLLCALL_FAULT_TRACE");
    program = main_;
    plan.trace = trace != NULL;
    plan.during = getenv("ROLLCALL_FAULT_WHILE");
    if (text != NULL)
        read_plan(text);
    if (report != NULL)
        open_report(report);
    return next(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

/* ---- memory ---- */

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t n, size_t bytes);
void *__libc_realloc(void *p, size_t bytes);
void *__libc_memalign(size_t align, size_t bytes);
void *memalign(size_t align, size_t bytes);

void *malloc(size_t bytes) {
    return fails(ALLOC) ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes) {
    return fails(ALLOC) ? NULL : __libc_calloc(n, bytes);
}

void *realloc(void *p, size_t bytes) {
    return fails(ALLOC) ? NULL : __libc_realloc(p, bytes);
}

void *reallocarray(void *p, size_t n, size_t bytes) {
    size_t all;
    if (__builtin_mul_overflow(n, bytes, &all)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(p, all);
}

void *memalign(size_t align, size_t bytes) {
    return fails(ALLOC) ? NULL : __libc_memalign(align, bytes);
}

void *aligned_alloc(size_t align, size_t bytes) {
    return memalign(align, bytes);
}

int posix_memalign(void **ret, size_t align, size_t bytes) {
    void *p = memalign(align, bytes);
    if (p == NULL)
        return ENOMEM;
    *ret = p;
    return 0;
}

/* ---- files ---- */

static bool fails_writing(int fd) {
    struct stat st;
    int before = errno;
    if (fd <= STDERR_FILENO ||
        (plan.during != NULL && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)))) {
        errno = before;
        return false;
    }
    return fails(WRITE);
}

ssize_t write(int fd, const void *bytes, size_t n) {
    NEXT(ssize_t(int, const void *, size_t), "write")
    return fails_writing(fd) ? -1 : next(fd, bytes, n);
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
    NEXT(ssize_t(int, const void *, size_t, off_t), "pwrite")
    return fails(WRITE) ? -1 : next(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
    NEXT(ssize_t(int, const void *, size_t, off64_t), "pwrite64")
    return fails(WRITE) ? -1 : next(fd, bytes, n, at);
}

ssize_t writev(int fd, const struct iovec *v, int n) {
    NEXT(ssize_t(int, const struct iovec *, int), "writev")
    return fails_writing(fd) ? -1 : next(fd, v, n);
}

int ftruncate(int fd, off_t bytes) {
    NEXT(int(int, off_t), "ftruncate")
    return fails(WRITE) ? -1 : next(fd, bytes);
}

int ftruncate64(int fd, off64_t bytes) {
    NEXT(int(int, off64_t), "ftruncate64")
    return fails(WRITE) ? -1 : next(fd, bytes);
}

ssize_t read(int fd, void *to, size_t n) {
    NEXT(ssize_t(int, void *, size_t), "read")
    return fails(READ) ? -1 : next(fd, to, n);
}

ssize_t pread(int fd, void *to, size_t n, off_t at) {
    NEXT(ssize_t(int, void *, size_t, off_t), "pread")
    return fails(READ) ? -1 : next(fd, to, n, at);
}

ssize_t pread64(int fd, void *to, size_t n, off64_t at) {
    NEXT(ssize_t(int, void *, size_t, off64_t), "pread64")
    return fails(READ) ? -1 : next(fd, to, n, at);
}

int fsync(int fd) {
    NEXT(int(int), "fsync")
    return fails(SYNC) ? -1 : next(fd);
}

int fdatasync(int fd) {
    NEXT(int(int), "fdatasync")
    return fails(SYNC) ? -1 : next(fd);
}

static unsigned mode_of(int flags, va_list args) {
    return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(args, unsigned) : 0;
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...) {                                                   \
        NEXT(int(const char *, int, ...), #name)                                                   \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        unsigned mode = mode_of(flags, args);                                                      \
        va_end(args);                                                                              \
        return fails(OPEN) ? -1 : next(path, flags, mode);                                         \
    }
#define OPENAT(name)                                                                               \
    int name(int directory, const char *path, int flags, ...) {                                    \
        NEXT(int(int, const char *, int, ...), #name)                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        unsigned mode = mode_of(flags, args);                                                      \
        va_end(args);                                                                              \
        return fails(OPEN) ? -1 : next(directory, path, flags, mode);                              \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

FILE *fopen(const char *path, const char *mode) {
    NEXT(FILE * (const char *, const char *), "fopen")
    return fails(OPEN) ? NULL : next(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
    NEXT(FILE * (const char *, const char *), "fopen64")
    return fails(OPEN) ? NULL : next(path, mode);
}

/* ---- the network ---- */

int connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t bytes) {
    NEXT(int(int, __CONST_SOCKADDR_ARG, socklen_t), "connect")
    return fails(CONNECT) ? -1 : next(fd, to, bytes);
}

/* A connection that breaks stays broken: else who asks it once more would wait for an answer. */
static bool breaks(enum kind kind, int fd) {
    if (!fails(kind))
        return false;
    int error = errno;
    (void)shutdown(fd, SHUT_RDWR);
    errno = error;
    return true;
}

ssize_t send(int fd, const void *bytes, size_t n, int flags) {
    NEXT(ssize_t(int, const void *, size_t, int), "send")
    return breaks(SEND, fd) ? -1 : next(fd, bytes, n, flags);
}

ssize_t sendto(int fd, const void *bytes, size_t n, int flags, __CONST_SOCKADDR_ARG to,
               socklen_t to_bytes) {
    NEXT(ssize_t(int, const void *, size_t, int, __CONST_SOCKADDR_ARG, socklen_t), "sendto")
    return breaks(SEND, fd) ? -1 : next(fd, bytes, n, flags, to, to_bytes);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    NEXT(ssize_t(int, const struct msghdr *, int), "sendmsg")
    return breaks(SEND, fd) ? -1 : next(fd, message, flags);
}

ssize_t recv(int fd, void *to, size_t n, int flags) {
    NEXT(ssize_t(int, void *, size_t, int), "recv")
    return breaks(RECV, fd) ? -1 : next(fd, to, n, flags);
}

ssize_t recvfrom(int fd, void *to, size_t n, int flags, __SOCKADDR_ARG from,
                 socklen_t *from_bytes) {
    NEXT(ssize_t(int, void *, size_t, int, __SOCKADDR_ARG, socklen_t *), "recvfrom")
    return breaks(RECV, fd) ? -1 : next(fd, to, n, flags, from, from_bytes);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags) {
    NEXT(ssize_t(int, struct msghdr *, int), "recvmsg")
    return breaks(RECV, fd) ? -1 : next(fd, message, flags);
}
