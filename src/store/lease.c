#include "store/lease.h"
#include "store/lease_p.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t read_file(const char *path, char *to, size_t bytes) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, to, bytes - 1);
    if (fd >= 0)
        close(fd);
    to[n > 0 ? n : 0] = '\0';
    return n > 0 ? (size_t)n : 0;
}

/* When the process began, in ticks since the machine did (proc(5), field 22 of stat); 0 when there
 * is no such process. */
static unsigned long long process_start(long pid) {
    char path[64], stat[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    if (read_file(path, stat, sizeof stat) == 0)
        return 0;
    const char *p = strrchr(stat, ')'); /* the name may hold blanks and brackets */
    if (p == NULL)
        return 0;
    for (int field = 2; field < 22 && p != NULL; field++)
        p = strchr(p + 1, ' ');
    return p != NULL ? strtoull(p + 1, NULL, 10) : 0;
}

void lease_owner_name(char ret[LEASE_OWNER_BYTES]) {
    char host[65] = "?", boot[64] = "?", names[64] = "?";
    gethostname(host, sizeof host - 1);
    read_file("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    boot[strcspn(boot, "\n")] = '\0';
    ssize_t n = readlink("/proc/self/ns/pid", names,
                         sizeof names - 1); /* containers count processes by themselves */
    names[n > 0 ? n : 0] = '\0';
    long pid = (long)getpid();
    snprintf(ret, LEASE_OWNER_BYTES, "%s %s %s %ld %llu", host, boot, names, pid,
             process_start(pid));
}

struct owner {
    char host[65], boot[64], names[64];
    long pid;
    unsigned long long start;
};

static bool owner_parse(const char *text, struct owner *ret) {
    return sscanf(text, "%64s %63s %63s %ld %llu", ret->host, ret->boot, ret->names, &ret->pid,
                  &ret->start) == 5;
}

/* Where /proc hides other users' processes the start cannot be read: then it counts that a process
 * of this number is there. */
static bool process_runs(long pid, unsigned long long start) {
    unsigned long long now = process_start(pid);
    return now != 0 ? now == start : kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

bool lease_owner_is_dead(const struct store *st, const char *text) {
    char my_text[LEASE_OWNER_BYTES];
    struct owner theirs, mine;
    lease_owner_name(my_text);
    if (!owner_parse(text, &theirs) || !owner_parse(my_text, &mine) ||
        strcmp(theirs.host, mine.host) != 0)
        return false;
    if (strcmp(theirs.boot, mine.boot) != 0) /* started again since, or another of that name */
        return !db_can_tell(st->db);
    return strcmp(theirs.names, mine.names) == 0 && !process_runs(theirs.pid, theirs.start);
}

static enum rc_code take(struct store *st, struct lease *l, int64_t now_us, struct rc_error *err) {
    static const char find[] =
        "SELECT owner, until_us, fence FROM job WHERE kind = $1 AND subject = $2";
    static const char insert[] =
        "INSERT INTO job (kind, subject, until_us, fence) VALUES ($1, $2, 0, 0)"
        " ON CONFLICT (kind, subject) DO NOTHING";
    static const char update[] =
        "UPDATE job SET owner = $1, until_us = $2, fence = fence + 1, claimed_us = $3"
        " WHERE kind = $4 AND subject = $5 AND fence = $6";
    char me[LEASE_OWNER_BYTES], owner[LEASE_OWNER_BYTES];
    struct db_statement *row;
    bool found = false;
    int64_t until, changed;
    enum rc_code rc = store_run(st, NULL, err, insert, "ss", l->kind, l->subject);
    if (rc != RC_OK ||
        (rc = store_row(st, &row, &found, err, find, "ss", l->kind, l->subject)) != RC_OK)
        return rc;
    if (!found)
        return rc_fail(err, RC_FATAL, "lease: the row just written is not there");
    struct text o = db_text(row, 0);
    snprintf(owner, sizeof owner, "%.*s", TEXT_ARG(o));
    until = db_int(row, 1);
    l->fence = db_int(row, 2);
    db_reset(row);
    if (owner[0] != '\0' && until > now_us && !lease_owner_is_dead(st, owner)) {
        struct owner other = { .host = "?" };
        owner_parse(owner, &other);
        return rc_fail_as(
            err, RC_CONFLICT, "busy",
            "another process (%ld on %s) is working on this; it holds it for %lld s more at most",
            other.pid, other.host, (long long)((until - now_us) / 1000000 + 1));
    }
    lease_owner_name(me);
    rc =
        store_run(st, &changed, err, update, "siissi", me,
                  now_us + (int64_t)LEASE_SECONDS * 1000000, now_us, l->kind, l->subject, l->fence);
    if (rc == RC_OK && changed != 1)
        return rc_fail_as(err, RC_CONFLICT, "busy",
                          "another process has just begun to work on this");
    l->fence++;
    return rc;
}

enum rc_code lease_take(struct store *st, const char *kind, const char *subject, int64_t now_us,
                        struct lease *ret, struct rc_error *err) {
    struct lease l = { 0 };
    snprintf(l.kind, sizeof l.kind, "%s", kind);
    snprintf(l.subject, sizeof l.subject, "%s", subject);
    enum rc_code rc = db_begin(st->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = take(st, &l, now_us, err)) != RC_OK) {
        db_rollback(st->db);
        return rc;
    }
    if ((rc = db_commit(st->db, err)) == RC_OK)
        *ret = l;
    return rc;
}

enum rc_code lease_look(struct store *st, const char *kind, const char *subject, int64_t now_us,
                        bool *ret_held, int64_t *ret_since_us, struct rc_error *err) {
    static const char sql[] = "SELECT owner, claimed_us FROM job WHERE kind = $1 AND subject = $2"
                              " AND owner IS NOT NULL AND until_us > $3";
    char owner[LEASE_OWNER_BYTES];
    struct db_statement *row;
    bool found = false;
    enum rc_code rc = store_row(st, &row, &found, err, sql, "ssi", kind, subject, now_us);
    if (rc != RC_OK)
        return rc;
    *ret_held = false;
    if (ret_since_us != NULL)
        *ret_since_us = 0;
    if (!found)
        return RC_OK;
    struct text o = db_text(row, 0);
    snprintf(owner, sizeof owner, "%.*s", TEXT_ARG(o));
    int64_t since_us = db_is_null(row, 1) ? 0 : db_int(row, 1);
    db_reset(row);
    *ret_held = owner[0] != '\0' && !lease_owner_is_dead(st, owner);
    if (ret_since_us != NULL && *ret_held)
        *ret_since_us = since_us;
    return RC_OK;
}

enum rc_code lease_hold(struct store *st, const struct lease *l, int64_t now_us,
                        struct rc_error *err) {
    static const char sql[] =
        "UPDATE job SET until_us = $1 WHERE kind = $2 AND subject = $3 AND fence = $4";
    int64_t changed;
    enum rc_code rc =
        store_run(st, &changed, err, sql, "issi", now_us + (int64_t)LEASE_SECONDS * 1000000,
                  l->kind, l->subject, l->fence);
    if (rc == RC_OK && changed != 1)
        return rc_fail_as(
            err, RC_CONFLICT, "lease-lost",
            "this process slept too long, and another one has taken over; nothing more is written here");
    return rc;
}

static enum rc_code release(struct store *st, const struct lease *l, struct rc_error *err) {
    static const char sql[] =
        "UPDATE job SET owner = NULL, until_us = 0 WHERE kind = $1 AND subject = $2 AND fence = $3";
    return store_run(st, NULL, err, sql, "ssi", l->kind, l->subject, l->fence);
}

/* More than a process has at once; of any others the time runs out by itself. */
static struct {
    pthread_mutex_t mutex;
    struct lease list[128];
    size_t n;
} left = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void leave(const struct lease *l) {
    pthread_mutex_lock(&left.mutex);
    if (left.n < RC_LEN(left.list))
        left.list[left.n++] = *l;
    pthread_mutex_unlock(&left.mutex);
}

void lease_release(struct store *st, const struct lease *l) {
    if (release(st, l, NULL) != RC_OK)
        leave(l);
}

enum rc_code lease_release_left(struct store *st, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    bool some = true;
    while (some && rc == RC_OK) {
        struct lease l;
        pthread_mutex_lock(&left.mutex);
        if ((some = left.n > 0))
            l = left.list[--left.n];
        pthread_mutex_unlock(&left.mutex);
        if (some && (rc = release(st, &l, err)) != RC_OK)
            leave(&l);
    }
    return rc;
}
