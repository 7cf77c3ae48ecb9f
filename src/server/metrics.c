/* The numbers of /metrics, in the text format of Prometheus, version 0.0.4. Names are a contract:
 * docs/operate.md lists them, and a test holds the two against each other. */
#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#include "server/server_p.h"
#include "store/watch.h"
#include "sync/cause.h"

enum {
    METRICS_BYTES = 1 << 20,
    LISTED_MOST = 1000, /* series of integrations; those that were read longest ago */
    LATE_S = 60,
};
static const int64_t second_us = 1000000, day_us = INT64_C(86400000000);

static void head(struct buf *b, const char *name, const char *type, const char *help) {
    buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct buf *b, const char *name, const char *type, const char *help, int64_t v) {
    head(b, name, type, help);
    buf_printf(b, "%s %lld\n", name, (long long)v);
}

static void seconds(struct buf *b, const char *name, const char *type, const char *help,
                    int64_t us) {
    head(b, name, type, help);
    buf_printf(b, "%s %lld.%06lld\n", name, (long long)(us / second_us),
               (long long)(us % second_us));
}

/* ---- the process ---- */

static int64_t resident_bytes(void) {
    long long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL)
        return 0;
    if (fscanf(f, "%lld %lld", &pages, &resident) != 2)
        resident = 0;
    fclose(f);
    return resident * sysconf(_SC_PAGESIZE);
}

static int64_t open_files(void) {
    DIR *d = opendir("/proc/self/fd");
    int64_t n = -3; /* ".", "..", and the one that reads */
    if (d == NULL)
        return 0;
    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n > 0 ? n : 0;
}

static void write_process(const struct serve *s, struct buf *b) {
    struct rusage used = { 0 };
    getrusage(RUSAGE_SELF, &used);
    seconds(b, "process_cpu_seconds_total", "counter", "CPU time used, in seconds.",
            ((int64_t)used.ru_utime.tv_sec + used.ru_stime.tv_sec) * second_us +
                used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    one(b, "process_resident_memory_bytes", "gauge", "Memory in use, in bytes.", resident_bytes());
    one(b, "process_open_fds", "gauge", "Open files and connections.", open_files());
    seconds(b, "process_start_time_seconds", "gauge", "When it began, in seconds since 1970.",
            s->began_us);
    head(b, "rollcall_info", "gauge", "Always 1; the version is a label.");
    buf_str(b, "rollcall_info{version=\"" ROLLCALL_VERSION "\"} 1\n");
}

/* ---- jobs ---- */

static void by_kind(struct buf *b, const char *name, const char *type, const char *help,
                    const int64_t v[JOB_KINDS_N]) {
    head(b, name, type, help);
    for (int k = 0; k < JOB_KINDS_N; k++)
        buf_printf(b, "%s{kind=\"%s\"} %lld\n", name, job_kind_name((enum job_kind)k),
                   (long long)v[k]);
}

static enum rc_code write_jobs(struct serve *s, struct store *st, struct buf *b,
                               struct rc_error *err) {
    struct workers_view view = { 0 };
    struct workers *w = atomic_load(&s->workers);
    struct job_count n[JOB_KINDS_N];
    int64_t due[JOB_KINDS_N], late[JOB_KINDS_N], running[JOB_KINDS_N];
    enum rc_code rc = job_count(st, clock_now_us(s->clock), LATE_S * second_us, n, err);
    if (rc != RC_OK)
        return rc;
    if (w != NULL)
        workers_look(w, &view);
    for (int k = 0; k < JOB_KINDS_N; k++) {
        due[k] = n[k].due;
        late[k] = n[k].late;
        running[k] = n[k].running;
    }
    by_kind(b, "rollcall_jobs_done_total", "counter", "Jobs that this process has done.",
            view.done);
    by_kind(b, "rollcall_jobs_failed_total", "counter",
            "Jobs of this process that failed, and are tried again.", view.failed);
    by_kind(b, "rollcall_jobs_waited_total", "counter",
            "Jobs of this process that somebody else was at.", view.waited);
    by_kind(b, "rollcall_jobs_due", "gauge", "Jobs that are due, and nobody is at them.", due);
    by_kind(b, "rollcall_jobs_late", "gauge", "Those of them that have been due for a minute.",
            late);
    by_kind(b, "rollcall_jobs_running", "gauge", "Jobs that somebody is at.", running);
    return RC_OK;
}

/* ---- webhooks ---- */

static enum rc_code write_hooks(struct serve *s, struct buf *b, struct rc_error *err) {
    RC_CLEANUP(store_closep) struct store *events = NULL;
    struct hook_backlog n = { 0 };
    struct hints_view view;
    int64_t now = clock_now_us(s->clock);
    enum rc_code rc = hook_events_open(s->where, &events, err);
    if (rc != RC_OK || (rc = hook_event_backlog(events, &n, err)) != RC_OK)
        return rc;
    hints_look(s->hints, &view);
    one(b, "rollcall_webhooks_received_total", "counter",
        "Webhooks that this process has taken, duplicates included.", view.received);
    one(b, "rollcall_webhooks_duplicate_total", "counter", "Those of them that had come before.",
        view.duplicate);
    one(b, "rollcall_webhooks_refused_total", "counter",
        "Webhooks to an address of nobody's, or with another token.", atomic_load(&s->refused));
    one(b, "rollcall_webhooks_not_taken_total", "counter",
        "Webhooks that could not be written down, answered 503 and sent again.",
        atomic_load(&s->not_taken));
    one(b, "rollcall_webhooks_waiting", "gauge", "Hints that are not done.", n.waiting_n);
    seconds(b, "rollcall_webhooks_oldest_seconds", "gauge", "How long the oldest of them waits.",
            n.oldest_us != 0 && n.oldest_us < now ? now - n.oldest_us : 0);
    return RC_OK;
}

/* Each state, also at 0. */
static enum rc_code write_kept_hooks(struct store *st, struct arena *a, struct buf *b,
                                     struct rc_error *err) {
    static const char name[] = "rollcall_webhooks_in_hr";
    static const char *const states[] = { "new", "kept", "by-hand", "failing", "silent" };
    struct watch_hooks list[WATCH_HOOKS_MOST];
    size_t n = 0;
    enum rc_code rc = watch_hooks(st, a, list, &n, err);
    if (rc != RC_OK)
        return rc;
    head(b, name, "gauge",
         "Integrations whose HR system is to tell by itself, by how that stands.");
    for (size_t s = 0; s < RC_LEN(states); s++) {
        int64_t of = 0;
        for (size_t i = 0; i < n; i++)
            of += text_is(list[i].state, states[s]) ? list[i].n : 0;
        buf_printf(b, "%s{state=\"%s\"} %lld\n", name, states[s], (long long)of);
    }
    return RC_OK;
}

/* ---- companies ---- */

static enum rc_code write_runs(struct serve *s, struct store *st, struct buf *b,
                               struct rc_error *err) {
    struct watch_counts n;
    enum rc_code rc = watch_count(st, clock_now_us(s->clock) - day_us, &n, err);
    if (rc != RC_OK)
        return rc;
    one(b, "rollcall_companies", "gauge", "Companies.", n.companies);
    one(b, "rollcall_integrations", "gauge", "Integrations.", n.integrations);
    one(b, "rollcall_integrations_scheduled", "gauge", "Integrations with a schedule.",
        n.scheduled);
    one(b, "rollcall_runs_held", "gauge", "Runs that wait for a person.", n.held);
    head(b, "rollcall_runs_last_day", "gauge",
         "Runs that began in the last 24 hours, by their state now.");
    for (int i = 1; i < RUN_STATES_N; i++)
        buf_printf(b, "rollcall_runs_last_day{state=\"%s\"} %lld\n",
                   run_state_name((enum run_state)i), (long long)n.runs[i]);
    return RC_OK;
}

/* Keys are a-z, 0-9 and '-': nothing to escape. */
static enum rc_code write_ages(struct serve *s, struct store *st, struct arena *a, struct buf *b,
                               struct rc_error *err) {
    static const char name[] = "rollcall_import_age_seconds";
    struct watch_listed *list;
    size_t n = 0;
    int64_t now = clock_now_us(s->clock);
    enum rc_code rc = watch_listed(st, LISTED_MOST, a, &list, &n, err);
    if (rc != RC_OK)
        return rc;
    head(b, name, "gauge",
         "Seconds since the last applied import of everybody began; the 1000 oldest.");
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s{company=\"%.*s\",integration=\"%.*s\"} %lld\n", name,
                   TEXT_ARG(list[i].company), TEXT_ARG(list[i].integration),
                   (long long)((now - list[i].listed_us) / second_us));
    return RC_OK;
}

/* Every cause, also at 0: what is missing cannot be watched. */
static enum rc_code write_alerts(struct store *st, struct arena *a, struct buf *b,
                                 struct rc_error *err) {
    static const char name[] = "rollcall_alerts_open";
    struct watch_alerts *list;
    size_t n = 0;
    int64_t mails = 0;
    enum rc_code rc = watch_alerts(st, CAUSES_N * 2, a, &list, &n, &mails, err);
    if (rc != RC_OK)
        return rc;
    head(b, name, "gauge", "Causes of alerts that are true, and not over yet.");
    for (int c = 0; c < CAUSES_N; c++) {
        const char *code = cause_code((enum cause)c);
        int64_t open = 0;
        for (size_t i = 0; i < n; i++)
            open += text_is(list[i].cause, code) ? list[i].n : 0;
        buf_printf(b, "%s{cause=\"%s\"} %lld\n", name, code, (long long)open);
    }
    one(b, "rollcall_alert_mails_waiting", "gauge", "Mails about alerts that are not out yet.",
        mails);
    return RC_OK;
}

enum rc_code metrics_write(struct serve *s, struct store *st, struct arena *a, struct text *ret,
                           struct rc_error *err) {
    struct buf b;
    buf_init(&b, METRICS_BYTES);
    enum rc_code rc = write_jobs(s, st, &b, err);
    if (rc == RC_OK && (rc = write_hooks(s, &b, err)) == RC_OK &&
        (rc = write_kept_hooks(st, a, &b, err)) == RC_OK &&
        (rc = write_runs(s, st, &b, err)) == RC_OK && (rc = write_alerts(st, a, &b, err)) == RC_OK)
        rc = write_ages(s, st, a, &b, err);
    write_process(s, &b);
    if (rc == RC_OK && b.full)
        rc = rc_fail(err, RC_FATAL, "the metrics are too long");
    if (rc == RC_OK)
        *ret = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return rc;
}
